"""The endpoint's handler in AWS's runtime client, by events of API Gateway."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from function_code.registry import Registry
from function_code.schema import Schema
from tests.support import factories
from tests.support.aws import events
from tests.support.aws.runtime import POLL_SECONDS, PREDICT, Start


def test_the_events_of_the_documentation_where_a_stage_in_the_path_is_no_part_of_it(
    start: Start, registry: Registry
) -> None:
    registry.promote(factories.publish(registry))
    endpoint = start(PREDICT)
    answer = endpoint.request(events.literal("predict"))
    assert (answer.status, answer.content["predictions"][0]["user_id"]) == (200, "u-1")
    answer = endpoint.request(events.literal("describe"))
    assert answer.status == 200
    assert answer.content["version"] == registry.versions()[0]


def test_an_answer_that_lambda_would_not_hand_back_is_refused(start: Start, registry: Registry) -> None:
    schema = Schema([factories.AGE], "choice", "multiclass", tuple(f"class {number}" for number in range(200)))
    registry.promote(factories.publish(registry, schema))
    endpoint = start(PREDICT)
    instances = [{"age": 1.5}] * 2000
    answer = endpoint.request(events.predict(instances))
    assert answer.status == 413
    assert "?top=N" in answer.content["detail"]
    assert endpoint.request(events.predict(instances, "/predict?top=3")).status == 200


class _Credentials(BaseHTTPRequestHandler):
    """The server of credentials that Lambda gives a function with SnapStart, instead of keys in the environment."""

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
