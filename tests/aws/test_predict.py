"""The endpoint's handler in AWS's runtime client, by events of API Gateway."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from function_code.registry import Registry
from function_code.schema import Schema
from tests.support import factories
from tests.support.aws import events
from tests.support.aws.runtime import POLL_SECONDS, PREDICT, Function, Start
from tests.support.fault_proxy import Front
from tests.support.http_contract import CONTRACT

STALE = 5.2  # seconds, after which a function reads the pointer again


@pytest.fixture
def endpoint(start: Start, registry: Registry) -> Function:
    registry.promote(factories.publish(registry, report=b"<p>fine</p>"))
    return start(PREDICT)


def versions(function: Function, event: Any) -> str:
    return str(function.request(event).content["model_version"])


def test_a_prediction_and_its_line_in_the_log(endpoint: Function, registry: Registry) -> None:
    answer = endpoint.request(events.literal("predict"))

    version = registry.versions()[0]
    probability = factories.logistic(3.0)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == "JKJaXmPLvHcESHA="
    (prediction,) = answer.content["predictions"]
    assert prediction["user_id"] == "u-1"
    assert prediction["label"] == 1
    assert prediction["probabilities"]["1"] == pytest.approx(probability, abs=1e-12)
    assert answer.content["model_version"] == version
    (line,) = endpoint.events("request")
    assert line.pop("ms") >= 0
    assert line.pop("time")
    assert line == {
        "event": "request",
        "method": "POST",
        "path": "/predict",
        "status": 200,
        "request_id": "JKJaXmPLvHcESHA=",
        "version": version,
    }
    assert "u-1" not in endpoint.log()


def test_a_stage_in_the_path_is_no_part_of_it(endpoint: Function) -> None:
    answer = endpoint.request(events.literal("describe"))
    assert answer.status == 200
    assert answer.content["version"]


def test_the_contract_is_the_same_as_everywhere(endpoint: Function) -> None:
    for asked, status in CONTRACT:
        answer = endpoint.request(events.api_request(*asked))
        assert answer.status == status, (asked, answer.body)
        assert bool(answer.body) == (asked[0] != "HEAD")
        assert answer.headers["content-type"] == ("application/problem+json" if status >= 400 else "application/json")


def test_the_page_for_people(endpoint: Function) -> None:
    answer = endpoint.request(events.api_request("GET", "/"))
    assert answer.status == 200
    assert "<html" in answer.body
    assert answer.headers["content-security-policy"]


def test_a_callers_own_request_id_comes_back(endpoint: Function) -> None:
    answer = endpoint.request(events.api_request("GET", "/healthz", headers={"x-request-id": "mine-1"}))
    assert answer.headers["x-request-id"] == "mine-1"


def test_an_answer_that_lambda_would_not_hand_back_is_refused(start: Start, registry: Registry) -> None:
    schema = Schema([factories.AGE], "choice", "multiclass", tuple(f"class {number}" for number in range(200)))
    registry.promote(factories.publish(registry, schema))
    endpoint = start(PREDICT)
    instances = [{"age": 1.5}] * 2000
    answer = endpoint.request(events.predict(instances))
    assert answer.status == 413
    assert "?top=N" in answer.content["detail"]
    assert endpoint.request(events.predict(instances, "/predict?top=3")).status == 200


def test_before_the_first_version_it_says_when_to_ask_again(start: Start, registry: Registry) -> None:
    endpoint = start(PREDICT)
    answer = endpoint.request(events.literal("predict"))
    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    registry.promote(factories.publish(registry))
    time.sleep(STALE)
    assert endpoint.request(events.literal("predict")).status == 200


def test_a_new_version_and_a_rollback_take_effect(endpoint: Function, registry: Registry) -> None:
    first = registry.versions()[0]
    ready = events.api_request("GET", "/readyz")
    assert versions(endpoint, ready) == first
    second = factories.publish(registry, slope=0.2)
    registry.promote(second)
    time.sleep(STALE)
    assert versions(endpoint, ready) == second
    registry.rollback()
    time.sleep(STALE)
    assert versions(endpoint, ready) == first
    assert [line["version"] for line in endpoint.events("serving")] == [first, second, first]


def test_a_corrupt_version_does_not_stop_the_one_that_serves(endpoint: Function, registry: Registry) -> None:
    first = registry.versions()[0]
    ready = events.api_request("GET", "/readyz")
    assert versions(endpoint, ready) == first
    second = factories.publish(registry, slope=0.2)
    registry.store.put(f"models/model/versions/{second}/model.json", b"{}")
    registry.promote(second)
    time.sleep(STALE)
    assert versions(endpoint, ready) == first
    assert versions(endpoint, ready) == first
    (line,) = endpoint.events("refresh")
    assert f"model.json of version {second} of model 'model' is corrupt" in line["problem"]


def test_a_corrupt_version_alone_is_no_version(start: Start, registry: Registry) -> None:
    version = factories.publish(registry)
    registry.store.put(f"models/model/versions/{version}/model.json", b"{}")
    registry.promote(version)
    endpoint = start(PREDICT)
    answer = endpoint.request(events.literal("predict"))
    assert answer.status == 503
    assert answer.headers["retry-after"] == "5"
    assert "the log says why" in answer.content["detail"]
    assert "is corrupt" in endpoint.events("refresh")[0]["problem"]


def test_what_nobody_expected_is_an_answer_and_a_traceback(endpoint: Function, registry: Registry) -> None:
    report = f"models/model/versions/{registry.versions()[0]}/report.html"
    registry.store.put(report, b"<p>another</p>")
    answer = endpoint.request(events.api_request("GET", "/v1/models/model/report"))
    assert answer.status == 500
    assert answer.content["request_id"] == "JKJaXmPLvHcESHA="
    (line,) = endpoint.events("fault")
    assert line["request_id"] == "JKJaXmPLvHcESHA="
    assert "is corrupt" in line["traceback"]


def test_a_store_that_is_away_costs_seconds_and_no_answer(endpoint: Function, front: Front) -> None:
    assert endpoint.request(events.literal("predict")).status == 200
    front.silent = True
    time.sleep(STALE)
    started = time.monotonic()
    assert endpoint.request(events.literal("predict")).status == 200
    assert time.monotonic() - started < 25  # API Gateway waits for 30
    assert "s3://store" in endpoint.events("refresh")[0]["problem"]
    front.silent = False
    time.sleep(STALE)
    assert endpoint.request(events.literal("predict")).status == 200
    assert [bool(line["problem"]) for line in endpoint.events("refresh")] == [True, False]


@pytest.mark.parametrize("fault", ["lost", "expired"])
def test_a_store_out_of_reach_from_the_start(start: Start, registry: Registry, front: Front, fault: str) -> None:
    registry.promote(factories.publish(registry))
    setattr(front, fault, True)
    endpoint = start(PREDICT)
    answer = endpoint.request(events.literal("predict"))
    assert answer.status == 503
    (line,) = endpoint.events("refresh")
    assert ("ExpiredToken: The provided token has expired." in line["problem"]) == (fault == "expired")
    assert "the token itself" not in endpoint.log()
    setattr(front, fault, False)
    time.sleep(STALE)
    assert endpoint.request(events.literal("predict")).status == 200


def test_without_its_environment_it_does_not_start(start: Start) -> None:
    kind, content = start(PREDICT, STORE="ftp://store").invoke({})
    assert kind == "error"
    assert "store 'ftp://store' cannot be opened" in json.dumps(content)


class _Credentials(BaseHTTPRequestHandler):
    """What Lambda gives a function with SnapStart instead of keys in the environment."""

    def do_GET(self) -> None:
        right = self.headers["authorization"] == "the token"
        keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "Token": "c", "Expiration": "2100-01-01T00:00:00Z"}
        body = json.dumps(keys).encode()
        self.send_response(200 if right else 403)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def test_with_snap_start_the_credentials_come_from_a_server(start: Start, registry: Registry) -> None:
    registry.promote(factories.publish(registry))
    with ThreadingHTTPServer(("127.0.0.1", 0), _Credentials) as server:
        threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        endpoint = start(
            PREDICT,
            AWS_ACCESS_KEY_ID="",
            AWS_SECRET_ACCESS_KEY="",
            AWS_CONTAINER_CREDENTIALS_FULL_URI=f"http://127.0.0.1:{server.server_port}/2024-01-01/credentials",
            AWS_CONTAINER_AUTHORIZATION_TOKEN="the token",
        )
        assert endpoint.request(events.literal("predict")).status == 200, endpoint.log()
        server.shutdown()
