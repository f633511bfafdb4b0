"""Modules that a cold start loads on the way to the first prediction."""

import json
import subprocess
import sys

from function_code.registry import Registry
from function_code.schema import Schema
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


def test_with_the_store_it_still_loads_no_framework(registry: Registry) -> None:
    registry.promote(factories.publish(registry))
    loaded = modules_after("-I", "-c", PREDICT_FROM_STORE, str(ROOT), registry.store.url)
    assert "obstore" in loaded
    assert not loaded & set(HEAVY)
    assert not [name for name in loaded if name.startswith("function_code.training")]


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
example = models.pick_version().schema.example()
for count in (1, 40):
    body = json.dumps({"instances": [example] * count}).encode()
    for path in ("/predict", "/explain"):
        assert app.handle(Request("POST", path, "", headers, body)).status == 200, path
for path in ("/", "/openapi.json", "/v1/models/model", "/healthz", "/readyz"):
    assert app.handle(Request("GET", path, "", {}, b"")).status == 200, path
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_the_local_server_has_imported_all_that_requests_need(registry: Registry) -> None:
    registry.promote(factories.publish(registry))
    later = modules_after("-c", SERVE, str(ROOT), str(registry.store.url))
    assert not {name for name in later if name.startswith("function_code")}
