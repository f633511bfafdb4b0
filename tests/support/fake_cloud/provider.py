"""A cloud that is not there, for the real engine: a provider that keeps what it is asked to create in a folder.

Tests read that folder, and change it between two runs:

    calls.jsonl    every call of the engine's, secrets in clear
    resources/     a JSON file for each resource that lives; change one to make drift, remove one to lose it
    faults.json    {"part of a URN": {"error": "text", "times": 1, "stays": false}}: creates and updates that fail, with
                   what is made staying there or not; so do invokes, by a part of the token

The engine finds it by PULUMI_DEBUG_PROVIDERS=aws:PORT,docker-build:PORT. It checks nothing that a real provider would
beyond names that are taken, and a cloud's VALIDATORS: required inputs, formats, quotas.
"""

import contextlib
import hashlib
import itertools
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from tests.support.fake_cloud import aws, azure, gcp
from tests.support.fake_cloud.sdk import blank, shape
from tests.support.fake_cloud.values import Fields, Values, comparable, pack, unpack, veil

CLOUDS: dict[str, Any] = {
    "aws": aws,
    "azure-native": azure,
    "docker-build": aws,
    "gcp": gcp,
}  # what each of them answers, by its package


def cloud_of(token: str) -> Any:
    return CLOUDS[token.partition(":")[0]]


def name_input(token: str) -> str:
    """The input that is a resource's own name."""
    name: str = cloud_of(token).NAME_INPUT.get(token, "name")
    return name


class FakeCloud(provider_pb2_grpc.ResourceProviderServicer):
    """The provider."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.Lock()
        (folder / "resources").mkdir(parents=True, exist_ok=True)

    def log(self, method: str, request: Any, **more: Any) -> None:
        fields = {key: getattr(request, key) for key in ("tok", "type", "name", "urn") if hasattr(request, key)}
        with self.lock, (self.folder / "calls.jsonl").open("a") as calls:
            calls.write(json.dumps({"method": method, **fields, **more}) + "\n")

    def file(self, token: str, identity: str) -> Path:
        return self.folder / "resources" / (hashlib.sha256(f"{token} {identity}".encode()).hexdigest()[:16] + ".json")

    def fault(self, subject: str, context: Any, create: Callable[[], object] = lambda: None) -> None:
        path = self.folder / "faults.json"
        with self.lock:
            faults = json.loads(path.read_text()) if path.exists() else {}
            fault = next((f for part, f in faults.items() if part in subject and f["times"] > 0), None)
            if fault is None:
                return
            fault["times"] -= 1
            path.write_text(json.dumps(faults))
        if fault["stays"]:
            create()
        context.abort(grpc.StatusCode.UNKNOWN, fault["error"])

    def shape(self, token: str) -> tuple[bool, Values]:
        with self.lock:  # an SDK loads its modules when they are first used, which two threads must not do at once
            return shape(token)

    def realize(self, request: Any, inputs: Values, old: Values) -> tuple[str, Values]:
        """The id and the outputs in which this create or update ends."""
        package, module, kind = request.type.split(":")
        cloud = cloud_of(request.type)
        templates = cloud.OUTPUTS[package] | cloud.OUTPUTS.get(request.type, {})
        unique, version = uuid.uuid5(uuid.NAMESPACE_URL, request.urn), str(old.get("version", ""))
        name = inputs.get(name_input(request.type), f"{request.name}-{unique.hex[:7]}")
        values = {
            "region": cloud.REGION,
            "module": module.split("/")[0],
            "kind": kind[0].lower() + kind[1:],
            "name": name,
            "own": name,  # the same, whatever an output of that name is
            "revision": int(version) + 1 if version.isdigit() else 1,
            "unique": unique.hex[:8],
            "content": hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest(),
        }
        fields, outputs = Fields(values, templates, inputs), dict(inputs)
        _, always = self.shape(request.type)
        for key in always.keys() | inputs.keys():
            if key in fields or key in templates:
                outputs[key] = fields[key]
            elif key not in inputs:
                outputs[key] = blank(always[key], f"{fields['name']}-{key}")
        convert = cloud.OUTPUT_CONVERTERS.get(request.type)
        return fields["id"], convert(outputs) if convert else outputs

    def autoname(self, request: Any, inputs: Values, key: str) -> str:
        """A name as providers make it, but the same in each run, and free in this cloud."""
        end = ".fifo" if inputs.get("fifoQueue") else ""
        dash = "" if request.type in cloud_of(request.type).NAMES_WITHOUT_DASH else "-"
        for attempt in itertools.count():
            name = f"{request.name}{dash}{hashlib.sha256(f'{request.urn} {attempt}'.encode()).hexdigest()[:7]}{end}"
            identity, _ = self.realize(request, inputs | {key: name}, {})
            if not self.file(request.type, identity).exists():
                return name
        raise AssertionError

    def apply(
        self, method: str, request: Any, context: Any, inputs: Values, old: Values, identity: str = ""
    ) -> tuple[str, Any]:
        new, outputs = self.realize(request, inputs, old)
        self.log(method, request, preview=request.preview, inputs=inputs)
        if request.preview:
            return identity, pack(veil(outputs, inputs, old))
        path = self.file(request.type, identity or new)
        record = {"type": request.type, "id": identity or new, "inputs": inputs, "outputs": outputs}
        self.fault(request.urn, context, lambda: path.write_text(json.dumps(record)))
        wrong = cloud_of(request.type).VALIDATORS.get(request.type, lambda _: "")(inputs)
        if wrong:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, wrong)
        if not identity and path.exists():
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"{request.type} {new} already exists")
        path.write_text(json.dumps(record, indent=1))
        return identity or new, pack(outputs)

    # The engine's calls; features that this does not announce, such as keeping secrets, the engine provides itself.

    def Handshake(self, request: Any, context: Any) -> Any:
        return provider_pb2.ProviderHandshakeResponse()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="999.0.0")  # newer than any SDK asks for

    def Attach(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    Cancel = Attach

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse()

    def Check(self, request: Any, context: Any) -> Any:
        inputs, old = unpack(request.news), unpack(request.olds)
        key = name_input(request.type)
        if key not in inputs and "namePrefix" not in inputs and (key != "name" or self.shape(request.type)[0]):
            inputs[key] = old.get(key) or self.autoname(request, inputs, key)
        return provider_pb2.CheckResponse(inputs=pack(inputs))

    def Diff(self, request: Any, context: Any) -> Any:
        old, new = comparable(unpack(request.old_inputs)), comparable(unpack(request.news))
        cloud = cloud_of(request.type)
        keys = (old.keys() | new.keys()) - cloud.IGNORED_CHANGES.get(request.type, set())
        changed = sorted(key for key in keys if old.get(key) != new.get(key))
        replacing = {name_input(request.type), *cloud.REPLACES.get(request.type, ())}
        replaces = [key for key in changed if key in replacing]
        self.log("Diff", request, changed=changed, replaces=replaces)
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some, diffs=changed, replaces=replaces)

    def Create(self, request: Any, context: Any) -> Any:
        identity, outputs = self.apply("Create", request, context, unpack(request.properties), {})
        return provider_pb2.CreateResponse(id=identity, properties=outputs)

    def Update(self, request: Any, context: Any) -> Any:
        _, outputs = self.apply("Update", request, context, unpack(request.news), unpack(request.olds), request.id)
        return provider_pb2.UpdateResponse(properties=outputs)

    def Read(self, request: Any, context: Any) -> Any:
        self.log("Read", request, id=request.id)
        path = self.file(request.type, request.id)
        if not path.exists():
            return provider_pb2.ReadResponse()
        record = json.loads(path.read_text())
        inputs, outputs = pack(record["inputs"]), pack(record["outputs"])
        return provider_pb2.ReadResponse(id=request.id, inputs=inputs, properties=outputs)

    def Delete(self, request: Any, context: Any) -> Any:
        self.log("Delete", request, id=request.id)
        parts = cloud_of(request.type).DELETED_WITH
        if request.type in parts:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, f"{request.id} can't be deleted alone")
        self.file(request.type, request.id).unlink(missing_ok=True)
        if request.type in parts.values():
            for path in (self.folder / "resources").iterdir():
                with contextlib.suppress(FileNotFoundError):  # others delete, too
                    record = json.loads(path.read_text())
                    if parts.get(record["type"]) == request.type and record["id"].startswith(f"{request.id}/"):
                        path.unlink()
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        invokes = cloud_of(request.tok).INVOKES
        if request.tok not in invokes:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the fake cloud does not know {request.tok}")
        self.log("Invoke", request)
        self.fault(request.tok, context)
        answer = invokes[request.tok]
        return provider_pb2.InvokeResponse(**{"return": pack(answer() if callable(answer) else answer)})


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[int]:
    """The provider, for as long as the context lasts; its port."""
    server = grpc.server(ThreadPoolExecutor(32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(FakeCloud(folder), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(None)
