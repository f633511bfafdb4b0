"""Pulumi's provider protocol, in front of the kinds.

Spoken directly rather than through pulumi.provider.experimental, which appends stack frames to every error that a user
sees, has no unknown values, and takes longer to start at every `pulumi up`.
"""
# ruff: noqa: N802 - the protocol's names

import functools
import threading
import traceback
from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc

from components.local.provider.airtable import Pull, WriteBack
from components.local.provider.certificate import Certificate
from components.local.provider.resource_kind import Kind, Run
from components.local.provider.scoring import Scores
from components.local.provider.secret import Secret
from components.local.provider.server import Server
from components.local.provider.storage import Dataset, Directory
from components.local.provider.token import Token
from components.local.provider.training import TrainingRun
from components.local.provider.values import to_python, to_struct
from function_code.errors import Refused

KINDS: dict[str, Kind] = {
    kind.__name__: kind()
    for kind in (Certificate, Dataset, Directory, Pull, Scores, Secret, Server, Token, TrainingRun, WriteBack)
}
VERSION = "0.1.0"


def _plainly(method: Callable[..., Any]) -> Callable[..., Any]:
    """An expected failure becomes its one line; of any other the rest is there for `pulumi up --debug`."""

    @functools.wraps(method)
    def call(self: "Servicer", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request)
        except Refused as problem:
            text = str(problem)
        except Exception as problem:  # noqa: BLE001 - every failure must reach the user, through the engine
            self.tell(request.urn, engine_pb2.DEBUG, traceback.format_exc())
            text = f"{method.__name__} failed: {type(problem).__name__}: {problem}"
        return context.abort(grpc.StatusCode.UNKNOWN, text)

    return call


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine. Each call has a thread of its own, so that a long one keeps nobody waiting."""

    def __init__(self, engine: engine_pb2_grpc.EngineStub) -> None:
        self._engine = engine
        self._cancelled = threading.Event()

    def tell(self, urn: str, severity: "engine_pb2.LogSeverity.ValueType", message: str) -> None:
        """Shows a line on a resource."""
        self._engine.Log(engine_pb2.LogRequest(severity=severity, message=message, urn=urn))

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    @_plainly
    def Check(self, request: Any) -> provider_pb2.CheckResponse:
        problems = _kind(request).check(to_python(request.olds), to_python(request.news))
        failures = [provider_pb2.CheckFailure(property=name, reason=reason) for name, reason in problems]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    @_plainly
    def Diff(self, request: Any) -> provider_pb2.DiffResponse:
        kind, old, new = _kind(request), to_python(request.olds), to_python(request.news)
        changed, lost = kind.changed(old, to_python(request.old_inputs), new), kind.lost(old)
        # What belongs to another home is another resource, and must go before its successor takes its port.
        replaces = ["folder"] if "folder" in changed else []
        response = provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed or lost else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=[*changed, *lost],
            replaces=replaces,
            deleteBeforeReplace=bool(replaces),
            hasDetailedDiff=True,
        )
        for name in (*changed, *lost):
            response.detailedDiff[name].kind = (
                provider_pb2.PropertyDiff.UPDATE_REPLACE if name in replaces else provider_pb2.PropertyDiff.UPDATE
            )
            response.detailedDiff[name].inputDiff = name in changed
        return response

    @_plainly
    def Create(self, request: Any) -> provider_pb2.CreateResponse:
        kind, new = _kind(request), to_python(request.properties)
        made = kind.foresee({}, new) if request.preview else kind.create(new, self._run(request.urn))
        # A kind exists once in a home, so what the engine calls it is enough to tell its resources apart.
        identity = "" if request.preview else request.urn.rpartition("::")[2]
        return provider_pb2.CreateResponse(id=identity, properties=to_struct({**new, **made}))

    @_plainly
    def Update(self, request: Any) -> provider_pb2.UpdateResponse:
        kind, old, new = _kind(request), to_python(request.olds), to_python(request.news)
        made = kind.foresee(old, new) if request.preview else kind.update(old, new, self._run(request.urn))
        return provider_pb2.UpdateResponse(properties=to_struct({**new, **made}))

    @_plainly
    def Read(self, request: Any) -> provider_pb2.ReadResponse:
        if _kind(request).gone(to_python(request.properties)):
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    @_plainly
    def Delete(self, request: Any) -> Empty:
        _kind(request).delete(to_python(request.properties))
        return Empty()

    def Cancel(self, request: Any, context: Any) -> Empty:
        self.cancel()
        return Empty()

    def cancel(self) -> None:
        """Asks whatever is under way to stop."""
        self._cancelled.set()

    def _run(self, urn: str) -> Run:
        return Run(
            log=lambda line: self.tell(urn, engine_pb2.INFO, line),
            warn=lambda line: self.tell(urn, engine_pb2.WARNING, line),
            cancelled=self._cancelled,
        )


def _kind(request: Any) -> Kind:
    """The kind of a request's resource; its type may have the types of its parents in front."""
    name = request.urn.split("::")[2].rpartition(":")[2]
    try:
        return KINDS[name]
    except KeyError:
        raise Refused(f"there is no kind of local resource {name!r}; there are {', '.join(KINDS)}") from None
