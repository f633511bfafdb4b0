"""What Azure's plan Flex Consumption wants in a package beside our code: libraries in their place, and two files."""

import json
from dataclasses import replace
from typing import Any

from components.packaging.targets import LAMBDA, Target
from function_code.entrypoints.azure.queue import MAX_TRIES, RETRY_PAUSE_SECONDS

SECONDS = {"serving": 30, "training": 1800}  # that an invocation may take
MODULES = {"serving": "predict", "training": "train"}
SAMPLED: dict[str, Any] = {"isEnabled": True, "excludedTypes": "Exception;Trace"}  # which our own lines are


def _duration(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _host(half: str) -> dict[str, Any]:
    """What host.json says."""
    settings: dict[str, Any] = {
        "version": "2.0",
        "functionTimeout": _duration(SECONDS[half]),
        "logging": {"applicationInsights": {"samplingSettings": SAMPLED}},
    }
    if half == "serving":
        # The host's own two lines about each request would cost more than ours.
        settings["logging"]["logLevel"] = {"Function.predict": "Warning", "Function.predict.User": "Information"}
        settings["extensions"] = {"http": {"routePrefix": ""}}
    else:
        settings["extensionBundle"] = {"id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)"}
        settings["extensions"] = {
            "queues": {
                "batchSize": 1,
                "newBatchThreshold": 0,
                "maxDequeueCount": MAX_TRIES,
                "visibilityTimeout": _duration(RETRY_PAUSE_SECONDS),
                "messageEncoding": "base64",  # in which Event Grid writes
            }
        }
    return settings


def _files(half: str, access: str) -> dict[str, str]:
    app = f'endpoint("{access}")' if half == "serving" else "trainings()"
    made = f"from function_code.entrypoints.azure.{MODULES[half]} import {app.partition('(')[0]}\n\napp = {app}\n"
    return {"function_app.py": made, "host.json": json.dumps(_host(half), indent=2) + "\n"}


def flex(access: str) -> Target:
    """What packages are made for. `access` says whom the functions' host lets through to the endpoint.

    FUNCTION: who has a key; ANONYMOUS: everybody. It is in the package, and no setting, so that it comes when whoever
    else is to ask is there.
    """
    return replace(
        LAMBDA["x86_64"],  # whose glibc is older than the one there
        name="flex-python3.13-x86_64",
        limit=None,
        lock="azure_{}",
        libraries=".python_packages/lib/site-packages/",
        files={half: _files(half, access) for half in MODULES},
    )
