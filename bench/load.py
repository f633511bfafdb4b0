"""Many clients at once against the local server, beside an empty ASGI app on the same server settings.

    tools/python -m bench.load [--seconds 30] [--clients 64] [--json]

Slices of a second go to the one and the other in turn, so that both meet the same machine. Every answer is checked. The
generator is one process around one selector; the share of a core that it used says whether it was the bottleneck. Exit
code 1 if there was an error, or if our server's memory grew.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import ssl
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.servers import EMPTY_ANSWER, TOKEN, BenchmarkServers, publish
from bench.table import show

SLICE_SECONDS = 1.0
MAX_MEMORY_GROWTH = 1.05  # of resident memory, from the first third to the end


class Side:
    """One server under load: its connections, and what was measured."""

    def __init__(self, pid: int, port: int, ca: Path, clients: int, request: bytes, mark: bytes) -> None:
        self.pid, self.port, self.request, self.mark = pid, port, request, mark
        self.requests, self.seconds, self.errors = 0, 0.0, list[str]()
        self.milliseconds: list[float] = []
        self._context = ssl.create_default_context(cafile=str(ca))
        self._cpu_before = cpu_seconds(pid)
        self._sockets = [self._connect() for _ in range(clients)]

    def _connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), 10)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = self._context.wrap_socket(plain, server_hostname="localhost")
        connection.setblocking(False)
        return connection

    def slice(self, seconds: float) -> None:
        """Every client sends, waits for its answer, and sends again, until the time is over."""
        selector = selectors.DefaultSelector()
        started = time.perf_counter()
        end = started + seconds
        sent: dict[ssl.SSLSocket, float] = {}
        for connection in self._sockets:
            selector.register(connection, selectors.EVENT_READ, bytearray())
            connection.send(self.request)
            sent[connection] = time.perf_counter()
        while sent:
            ready = selector.select(10)
            if not ready:
                self.errors.append(f"{len(sent)} clients had no answer for 10 seconds")
                break
            for key, _ in ready:
                answered: Any = key.fileobj
                if not self._received(answered, key.data):
                    continue
                now = time.perf_counter()
                self.milliseconds.append((now - sent.pop(answered)) * 1000)
                self.requests += 1
                if now < end:
                    answered.send(self.request)
                    sent[answered] = time.perf_counter()
        self.seconds += time.perf_counter() - started
        selector.close()

    def _received(self, connection: ssl.SSLSocket, buffer: bytearray) -> bool:
        """True if an answer is complete now; it is checked then."""
        try:
            data = connection.recv(65536)
        except ssl.SSLWantReadError:
            return False
        buffer += data
        head = buffer.find(b"\r\n\r\n")
        if data and (head < 0 or len(buffer) < head + 4 + length_of(buffer)):
            return False
        if not buffer.startswith(b"HTTP/1.1 200 ") or self.mark not in buffer:
            self.errors.append(bytes(buffer[:500]).decode("latin-1") or "the connection was closed")
            self._sockets[self._sockets.index(connection)] = self._connect()
        buffer.clear()
        return True

    def report(self) -> dict[str, float]:
        ordered = sorted(self.milliseconds)
        return {
            "requests": self.requests,
            "errors": len(self.errors),
            "per second": round(self.requests / self.seconds, 1),
            "CPU us each": round((cpu_seconds(self.pid) - self._cpu_before) / self.requests * 1e6, 1),
            "p50 ms": round(ordered[len(ordered) // 2], 2),
            "p99 ms": round(ordered[len(ordered) * 99 // 100], 2),
            "max ms": round(ordered[-1], 2),
        }


def length_of(buffer: bytearray) -> int:
    start = buffer.index(b"content-length: ") + 16
    return int(buffer[start : buffer.index(b"\r", start)])


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far; not a number where there is no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return float("nan")
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 2)


def request_bytes(example: dict[str, object]) -> bytes:
    body = json.dumps({"instances": [example]}).encode()
    head = (
        "POST /predict HTTP/1.1\r\nhost: localhost\r\nuser-agent: load\r\naccept: */*\r\n"
        f"authorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def measure(seconds: float, clients: int) -> tuple[list[dict[str, Any]], list[str]]:
    """`seconds` of load on each of the two servers: a row of results for each, and the first errors."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        example = publish(home / "example")
        servers = BenchmarkServers(home)
        try:
            request = request_bytes(example)
            ours = Side(servers.server.pid, servers.port, home / "ca.pem", clients, request, b'"probabilities":{"0":0.')
            empty = Side(servers.empty.pid, servers.empty_port, home / "ca.pem", clients, request, EMPTY_ANSWER)
            started, processor = time.perf_counter(), time.process_time()
            slices = max(3, round(seconds / SLICE_SECONDS))
            early = 0.0
            for number in range(slices):
                ours.slice(seconds / slices)
                empty.slice(seconds / slices)
                if number + 1 == max(1, slices // 3):
                    early = resident_mb(servers.server.pid)
            late = resident_mb(servers.server.pid)
            share = (time.process_time() - processor) / (time.perf_counter() - started)
            mine, its = ours.report(), empty.report()
            mine["ratio"] = round(mine["per second"] / its["per second"], 2)
            its["ratio"] = 1.0
            for row in (mine, its):
                row["generator's share of a core"] = round(share, 2)
        finally:
            servers.close()
    return [
        {"server": "an empty ASGI app", **its, "MB at a third": None, "MB at the end": None},
        {"server": "ours", **mine, "MB at a third": early, "MB at the end": late},
    ], ours.errors[:3] + empty.errors[:3]


def main() -> int:
    """Measures, shows, and says by the exit code whether all was well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="of load on each of the two servers (30)")
    parser.add_argument("--clients", type=int, default=64, help="connections at once (64)")
    parser.add_argument("--json", action="store_true", help="print numbers for a script")
    options = parser.parse_args()
    print(f"load: {options.clients} clients, {options.seconds:g} s for each server", file=sys.stderr)
    rows, errors = measure(options.seconds, options.clients)
    show(rows, options.json)
    for error in errors:
        print(f"error: {error}", file=sys.stderr)
    grown = rows[1]["MB at the end"] > rows[1]["MB at a third"] * MAX_MEMORY_GROWTH
    if grown:
        print("error: the server's memory grew", file=sys.stderr)
    return 1 if errors or grown else 0


if __name__ == "__main__":
    sys.exit(main())
