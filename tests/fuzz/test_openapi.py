"""The running endpoint against its own OpenAPI document: what it promises is what it does."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support import factories
from tests.support.local_server import TOKEN, Server

EXAMPLES = 100
SCHEMAS = {"binary": factories.BINARY, "multiclass": factories.MULTICLASS, "regression": factories.REGRESSION}
# Of what the document forbids: 400 where it is no JSON, 413 where it is too much, 415 another type, 422 all else.
REFUSALS = {"checks": {"negative_data_rejection": {"expected-statuses": [400, 413, 415, 422]}}}


class Endpoint:
    """A server with its document as schemathesis reads it."""

    def __init__(self, server: Server) -> None:
        self._server = server
        with server.client() as client:
            document = client.get("/openapi.json").content
        self.api = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(REFUSALS))

    def call(self, case: Case[Any]) -> Any:
        return case.call(
            base_url=f"https://127.0.0.1:{self._server.settings['port']}",
            headers={"authorization": f"Bearer {TOKEN}"},
            verify=str(self._server.home / "ca.pem"),
        )


@pytest.fixture(scope="module", params=SCHEMAS)
def endpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    server = Server(tmp_path_factory.mktemp("server"))
    server.registry.promote(factories.publish(server.registry, SCHEMAS[request.param], report=b"<p>Good.</p>"))
    server.start()
    yield Endpoint(server)
    assert server.stop() == 0
    assert not server.events("fault"), server.log()


def test_the_document_is_valid(endpoint: Endpoint) -> None:
    endpoint.api.validate()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
def test_what_is_described_is_accepted_and_all_else_refused(endpoint: Endpoint, mode: GenerationMode) -> None:
    statuses: list[int] = []

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(paths_of(endpoint, "post")))
        case = data.draw(endpoint.api[path]["POST"].as_strategy(generation_mode=mode))
        response = endpoint.call(case)
        statuses.append(response.status_code)
        case.validate_response(response)

    ask()
    assert (200 if mode is GenerationMode.POSITIVE else 422) in statuses


def test_what_is_read_is_as_described(endpoint: Endpoint) -> None:
    paths = paths_of(endpoint, "get")
    assert {"/", "/openapi.json", "/v1/models/model", "/v1/models/model/report"} <= set(paths)
    for path in paths:
        case = endpoint.api[path]["GET"].Case()
        response = endpoint.call(case)
        assert response.status_code == 200
        case.validate_response(response)


def test_before_the_first_version_the_answers_are_as_described(tmp_path_factory: pytest.TempPathFactory) -> None:
    server = Server(tmp_path_factory.mktemp("server")).start()
    endpoint = Endpoint(server)
    endpoint.api.validate()
    for path in paths_of(endpoint, "get"):
        case = endpoint.api[path]["GET"].Case()
        response = endpoint.call(case)
        assert response.status_code in (200, 503)
        case.validate_response(
            response, checks=[status_code_conformance, content_type_conformance, response_schema_conformance]
        )
    assert server.stop() == 0


def paths_of(endpoint: Endpoint, method: str) -> list[str]:
    return [path for path in endpoint.api for operation in endpoint.api[path] if operation.lower() == method]
