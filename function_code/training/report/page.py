"""The report of a version as one HTML page that needs nothing from elsewhere.

An error here is not caught: it would be a mistake in this package, which tests are to find, and a version whose report
is missing would be judged by nobody. The training ends before anything is written, and what serves goes on serving.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from function_code.training.decision import decide
from function_code.training.evaluate import measure
from function_code.training.gates import Comparison
from function_code.training.report import summary
from function_code.training.report.figures import confusion, figures
from function_code.training.report.importance import importances
from function_code.training.report.intervals import Intervals, intervals
from function_code.training.report.report_data import ReportData
from function_code.training.report.slices import Slice, slices
from function_code.training.report.warnings import drifts

# What a metric is called, and whether more of it is better.
METRICS = {
    "roc_auc": ("ROC-AUC", True),
    "average_precision": ("average precision", True),
    "log_loss": ("log loss", False),
    "brier": ("Brier score", False),
    "accuracy": ("accuracy", True),
    "balanced_accuracy": ("balanced accuracy", True),
    "f1": ("F1", True),
    "rmse": ("root mean squared error", False),
    "mae": ("mean absolute error", False),
    "r2": ("R\N{SUPERSCRIPT TWO}, explained share of the variance", True),
}
TOP_METRICS = {
    "hit_rate_at_": "hit rate at ",
    "ndcg_at_": "NDCG at ",
    "coverage_at_": "coverage at ",
    "novelty_at_": "novelty at ",
}
SLICE_METRICS = {"binary": "ROC-AUC", "multiclass": "accuracy", "regression": "mean absolute error"}
GATES = {
    "parity": "serves the trained model's own numbers",
    "baseline": "better than the baseline",
    "serving": "not worse than the version now serving",
}
MAX_FEATURES, MAX_DRIFTED = 30, 10  # lines of a table


def page(data: ReportData, manifest: dict[str, Any], against: Comparison) -> bytes:
    """`manifest` with its gates; `against` what the version that serves now predicts for the same rows."""
    ranked = importances(data)
    dataset = data.dataset
    parts = slices(data, [importance.feature for importance in ranked.features])
    drifted, target_drift = drifts(dataset, data.learn, data.held_out, data.settings.time)
    measured = data.predicted, data.target, dataset.classes, dataset.positive_number, data.chosen
    bootstrap = intervals(*measured, data.groups, data.excluded)
    return rendered(
        "page.html",
        manifest,
        against,
        classes=summary.frequent_classes(data),
        metrics=_metrics(data, manifest, against, bootstrap),
        bootstrap=bootstrap,
        grouped=dataset.groups is not None,
        features=summary.described(data),
        kinds=summary.kinds(data),
        left_out=summary.left_out(data),
        numbers=None if dataset.classes else summary.numbers(dataset.target),
        parts=summary.split(data),
        target_drift=target_drift,
        drifted=drifted[:MAX_DRIFTED],
        figures=figures(data, against.predicted),
        confusion=confusion(data),
        importances=ranked,
        important=ranked.features[:MAX_FEATURES],
        slices=parts,
        marked=[part for part in parts if part.off or (part.worse and not part.expected)],
        off=_direction,
        slice_metric=SLICE_METRICS[dataset.task],
    )


def rendered(template: str, manifest: dict[str, Any], against: Comparison, **more: Any) -> bytes:
    """A template of this folder with the manifest, its gates and warnings, and what else it shows."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": _number, "percent": _percent, "setting": _setting}
    gates = [{**gate, "name": GATES.get(gate["gate"], gate["gate"])} for gate in manifest["gates"]]
    shared = {"manifest": manifest, "gates": gates, "warnings": manifest["warnings"], "against": against}
    return environment.get_template(template).render(shared | more).encode()


def _metrics(
    data: ReportData, manifest: dict[str, Any], against: Comparison, bootstrap: Intervals
) -> list[dict[str, Any]]:
    theirs = {}
    if against.predicted is not None:
        chosen = decide(against.predicted, against.decision) if against.decision else None
        classes, positive = data.dataset.classes, data.dataset.positive_number
        theirs = measure(against.predicted, data.target, classes, positive, chosen, data.excluded)
    own = manifest["metrics"]
    names = [*(name for name in own if name not in METRICS), *METRICS]
    return [
        {
            "name": metric_name(name),
            "higher": METRICS.get(name, ("", True))[1],
            "own": own[name],
            "interval": bootstrap.bounds.get(name),
            "baseline": manifest["baseline"].get(name),
            "serving": theirs.get(name),
        }
        for name in names
        if name in own
    ]


def metric_name(metric: str) -> str:
    """The name of a metric for people."""
    for prefix, name in TOP_METRICS.items():
        if metric.startswith(prefix):
            return name + metric.removeprefix(prefix)
    return METRICS[metric][0] if metric in METRICS else metric.replace("_", " ")


def _direction(part: Slice) -> str:
    """The direction in which the predictions of a slice are off."""
    return "predicted too low" if (part.predicted or 0) < (part.actual or 0) else "predicted too high"


def _number(value: float | None) -> str:
    if value is None:
        return "\N{EN DASH}"
    if value == 0 or 5e-5 <= abs(value) < 10:
        return f"{value:.4f}"
    return f"{value:,.1f}" if 10 <= abs(value) < 1e7 else f"{value:.1e}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _setting(setting: dict[str, Any]) -> str:
    return ", ".join(f"{name} {'-'.join(map(str, v)) if isinstance(v, list) else v}" for name, v in setting.items())
