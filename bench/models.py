"""A trained model of each kind, for the benchmarks: of the synthetic sample, each in a store of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from function_code.data import synthetic
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.store import Store
from function_code.training import run
from function_code.training.candidates.candidate import Candidate, Fitted, Rows, Setting
from function_code.training.candidates.linear import Linear
from function_code.training.candidates.scikit import Forest, Network, Trees
from function_code.training.dataset import PreparedDataset
from function_code.training.encoders import Columns
from function_code.training.ensemble import Ensemble
from function_code.training.publish import PublishedVersion
from function_code.training.settings import Settings
from function_code.training.trial import Trial
from tests.support.orders import HEADER, orders, orders_csv
from tests.support.tables import csv_bytes
from tests.support.visits import visits

ENSEMBLE_SETTING = {"rounds": 80, "epochs": 20}  # of its members, as a search would decide
SETTINGS = Settings("purchase_intent", id=("user_id",), drop=("recommendation",), synthetic=True, budget=1.0)

EVENTS = Settings(user="customer", item="product", when="date", budget=5.0)


class Combined(Candidate):
    """An ensemble of all kinds, each with its first setting, in equal parts."""

    name, stops_early = "ensemble", True
    settings = (ENSEMBLE_SETTING,)

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        """Fits every member."""
        kinds = (Linear, Trees, Network, Forest)
        trials = [Trial(kind(self.columns, self.task), {**kind.settings[0], **setting}) for kind in kinds]
        return Ensemble([(0.25, trial) for trial in trials]).fit(setting, rows, valid)


KINDS: dict[str, type[Candidate]] = {
    "linear": Linear,
    "trees": Trees,
    "network": Network,
    "forest": Forest,
    "ensemble": Combined,
}


def only(kind: type[Candidate]) -> object:
    """Stands in for `candidates`: this kind alone, with its first setting."""

    def candidates(dataset: PreparedDataset, settings: Settings) -> list[Candidate]:
        candidate = kind(Columns.of(dataset.typed, dataset.kinds), dataset.task)
        candidate.settings = kind.settings[:1]
        return [candidate]

    return candidates


def train(home: Path) -> dict[str, Path]:
    """The stores by kind, with the model `model` in each; `sample.csv` and `request.json`, of one instance, beside."""
    sample = home / "sample.csv"
    synthetic.write(sample)
    stores = {}
    for name, kind in KINDS.items():
        print(f"training a model to measure: {name}", file=sys.stderr)
        stores[name] = home / name
        registry = Registry(Store(str(stores[name])), "model")
        with patch.object(run, "candidates", only(kind)):
            outcome = run.train(sample.read_bytes(), sample.name, SETTINGS, registry, lambda line: None)
        if not outcome.promoted:
            raise SystemExit(f"the {name} model is not fit to serve: {outcome.reasons}")
        _write_request(home / "request.json", outcome)
    return stores


def train_recommender(home: Path) -> Path:
    """The store with the model `model`, which recommends one of 1,000 items; `history.json`, a request, beside."""
    print("training a model to measure: neighbours", file=sys.stderr)
    store = home / "neighbours"
    data = orders_csv(orders(users=6_000, items=1_000))
    outcome = run.train(data, "orders.csv", EVENTS, Registry(Store(str(store)), "model"), lambda line: None)
    if not outcome.promoted:
        raise SystemExit(f"the recommender is not fit to serve: {outcome.reasons}")
    _write_request(home / "history.json", outcome)
    return store


def train_intent(home: Path) -> Path:
    """The store with the model `model` of who buys within 30 days, of trees alone; `events.json`, a request, beside."""
    print("training a model to measure: intent", file=sys.stderr)
    store = home / "intent"
    registry = Registry(Store(str(store)), "model")
    settings = replace(EVENTS, amount="quantity", horizon="30d", budget=1.0)
    with patch.object(run, "candidates", only(Trees)):
        outcome = run.train(csv_bytes(HEADER, visits()), "visits.csv", settings, registry, lambda line: None)
    if not outcome.promoted:
        raise SystemExit(f"the model of intent is not fit to serve: {outcome.reasons}")
    _write_request(home / "events.json", outcome)
    return store


def _write_request(path: Path, outcome: PublishedVersion) -> None:
    example = Schema.from_json(outcome.manifest["schema"]).example()
    path.write_text(json.dumps({"instances": [example]}))
