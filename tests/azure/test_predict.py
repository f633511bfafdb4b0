"""The endpoint in Azure's own worker library, by requests as the host hands them on."""

import time
from pathlib import Path

import pytest

from function_code.registry import Registry
from tests.support import factories
from tests.support.azure import archives, identity
from tests.support.azure.azurite import Azurite
from tests.support.azure.runtime import Answer, App, Start
from tests.support.fault_proxy import Front
from tests.support.http_contract import CONTRACT

STALE = 5.2  # seconds, after which a function reads the pointer again
# What App Service adds to a caller's own.
HEADERS = {
    "X-Forwarded-For": "205.255.255.176",
    "X-Forwarded-Proto": "https",
    "X-Original-URL": "/predict",
    "x-functions-key": "the key of this app",
}
ASKED = '{"instances": [{"age": 30, "plan": "pro", "user_id": "u-1"}]}'


@pytest.fixture
def endpoint(start: Start, registry: Registry) -> App:
    registry.promote(factories.publish(registry, report=b"<p>fine</p>"))
    return start("serving")


def predict(app: App, body: str = ASKED, path: str = "/predict") -> Answer:
    return app.request("POST", path, body, HEADERS)


def serves(app: App) -> str:
    return str(app.request("GET", "/readyz").content["model_version"])


def test_one_function_has_every_path_and_wants_a_key(endpoint: App) -> None:
    (function,) = endpoint.functions.values()
    trigger = next(binding for binding in function["bindings"] if binding["type"] == "httpTrigger")
    assert (trigger["route"], trigger["authLevel"]) == ("{*path}", "FUNCTION")
    assert {"GET", "HEAD", "POST"} < set(trigger["methods"])
    assert endpoint.settings["extensions"]["http"]["routePrefix"] == ""
    assert endpoint.settings["functionTimeout"] == "00:00:30"


def test_where_somebody_else_asks_who_it_is_no_key_is_wanted(
    surroundings: dict[str, str], url: str, python: str, library: Path, tmp_path: Path
) -> None:
    package = archives.unpack_package("serving", tmp_path / "open", "ANONYMOUS")
    with App(python, package, library, tmp_path / "app", {**surroundings, "STORE": url, "MODEL": "model"}) as app:
        bindings = app.functions["predict"]["bindings"]
        assert [each["authLevel"] for each in bindings if "authLevel" in each] == ["ANONYMOUS"]


def test_a_prediction_and_its_line_in_the_log(endpoint: App, registry: Registry) -> None:
    answer = predict(endpoint)

    version = registry.versions()[0]
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
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
        "request_id": answer.headers["x-request-id"],  # the host's own, of the invocation
        "version": version,
    }
    assert "u-1" not in endpoint.log()
    assert "the key of this app" not in endpoint.log()


def test_the_contract_is_the_same_as_everywhere(endpoint: App) -> None:
    for (method, path, body, headers), status in CONTRACT:
        answer = endpoint.request(method, path, body, headers)
        assert answer.status == status, (method, path, answer.body)
        assert bool(answer.body) == (method != "HEAD")
        assert answer.headers["content-type"] == ("application/problem+json" if status >= 400 else "application/json")


def test_the_page_for_people(endpoint: App) -> None:
    answer = endpoint.request("GET", "/")
    assert answer.status == 200
    assert b"<html" in answer.body
    assert answer.headers["content-security-policy"]


def test_a_callers_own_request_id_comes_back(endpoint: App) -> None:
    answer = endpoint.request("GET", "/healthz", headers={**HEADERS, "X-Request-Id": "mine-1"})
    assert answer.headers["x-request-id"] == "mine-1"


def test_many_at_once(endpoint: App) -> None:
    answers = endpoint.requests(200, "POST", "/predict", ASKED, {**HEADERS, "X-Request-Id": "the-same"})
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1


def test_before_the_first_version_it_says_when_to_ask_again(start: Start, registry: Registry) -> None:
    endpoint = start("serving")
    answer = predict(endpoint)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    registry.promote(factories.publish(registry))
    time.sleep(STALE)
    assert predict(endpoint).status == 200


def test_a_new_version_and_a_rollback_take_effect(endpoint: App, registry: Registry) -> None:
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


def test_a_corrupt_version_does_not_stop_the_one_that_serves(endpoint: App, registry: Registry) -> None:
    first = registry.versions()[0]
    assert serves(endpoint) == first
    second = factories.publish(registry, slope=0.2)
    registry.store.put(f"models/model/versions/{second}/model.json", b"{}")
    registry.promote(second)
    time.sleep(STALE)
    assert serves(endpoint) == first
    (line,) = endpoint.events("refresh")
    assert f"model.json of version {second} of model 'model' is corrupt" in line["problem"]


def test_what_nobody_expected_is_an_answer_and_a_traceback(endpoint: App, registry: Registry) -> None:
    registry.store.put(f"models/model/versions/{registry.versions()[0]}/report.html", b"<p>another</p>")
    answer = endpoint.request("GET", "/v1/models/model/report", headers=HEADERS)
    (line,) = endpoint.events("fault")
    assert (answer.status, answer.content["request_id"]) == (500, line["request_id"])
    assert "is corrupt" in line["traceback"]


def test_a_store_that_is_away_costs_seconds_and_no_answer(endpoint: App, front: Front, url: str) -> None:
    assert predict(endpoint).status == 200
    front.silent = True
    time.sleep(STALE)
    started = time.monotonic()
    assert predict(endpoint).status == 200
    assert time.monotonic() - started < 25  # the host waits for 30
    assert url in endpoint.events("refresh")[0]["problem"]
    front.silent = False
    time.sleep(STALE)
    assert predict(endpoint).status == 200
    assert [bool(line["problem"]) for line in endpoint.events("refresh")] == [True, False]


@pytest.mark.parametrize("fault", ["lost", "expired"])
def test_a_store_out_of_reach_from_the_start(start: Start, registry: Registry, front: Front, fault: str) -> None:
    registry.promote(factories.publish(registry))
    setattr(front, fault, True)
    endpoint = start("serving")
    assert predict(endpoint).status == 503
    (line,) = endpoint.events("refresh")
    assert ("AuthorizationPermissionMismatch: This request is not" in line["problem"]) == (fault == "expired")
    setattr(front, fault, False)
    time.sleep(STALE)
    assert predict(endpoint).status == 200


def test_the_store_is_read_by_the_apps_identity(start: Start, registry: Registry, storage: Azurite) -> None:
    registry.promote(factories.publish(registry))
    with identity.serving(storage) as environment:
        assert predict(start("serving", **environment)).status == 200
        stranger = start("serving", **{**environment, "IDENTITY_HEADER": "of another instance"})
        assert predict(stranger).status == 503


def test_without_its_environment_it_is_not_indexed(start: Start) -> None:
    assert "store 'ftp://store' cannot be opened" in start("serving", STORE="ftp://store").problem
