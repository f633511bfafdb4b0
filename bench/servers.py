"""Servers for the load benchmark: the local server with a made-up model, and an empty ASGI app on the same server."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import trustme

from function_code.column import Column
from function_code.entrypoints.local import https_server
from function_code.registry import Registry
from function_code.schema import Schema
from function_code.scoring.scorer import FORMAT
from function_code.store import Store

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "benchmark"
FEATURES, LEAVES = 14, 16
EMPTY_ANSWER = b'{"predictions":[],"model":"model","model_version":"none","request_id":"0123456789abcdef"}' + b" " * 150


class BenchmarkServers:
    """Both servers as processes, in a home that goes away with them."""

    def __init__(self, home: Path) -> None:
        self.home = home
        ca = trustme.CA()
        ca.cert_pem.write_to_path(home / "ca.pem")
        ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(home / "server.pem")
        publish(home / "store")
        self.port, self.empty_port = free_port(), free_port()
        settings: dict[str, Any] = {
            "instance": "benchmark",
            "store": str(home / "store"),
            "model": "model",
            "host": "127.0.0.1",
            "port": self.port,
            "certificate": str(home / "server.pem"),
            "token_sha256": hashlib.sha256(TOKEN.encode()).hexdigest(),
            "lock": str(home / "server.lock"),
            "refresh_seconds": 2.0,
        }
        (home / "settings.json").write_text(json.dumps(settings))
        self.log = open(home / "server.log", "ab")  # noqa: SIM115 - closed by close
        self.server = self._start("-m", "function_code", "serve", str(home / "settings.json"))
        self.empty = self._start("-m", "bench.servers", str(self.empty_port), str(home / "server.pem"))
        for process, port in ((self.server, self.port), (self.empty, self.empty_port)):
            wait_for(process, port, home / "server.log")

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
        return subprocess.Popen([sys.executable, *arguments], stderr=self.log, cwd=ROOT, env=environment)

    def close(self) -> None:
        for process in (self.server, self.empty):
            process.terminate()
        for process in (self.server, self.empty):
            process.wait(10)
        self.log.close()


def publish(store: Path, trees: int = 100, seed: int = 1) -> dict[str, Any]:
    """A model like a trained one in size (trees on numbers and a category), of random contents; returns an example."""
    from function_code.training.export.trees import LEAF, Node, Nodes  # what the empty server need not load

    draw = random.Random(seed)
    inner = LEAVES - 1  # nodes of a full tree before its leaves: those of i are 2i + 1 and 2i + 2
    nodes = Nodes()

    def node(index: int) -> Node:
        if index >= inner:
            return LEAF, draw.gauss(0, 0.05), 0, 0, False, 1.0
        left = 2 * index + 1
        return draw.randrange(FEATURES), draw.gauss(50, 20), left, left + 1, draw.random() < 0.5, 0.0

    for _ in range(trees):
        nodes.add(node)
    columns = [Column(f"feature_{index}", "number", False, 40.5 + index) for index in range(FEATURES)]
    schema = Schema(
        [*columns, Column("status", "category", False, "active", ("active", "lapsed"))], "bought", "binary", (0, 1)
    )
    document = {
        "format": FORMAT,
        "encoder": {
            "width": FEATURES + 2,
            "derived": [],
            "logarithms": [],
            "raw": [[index, index] for index in range(FEATURES)],
            "scaled": [],
            "missing": [],
            "onehot": [[FEATURES, FEATURES, {"active": 0, "lapsed": 1}, -1]],
        },
        "link": "logistic",
        "calibration": None,
        "decision": {"positive": 1, "threshold": 0.5},
        "model": nodes.tables([-0.5], average=False),
    }
    registry = Registry(Store(str(store)), "model")
    manifest = {"schema": schema.to_json(), "task": "binary", "target": "bought", "metrics": {}}
    registry.promote(registry.publish(manifest, {"model.json": json.dumps(document).encode()}))
    return schema.example()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Returns when the port accepts connections. Raises RuntimeError with the log if the process ends before."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")


async def empty(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Reads the body and answers with bytes of about the same number: the price of HTTPS, uvicorn and asyncio alone."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(EMPTY_ANSWER)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": EMPTY_ANSWER})


if __name__ == "__main__":
    context = https_server.tls_context(sys.argv[2])
    https_server.run(
        empty, https_server.listen("127.0.0.1", int(sys.argv[1])), context, 10.0, lambda: None, lambda: True
    )
