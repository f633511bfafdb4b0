"""Plots as SVG elements to stand in a page: the same bytes for the same numbers, text as text.

No name or value of the user's data is drawn, so no font need have its letters; the page writes those. Colours are
Okabe and Ito's (https://jfly.uni-koeln.de/color/), which colour-blind people tell apart, and what they tell apart
differs in its strokes or hatching, too.
"""

import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from function_code.training.report.curves import Bin
from function_code.training.table import Array

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#6b6b6b"
WIDTH_INCHES, HEIGHT_INCHES = 5.0, 4.2  # of 72 units
HISTOGRAM_BINS = 30
MAX_POINTS = 800  # of a scatter plot
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "legend.frameon": False,
    "hatch.linewidth": 0.6,
}

Curve = tuple[Array, Array]


def roc(own: Curve, serving: Curve | None) -> Markup:
    """False positive rates and true positive rates."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="baseline")
        _curves(axes, own, serving)
        axes.set(xlabel="false positive rate", ylabel="true positive rate", xlim=(0, 1), ylim=(0, 1.01))
        axes.legend(loc="lower right")

    return _svg("ROC curve", draw)


def precision_recall(own: Curve, serving: Curve | None, share: float) -> Markup:
    """Recalls and precisions; `share` of the rows are positive."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [share, share], color=GREY, linestyle=":", label="baseline")
        _curves(axes, own, serving)
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.01))
        axes.legend(loc="upper right")

    return _svg("Precision-recall curve", draw)


def reliability(bins: list[Bin]) -> Markup:
    """Mean predicted probabilities and how often they came true."""

    def draw(axes: Axes) -> None:
        x, y = (np.array([getattr(part, name) for part in bins]) for name in ("predicted", "observed"))
        reach = np.array([[part.observed - part.low, part.high - part.observed] for part in bins]).T
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="as predicted")
        axes.errorbar(x, y, np.maximum(reach, 0), color=BLUE, marker="o", markersize=5, capsize=2, label="held out")
        most = 1.05 * max(0.05, x.max(), max(part.high for part in bins))
        axes.set(xlabel="predicted probability", ylabel="how often it was so")
        axes.set(xlim=(0, min(1.01, most)), ylim=(0, min(1.01, most)))
        axes.legend(loc="upper left")

    return _svg("Calibration", draw)


def scores(positive: Array, truth: Array, threshold: float | None) -> Markup:
    """The probabilities of the positive class, by class, as shares of each."""

    def draw(axes: Axes) -> None:
        edges = np.linspace(0, max(0.01, float(positive.max()), threshold or 0), HISTOGRAM_BINS + 1)
        for label, name, color, hatch in ((0, "other rows", BLUE, ""), (1, "rows of the class", ORANGE, "////")):
            own = positive[truth == label]
            if len(own):
                shares = np.histogram(own, edges)[0] / len(own)
                axes.stairs(shares, edges, fill=True, color=color, alpha=0.3, label=None if hatch else name)
                if hatch:  # a patch of its own: the same one would be as faint as the filling
                    axes.stairs(shares, edges, fill=True, facecolor="none", edgecolor=color, hatch=hatch, label=name)
        if threshold is not None:
            axes.axvline(threshold, color="black", linestyle="--", label="threshold")
        axes.set(xlabel="predicted probability", ylabel="share of the rows")
        axes.legend(loc="best")

    return _svg("Predicted probabilities by class", draw)


def predicted_actual(predicted: Array, actual: Array) -> Markup:
    """Predictions and what was true, of a sample."""

    def draw(axes: Axes) -> None:
        x, y = _sample(predicted, actual)
        ends = [min(x.min(), y.min()), max(x.max(), y.max())]
        axes.plot(ends, ends, color=GREY, linestyle=":", label="as predicted")
        _points(axes, x, y)
        axes.set(xlabel="predicted", ylabel="actual")
        axes.legend(loc="upper left")

    return _svg("Predicted and actual values", draw)


def residuals(predicted: Array, actual: Array) -> Markup:
    """Predictions and what remains to the truth, of a sample."""

    def draw(axes: Axes) -> None:
        x, y = _sample(predicted, actual)
        axes.axhline(0, color=GREY, linestyle=":")
        _points(axes, x, y - x)
        axes.set(xlabel="predicted", ylabel="actual minus predicted")

    return _svg("Residuals", draw)


def _curves(axes: Axes, own: Curve, serving: Curve | None) -> None:
    if serving:
        axes.plot(*serving, color=ORANGE, linestyle="--", label="now serving")
    axes.plot(*own, color=BLUE, label="this version")


def _points(axes: Axes, x: Array, y: Array) -> None:
    axes.plot(x, y, linestyle="", marker="o", markersize=3.5, alpha=0.5, color=BLUE, markeredgewidth=0)


def _sample(x: Array, y: Array) -> tuple[Array, Array]:
    if len(x) <= MAX_POINTS:
        return x, y
    sample = np.random.default_rng(0).choice(len(x), MAX_POINTS, replace=False)
    return x[sample], y[sample]


def _svg(title: str, draw: Callable[[Axes], None]) -> Markup:
    file = io.StringIO()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({**STYLE, "svg.hashsalt": title})
        figure = Figure((WIDTH_INCHES, HEIGHT_INCHES), layout="constrained")
        draw(figure.subplots())
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
    text = file.getvalue()
    size, body = re.search(r'<svg .*?(viewBox="[^"]*")[^>]*>(.*)', text, re.DOTALL).groups()  # type: ignore[union-attr]
    body = re.sub(r"<style.*?</style>", "", body, count=1, flags=re.DOTALL)  # it would hold for the whole page
    body = re.sub(r'<g id="[^"]*"', "<g", body)  # unique in one plot, not in a page
    body = body.replace("xlink:href", "href")
    return Markup(f'<svg role="img" {size}><title>{title}</title>{body}')  # noqa: S704 (matplotlib's own markup)
