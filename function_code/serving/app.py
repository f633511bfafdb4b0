"""The HTTP contract, the same on every cloud: a request in, an answer out; no I/O, no authentication, no framework."""

from __future__ import annotations

import os

from function_code.registry import ITEMS, REPORT
from function_code.serving import strict_json
from function_code.serving.http_messages import HTML, JSON, PROBLEM, Page, Request, Response
from function_code.serving.predictions import answers, parse_flag
from function_code.serving.problem_details import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from function_code.scoring.loaded_model import LoadedModel
    from function_code.serving.model_cache import ModelCache

    Answer = tuple[dict[str, Any] | Page, str | None]  # the body, and the version of the model in it

MAX_REQUEST_ID_LENGTH = 128
MAX_BODY_BYTES = 4 * 1024 * 1024
RETRY_AFTER_SECONDS = "5"
# The report holds all that it shows. Nothing in it runs, is sent or is fetched, whatever stood in the data.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
ID_CHARACTERS = str.maketrans("", "", "-_.:=")


class App:
    """The endpoint of one model, and of the one that recommends beside it. `handle` is safe to call from many threads.

    The latter has the same paths, below `/v1/models/<model>/items`.
    """

    def __init__(self, models: ModelCache, model_name: str) -> None:
        self._models, self._name = models, model_name
        verbs: dict[str, Callable[[Request, str], Answer]] = {"predict": self._predict, "explain": self._explain}
        self._verbs = {
            path: verb for name, verb in verbs.items() for path in (f"/{name}", f"/v1/models/{model_name}:{name}")
        }
        self._readers: dict[str, Callable[[], Answer]] = {
            "/": self._page,
            f"/v1/models/{model_name}": self._describe,
            f"/v1/models/{model_name}/report": self._report,
            f"/v1/models/{model_name}/openapi.json": self._openapi,
            "/openapi.json": self._openapi,
            "/healthz": self._healthz,
            "/readyz": self._readyz,
        }

    def handle(self, request: Request) -> Response:
        """The answer to a request. Raises only for a fault in this code, or in a store that has lost a report."""
        request_id = request_id_for(request)
        try:
            content, version = self._answer(request, request_id)
        except Problem as problem:
            return refuse(request, problem, request_id)
        if isinstance(content, Page):
            response = Response(200, content.html, HTML, request_id, version)
            response.headers |= {"content-security-policy": content.policy, "referrer-policy": "no-referrer"}
        else:
            response = Response(200, strict_json.encode(content), JSON, request_id, version)
        if request.method == "HEAD":
            response.body = b""
        return response

    def _answer(self, request: Request, request_id: str) -> Answer:
        verb = self._verbs.get(request.path)
        if verb:
            _allow(request, ("POST",))
            return verb(request, request_id)
        reader = self._readers.get(request.path)
        if reader is None and (items := self._items(request.path)):
            return items._answer(request, request_id)
        if reader is None:
            raise Problem(404, self._unknown(request.path))
        _allow(request, ("GET", "HEAD"))
        return reader()

    def _items(self, path: str = "") -> App | None:
        """The endpoint of the model that recommends, if there is one and, with a path, that begins as its own do."""
        own = f"{self._name}/{ITEMS}"
        if "/" in self._name or (path and not path.startswith(f"/v1/models/{own}")):
            return None
        models = self._models.items()
        return App(models, own) if models.active.stable or models.last_error else None

    def _unknown(self, path: str) -> str:
        prefix = "/v1/models/"
        model = path.removeprefix(prefix).partition(":")[0].partition("/")[0]
        if path.startswith(prefix) and model != self._name.partition("/")[0]:
            return f"there is no model {model[:80]!r} here; this endpoint serves {self._name!r}"
        routes = ", ".join([f"POST {path}" for path in self._verbs] + [f"GET {path}" for path in self._readers])
        return f"there is no {path[:80]!r}; this endpoint knows {routes}"

    def _predict(self, request: Request, request_id: str) -> Answer:
        loaded, content = self._version_and_content(request)
        return _answered(loaded, request_id, {"predictions": answers(loaded, content, request.query)})

    def _explain(self, request: Request, request_id: str) -> Answer:
        # Imported here: a process that only predicts has no use for it.
        from function_code.serving.explanations import explain

        loaded, content = self._version_and_content(request)
        return _answered(
            loaded, request_id, {"explanations": explain(loaded, content, parse_flag(request.query, "unseen"))}
        )

    def _version_and_content(self, request: Request) -> tuple[LoadedModel, object]:
        """The version that a request is for, and the JSON of its body."""
        if len(request.body) > MAX_BODY_BYTES:
            raise too_large()
        _check_type(request)
        return self._loaded(self._models.pick_version()), strict_json.decode(request.body)

    def _describe(self) -> Answer:
        # Imported here, as the document below: most processes are never asked, and all of them start.
        from function_code.serving.description import describe

        loaded = self._loaded(self._models.active.stable)
        items = self._items() if loaded.schema.history else None
        beside = {"items": items._name} if items else {}
        return {**describe(self._models.active, loaded), **beside}, loaded.version

    def _page(self) -> Answer:
        # Imported here: most processes are never asked, and all of them start.
        from function_code.serving.page import PAGE

        return PAGE, None

    def _report(self) -> Answer:
        loaded = self._loaded(self._models.active.stable)
        if REPORT not in loaded.manifest["artifacts"]:
            raise Problem(404, f"version {loaded.version} of model {self._name!r} was published without a report")
        return Page(self._models.artifact(loaded, REPORT), REPORT_POLICY), loaded.version

    def _openapi(self) -> Answer:
        from function_code.serving.openapi import document

        loaded = self._models.active.stable
        return document(self._name, loaded), loaded.version if loaded else None

    def _healthz(self) -> Answer:
        return {"status": "ok"}, None

    def _readyz(self) -> Answer:
        loaded = self._loaded(self._models.active.stable)
        return {"status": "ready", "model": loaded.name, "model_version": loaded.version}, loaded.version

    def _loaded(self, loaded: LoadedModel | None) -> LoadedModel:
        if loaded is None:
            # Why goes to the log: a path or a bucket's name is no business of whoever calls.
            reason = (
                "cannot be read; the log says why"
                if self._models.last_error
                else "has no version that serves yet: train one that passes its gates, or promote one"
            )
            raise Problem(503, f"model {self._name!r} {reason}", headers={"retry-after": RETRY_AFTER_SECONDS})
        return loaded


def _answered(loaded: LoadedModel, request_id: str, content: dict[str, Any]) -> Answer:
    answer = {**content, "model": loaded.name, "model_version": loaded.version, "request_id": request_id}
    return answer, loaded.version


def refuse(request: Request, problem: Problem, request_id: str | None = None) -> Response:
    """The answer for a problem; for adapters too, when they refuse a request before the core sees it."""
    request_id = request_id or request_id_for(request)
    body = b"" if request.method == "HEAD" else strict_json.encode(problem.content(request_id))
    response = Response(problem.status, body, PROBLEM, request_id)
    response.headers.update(problem.headers)
    return response


def too_large() -> Problem:
    """The problem of a body of more than MAX_BODY_BYTES."""
    limit = f"{MAX_BODY_BYTES} bytes ({MAX_BODY_BYTES >> 20} MiB)"
    return Problem(413, f"the body is too large: one request may have {limit}")


def request_id_for(request: Request) -> str:
    """The caller's x-request-id if it is a short plain word, or a new one."""
    sent = request.headers.get("x-request-id", "")
    if sent and len(sent) <= MAX_REQUEST_ID_LENGTH and sent.isascii() and sent.translate(ID_CHARACTERS).isalnum():
        return sent
    return os.urandom(8).hex()


def _allow(request: Request, methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        allowed = ", ".join(methods)
        raise Problem(405, f"{request.path} knows only {allowed}", headers={"allow": allowed})


def _check_type(request: Request) -> None:
    content_type = request.headers.get("content-type", "")
    if content_type != JSON and content_type.partition(";")[0].strip().lower() != JSON:
        fault = f"not {content_type[:80]!r}" if content_type else "but the request names none"
        raise Problem(415, f"the content type must be {JSON}, {fault}", headers={"accept": JSON})
    encoding = request.headers.get("content-encoding", "identity")
    if encoding != "identity":
        raise Problem(415, f"send the body as it is, without content-encoding {encoding[:80]!r}")
