"""An endpoint in each runtime: it answers the same, follows the pointer, and outlives a store that is away."""

import time
from typing import Any

import pytest

from function_code.registry import Registry
from function_code.scoring.kept_histories import forget
from tests.support import factories
from tests.support.fault_proxy import Front
from tests.support.http_contract import CONTRACT
from tests.support.runtime_parameters import AT_ONCE, IN_CLOUDS
from tests.support.runtimes import Answer, Endpoint, Runtime, RuntimeStore, Start, wait_until

BODY = '{"instances": [{"age": 30, "plan": "pro", "user_id": "u-1"}]}'


@pytest.fixture
def endpoint(start: Start, registry: Registry) -> Endpoint:
    """An endpoint of the test's own, which the test may damage."""
    registry.promote(factories.publish(registry, report=b"<p>fine</p>"))
    return start()


@pytest.fixture
def headers(runtime: Runtime) -> dict[str, str]:
    return runtime.caller_headers


def predict(endpoint: Endpoint, headers: dict[str, str]) -> Answer:
    return endpoint.request("POST", "/predict", BODY, headers)


def version_served(endpoint: Endpoint, headers: dict[str, str]) -> str:
    return str(endpoint.request("GET", "/readyz", headers=headers).content["model_version"])


def test_a_prediction_and_its_line_in_the_log(shared: Endpoint, runtime: Runtime, headers: dict[str, str]) -> None:
    before = len(shared.events("request"))
    answer = predict(shared, headers)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    request_id = runtime.request_id or answer.headers["x-request-id"]
    assert answer.headers["x-request-id"] == request_id
    (prediction,) = answer.content["predictions"]
    assert (prediction["user_id"], prediction["label"]) == ("u-1", 1)
    assert prediction["probabilities"]["1"] == pytest.approx(factories.logistic(3.0), abs=1e-12)

    def logged() -> list[dict[str, Any]]:
        return [line for line in shared.events("request")[before:] if line["request_id"] == request_id]

    wait_until(lambda: bool(logged()))
    (line,) = logged()
    assert line.pop("ms") >= 0
    assert line.pop("time")
    assert line == {
        "event": "request",
        "method": "POST",
        "path": "/predict",
        "status": 200,
        "request_id": request_id,
        "version": answer.content["model_version"],
    }
    (serving,) = shared.events("serving")
    assert serving["version"] == answer.content["model_version"]
    assert "u-1" not in shared.log()
    assert list(headers.values())[-1] not in shared.log()


def test_the_contract_is_the_same_as_everywhere(shared: Endpoint, headers: dict[str, str]) -> None:
    for (method, path, body, more), status in CONTRACT:
        answer = shared.request(method, path, body, {**headers, **more})
        assert answer.status == status, (method, path, answer.body)
        assert bool(answer.body) == (method != "HEAD")
        assert answer.headers["content-type"] == ("application/problem+json" if status >= 400 else "application/json")


def test_the_page_for_people(shared: Endpoint) -> None:
    answer = shared.request("GET", "/")
    assert answer.status == 200
    assert b"<html" in answer.body
    assert answer.headers["content-security-policy"]


def test_a_callers_own_request_id_comes_back(shared: Endpoint, headers: dict[str, str]) -> None:
    answer = shared.request("GET", "/healthz", headers={**headers, "X-Request-Id": "mine-1"})
    assert answer.headers["x-request-id"] == "mine-1"


@AT_ONCE
def test_many_at_once(shared: Endpoint, headers: dict[str, str]) -> None:
    answers = shared.requests(200, "POST", "/predict", BODY, {**headers, "X-Request-Id": "the-same"})
    assert len(answers) == 200
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1


def test_before_the_first_version_it_says_when_to_ask_again(
    start: Start, registry: Registry, headers: dict[str, str]
) -> None:
    endpoint = start()
    answer = predict(endpoint, headers)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    registry.promote(factories.publish(registry))
    wait_until(lambda: predict(endpoint, headers).status == 200)


def test_a_new_version_and_a_rollback_take_effect(
    endpoint: Endpoint, registry: Registry, headers: dict[str, str]
) -> None:
    first = registry.versions()[0]
    assert version_served(endpoint, headers) == first
    second = factories.publish(registry, slope=0.2)
    registry.promote(second)
    wait_until(lambda: version_served(endpoint, headers) == second)
    registry.rollback()
    wait_until(lambda: version_served(endpoint, headers) == first)
    wait_until(lambda: len(endpoint.events("serving")) == 3)
    assert [line["version"] for line in endpoint.events("serving")] == [first, second, first]


def test_a_corrupt_version_does_not_stop_the_one_that_serves(
    endpoint: Endpoint, registry: Registry, headers: dict[str, str]
) -> None:
    first = registry.versions()[0]
    assert version_served(endpoint, headers) == first
    second = factories.publish(registry, slope=0.2)
    registry.store.put(f"models/model/versions/{second}/model.json", b"{}")
    registry.promote(second)
    wait_until(lambda: version_served(endpoint, headers) == first and bool(endpoint.events("refresh")))
    assert version_served(endpoint, headers) == first
    (line,) = endpoint.events("refresh")
    assert f"model.json of version {second} of model 'model' is corrupt" in line["problem"]


def test_a_corrupt_version_alone_is_no_version(start: Start, registry: Registry, headers: dict[str, str]) -> None:
    version = factories.publish(registry)
    registry.store.put(f"models/model/versions/{version}/model.json", b"{}")
    registry.promote(version)
    endpoint = start()
    answer = predict(endpoint, headers)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert "the log says why" in answer.content["detail"]
    assert "is corrupt" in endpoint.events("refresh")[0]["problem"]


def test_what_nobody_expected_is_an_answer_and_a_traceback(
    endpoint: Endpoint, runtime: Runtime, registry: Registry, headers: dict[str, str]
) -> None:
    registry.store.put(f"models/model/versions/{registry.versions()[0]}/report.html", b"<p>another</p>")
    answer = endpoint.request("GET", "/v1/models/model/report", headers=headers)
    wait_until(lambda: bool(endpoint.events("fault")))
    (line,) = endpoint.events("fault")
    assert (answer.status, answer.content["request_id"]) == (500, line["request_id"])
    assert line["request_id"] == (runtime.request_id or answer.headers["x-request-id"])
    assert "is corrupt" in line["traceback"]


@IN_CLOUDS
def test_a_store_that_is_away_costs_seconds_and_no_answer(
    endpoint: Endpoint, runtime_store: RuntimeStore, front: Front, headers: dict[str, str]
) -> None:
    assert predict(endpoint, headers).status == 200
    front.silent = True
    started = time.monotonic()
    assert predict(endpoint, headers).status == 200
    assert time.monotonic() - started < 25  # every cloud waits for 30
    assert runtime_store.url in endpoint.events("refresh")[0]["problem"]
    front.silent = False
    assert predict(endpoint, headers).status == 200
    assert [bool(line["problem"]) for line in endpoint.events("refresh")] == [True, False]


@IN_CLOUDS
@pytest.mark.parametrize("fault", ["lost", "expired"])
def test_a_store_out_of_reach_from_the_start(
    start: Start, runtime: Runtime, registry: Registry, front: Front, headers: dict[str, str], fault: str
) -> None:
    registry.promote(factories.publish(registry))
    setattr(front, fault, True)
    endpoint = start()
    assert predict(endpoint, headers).status == 503
    problems = [line["problem"] for line in endpoint.events("refresh")]
    assert {runtime.refusal in problem for problem in problems} == {fault == "expired"}
    assert "the token itself" not in endpoint.log()
    setattr(front, fault, False)
    assert predict(endpoint, headers).status == 200


def test_without_its_environment_it_does_not_start(start: Start) -> None:
    assert "store 'ftp://store' cannot be opened" in start(STORE="ftp://store").failure()


def test_recommendations_from_a_history(start: Start, registry: Registry, headers: dict[str, str]) -> None:
    registry.promote(factories.publish(registry, factories.SHOP))
    endpoint = start()
    body = '{"instances": [{"customer": 5, "history": [{"item": "tea", "when": "31/12/2025"}], "exclude": ["pot"]}]}'
    answer = endpoint.request("POST", "/predict?top=2&because=true", body, headers)
    assert answer.status == 200, answer.content
    (recommended,) = answer.content["predictions"]
    best = [(each["item"], each["because"]) for each in recommended["items"]]
    assert (recommended["customer"], best) == (5, [("7", "tea"), ("cup", None)])


KEPT = '{"instances": [{"customer": "007"}, {"customer": 7}, {"customer": "007", "history": []}]}'


def recommended(endpoint: Endpoint, headers: dict[str, str]) -> list[tuple[str, str]]:
    answer = endpoint.request("POST", "/predict", KEPT, headers)
    assert answer.status == 200, answer.content
    return [(each["history"], each["items"][0]["item"]) for each in answer.content["predictions"]]


def publish_kept(registry: Registry) -> str:
    kept = factories.histories(("007", "tea", "2025-12-31"), ("Zoë", "cup", "2025-12-31"))
    return factories.publish(registry, factories.SHOP, kept=kept)


def test_recommendations_by_user(start: Start, registry: Registry, headers: dict[str, str]) -> None:
    first = publish_kept(registry)
    registry.promote(first)
    endpoint = start()
    assert recommended(endpoint, headers) == [("kept", "7"), ("none", "tea"), ("request", "tea")]
    second = publish_kept(registry)
    registry.promote(second)
    wait_until(lambda: version_served(endpoint, headers) == second)
    assert forget(registry) == [first]
    assert recommended(endpoint, headers)[0] == ("kept", "7")
    registry.rollback()
    wait_until(lambda: version_served(endpoint, headers) == first)
    answer = endpoint.request("POST", "/predict", KEPT, headers)
    assert (answer.status, "are gone" in answer.content["detail"]) == (503, True)


def test_kept_histories_that_are_corrupt_are_no_answer(
    start: Start, registry: Registry, headers: dict[str, str]
) -> None:
    version = publish_kept(registry)
    registry.store.put(f"models/model/versions/{version}/histories.bin", b"\0" * 1000)
    registry.promote(version)
    endpoint = start()
    answer = endpoint.request("POST", "/predict", KEPT, headers)
    assert (answer.status, answer.headers["content-type"]) == (500, "application/problem+json")
    wait_until(lambda: bool(endpoint.events("fault")))
    assert "is corrupt" in endpoint.events("fault")[0]["traceback"]
    assert "007" not in endpoint.log()


@IN_CLOUDS
def test_kept_histories_of_a_store_that_is_away(
    start: Start, registry: Registry, runtime_store: RuntimeStore, front: Front, headers: dict[str, str]
) -> None:
    registry.promote(publish_kept(registry))
    endpoint = start()
    assert endpoint.request("GET", "/readyz", headers=headers).status == 200
    front.lost = True
    answer = endpoint.request("POST", "/predict", KEPT, headers)
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["content-type"] == "application/problem+json"
    assert runtime_store.url not in answer.body.decode()
    assert runtime_store.url in endpoint.events("store")[0]["problem"]
    assert not endpoint.events("fault")
    front.lost = False
    for _ in range(2):
        assert recommended(endpoint, headers)[0] == ("kept", "7")
    read = [path for method, path, _ in front.seen if method == "GET" and "/histories." in path]
    assert [path.partition("?")[0].rpartition(".")[2] for path in read] == ["json", "bin"]
