"""The package for Azure's plan Flex Consumption: beside our code the libraries in their place, and two files."""

import json
from dataclasses import replace
from typing import Any

from components.packaging.platforms import LAMBDA, LAMBDA_PYTHON, Platform
from function_code.entrypoints.azure.queue_retries import MAX_TRIES, RETRY_PAUSE_SECONDS

FUNCTION_TIMEOUT_SECONDS = {"serving": 30, "training": 1800}
MODULES = {"serving": "predict", "training": "train"}
SAMPLING: dict[str, Any] = {"isEnabled": True, "excludedTypes": "Exception;Trace"}  # which our own lines are


def _duration(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _host(package: str) -> dict[str, Any]:
    """The settings in host.json."""
    settings: dict[str, Any] = {
        "version": "2.0",
        "functionTimeout": _duration(FUNCTION_TIMEOUT_SECONDS[package]),
        "logging": {"applicationInsights": {"samplingSettings": SAMPLING}},
    }
    if package == "serving":
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


def _files(package: str, access: str) -> dict[str, str]:
    app = f'endpoint("{access}")' if package == "serving" else "trainings()"
    main = f"from function_code.entrypoints.azure.{MODULES[package]} import {app.partition('(')[0]}\n\napp = {app}\n"
    return {"function_app.py": main, "host.json": json.dumps(_host(package), indent=2) + "\n"}


def flex(access: str) -> Platform:
    """The platform of packages. `access` says whom the functions' host lets through to the endpoint.

    FUNCTION: callers with a key; ANONYMOUS: everybody. It is in the package, and no setting, so that it comes
    after App Service's own authentication.
    """
    return replace(
        LAMBDA["x86_64"],  # whose glibc is older than the one there
        name=f"flex-python{LAMBDA_PYTHON}-x86_64",
        limit=None,
        libraries_limit=None,
        lock="azure_{}",
        libraries=".python_packages/lib/site-packages/",
        files={package: _files(package, access) for package in MODULES},
    )
