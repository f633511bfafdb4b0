"""Warnings to read before any number: too few positives, a feature that is an id, rows that differ."""

import numpy as np
from scipy.stats import spearmanr

from function_code.data.text_kinds import MIN_ID_VALUES
from function_code.training import leaks
from function_code.training.dataset import PreparedDataset
from function_code.training.encoders import MAX_CODED_CLASSES, has_words, merged
from function_code.training.report import drift
from function_code.training.table import Array

MIN_LEARNED_ROWS, MIN_HELD_OUT_ROWS = 50, 10  # rows of the rarer of two classes
MAX_MERGED_SHARE = 0.2  # of the rows: their category counts as "other"
MAX_LISTED_FEATURES = 5
MIN_DISTINCT_SHARE, MIN_RANK_CORRELATION = 0.99, 0.99  # with the rows' order


def split_warnings(
    dataset: PreparedDataset, learn: Array, held_out: Array, time: str, name: str, of_users: bool = False
) -> list[str]:
    """Warns of the data and its split, a sentence each.

    `time` is the column that the rows were split by, which must differ; `name` the target's. Rows that are snapshots of
    users (`of_users`) differ in the length of their histories.
    """
    drifted, target = drifts(dataset, learn, held_out, time)
    longer = [f"{one.feature!r}" for one in drifted if one.size == "large"][:MAX_LISTED_FEATURES] if of_users else []
    growth = f"at the last moment features differ: {', '.join(longer)}; histories grow with the file, see the report"
    return [
        *leaks.warnings(dataset, learn, held_out),
        *_rare_class(dataset, learn, held_out),
        *_ids(dataset),
        *_merged(dataset, learn),
        *drift.warnings([] if of_users else drifted, target, name, "the held-out rows"),
        *([growth] if longer else []),
    ]


def one_label_warnings(chosen: Array | None, classes: list[str | int], objective: str) -> list[str]:
    """Warns of a threshold by which all held-out rows, `chosen` of two classes, have the same label."""
    if chosen is None or len(np.unique(chosen)) > 1:
        return []
    threshold = f"the threshold for the best {objective} on validation rows tells none of them apart"
    return [f"answers {classes[chosen[0]]!r} for every held-out row: {threshold}; another OBJECTIVE may, if any does"]


def drifts(
    dataset: PreparedDataset, learn: Array, held_out: Array, time: str
) -> tuple[list[drift.DriftedFeature], drift.TargetDrift]:
    """Drift of the held-out rows, except in the column that they were split by."""
    kinds = {feature: kind for feature, kind in dataset.kinds.items() if feature != time}
    drifted = drift.features(dataset.typed.iloc[learn], dataset.typed.iloc[held_out], kinds)
    labels = [dataset.positive.label] if dataset.positive else dataset.classes
    return drifted, drift.target(dataset.target[learn], dataset.target[held_out], labels)


def _rare_class(dataset: PreparedDataset, learn: Array, held_out: Array) -> list[str]:
    if len(dataset.classes) != 2:
        return []
    counts = [[int(np.sum(dataset.target[rows] == label)) for label in dataset.classes] for rows in (learn, held_out)]
    rarer = int(np.argmin(counts[0]))
    learned, tested = counts[0][rarer], counts[1][rarer]
    if learned >= MIN_LEARNED_ROWS and tested >= MIN_HELD_OUT_ROWS:
        return []
    counted = f"only {learned:,} rows of {dataset.classes[rarer]!r} were learned from and {tested:,} held out"
    return [f"{counted}: the metrics are uncertain, and more such rows would help most"]


def _ids(dataset: PreparedDataset) -> list[str]:
    return [
        f"column {name!r} looks like an id or a row number: its whole numbers hardly ever repeat and follow the order "
        "of the rows; name it by id or drop if it is one"
        for name, kind in dataset.kinds.items()
        if kind == "number" and _is_id(dataset.typed[name].to_numpy())
    ]


def _merged(dataset: PreparedDataset, learn: Array) -> list[str]:
    sentences = []
    for name, kind in dataset.kinds.items():
        if kind == "category":
            count, share = merged(dataset.typed[name].iloc[learn])
            if share > MAX_MERGED_SHARE:
                is_coded = len(dataset.classes) <= MAX_CODED_CLASSES
                what = "count by the mean of the target in their rows" if is_coded else "are not told apart"
                if is_coded and has_words(dataset.typed[name]):
                    what += ", and by their words"
                sentences.append(
                    f"column {name!r}: {count:,} of its values, in {share:.0%} of the rows, are rare, and {what}; what "
                    "groups them (a region beside a town) would say more"
                )
    return sentences


def _is_id(values: Array) -> bool:
    filled = values[~np.isnan(values)]
    distinct = len(np.unique(filled))
    if distinct < MIN_ID_VALUES or distinct < MIN_DISTINCT_SHARE * len(values) or (filled != np.floor(filled)).any():
        return False
    return bool(abs(spearmanr(filled, np.arange(len(filled))).statistic) >= MIN_RANK_CORRELATION)
