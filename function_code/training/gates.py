"""Gates that a version must pass before it serves: parity, better than the baseline, not worse than what serves."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.scoring import scorer
from function_code.scoring.loaded_model import scorer_of
from function_code.training.baseline import TRIVIAL
from function_code.training.decision import Decision
from function_code.training.gate_metric import GateMetric
from function_code.training.histories.intent import UserSnapshots
from function_code.training.parity import chunks, instances
from function_code.training.positive_class import PositiveClass
from function_code.training.table import Array

# One-sided 95 %: a version is worse only if its mean loss on the same rows exceeds the other's by more than that many
# standard errors of the paired difference.
MAX_STANDARD_ERRORS = 1.645
ROUNDING_TOLERANCE = 1e-9  # equal models differ by this much through the two ways of computing them


@dataclass(frozen=True)
class Gate:
    """One condition, whether it held, and why in a sentence."""

    gate: str
    passed: bool
    detail: str

    def to_json(self) -> dict[str, Any]:
        """The gate as it stands in a manifest."""
        return {"gate": self.gate, "passed": self.passed, "detail": self.detail}


@dataclass(frozen=True)
class Comparison(Gate):
    """The gate against the serving `version`, None if nothing serves.

    `predicted` is what that predicts for the held-out rows, None if it cannot; `decision` how it chooses between two
    classes, and `positive` which of them is positive for this version.
    """

    version: str | None = None
    predicted: Array | None = None
    decision: Decision | None = None
    positive: PositiveClass | None = None

    @property
    def uncompared(self) -> bool:
        """True if something serves that could not be compared, so that the gate says nothing."""
        return self.version is not None and self.predicted is None

    @property
    def warnings(self) -> list[str]:
        """Cautions about the comparison, a sentence each."""
        if self.uncompared:
            return [f"not compared with what serves: {self.detail}"]
        if not (self.decision and self.positive) or self.decision.positive == self.positive.number:
            return []
        change = (
            f"the positive class is {self.positive.label!r}, that of version {self.version}, which serves, the other"
        )
        return [f"{change}: both are measured as answers to {self.positive.label!r}, its threshold was for the other"]


def parity(held_out: Array, difficult: Array, rows: pd.DataFrame, tolerance: float) -> Gate:
    """The gate of the differences between exported and own predictions, `held_out` and `difficult`.

    `rows` are the difficult ones.
    """
    both = np.concatenate([held_out, difficult])
    text = (
        f"largest difference from the trained model {both.max():.1e} on {len(held_out):,} held-out rows and "
        f"{len(difficult):,} difficult ones, allowed {tolerance:.0e}"
    )
    wrong = np.flatnonzero(~(held_out <= tolerance))
    if len(wrong):
        text += f"; {len(wrong):,} held-out rows differ: " + ", ".join(
            f"{row} by {held_out[row]:.1e}" for row in wrong[:3]
        )
    wrong = np.flatnonzero(~(difficult <= tolerance))
    if len(wrong):
        text += f"; {len(wrong):,} difficult rows differ, such as {rows.iloc[wrong[0]].to_dict()}"
    return Gate("parity", bool(np.all(both <= tolerance)), text)


def better_than_baseline(own: Array, trivial: Array, metric: GateMetric, name: str = TRIVIAL) -> Gate:
    """`own` and `trivial` are the metric's losses of the held-out rows; `name` is that of the baseline."""
    passed = bool(own.mean() < trivial.mean())
    means = f"held-out {metric.name} {metric.mean(own):.4f}, {name}'s {metric.mean(trivial):.4f}"
    return Gate("baseline", passed, means)


def chance_warnings(own: Array, trivial: Array, name: str = TRIVIAL) -> list[str]:
    """A warning if `own` is lower than `trivial`, losses of the same held-out rows, by no more than chance makes it."""
    better = trivial - own
    if not 0 < better.mean() <= margin(better):
        return []
    same = "predicting the same for everybody" if name == TRIVIAL else name
    return [f"the model is hardly better than {same}: on the held-out rows the difference may well be chance"]


def worse_than_validated(own: Array, before: Array) -> str:
    """The problem of a fit that is worse on rows that it has learned from than one was that had not, or nothing.

    `own` and `before` are losses of the same rows.
    """
    worse = own - before
    if worse.mean() <= margin(worse):
        return ""
    return f"fitted on all rows it has a loss of {own.mean():.4g} on them, in validation one of {before.mean():.4g}"


def not_worse_than_serving(
    registry: Registry,
    serving: str | None,
    own: Array,
    schema: Schema,
    raw: pd.DataFrame,
    metric: GateMetric,
    positive: PositiveClass | None,
    users: UserSnapshots | None = None,
) -> Comparison:
    """Compares on the same held-out rows, `raw` with all their columns, of which `own` are the metric's losses.

    Of snapshots of `users`, the other version gets the features that it was trained with.

    A version that cannot score them (other columns, another target, a damaged artifact) is no obstacle.
    """
    if serving is None:
        return Comparison("serving", True, "nothing serves yet")

    def uncompared(why: str) -> Comparison:
        return Comparison("serving", True, f"version {serving}, which serves, {why}", serving)

    try:
        manifest = registry.manifest(serving)
        model = scorer_of(registry, serving, manifest)
        other = Schema.from_json(manifest["schema"])
    except (Refused, ValueError, KeyError) as error:
        return uncompared(f"cannot be read ({error})")
    if (other.target, other.classes, _horizon(other)) != (schema.target, schema.classes, _horizon(schema)):
        own_name = "what is another model can have a name of its own by the setting model"
        return uncompared(f"predicts {_named(other)}, not {_named(schema)}; {own_name}")
    try:
        raw = users.features_of(other, raw) if users else raw
    except Refused as error:
        return uncompared(f"wants other columns ({error})")
    kinds = {column.name: column.kind for column in other.features}
    # Of the same kind, a column is written as it is in the file of today.
    features = [column for column in (*other.features, *schema.features) if column.kind == kinds.get(column.name)]
    forms = {column.name: column.form for column in features}
    scores: list[list[float]] = []
    for chunk in chunks(raw):
        try:
            rows, problems = check_instances(other, instances(chunk, kinds, forms))
        except Refused as error:
            return uncompared(f"wants other columns ({error})")
        if problems:
            why = problems[0]["problem"]
            return uncompared(f"refuses a row ({why})")
        try:
            scores += model.score(rows)
        except scorer.Unscorable as error:
            return uncompared(f"cannot score the rows ({error})")
    predicted = np.array(scores)
    theirs = metric.losses(predicted)
    difference = own - theirs
    passed = bool(difference.mean() <= margin(difference) + ROUNDING_TOLERANCE)
    means = f"held-out {metric.name} {metric.mean(own):.4f}", f"{metric.mean(theirs):.4f} on the same rows"
    detail = f"{means[0]}, that of the serving version {serving} {means[1]}"
    decision = Decision(model.positive, model.threshold) if model.threshold is not None else None
    return Comparison("serving", passed, detail, serving, predicted, decision, positive)


def margin(difference: Array) -> float:
    """The largest mean of a paired difference that chance may give."""
    unit = float(np.abs(difference).max()) or 1.0  # the square of a huge loss would overflow
    return MAX_STANDARD_ERRORS * unit * float((difference / unit).std()) / max(1.0, float(np.sqrt(len(difference))))


def _named(schema: Schema) -> str:
    classes = f" ({', '.join(map(str, schema.classes[:5]))}{', ...' * (len(schema.classes) > 5)})"
    within = f" within {_horizon(schema)}" if schema.history else ""
    return f"{schema.target!r}{classes if schema.classes else ''}{within}"


def _horizon(schema: Schema) -> str:
    return str(schema.history["horizon"]) if schema.history else ""
