"""What to be wary of before looking at any number: too few positives, a feature that is an id, rows that differ."""

import numpy as np
from scipy.stats import spearmanr

from function_code.data.csv_file import MIN_ID_VALUES
from function_code.training import leaks
from function_code.training.dataset import Dataset
from function_code.training.encoders import merged
from function_code.training.report import drift
from function_code.training.table import Array

FEW_LEARNED, FEW_HELD = 50, 10  # rows of the rarer of two classes
MERGED = 0.2  # share of the rows whose category counts as "other"
DISTINCT, ORDERED = 0.99, 0.99  # share of distinct values, rank correlation with the rows' order


def cautions(dataset: Dataset, learn: Array, held: Array, time: str, name: str) -> list[str]:
    """A sentence for each. `time` is the column that the rows were split by, which must differ; `name` the target's."""
    return [
        *leaks.warnings(dataset, learn, held),
        *_few(dataset, learn, held),
        *_ids(dataset),
        *_merged(dataset, learn),
        *drift.warnings(*shifts(dataset, learn, held, time), name, "the held-out rows"),
    ]


def shifts(dataset: Dataset, learn: Array, held: Array, time: str) -> tuple[list[drift.Moved], drift.TargetMoved]:
    """How the held-out rows differ, but for the column that they were split by."""
    kinds = {feature: kind for feature, kind in dataset.kinds.items() if feature != time}
    moved = drift.features(dataset.typed.iloc[learn], dataset.typed.iloc[held], kinds)
    return moved, drift.target(dataset.target[learn], dataset.target[held], dataset.classes)


def _few(dataset: Dataset, learn: Array, held: Array) -> list[str]:
    if len(dataset.classes) != 2:
        return []
    counts = [[int(np.sum(dataset.target[rows] == label)) for label in dataset.classes] for rows in (learn, held)]
    rarer = int(np.argmin(counts[0]))
    learned, tested = counts[0][rarer], counts[1][rarer]
    if learned >= FEW_LEARNED and tested >= FEW_HELD:
        return []
    few = f"only {learned:,} rows of {dataset.classes[rarer]!r} were learned from and {tested:,} held out"
    return [f"{few}: the metrics are uncertain, and more such rows would help most"]


def _ids(dataset: Dataset) -> list[str]:
    return [
        f"column {name!r} looks like an id or a row number: its whole numbers hardly ever repeat and follow the order "
        "of the rows; name it by id or drop if it is one"
        for name, kind in dataset.kinds.items()
        if kind == "number" and _is_id(dataset.typed[name].to_numpy())
    ]


def _merged(dataset: Dataset, learn: Array) -> list[str]:
    found = []
    for name, kind in dataset.kinds.items():
        if kind == "category":
            count, share = merged(dataset.typed[name].iloc[learn])
            if share > MERGED:
                found.append(
                    f"column {name!r}: {count:,} of its values, in {share:.0%} of the rows, are too rare or too many "
                    "to be told apart; what groups them (a region instead of a town) would say more"
                )
    return found


def _is_id(values: Array) -> bool:
    filled = values[~np.isnan(values)]
    distinct = len(np.unique(filled))
    if distinct < MIN_ID_VALUES or distinct < DISTINCT * len(values) or (filled != np.floor(filled)).any():
        return False
    return bool(abs(spearmanr(filled, np.arange(len(filled))).statistic) >= ORDERED)
