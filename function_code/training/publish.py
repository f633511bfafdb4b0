"""A trained version into the registry and, if it passes its gates, to where it serves."""

import io
import json
from dataclasses import dataclass
from typing import Any, Protocol

import joblib
import pandas as pd
from sklearn.pipeline import Pipeline

from function_code.errors import Conflict
from function_code.registry import REPORT, Pointer, Registry
from function_code.schema import Schema
from function_code.scoring.loaded_model import GRAPH
from function_code.scoring.seen_values import SEEN_VALUES
from function_code.training import gates
from function_code.training.gate_metric import GateMetric
from function_code.training.gates import Comparison, Gate
from function_code.training.histories.intent import UserSnapshots
from function_code.training.report.page import page
from function_code.training.report.report_data import ReportData
from function_code.training.table import Array


class Publishable(Protocol):
    """A trained model before it is published; the comparison with what serves has yet to join its gates."""

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest but for the gates."""

    @property
    def gates(self) -> list[Gate]:
        """The gates that ask nothing of the registry."""

    def artifacts(self) -> dict[str, bytes]:
        """The files of the version but for its report."""

    def against_serving(self, registry: Registry, serving: str | None) -> Comparison:
        """The gate of the comparison with the serving version, None if nothing serves."""

    def report(self, manifest: dict[str, Any], against: Comparison) -> bytes:
        """The report, as a page; `manifest` has its gates."""


@dataclass(frozen=True)
class TrainedVersion:
    """A trained model before it is published.

    `document` is what serves, beside `graph` if that is not empty, and `pipeline` what people load; `seen_values` are
    those of the training rows (see `scoring.seen_values`); `raw` are the held-out rows' texts, and `losses` this
    model's on them by the `metric` of the gates, `report_data` what the report is made from; `users` are those of
    snapshots; the comparison with what serves has yet to join `gates`.
    """

    pipeline: Pipeline
    document: dict[str, Any]
    graph: bytes
    seen_values: dict[str, Any]
    schema: Schema
    manifest: dict[str, Any]
    gates: list[Gate]
    raw: pd.DataFrame
    metric: GateMetric
    losses: Array
    report_data: ReportData
    users: UserSnapshots | None = None

    def artifacts(self) -> dict[str, bytes]:
        """The files of the version but for its report."""
        pipeline = io.BytesIO()
        joblib.dump(self.pipeline, pipeline, compress=3)
        artifacts = {
            "model.json": json.dumps(self.document, allow_nan=False).encode(),
            "pipeline.joblib": pipeline.getvalue(),
            SEEN_VALUES: json.dumps(self.seen_values, allow_nan=False).encode(),
        }
        kept = self.users.kept.artifacts if self.users and self.users.kept else {}
        return {**artifacts, **({GRAPH: self.graph} if self.graph else {}), **kept}

    def against_serving(self, registry: Registry, serving: str | None) -> Comparison:
        """The gate of the comparison with the serving version, None if nothing serves."""
        held_out = self.losses, self.schema, self.raw, self.metric
        return gates.not_worse_than_serving(registry, serving, *held_out, self.report_data.dataset.positive, self.users)

    def report(self, manifest: dict[str, Any], against: Comparison) -> bytes:
        """The report, as a page; `manifest` has its gates."""
        return page(self.report_data, manifest, against)


@dataclass(frozen=True)
class PublishedVersion:
    """A published version: its manifest, whether it serves now, and if not, why; `against`, what served before."""

    version: str
    manifest: dict[str, Any]
    promoted: bool
    reasons: list[str]
    against: Comparison


def publish(trained: Publishable, registry: Registry) -> PublishedVersion:
    """Publishes, and promotes if every gate is passed; compares again if another version began to serve meanwhile.

    Manifest and report are written once, and tell of the first comparison.
    """
    artifacts = trained.artifacts()
    version = ""
    while True:
        pointer = registry.pointer()
        against = trained.against_serving(registry, pointer.stable if pointer else None)
        results = [*trained.gates, against]
        if not version:
            known = [*trained.manifest["warnings"], *against.warnings]
            manifest = {**trained.manifest, "warnings": known, "gates": [gate.to_json() for gate in results]}
            report = trained.report(manifest, against)
            version = registry.publish(manifest, {**artifacts, REPORT: report})
        failed = [gate.detail for gate in results if not gate.passed]
        if withdrawal := pointer.withdrawal(version) if pointer else None:
            failed.append(_withdrawn(withdrawal, version))
        if failed:
            return PublishedVersion(version, registry.manifest(version), False, failed, against)
        try:
            registry.point(pointer, pointer.moved_to(version) if pointer else Pointer(version))
        except Conflict:
            continue
        return PublishedVersion(version, registry.manifest(version), True, [], against)


def _withdrawn(withdrawal: dict[str, str], version: str) -> str:
    by, because = (f" {word} {withdrawal[word]}" if withdrawal[word] else "" for word in ("by", "because"))
    how = f"promote it by name if it is to serve again: promote {version}"
    return f"the same model was withdrawn on {withdrawal['at'][:10]}{by}{because}; {how}"
