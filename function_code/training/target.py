"""The target of a table: its values, its task and its classes, and the rows that cannot be learned from."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from function_code.dialects.missing import says_missing
from function_code.errors import Refused
from function_code.training.kinds.columns import case_note
from function_code.training.kinds.infer import infer
from function_code.training.kinds.reading import Reading, setting
from function_code.training.kinds.values import values
from function_code.training.settings import Settings
from function_code.training.table import Array

MIN_ROWS = 20  # with a target
MAX_CODE_VALUES = 20  # so few distinct whole numbers may as well be the codes of classes
MAX_LISTED_CLASSES = 3
MAX_RARE_SHARE = 0.5  # of the rows that are of classes too rare to be learned
MIN_CLASS_ROWS = 5  # rows of a class: train, validation and hold-out need some each

Labels = list[str | int]


def read_target(
    table: pd.DataFrame,
    settings: Settings,
    reading: Reading,
    name: str,
    warnings: list[str],
    left_out: frozenset[str | int] = frozenset(),
) -> tuple[pd.DataFrame, Array, str, Labels]:
    """The rows that have a target, their targets, the task and the classes; adds to `warnings` what was left out.

    `left_out` are classes that the split leaves no row to learn from of. Raises Refused if there is nothing to predict,
    or too little to learn it from.
    """
    texts = table[settings.target].str.strip()
    kind = reading.kind
    if kind == "date":
        raise Refused(f"the target {settings.target!r} is a date; a model here predicts a class or a number")
    missing = {text for text in texts.unique() if not text or (kind not in ("category", "id") and says_missing(text))}
    present = ~texts.isin(missing)
    if not present.all():
        warnings.append(f"rows without a {settings.target!r} were left out: {int((~present).sum())} of {len(table)}")
        table, texts = table[present].reset_index(drop=True), texts[present].reset_index(drop=True)
    if len(table) < MIN_ROWS:
        raise Refused(
            f"at least {MIN_ROWS} rows with a {settings.target!r} are needed to train and test; {name} has {len(table)}"
        )
    numbers = values(texts, "number", reading.form).to_numpy() if kind == "number" else None
    distinct = np.unique(numbers) if numbers is not None else texts.unique()
    if len(distinct) < 2:
        raise Refused(
            f"the target {settings.target!r} of {name} is {texts.iloc[0]!r} in every row; there is nothing to predict"
        )
    whole = numbers is not None and bool(np.all(numbers == np.floor(numbers)))
    task = settings.task or _task(kind, len(distinct), whole)
    if task == "regression":
        if numbers is None:
            raise Refused(_no_numbers(texts, settings.target, name))
        if whole and len(distinct) <= MAX_CODE_VALUES and not settings.task:
            warnings.append(
                f"the target {settings.target!r} is predicted as a number; if its {len(distinct)} values are codes of "
                "classes, set task to multiclass"
            )
        return table, numbers, task, []
    if reading.kind == "boolean" and len(distinct) > 2:
        warnings.append(f"the target {settings.target!r} is yes or no in other spellings, too: {_listed(distinct)}")
    labels = numbers.astype(np.int64) if numbers is not None and whole else _labels(texts, reading)
    table, labels = _without(left_out, table, labels, settings, warnings)
    _refuse_rare_numbers(labels, settings, reading)
    warnings += case_note(pd.unique(pd.Series(labels)), f"the target {settings.target!r}", "classes")
    return _classes(table, labels, task, settings.target, warnings)


def _task(kind: str, distinct: int, whole: bool) -> str:
    if kind == "number" and not (whole and distinct == 2):
        return "regression"
    return "binary" if distinct == 2 else "multiclass"


def _labels(texts: pd.Series, reading: Reading) -> Array:
    if reading.kind == "boolean":  # yes, Yes and YES are one class, under its most usual spelling
        truth = values(texts, reading.kind, reading.form) == 1.0
        texts = texts.where(~truth, texts[truth].mode().get(0, "")).where(truth, texts[~truth].mode().get(0, ""))
    return texts.to_numpy(dtype=object)


def _without(
    left_out: frozenset[str | int], table: pd.DataFrame, labels: Array, settings: Settings, warnings: list[str]
) -> tuple[pd.DataFrame, Array]:
    """The rows of other classes."""
    if not left_out:
        return table, labels
    others = ~pd.Series(labels).isin(left_out).to_numpy()
    by = f"by {settings.time!r}" if settings.time else "by group"
    warnings.append(
        f"classes of {settings.target!r} that the split {by} leaves no row to learn from are not predicted: "
        f"{len(left_out)} of {len(set(labels.tolist()))}, with {1 - others.mean():.1%} of the rows, such as "
        f"{_listed(sorted(map(str, left_out))[:MAX_LISTED_CLASSES])}"
    )
    return table[others].reset_index(drop=True), labels[others]


def _no_numbers(texts: pd.Series, target: str, name: str) -> str:
    """The reason why texts are no numbers to predict: those that are none, and the setting that leaves them out."""
    number = infer(texts, kind="number")
    listed = ", ".join(map(repr, list(number.odd)[:MAX_LISTED_CLASSES]))
    if len(number.odd) == texts.nunique():
        return f"task is regression, but the target {target!r} of {name} holds no numbers: it has {listed}"
    return (
        f"task is regression, but some texts of the target {target!r} of {name} are no numbers, such as {listed}; "
        f"{setting(target, 'number', number.form)} leaves these rows out"
    )


def _refuse_rare_numbers(labels: Array, settings: Settings, reading: Reading) -> None:
    """Refuses nearly numbers as classes of which most rows would be lost: a model of the rest answers nobody."""
    if not reading.nearly or settings.kind(settings.target)[0] or settings.task:
        return
    counts = pd.Series(labels).value_counts()
    rare = counts[counts < MIN_CLASS_ROWS]
    if rare.sum() <= MAX_RARE_SHARE * len(labels):
        return
    note, *_ = reading.notes
    raise Refused(
        f"the target {settings.target!r} would be predicted as a class, and {len(rare):,} of its {len(counts):,} "
        f"values are too rare for that, with {rare.sum() / len(labels):.0%} of the rows: {note}; "
        f"{setting(settings.target, 'category')} predicts the rest as classes"
    )


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(repr, sorted(texts)))


def _classes(
    table: pd.DataFrame, labels: Array, task: str, target: str, warnings: list[str]
) -> tuple[pd.DataFrame, Array, str, Labels]:
    counts = pd.Series(labels).value_counts()
    rare = counts[counts < MIN_CLASS_ROWS]
    if len(counts) - len(rare) < 2:
        largest = ", ".join(f"{label} in {count}" for label, count in counts.head(3).items())
        raise Refused(
            f"two classes of at least {MIN_CLASS_ROWS} rows each are needed; the target {target!r} is {largest}"
        )
    if len(rare):
        frequent = ~pd.Series(labels).isin(rare.index).to_numpy()
        warnings.append(
            f"classes of {target!r} with fewer than {MIN_CLASS_ROWS} rows are not predicted: "
            f"{len(rare)} of {len(counts)}, with {rare.sum() / len(labels):.1%} of the rows"
        )
        table, labels = table[frequent].reset_index(drop=True), labels[frequent]
    classes = sorted(set(labels.tolist()))
    if task == "binary" and len(classes) > 2:
        raise Refused(f"task is binary, but the target {target!r} has {len(classes)} classes; set task to multiclass")
    return table, labels, "binary" if len(classes) == 2 else "multiclass", classes
