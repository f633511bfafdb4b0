"""Modules that a cold start loads on the way to the first prediction."""

import json
import subprocess
import sys
from typing import Any

import pytest

from function_code.column import Column
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.training.histories.keep import HistoriesToKeep
from tests.support import factories
from tests.support.aws import events
from tests.support.paths import ROOT

HEAVY = (
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "joblib",
    "torch",
    "tensorflow",
    "keras",
    "onnxruntime",
    "pulumi",
    "uvicorn",
)
# Each of these costs more than a prediction does.
DEAR = (
    "argparse", "asyncio", "concurrent", "csv", "ctypes", "dataclasses", "datetime", "decimal", "email", "hashlib",
    "hmac", "http", "importlib.metadata", "inspect", "logging", "pathlib", "pickle", "random", "secrets", "socket",
    "ssl", "subprocess", "tempfile", "threading", "traceback", "typing", "urllib", "uuid", "zipfile",
)  # fmt: skip

# A table of each kind of derivation, of one of FEATURES.
DERIVED: dict[str, dict[str, Any]] = {
    "categories": {"index": 1, "kind": "categories", "width": 1, "numbers": {"pro": [1.0]}, "other": [0.0]},
    "date": {
        "index": 2, "kind": "date", "width": 1, "cyclic": False, "keep": [0], "first": 0.0, "last": 1.0, "latest": 1.0,
    },
    "time": {"index": 3, "kind": "time", "width": 12},
    "list": {"index": 4, "kind": "list", "width": 2, "separator": ";", "elements": ["a"]},
    "text": {"index": 5, "kind": "text", "width": 2, "grams": {"good": [1.0, 0.5]}, "intercepts": [0.0]},
}  # fmt: skip
# Columns of each kind and form, and an instance that is written as their file is.
FEATURES = [
    factories.AGE,
    factories.PLAN,
    Column("due", "date", True, "31.12.2024", form="dmy"),
    Column("opens", "number", True, "9.30", form="hours"),
    Column("tags", "list", True, "a;b", values=("a", "b"), form=";"),
    Column("note", "text", True, "good"),
    Column("price", "number", True, 1.5, form="eu kg", stand_ins=("-1",)),
    Column("paid", "boolean", True, True, form="ja/nein"),
    Column("code", "category", True, "7", values=("7", "8"), form="whole"),
    Column("seen", "date", True, "45000", form="excel"),
]
WRITTEN = {
    "age": 30, "plan": "pro", "due": "1.2.2024", "opens": "9.30", "tags": "a;b", "note": "good", "price": "1,5 kg",
    "paid": "ja", "code": 7, "seen": 45000,
}  # fmt: skip

PREDICT = """
import json, sys
sys.path.insert(0, sys.argv[1])
from function_code.schema import Schema
from function_code.scoring import scorer
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.scoring.loaded_model import LoadedModel
from function_code.serving.model_cache import ModelCache, ActiveVersions

class Registry:
    model = "model"

models = ModelCache(Registry())
schema = Schema.from_json(json.loads(sys.argv[2]))
models.active = ActiveVersions(LoadedModel(Registry(), "v1", {}, schema, scorer.load(json.loads(sys.argv[3]))))
body = json.dumps({"instances": [schema.example()]}).encode()
answer = App(models, "model").handle(Request("POST", "/predict", "", {"content-type": "application/json"}, body))
assert answer.status == 200, answer.body
print(json.dumps(sorted(sys.modules)))
"""

PREDICT_FROM_STORE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store

models = ModelCache(Registry(Store(sys.argv[2]), "model"))
models.refresh()
body = json.dumps({"instances": [models.pick_version().schema.example()]}).encode()
answer = App(models, "model").handle(Request("POST", "/predict", "", {"content-type": "application/json"}, body))
assert answer.status == 200, answer.body
print(json.dumps(sorted(sys.modules)))
"""

HISTORY = """
import json, sys
sys.path.insert(0, sys.argv[1])
from function_code.history_features import HistoryFeatures

definition = {"windows": ["7d"], "trends": ["7d"], "items": ["a"], "amounts": True}
assert HistoryFeatures(definition).at([(1.0, "a", 2.0)], [3.0])[0][0] == 2.0
print(json.dumps(sorted(sys.modules)))
"""


PREDICT_AS_A_FUNCTION = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
os.environ |= {"STORE": sys.argv[2], "MODEL": "model"}
from function_code.entrypoints.aws.predict import predict

answer = predict(json.loads(sys.argv[3]), None)
assert answer["statusCode"] == 200, answer
print(json.dumps(sorted(sys.modules)))
"""


def modules_after(*arguments: str) -> set[str]:
    """The modules loaded when a bare interpreter has run a program; their parents, too."""
    done = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_way_to_a_prediction_loads_nothing_dear() -> None:
    # A date costs the datetime module, and only models with dates pay it.
    features = [factories.AGE, factories.PLAN, factories.NEW]
    schema = Schema(features, "bought", "binary", (0, 1), ids=("user_id",))
    arguments = (str(ROOT), json.dumps(schema.to_json()), json.dumps(factories.document(schema)))
    loaded = modules_after("-I", "-S", "-c", PREDICT, *arguments)
    assert "function_code.scoring.scorer" in loaded
    assert "function_code.serving.explanations" not in loaded
    assert "function_code.serving.page" not in loaded
    assert not loaded & {*HEAVY, *DEAR}
    assert not [name for name in loaded if name.startswith("function_code.training")]


def test_categories_that_become_numbers_load_nothing_of_dates_lists_and_texts() -> None:
    schema = Schema([factories.AGE, factories.PLAN], "bought", "binary", (0, 1))
    document = factories.document(schema)
    document["encoder"]["derived"] = [DERIVED["categories"]]
    loaded = modules_after("-I", "-S", "-c", PREDICT, str(ROOT), json.dumps(schema.to_json()), json.dumps(document))
    assert "function_code.scoring.derivation" in loaded
    own = {"function_code.column_converters", "function_code.scoring.dates", "function_code.scoring.grams"}
    assert not loaded & own
    assert not [name for name in loaded if name.startswith("function_code.dialects")]


def test_features_of_a_history_load_nothing_dear() -> None:
    assert not modules_after("-I", "-S", "-c", HISTORY, str(ROOT)) & {*HEAVY, *DEAR}


def test_with_the_store_it_still_loads_no_framework(registry: Registry) -> None:
    registry.promote(factories.publish(registry))
    loaded = modules_after("-I", "-c", PREDICT_FROM_STORE, str(ROOT), registry.store.url)
    assert "obstore" in loaded
    assert not loaded & set(HEAVY)
    assert not [name for name in loaded if name.startswith("function_code.training")]


PREDICT_BY_USER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store

models = ModelCache(Registry(Store(sys.argv[2]), "model"))
models.refresh()
app = App(models, "model")
for instance in ({"history": [{"item": "tea", "when": "2025-01-01"}]}, {"customer": "u1"}):
    body = json.dumps({"instances": [instance]}).encode()
    answer = app.handle(Request("POST", "/predict", "", {"content-type": "application/json"}, body))
    assert answer.status == 200, answer.body
source = json.loads(answer.body)["predictions"][0].get("history")
print(json.dumps([f"history {source}", *sorted(sys.modules)]))
"""


def test_kept_histories_load_little_and_only_where_some_are_kept(registry: Registry) -> None:
    def loaded(kept: HistoriesToKeep | None) -> set[str]:
        registry.promote(factories.publish(registry, factories.SHOP, kept=kept))
        return modules_after("-I", "-c", PREDICT_BY_USER, str(ROOT), registry.store.url)

    without, with_kept = loaded(None), loaded(factories.histories(("u1", "tea", "2025-01-01")))
    assert "history None" in without
    assert with_kept - without == {"history kept", "function_code.scoring.kept_histories", "zlib"}


def test_as_a_function_it_loads_nothing_more(registry: Registry) -> None:
    registry.promote(factories.publish(registry))
    event = json.dumps(events.literal("predict"))
    store = str(registry.store.url)
    by_app = modules_after("-I", "-c", PREDICT_FROM_STORE, str(ROOT), store)
    by_function = modules_after("-I", "-c", PREDICT_AS_A_FUNCTION, str(ROOT), store, event)
    own = {name for name in by_function - by_app if not name.startswith("function_code.entrypoints")}
    assert own <= {"function_code.serving.problem_details", "binascii"}


SERVE = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from function_code.entrypoints.local import server  # as it is imported before the port is taken
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.http_messages import Request
from function_code.serving.model_cache import ModelCache
from function_code.store import Store

before = set(sys.modules)
models = ModelCache(Registry(Store(sys.argv[2]), "model"))
models.refresh()
app, headers = App(models, "model"), {"content-type": "application/json"}
example = json.loads(sys.argv[3])
for count in (1, 40):
    body = json.dumps({"instances": [example] * count}).encode()
    for path in ("/predict", "/explain"):
        assert app.handle(Request("POST", path, "", headers, body)).status in (200, 501), path
for path in ("/", "/openapi.json", "/v1/models/model", "/healthz", "/readyz"):
    assert app.handle(Request("GET", path, "", {}, b"")).status == 200, path
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize("schema", [factories.BINARY, factories.INTENT, factories.SHOP], ids=["row", "intent", "items"])
def test_the_local_server_has_imported_all_that_requests_need(registry: Registry, schema: Schema) -> None:
    registry.promote(factories.publish(registry, schema))
    later = modules_after("-c", SERVE, str(ROOT), str(registry.store.url), json.dumps(schema.example()))
    assert not {name for name in later if name.startswith("function_code")}


def test_also_of_an_ensemble_with_columns_of_each_form(registry: Registry) -> None:
    schema = Schema(FEATURES, "bought", "binary", (0, 1))
    member = factories.document(schema)
    member["encoder"]["derived"] = list(DERIVED.values())
    members = [{"weight": 0.5, **{name: member[name] for name in ("encoder", "model", "link")}}] * 2
    document = {**member, "model": {"kind": "ensemble", "members": members}}
    registry.promote(factories.publish(registry, schema, model=json.dumps(document).encode()))
    later = modules_after("-c", SERVE, str(ROOT), str(registry.store.url), json.dumps(WRITTEN))
    assert not {name for name in later if name.startswith("function_code")}
