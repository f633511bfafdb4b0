"""The endpoint in Google's functions-framework, by requests as Cloud Run hands them on."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from function_code.registry import Registry
from function_code.schema import Schema
from tests.support import factories
from tests.support.fault_proxy import Front
from tests.support.gcp.runtime import Answer, Function, Start
from tests.support.http_contract import CONTRACT

STALE = 5.2  # seconds, after which a function reads the pointer again
TRACE = "105445aa7843bc8bf206b12000100000"
# What Cloud Run adds to a caller's own.
HEADERS = {
    "x-cloud-trace-context": f"{TRACE}/1;o=1",
    "traceparent": f"00-{TRACE}-0000000000000001-01",
    "x-forwarded-for": "205.255.255.176",
    "x-forwarded-proto": "https",
    "forwarded": 'for="205.255.255.176";proto=https',
    "authorization": "Bearer eyJhbGciOiJSUzI1NiJ9.e30.SIGNATURE_REMOVED_BY_GOOGLE",
}
ASKED = '{"instances": [{"age": 30, "plan": "pro", "user_id": "u-1"}]}'


@pytest.fixture
def endpoint(start: Start, registry: Registry) -> Function:
    registry.promote(factories.publish(registry, report=b"<p>fine</p>"))
    return start("predict")


def predict(function: Function, body: str = ASKED, path: str = "/predict") -> Answer:
    return function.request("POST", path, body, HEADERS)


def serves(function: Function) -> str:
    return str(function.request("GET", "/readyz").content["model_version"])


def test_a_prediction_and_its_line_in_the_log(endpoint: Function, registry: Registry) -> None:
    answer = predict(endpoint)

    version = registry.versions()[0]
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == TRACE
    (prediction,) = answer.content["predictions"]
    assert (prediction["user_id"], prediction["label"]) == ("u-1", 1)
    assert prediction["probabilities"]["1"] == pytest.approx(factories.logistic(3.0), abs=1e-12)
    assert answer.content["model_version"] == version
    (line,) = endpoint.events("request")
    assert line.pop("ms") >= 0
    assert line.pop("time")
    assert line == {
        "event": "request",
        "method": "POST",
        "path": "/predict",
        "status": 200,
        "request_id": TRACE,
        "version": version,
    }
    assert "u-1" not in endpoint.log()
    assert "eyJ" not in endpoint.log()


def test_the_contract_is_the_same_as_everywhere(endpoint: Function) -> None:
    for (method, path, body, headers), status in CONTRACT:
        content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
        answer = endpoint.request(method, path, content, headers)
        assert answer.status == status, (method, path, answer.body)
        assert bool(answer.body) == (method != "HEAD")
        assert answer.headers["content-type"] == ("application/problem+json" if status >= 400 else "application/json")


def test_the_page_for_people(endpoint: Function) -> None:
    answer = endpoint.request("GET", "/")
    assert answer.status == 200
    assert b"<html" in answer.body
    assert answer.headers["content-security-policy"]


def test_a_callers_own_request_id_comes_back(endpoint: Function) -> None:
    answer = endpoint.request("GET", "/healthz", headers={**HEADERS, "x-request-id": "mine-1"})
    assert answer.headers["x-request-id"] == "mine-1"


def test_many_at_once(endpoint: Function) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: predict(endpoint), range(200)))
    assert {answer.status for answer in answers} == {200}
    assert len({json.dumps(answer.content) for answer in answers}) == 1


def test_an_answer_that_cloud_run_would_not_hand_back_is_refused(start: Start, registry: Registry) -> None:
    classes = tuple(f"class {number} with a name of some length" for number in range(200))
    registry.promote(factories.publish(registry, Schema([factories.AGE], "choice", "multiclass", classes)))
    endpoint = start("predict")
    asked = json.dumps({"instances": [{"age": 1.5}] * 5000})
    answer = predict(endpoint, asked)
    assert answer.status == 413
    assert "larger than the 32 MiB that Cloud Run allows" in answer.content["detail"]
    assert predict(endpoint, asked, "/predict?top=3").status == 200


def test_before_the_first_version_it_says_when_to_ask_again(start: Start, registry: Registry) -> None:
    endpoint = start("predict")
    answer = predict(endpoint)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    registry.promote(factories.publish(registry))
    time.sleep(STALE)
    assert predict(endpoint).status == 200


def test_a_new_version_and_a_rollback_take_effect(endpoint: Function, registry: Registry) -> None:
    first = registry.versions()[0]
    assert serves(endpoint) == first
    second = factories.publish(registry, slope=0.2)
    registry.promote(second)
    time.sleep(STALE)
    assert serves(endpoint) == second
    registry.rollback()
    time.sleep(STALE)
    assert serves(endpoint) == first
    assert [line["version"] for line in endpoint.events("serving")] == [first, second, first]


def test_a_corrupt_version_does_not_stop_the_one_that_serves(endpoint: Function, registry: Registry) -> None:
    first = registry.versions()[0]
    assert serves(endpoint) == first
    second = factories.publish(registry, slope=0.2)
    registry.store.put(f"models/model/versions/{second}/model.json", b"{}")
    registry.promote(second)
    time.sleep(STALE)
    assert serves(endpoint) == first
    (line,) = endpoint.events("refresh")
    assert f"model.json of version {second} of model 'model' is corrupt" in line["problem"]


def test_what_nobody_expected_is_an_answer_and_a_traceback(endpoint: Function, registry: Registry) -> None:
    registry.store.put(f"models/model/versions/{registry.versions()[0]}/report.html", b"<p>another</p>")
    answer = endpoint.request("GET", "/v1/models/model/report", headers=HEADERS)
    assert (answer.status, answer.content["request_id"]) == (500, TRACE)
    (line,) = endpoint.events("fault")
    assert line["request_id"] == TRACE
    assert "is corrupt" in line["traceback"]


def test_a_store_that_is_away_costs_seconds_and_no_answer(endpoint: Function, front: Front) -> None:
    assert predict(endpoint).status == 200
    front.silent = True
    time.sleep(STALE)
    started = time.monotonic()
    assert predict(endpoint).status == 200
    assert time.monotonic() - started < 25  # Cloud Run waits for 30
    assert "gs://store" in endpoint.events("refresh")[0]["problem"]
    front.silent = False
    time.sleep(STALE)
    assert predict(endpoint).status == 200
    assert [bool(line["problem"]) for line in endpoint.events("refresh")] == [True, False]


@pytest.mark.parametrize("fault", ["lost", "expired"])
def test_a_store_out_of_reach_from_the_start(start: Start, registry: Registry, front: Front, fault: str) -> None:
    registry.promote(factories.publish(registry))
    setattr(front, fault, True)
    endpoint = start("predict")
    assert predict(endpoint).status == 503
    (line,) = endpoint.events("refresh")
    assert ("AccessDenied: Access denied." in line["problem"]) == (fault == "expired")
    setattr(front, fault, False)
    time.sleep(STALE)
    assert predict(endpoint).status == 200


def test_without_its_environment_it_does_not_start(start: Start) -> None:
    endpoint = start("predict", STORE="ftp://store")
    assert endpoint.has_failed()
    assert "store 'ftp://store' cannot be opened" in endpoint.log()


PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://a.example", True), ("https://b.example", True), ("https://c.example", False)]
)
def test_browsers_of_these_origins_may_ask(start: Start, registry: Registry, origin: str, allowed: bool) -> None:
    registry.promote(factories.publish(registry))
    endpoint = start("predict", CORS="https://a.example https://b.example")
    wanted: Any = origin if allowed else None
    asked = endpoint.request("OPTIONS", "/predict", headers={"origin": origin, **PREFLIGHT})
    assert asked.status == (204 if allowed else 405)
    assert asked.headers.get("access-control-allow-origin") == wanted
    assert ("content-type" in asked.headers.get("access-control-allow-headers", "")) == allowed
    answer = endpoint.request("POST", "/predict", ASKED, {"origin": origin})
    assert (answer.status, answer.headers.get("access-control-allow-origin")) == (200, wanted)


def test_browsers_of_other_origins_may_not(endpoint: Function) -> None:
    answer = endpoint.request("POST", "/predict", ASKED, {"origin": "https://a.example"})
    assert "access-control-allow-origin" not in answer.headers
