"""The life of the server: it starts, refuses to start, and ends."""

import json
import os
import signal
import socket
import threading
import time
from typing import Any

import pytest

from tests.support.local_server import Reply, Server, head, read_reply, wait_until

pytestmark = pytest.mark.smoke


def failed_start(server: Server, **changes: Any) -> str:
    """The one line that a server says which cannot start."""
    process = server.launch(**changes)
    assert process.wait(10) == 3, server.log()
    (line,) = server.log().splitlines()
    assert line.startswith("error: ")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", server.settings["port"])) != 0
    return line


def test_the_lock_tells_who_serves(own_server: Server) -> None:
    own_server.start()
    assert own_server.process
    content = json.loads(own_server.lock.read_text())
    assert content == {
        "pid": own_server.process.pid,
        "instance": "0123abcd",
        "port": own_server.settings["port"],
        "ready": True,
    }
    assert own_server.lock.stat().st_mode & 0o777 == 0o600


def test_one_lock_one_server(own_server: Server) -> None:
    own_server.start()
    before = own_server.lock.read_text()
    second = own_server.launch(port=own_server.settings["port"] + 1)
    assert second.wait(10) == 3
    assert "another server holds the lock" in own_server.log()
    assert own_server.lock.read_text() == before


def test_a_lock_left_by_a_server_that_was_killed_is_taken(own_server: Server) -> None:
    own_server.start().stop(signal.SIGKILL)
    own_server.lock.write_text("x" * 10_000)
    own_server.start()
    assert json.loads(own_server.lock.read_text())["ready"] is True
    assert own_server.stop() == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"certificate": "/nowhere.pem"}, "/nowhere.pem"),
        ({"certificate": "/dev/null"}, "certificate /dev/null"),
        ({"store": "nonsense://x"}, "nonsense://x"),
        ({"port": "8443"}, "'port'"),
        ({"model": None}, "'model'"),
        ({"host": "host.invalid"}, "host.invalid"),
        ({"lock": "/nowhere/server.lock"}, "/nowhere/server.lock"),
    ],
)
def test_what_it_cannot_use_is_named_before_it_takes_the_port(
    own_server: Server, changes: dict[str, Any], words: str
) -> None:
    assert words in failed_start(own_server, **changes)


def test_a_pointer_that_is_none_is_named(own_server: Server) -> None:
    (own_server.store / "models" / "model" / "serving.json").write_text("nonsense")
    assert "serving.json" in failed_start(own_server)


def test_a_port_that_another_program_uses_is_named(own_server: Server) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", own_server.settings["port"]))
        other.listen()
        process = own_server.launch()
        assert process.wait(10) == 3
    (line,) = own_server.log().splitlines()
    assert f"port {own_server.settings['port']}" in line
    assert "another program uses it" in line


def test_a_successor_takes_over_the_port_without_a_gap(own_server: Server) -> None:
    """Both listen for a while, then the first one leaves; a client with a new connection each time sees none of it."""
    own_server.start()
    statuses: list[int] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            with own_server.client() as client:
                statuses.append(client.predict([{"age": 1}]).status)

    asking = threading.Thread(target=ask)
    asking.start()
    lock = own_server.home / "successor.lock"
    successor = own_server.launch(lock=str(lock))
    while not lock.exists() or '"ready": true' not in lock.read_text():
        time.sleep(0.02)
    assert own_server.stop() == 0
    count = len(statuses)
    while len(statuses) < count + 20 and asking.is_alive():
        time.sleep(0.02)
    over.set()
    asking.join()
    assert set(statuses) == {200}
    assert len(statuses) >= count + 20
    successor.terminate()
    assert successor.wait(10) == 0


@pytest.mark.parametrize("harm", ["removed", "replaced", "home moved"])
def test_it_leaves_when_its_lock_file_is_gone(own_server: Server, harm: str) -> None:
    own_server.start()
    assert own_server.process
    if harm == "home moved":
        own_server.home.rename(own_server.home.with_name("elsewhere"))
    else:
        own_server.lock.unlink()
    if harm == "replaced":
        own_server.lock.write_text("")
    assert own_server.process.wait(2) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_it_finish_what_is_in_flight(own_server: Server, number: int) -> None:
    own_server.start()
    assert own_server.process
    body = json.dumps({"instances": [{"age": age} for age in range(5000)]}).encode()
    with own_server.raw() as connection, own_server.client() as idle:
        assert idle.get("/healthz").status == 200
        connection.sendall(head(len(body)) + body[:-1])
        time.sleep(0.2)
        started = time.monotonic()
        os.kill(own_server.process.pid, number)
        time.sleep(0.3)
        with socket.socket() as late:
            assert late.connect_ex(("127.0.0.1", own_server.settings["port"])) != 0
        connection.sendall(body[-1:])
        status, content = read_reply(connection)
        assert status == 200
        assert len(content["predictions"]) == 5000
        assert own_server.process.wait(6) == 0
        assert time.monotonic() - started < 5


def test_clients_that_never_finish_do_not_keep_it(own_server: Server) -> None:
    own_server.settings["client_timeout_seconds"] = 60.0
    own_server.start()
    with own_server.raw() as slow, own_server.raw(tls=False), own_server.raw():
        slow.sendall(head(1000))
        time.sleep(0.2)
        started = time.monotonic()
        assert own_server.stop() == 0
        assert time.monotonic() - started < 5.5


def test_too_many_connections_are_told_so(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    from function_code.entrypoints.local.http_protocol import MAX_CONNECTIONS

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < MAX_CONNECTIONS * 2:
        pytest.skip(f"only {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    own_server.settings["client_timeout_seconds"] = (
        60.0  # on a busy machine, opening so many takes longer than the usual
    )
    try:
        own_server.start()
        held = [own_server.raw() for _ in range(MAX_CONNECTIONS)]
        with own_server.client() as client:
            reply: Reply = client.get("/healthz")
            assert reply.status == 503
            assert reply.content["status"] == 503
            assert int(reply.headers["retry-after"]) > 0
        for connection in held:
            connection.close()

        def is_served() -> bool:
            with own_server.client() as client:
                return client.get("/healthz").status == 200

        wait_until(is_served)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
