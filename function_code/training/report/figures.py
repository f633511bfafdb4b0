"""The plots and the confusion table of a task, with their captions."""

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from function_code.training.positive_class import PositiveClass
from function_code.training.report import curves, plots
from function_code.training.report.report_data import ReportData
from function_code.training.table import Array


@dataclass(frozen=True)
class Figure:
    """A plot, and a sentence or two about it."""

    svg: Markup
    title: str
    caption: str


def figures(data: ReportData, serving: Array | None) -> list[Figure]:
    """`serving` are the predictions of the version that serves now, or None."""
    classes = data.dataset.classes
    if not classes:
        return _regression(data)
    if data.dataset.positive:
        return _binary(data, data.dataset.positive, serving)
    top = data.predicted.max(axis=1)
    right = (data.predicted.argmax(axis=1) == data.truth).astype(int)
    return [_calibration(top, right, "the most probable class")]


def confusion(data: ReportData) -> curves.Confusion | None:
    """None for a regression."""
    if data.chosen is None:
        return None
    return curves.confusion(data.truth, data.chosen, data.dataset.classes)


def _binary(data: ReportData, positive: PositiveClass, serving: Array | None) -> list[Figure]:
    predicted, truth = data.predicted_and_actual
    both_classes = []
    if 0 < truth.sum() < len(truth):
        roc, precision = curves.roc(predicted, truth), curves.precision_recall(predicted, truth)
        theirs = None
        if serving is not None:
            other = serving[:, positive.number]
            theirs = curves.roc(other, truth), curves.precision_recall(other, truth)
        both_classes = [
            Figure(
                plots.roc(roc, theirs and theirs[0]),
                "ROC curve",
                f"Of the rows of class {positive.label}, and of the others, the shares that reach a threshold, for "
                "every threshold. The nearer to the upper left corner, the better.",
            ),
            Figure(
                plots.precision_recall(precision, theirs and theirs[1], float(truth.mean())),
                "Precision and recall",
                f"Precision: how many of the rows that reach a threshold are {positive.label}. Recall: how many of the "
                f"rows of class {positive.label} reach it. The nearer to the upper right corner, the better.",
            ),
        ]  # fmt: skip
    where = " The threshold lies between the two answers." if data.decision else ""
    return [
        *both_classes,
        _calibration(predicted, truth, f"class {positive.label}"),
        Figure(
            plots.scores(predicted, truth, data.decision.threshold if data.decision else None),
            "Predicted probabilities",
            f"Of class {positive.label}: hatched for the rows of that class, plain for the others, each adding up to 1."
            f"{where}",
        ),
    ]


def _calibration(probability: Array, truth: Array, what: str) -> Figure:
    bins = curves.reliability(probability, truth)
    counts = sorted(part.rows for part in bins)
    rows = f"{counts[0]:,}" if counts[0] == counts[-1] else f"{counts[0]:,} to {counts[-1]:,}"
    return Figure(
        plots.reliability(bins),
        "Calibration",
        f"How often {what} was right where it got about this probability. Points on the dotted line mean that the "
        f"probabilities can be taken at their word. Each point is {rows} rows, with its 95 % interval.",
    )


def _regression(data: ReportData) -> list[Figure]:
    predicted, actual = data.predicted[:, 0], data.target
    drawn = min(len(actual), plots.MAX_POINTS)
    sample = f" {drawn:,} of {len(actual):,} held-out rows, drawn at random." if drawn < len(actual) else ""
    error = np.abs(actual - predicted)
    median, upper = np.quantile(error, (0.5, 0.9))
    return [
        Figure(
            plots.predicted_actual(predicted, actual),
            "Predicted and actual",
            f"Points on the dotted line are predicted exactly.{sample}",
        ),
        Figure(
            plots.residuals(predicted, actual),
            "Errors",
            f"Half of the predictions are at most {median:.4g} away from the truth, nine in ten at most {upper:.4g}. "
            "A slope or a bend means that something is still to be learned.",
        ),
    ]
