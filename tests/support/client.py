"""Requests to an App, and its answers as tests want to see them."""

import json
from typing import Any

from function_code.serving.app import App
from function_code.serving.http_messages import Request

JSON_TYPE = {"content-type": "application/json"}


def ask(app: App, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Any:
    """The answer, with its body decoded as `content`."""
    path, _, query = target.partition("?")
    return Answer(app, Request(method, path, query, headers or {}, body))


def predict(app: App, instances: Any, target: str = "/predict") -> Any:
    return ask(app, "POST", target, json.dumps({"instances": instances}).encode(), JSON_TYPE)


def refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} in an answer")


class Answer:
    def __init__(self, app: App, request: Request) -> None:
        response = app.handle(request)
        self.status, self.headers, self.body = response.status, response.headers, response.body
        self.version = response.version
        is_json = bool(response.body) and "json" in response.headers["content-type"]
        self.content: Any = json.loads(response.body, parse_constant=refuse_constant) if is_json else None

    def problem(self, status: int, *words: str) -> Any:
        """Asserts that this is a problem of that status whose text has those words; its content."""
        assert self.status == status, self.content
        assert self.headers["content-type"] == "application/problem+json"
        assert self.content["status"] == status
        assert self.content["type"] == "about:blank"
        assert self.content["title"]
        assert self.content["request_id"] == self.headers["x-request-id"]
        for word in words:
            assert word in json.dumps(self.content), self.content
        return self.content
