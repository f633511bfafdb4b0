"""From a table of texts to a problem that can be fitted: typed features, a target, a schema, and what was left out."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from function_code.errors import Refused
from function_code.schema import TRUE_WORDS, Column
from function_code.training.settings import Settings
from function_code.training.table import MISSING_WORDS, infer_kind, values
from function_code.training.typed import Typed

Array = np.ndarray[Any, Any]

MIN_ROWS = 20  # with a target
MIN_CLASS = 5  # rows of a class: train, validation and hold-out need some each


@dataclass
class Dataset:
    """Rows with a target. `raw` has the features' texts, `typed` what the models see (see `Typed`)."""

    raw: pd.DataFrame
    typed: pd.DataFrame
    kinds: dict[str, str]
    target: Array
    task: str
    classes: list[str | int]
    ignored: list[str]
    keys: pd.DataFrame
    groups: pd.Series | None
    times: Array | None
    warnings: list[str] = field(default_factory=list)

    def columns(self, known: dict[str, list[str]]) -> list[Column]:
        """The features for the schema; `known` has the categories that the encoder tells apart."""
        return [self._column(name, kind, known.get(name, [])) for name, kind in self.kinds.items()]

    def _column(self, name: str, kind: str, known: list[str]) -> Column:
        typed = self.typed[name]
        if kind == "category":
            filled = typed[typed != ""]
            return Column(name, kind, bool((typed == "").any()), str(filled.mode().iloc[0]), known)
        filled = typed.dropna()
        nullable = bool(typed.isna().any())
        if kind == "number":
            middle = float(np.quantile(filled, 0.5, method="lower"))
            return Column(name, kind, nullable, int(middle) if middle.is_integer() and abs(middle) < 2**53 else middle)
        if kind == "boolean":
            return Column(name, kind, nullable, bool(filled.mean() >= 0.5))
        latest = self.raw[name].loc[filled.idxmax()]
        return Column(name, kind, nullable, str(latest).strip())


def prepare(table: pd.DataFrame, settings: Settings, name: str) -> Dataset:
    """Raises Refused if the table cannot be learned from, saying which column or how many rows are the reason."""
    settings.check(list(table.columns), name)
    warnings: list[str] = []
    table, target, task, classes = _target(table, settings, name, warnings)
    kinds, ignored = _features(table, settings, warnings)
    if not kinds:
        raise Refused(f"{name} has no column to learn from beside the target {settings.target!r}, ids and dropped columns")
    raw = table[list(kinds)]
    typed = Typed(kinds).fit(raw).transform(raw)
    keys = table[list(settings.ids or kinds)]
    return Dataset(
        raw, typed, kinds, target, task, classes, ignored, keys,
        _groups(table, settings), _times(table, settings, name), warnings,
    )  # fmt: skip


def _target(
    table: pd.DataFrame, settings: Settings, name: str, warnings: list[str]
) -> tuple[pd.DataFrame, Array, str, list[str | int]]:
    texts = table[settings.target].str.strip()
    kind = settings.kinds.get(settings.target) or infer_kind(texts)
    if kind == "date":
        raise Refused(f"the target {settings.target!r} is a date; a model here predicts a class or a number")
    words = {""} if kind in ("category", "id") else MISSING_WORDS
    present = ~texts.str.casefold().isin(words)
    if not present.all():
        warnings.append(f"{int((~present).sum())} rows without a {settings.target!r} were left out")
        table, texts = table[present].reset_index(drop=True), texts[present].reset_index(drop=True)
    if len(table) < MIN_ROWS:
        raise Refused(f"{name} has {len(table)} rows with a {settings.target!r}; at least {MIN_ROWS} are needed to train and test")
    numbers = values(texts, "number").to_numpy() if kind == "number" else None
    distinct = np.unique(numbers) if numbers is not None else texts.unique()
    if len(distinct) < 2:
        raise Refused(f"the target {settings.target!r} of {name} is {texts.iloc[0]!r} in every row; there is nothing to predict")
    whole = numbers is not None and bool(np.all(numbers == np.floor(numbers)))
    task = settings.task or _task(kind, len(distinct), whole)
    if task == "regression":
        if numbers is None:
            raise Refused(f"task is regression, but the target {settings.target!r} of {name} holds texts such as {texts.iloc[0]!r}")
        return table, numbers, task, []
    labels = numbers.astype(np.int64) if numbers is not None and whole else _labels(texts, kind)
    return _classes(table, labels, task, settings.target, warnings)


def _task(kind: str, distinct: int, whole: bool) -> str:
    if kind == "number" and not (whole and distinct == 2):
        return "regression"
    return "binary" if distinct == 2 else "multiclass"


def _labels(texts: pd.Series, kind: str) -> Array:
    if kind == "boolean":  # yes, Yes and YES are one class, under its most usual spelling
        truth = texts.str.casefold().isin(TRUE_WORDS)
        texts = texts.where(~truth, texts[truth].mode().get(0, "")).where(truth, texts[~truth].mode().get(0, ""))
    return texts.to_numpy(dtype=object)


def _classes(
    table: pd.DataFrame, labels: Array, task: str, target: str, warnings: list[str]
) -> tuple[pd.DataFrame, Array, str, list[str | int]]:
    counts = pd.Series(labels).value_counts()
    rare = counts[counts < MIN_CLASS]
    if len(rare):
        if len(counts) - len(rare) < 2:
            raise Refused(f"the target {target!r} has too few rows of {rare.index[0]!r} ({rare.iloc[0]}); a class needs {MIN_CLASS}")
        kept = ~pd.Series(labels).isin(rare.index).to_numpy()
        warnings.append(
            f"{len(rare)} classes of {target!r} with fewer than {MIN_CLASS} rows are not predicted; "
            f"their {int(rare.sum())} rows ({rare.sum() / len(labels):.0%}) were left out"
        )
        table, labels = table[kept].reset_index(drop=True), labels[kept]
    classes = sorted(set(labels.tolist()))
    if task == "binary" and len(classes) > 2:
        raise Refused(f"task is binary, but the target {target!r} has {len(classes)} classes; set task to multiclass")
    return table, labels, "binary" if len(classes) == 2 else "multiclass", classes


def _features(table: pd.DataFrame, settings: Settings, warnings: list[str]) -> tuple[dict[str, str], list[str]]:
    kinds: dict[str, str] = {}
    ignored: list[str] = []
    for column in table.columns:
        if column == settings.target or column in settings.ids:
            continue
        if column in settings.drop:
            ignored.append(column)
            continue
        kind = settings.kinds.get(column) or infer_kind(table[column])
        if kind == "id":
            warnings.append(f"column {column!r} is not used: its texts hardly ever repeat")
        elif not kind:
            warnings.append(f"column {column!r} is not used: it is empty")
        elif values(table[column], kind).nunique(dropna=False) < 2:
            warnings.append(f"column {column!r} is not used: it is the same in every row")
        else:
            kinds[column] = kind
            continue
        ignored.append(column)
    return kinds, ignored


def _groups(table: pd.DataFrame, settings: Settings) -> pd.Series | None:
    """What must stay on one side of the split: the configured group, or else ids that occur in several rows."""
    if settings.group:
        return table[settings.group]
    if settings.ids and not settings.time:
        entity = table[list(settings.ids)].agg("\x1f".join, axis=1)
        if entity.duplicated().any():
            return entity
    return None


def _times(table: pd.DataFrame, settings: Settings, name: str) -> Array | None:
    if not settings.time:
        return None
    kind = infer_kind(table[settings.time])
    if kind not in ("date", "number"):
        raise Refused(f"time names the column {settings.time!r} of {name}, which holds neither dates nor numbers")
    times = values(table[settings.time], kind).fillna(-np.inf).to_numpy()
    if len(np.unique(times)) < 2:
        raise Refused(f"time names the column {settings.time!r} of {name}, which is the same in every row")
    return times
