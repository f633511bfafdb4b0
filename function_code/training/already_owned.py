"""The column of what a customer already owns: classes that are not to be recommended again."""

import numpy as np
import pandas as pd

from function_code.errors import Refused
from function_code.schema import SEPARATORS, owned_labels
from function_code.training.settings import Settings
from function_code.training.table import Array
from function_code.training.target import Labels

OwnedLabels = list[frozenset[str]]


def read_owned(
    table: pd.DataFrame, settings: Settings, task: str, classes: Labels, warnings: list[str]
) -> OwnedLabels | None:
    """For each row the labels that its customer owns; None if no column has them. Adds to `warnings`.

    Raises Refused if the target is nothing that could be owned, or a label could not stand in such a column.
    """
    if not settings.owned:
        return None
    what = f"owned names the column {settings.owned!r}, but the target {settings.target!r}"
    if settings.owned in settings.ids:
        raise Refused(f"the column {settings.owned!r} is named by owned and by id; it is one or the other")
    if task != "multiclass":
        raise Refused(f"{what} is {task}: only one of several classes can be owned already")
    for label in classes:
        if any(separator in str(label) for separator in SEPARATORS):
            raise Refused(f"{what} has the class {label!r}, and any of {SEPARATORS} separates two labels there")
    labels_by_text = {text: owned_labels(text) for text in table[settings.owned].unique()}
    if not frozenset().union(*labels_by_text.values()) & {str(label) for label in classes}:
        warnings.append(f"no label in the column {settings.owned!r} is a class of the target {settings.target!r}")
    return [labels_by_text[text] for text in table[settings.owned]]


def excluded(owned: OwnedLabels | None, rows: Array, classes: Labels) -> Array | None:
    """Marks the classes that the customers of those rows own already: bools of shape (rows, classes)."""
    if owned is None:
        return None
    positions = {str(label): position for position, label in enumerate(classes)}
    mask = np.zeros((len(rows), len(classes)), dtype=bool)
    for index, row in enumerate(rows):
        for label in owned[row]:
            if label in positions:
                mask[index, positions[label]] = True
    return mask


def warnings(owned: OwnedLabels | None, target: Array, held_out: Array) -> list[str]:
    """One sentence, if held-out rows ask for what their customers own."""
    if owned is None:
        return []
    count = sum(str(target[row]) in owned[row] for row in held_out)
    where = f"{count:,} of {len(held_out):,} held-out rows"
    return [f"what is owned holds the target in {where}: never recommended, it counts as missed"] if count else []
