"""The endpoint in Google's functions-framework, by requests as Cloud Run hands them on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from function_code.registry import Registry
from function_code.schema import Schema
from tests.support import factories
from tests.support.gcp.adapter import HEADERS, GcpRuntime
from tests.support.gcp.runtime import Function, Start
from tests.support.runtimes import Answer, Endpoint

BODY = '{"instances": [{"age": 30, "plan": "pro", "user_id": "u-1"}]}'


def predict(function: Function, body: str = BODY, path: str = "/predict") -> Answer:
    return function.request("POST", path, body, HEADERS)


def test_an_answer_that_cloud_run_would_not_hand_back_is_refused(start: Start, registry: Registry) -> None:
    classes = tuple(f"class {number} with a name of some length" for number in range(200))
    registry.promote(factories.publish(registry, Schema([factories.AGE], "choice", "multiclass", classes)))
    endpoint = start("predict")
    body = json.dumps({"instances": [{"age": 1.5}] * 5000})
    answer = predict(endpoint, body)
    assert answer.status == 413
    assert "larger than the 32 MiB that Cloud Run allows" in answer.content["detail"]
    assert predict(endpoint, body, "/predict?top=3").status == 200


PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


@pytest.fixture(scope="module")
def with_cors(built: dict[str, tuple[Path, Path]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """An endpoint that browsers may ask for pages of two origins."""
    runtime = GcpRuntime(*built["predict"])
    with runtime.new_store() as store:
        store.registry.promote(factories.publish(store.registry))
        environment = {**store.environment, "STORE": store.url, "MODEL": "model"}
        environment["CORS"] = "https://a.example https://b.example"
        with runtime.endpoint(tmp_path_factory.mktemp("cors") / "function", environment) as endpoint:
            yield endpoint


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://a.example", True), ("https://b.example", True), ("https://c.example", False)]
)
def test_browsers_of_these_origins_may_ask(with_cors: Endpoint, origin: str, allowed: bool) -> None:
    allowed_origin: Any = origin if allowed else None
    preflight = with_cors.request("OPTIONS", "/predict", headers={"origin": origin, **PREFLIGHT})
    assert preflight.status == (204 if allowed else 405)
    assert preflight.headers.get("access-control-allow-origin") == allowed_origin
    assert ("content-type" in preflight.headers.get("access-control-allow-headers", "")) == allowed
    answer = with_cors.request("POST", "/predict", BODY, {"origin": origin})
    assert (answer.status, answer.headers.get("access-control-allow-origin")) == (200, allowed_origin)


def test_browsers_of_other_origins_may_not(start: Start, registry: Registry) -> None:
    registry.promote(factories.publish(registry))
    answer = start("predict").request("POST", "/predict", BODY, {"origin": "https://a.example"})
    assert answer.status == 200
    assert "access-control-allow-origin" not in answer.headers
