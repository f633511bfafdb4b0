"""Warns of features that give the target away."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from function_code.training.dataset import PreparedDataset
from function_code.training.table import Array

MAX_ROWS = 50_000  # rows looked at, of each side
MIN_STRENGTH = 0.995  # the ROC-AUC, or the correlation, from which one feature alone is suspicious


def warnings(dataset: PreparedDataset, learn: Array, held_out: Array) -> list[str]:
    """One sentence for each feature that alone predicts the target of the held-out rows almost perfectly."""
    learn, held_out = (rows[:: len(rows) // MAX_ROWS + 1] for rows in (learn, held_out))
    return [
        f"column {name!r} alone predicts {100 * strength:.1f} % of the target: is it known when a prediction is wanted?"
        for name in dataset.kinds
        if (strength := _strength(dataset, name, learn, held_out)) >= MIN_STRENGTH
    ]


def _strength(dataset: PreparedDataset, name: str, learn: Array, held_out: Array) -> float:
    y, y_held_out = dataset.target[learn], dataset.target[held_out]
    if len(np.unique(y_held_out)) < 2:
        return 0.0
    column = dataset.typed[name]
    if dataset.task == "multiclass":
        return _accuracy_by_value(column, y, y_held_out, learn, held_out)
    truth = (y == dataset.classes[-1]).astype(float) if dataset.classes else y
    if column.dtype == object:
        score = (
            column.iloc[held_out]
            .map(pd.Series(truth).groupby(column.iloc[learn].to_numpy()).mean())
            .fillna(truth.mean())
        )
    else:
        score = column.iloc[held_out].fillna(column.iloc[learn].median()).fillna(0.0)  # no row may have had a value
    if score.nunique() < 2:
        return 0.0
    if dataset.classes:
        area = roc_auc_score(y_held_out == dataset.classes[-1], score)
        return float(max(area, 1 - area))
    return float(abs(np.corrcoef(score, y_held_out)[0, 1]))


def _accuracy_by_value(column: pd.Series, y: Array, y_held_out: Array, learn: Array, held_out: Array) -> float:
    """The accuracy of naming the most usual class of the feature's value."""
    counts = pd.DataFrame({"value": column.iloc[learn].to_numpy(), "label": y}).value_counts().reset_index()
    usual = counts.drop_duplicates("value").set_index("value")["label"]
    return float((column.iloc[held_out].map(usual).to_numpy() == y_held_out).mean())
