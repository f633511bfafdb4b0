"""The rows that a model was made from, in words and numbers: columns, what was left out, the split."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from function_code.column import TEXT_KINDS
from function_code.training.report.report_data import ReportData
from function_code.training.table import Array

MAX_CLASSES = 10


@dataclass(frozen=True)
class Feature:
    """A feature, the share of rows without it, and its values in a few words."""

    name: str
    kind: str
    missing: float
    values: str


@dataclass(frozen=True)
class Part:
    """One side of the split: its rows, and the time of its first and last row ("" without a split by time)."""

    name: str
    rows: int
    first: str
    last: str
    shares: list[float]


def described(data: ReportData) -> list[Feature]:
    """Every feature."""
    dataset = data.dataset
    features = []
    for name, kind in dataset.kinds.items():
        typed = dataset.typed[name]
        present = (typed != "") if kind in TEXT_KINDS else typed.notna()
        words = _values(typed[present], dataset.raw[name][present], kind)
        features.append(Feature(name, kind, float(1 - present.mean()), words))
    return features


def kinds(data: ReportData) -> str:
    """Counts the columns of each kind, in a line."""
    counts = Counter(data.dataset.kinds.values())
    return ", ".join(f"{count} of kind {kind}" for kind, count in counts.most_common())


def left_out(data: ReportData) -> list[tuple[str, str]]:
    """Columns that are not used, and why."""
    dataset, settings = data.dataset, data.settings
    is_computed = data.dataset.raw.attrs.get("computed", False)
    by_setting = "what followed, or the moment" if is_computed else "named by the setting drop"
    reasons = [(name, "names a user" if is_computed else "names a row (the setting id)") for name in settings.id]
    for name in dataset.ignored:
        prefix = f"column {name!r} is not used: "
        texts = [text.removeprefix(prefix) for text in dataset.warnings if text.startswith(prefix)]
        reasons.append((name, texts[0] if texts else by_setting))
    return reasons


def frequent_classes(data: ReportData) -> list[str | int]:
    """The most frequent classes, in the schema's order."""
    classes = data.dataset.classes
    frequent = pd.Series(data.dataset.target).value_counts().index[:MAX_CLASSES]
    return [label for label in classes if label in set(frequent)]


def split(data: ReportData) -> list[Part]:
    """The rows learned from and held out; the shares are those of `frequent_classes`."""
    return [_part(data, *side) for side in (("learned from", data.learn), ("held out", data.held_out))]


def numbers(values: Array) -> list[float]:
    """Least, quartiles, greatest and mean."""
    return [*np.quantile(values, (0, 0.25, 0.5, 0.75, 1)).tolist(), float(np.mean(values))]


def _part(data: ReportData, name: str, rows: Array) -> Part:
    dataset = data.dataset
    first = last = ""
    if dataset.times is not None:
        texts, times = dataset.raw[data.settings.time], dataset.times[rows]
        first, last = (str(texts.iloc[rows[at(times)]]).strip() for at in (np.argmin, np.argmax))
    shares = [float(np.mean(dataset.target[rows] == label)) for label in frequent_classes(data)]
    return Part(name, len(rows), first, last, shares)


def _values(typed: pd.Series, raw: pd.Series, kind: str) -> str:
    if kind in TEXT_KINDS:
        counts = typed.value_counts()
        return f"{len(counts):,} values, most often {counts.index[0]} ({counts.iloc[0] / len(typed):.0%})"
    if kind == "boolean":
        return f"yes in {typed.mean():.0%}"
    order = typed.to_numpy().argsort(kind="stable")
    low, middle, high = (str(raw.iloc[order[place]]).strip() for place in (0, (len(order) - 1) // 2, -1))
    return f"{low} to {high}" if kind == "date" else f"{low} to {high}, half of them up to {middle}"
