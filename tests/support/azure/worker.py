"""A function app in Azure's own Python worker library, as the host starts it. Runs on its own, in Python 3.13.

    python worker.py FOLDER LOG

Indexes the app in FOLDER; then, for each line of JSON on stdin that asks for an invocation, or for several `times` of
it at once, a line on stdout tells what came of them. What is logged goes to LOG, as the host hears it: the text of each
message of an invocation. What is of none the host drops.
"""

import asyncio
import json
import logging
import os
import sys
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from azure_functions_runtime import functions_metadata_request, start_threadpool_executor, worker_init_request
from azure_functions_runtime.bindings.datumdef import Datum
from azure_functions_runtime.native_invocation import run_invocation_sync
from azure_functions_runtime.utils.executor import invocation_id_cv

MAX_CONCURRENT = 16  # which the host is told to send to an instance


class Message:
    """A message of the protocol between host and worker, with whatever it is given."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


def protocol() -> SimpleNamespace:
    """The messages, as far as indexing needs them."""
    names = (
        "BindingInfo", "FunctionMetadataResponse", "RpcException", "RpcFunctionMetadata", "RpcRetryOptions",
        "StatusResult", "WorkerInitResponse", "WorkerMetadata",
    )  # fmt: skip
    protos = SimpleNamespace(**{name: type(name, (Message,), {}) for name in names})
    protos.BindingInfo.out, protos.BindingInfo.inout, protos.BindingInfo.undefined = 1, 2, 0
    protos.StatusResult.Failure, protos.StatusResult.Success = 0, 1
    return protos


async def index(folder: str) -> dict[str, Any]:
    """The id and the bindings of each function. Raises RuntimeError as the app could not be imported."""
    protos = protocol()
    init = Message(capabilities={}, function_app_directory=folder)
    request = Message(request=Message(worker_init_request=init), properties={"host": "127.0.0.1", "protos": protos})
    answer = await worker_init_request(request)
    if answer.result.status != protos.StatusResult.Success:
        raise RuntimeError(answer.result.exception.message)
    metadata = await functions_metadata_request(request)
    return {
        each.name: {"id": each.function_id, "bindings": [json.loads(binding) for binding in each.raw_bindings]}
        for each in metadata.function_metadata_results
    }


def text(value: str) -> Any:
    return Datum(value, "string")


def http(request: dict[str, Any]) -> Any:
    value = {
        "method": text(request["method"]),
        "url": text(request["url"]),
        "headers": {name: text(value) for name, value in request["headers"].items()},
        "params": {},
        "query": {},
        "body": Datum(b64decode(request["body"]), "bytes"),
    }
    return Datum(value, "http")


def trigger_input(request: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The trigger's input, and what the host tells of it."""
    match request["kind"]:
        case "http":
            return http(request), {}
        case "queue":
            metadata = {"Id": text(request["id"]), "DequeueCount": Datum(str(request["count"]), "json")}
            return text(request["body"]), metadata
        case _:
            return Datum(json.dumps({"IsPastDue": False, "Schedule": {}, "ScheduleStatus": {}}), "json"), {}


def outcome(datum: Any) -> Any:
    """A value that the function gave back, for JSON."""
    if datum is None or datum.type != "http":
        return datum and datum.value
    value = datum.value
    return {
        "status": int(value["status_code"].value),
        "headers": {name: each.value for name, each in value["headers"].items()},
        "body": b64encode(value["body"].value).decode(),
    }


def invoke(functions: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    function, invocation = functions[request["function"]], str(uuid4())
    (trigger,) = [each["name"] for each in function["bindings"] if each["type"].endswith("Trigger")]
    value, metadata = trigger_input(request)
    _, done, answer, outputs, problem, _ = run_invocation_sync(invocation, function["id"], [(trigger, value)], metadata)
    return {
        "invocation": invocation,
        "done": done,
        "answer": outcome(answer),
        "outputs": {name: outcome(each) for name, each in outputs},
        "problem": problem,
    }


def main() -> None:
    folder, log = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # nobody writes between the answers
    handler = logging.FileHandler(log)
    handler.addFilter(lambda _: invocation_id_cv.get() is not None)
    logging.basicConfig(handlers=[handler], format="%(message)s", level=logging.INFO)
    sys.path.insert(0, folder)
    start_threadpool_executor()
    try:
        functions = asyncio.run(index(folder))
    except RuntimeError as problem:
        print(json.dumps({"problem": str(problem)}), file=answers, flush=True)
        return
    print(json.dumps(functions), file=answers, flush=True)
    with ThreadPoolExecutor(MAX_CONCURRENT) as pool:
        for line in sys.stdin:
            several = [json.loads(line)] * json.loads(line).get("times", 1)
            results = list(pool.map(lambda request: invoke(functions, request), several))
            print(json.dumps(results), file=answers, flush=True)


if __name__ == "__main__":
    main()
