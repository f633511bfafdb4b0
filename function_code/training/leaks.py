"""Warns of features that give the target away."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from function_code.training.dataset import Dataset
from function_code.training.table import Array

MOST = 50_000  # rows looked at, of each side
TELLING = 0.995  # the ROC-AUC, or the correlation, from which one feature alone is suspicious


def warnings(dataset: Dataset, learn: Array, held: Array) -> list[str]:
    """One sentence for each feature that alone predicts the target of the held-out rows almost perfectly."""
    learn, held = (rows[:: len(rows) // MOST + 1] for rows in (learn, held))
    return [
        f"column {name!r} alone predicts {100 * strength:.1f} % of the target: is it known when a prediction is wanted?"
        for name in dataset.kinds
        if (strength := _strength(dataset, name, learn, held)) >= TELLING
    ]


def _strength(dataset: Dataset, name: str, learn: Array, held: Array) -> float:
    y, y_held = dataset.target[learn], dataset.target[held]
    if len(np.unique(y_held)) < 2:
        return 0.0
    column = dataset.typed[name]
    if dataset.task == "multiclass":
        return _accuracy_by_value(column, y, y_held, learn, held)
    truth = (y == dataset.classes[-1]).astype(float) if dataset.classes else y
    if column.dtype == object:
        score = (
            column.iloc[held].map(pd.Series(truth).groupby(column.iloc[learn].to_numpy()).mean()).fillna(truth.mean())
        )
    else:
        score = column.iloc[held].fillna(column.iloc[learn].median())
    if score.nunique() < 2:
        return 0.0
    if dataset.classes:
        area = roc_auc_score(y_held == dataset.classes[-1], score)
        return float(max(area, 1 - area))
    return float(abs(np.corrcoef(score, y_held)[0, 1]))


def _accuracy_by_value(column: pd.Series, y: Array, y_held: Array, learn: Array, held: Array) -> float:
    """The accuracy of naming the most usual class of the feature's value."""
    counts = pd.DataFrame({"value": column.iloc[learn].to_numpy(), "label": y}).value_counts().reset_index()
    usual = counts.drop_duplicates("value").set_index("value")["label"]
    return float((column.iloc[held].map(usual).to_numpy() == y_held).mean())
