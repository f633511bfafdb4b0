"""The running server, asked rightly and wrongly through real sockets; whatever happens, it goes on serving others."""

import json
import socket
import ssl
import time
import warnings
from collections.abc import Iterator

import pytest

from tests.support.local_server import (
    CLIENT_TIMEOUT_SECONDS,
    TOKEN,
    Client,
    Server,
    head,
    read_reply,
    read_to_end,
    wait_until,
)

pytestmark = pytest.mark.smoke

GOOD = b'{"instances": [{"age": 30}]}'
MEGABYTE = b" " * 2**20


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.client() as client:
        yield client


@pytest.fixture(autouse=True)
def serves_on(server: Server) -> Iterator[None]:
    """After every test: another client gets its answer at once."""
    yield
    started = time.monotonic()
    with server.client() as client:
        assert client.predict([{"age": 30}]).status == 200
    assert time.monotonic() - started < 1


def test_predicts(client: Client) -> None:
    reply = client.predict([{"age": 30, "user_id": 7}])
    assert reply.status == 200
    assert reply.content["predictions"][0]["label"] == 1
    assert reply.headers["x-request-id"] == reply.content["request_id"]
    assert reply.headers["server"] is None


def test_a_connection_is_used_again_even_after_errors(client: Client) -> None:
    client.get("/healthz")
    first = client.connection.sock
    for body in (GOOD, b"nonsense", GOOD, b"", GOOD):
        client.post(body)
        assert client.connection.sock is first
    client.get("/nothing")
    assert client.connection.sock is first


@pytest.mark.parametrize(
    "authorization", ["Bearer wrong", "Bearer", "Bearer ", "", f"Basic {TOKEN}", TOKEN, "Bearer é"]
)
@pytest.mark.parametrize("body", [GOOD, b"nonsense"])
def test_401_without_the_right_token(client: Client, authorization: str, body: bytes) -> None:
    reply = client.ask("POST", "/predict", body, {"authorization": authorization})
    assert reply.status == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.headers["content-type"] == "application/problem+json"
    assert TOKEN not in json.dumps(reply.content)


def test_only_health_and_the_page_are_open(server: Server, client: Client) -> None:
    nothing = {"authorization": ""}
    for path in ("/healthz", "/"):
        assert client.ask("GET", path, headers=nothing).status == 200
        assert client.ask("HEAD", path, headers=nothing).status == 200
    closed = ("/readyz", "/openapi.json", "/nothing", "/v1/models/model", "/v1/models/model/report")
    for method, path in (("POST", "/healthz"), ("POST", "/"), *(("GET", path) for path in closed)):
        with server.client() as other:
            assert other.ask(method, path, headers=nothing).status == 401


def test_401_comes_before_the_body_is_read(server: Server) -> None:
    with server.raw() as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n")
        started = time.monotonic()
        status, _ = read_reply(connection)
        assert status == 401
        assert time.monotonic() - started < CLIENT_TIMEOUT_SECONDS / 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"nonsense", 400),
        (b'{"instances": [{"age": NaN}]}', 400),
        (b'{"instances": [{"age": "x"}]}', 422),
        (b'{"instances": [{}]}', 422),
        (b'{"instances": [{"age": 1, "b": 2}]}', 422),
        (b'{"instances": []}', 422),
        (b'{"instances": [' + b",".join([b'{"age":1}'] * 100_000) + b"]}", 413),
        (b"[" * 2**20, 400),
    ],
)
def test_what_the_core_refuses(client: Client, body: bytes, status: int) -> None:
    reply = client.post(body)
    assert reply.status == status
    assert reply.content["status"] == status


def test_wrong_method_path_and_type(client: Client) -> None:
    assert client.get("/predict").headers["allow"] == "POST"
    assert client.get("/nothing").status == 404
    assert client.ask("POST", "/predict", GOOD).status == 415
    assert client.ask("POST", "/predict", GOOD, {"content-type": "text/plain"}).status == 415


@pytest.mark.parametrize("token", [TOKEN, "wrong"])
def test_a_body_of_50_mb_gets_its_answer(server: Server, token: str) -> None:
    with server.client() as client:
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        started = time.monotonic()
        reply = client.ask("POST", "/predict", MEGABYTE * 50, headers)
        assert reply.status == (413 if token == TOKEN else 401)
        assert reply.headers["connection"] == "close"
        assert time.monotonic() - started < 5


def test_a_chunked_body_is_counted(server: Server) -> None:
    with server.client() as client:
        reply = client.post(iter([MEGABYTE] * 50))
        assert reply.status == 413
        assert "4 MiB" in reply.content["detail"]
    with server.client() as client:
        assert client.post(iter([GOOD[:10], GOOD[10:]])).status == 200


def test_a_declared_size_is_refused_before_the_body_comes(server: Server) -> None:
    with server.raw() as connection:
        connection.sendall(head(50_000_000))
        started = time.monotonic()
        assert read_reply(connection)[0] == 413
        assert time.monotonic() - started < CLIENT_TIMEOUT_SECONDS / 2


def test_a_body_without_end_is_cut_off(server: Server) -> None:
    with server.raw() as connection:
        connection.sendall(head(None))
        sent = 0
        with pytest.raises(OSError):  # noqa: PT011, PT012 - reset or broken pipe
            while sent < 2**31:
                connection.sendall(b"%x\r\n" % 2**20 + MEGABYTE + b"\r\n")
                sent += 2**20
        assert sent < 2**28


def test_expect_continue_is_answered_without_the_body(server: Server) -> None:
    with server.raw() as connection:
        connection.sendall(head(50_000_000, "expect: 100-continue"))
        assert read_reply(connection)[0] == 413
    with server.raw() as connection:
        connection.sendall(head(len(GOOD), "expect: 100-continue"))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(GOOD)
        assert read_reply(connection)[0] == 200


def test_408_for_a_body_that_never_ends_while_others_are_served(server: Server) -> None:
    slow = [server.raw() for _ in range(20)]
    for connection in slow:
        connection.sendall(head(1000) + b"{")
    started = time.monotonic()
    with server.client() as client:
        while time.monotonic() - started < CLIENT_TIMEOUT_SECONDS:
            assert client.predict([{"age": 1}]).status == 200
    for connection in slow:
        with connection:
            status, content = read_reply(connection)
            assert status == 408
            assert "seconds" in content["detail"]
    assert time.monotonic() - started < CLIENT_TIMEOUT_SECONDS + 2


def test_a_trickle_does_not_win_more_time(server: Server) -> None:
    with server.raw() as connection:
        connection.sendall(head(1000))
        connection.settimeout(0.05)
        started = time.monotonic()
        answer = b""
        while not answer and time.monotonic() - started < CLIENT_TIMEOUT_SECONDS + 5:
            connection.sendall(b" ")
            try:
                answer = connection.recv(65536)
            except TimeoutError:
                pass
        assert b" 408 " in answer
        assert time.monotonic() - started < CLIENT_TIMEOUT_SECONDS + 2


def test_big_batches_do_not_keep_others_waiting(server: Server) -> None:
    instances = [{"age": age, "plan": "pro", "since": "2025-01-01"} for age in range(5000)]
    batch = json.dumps({"instances": instances}).encode()
    with server.raw() as connection, server.client() as client:
        client.get("/healthz")
        connection.sendall(head(len(batch)) + batch)
        waits = []
        for _ in range(20):
            started = time.monotonic()
            assert client.predict([{"age": 1}]).status == 200
            waits.append(time.monotonic() - started)
        status, content = read_reply(connection)
        assert status == 200
        assert len(content["predictions"]) == 5000
    assert sorted(waits)[10] < 0.1


def test_a_client_that_leaves_in_the_middle(server: Server) -> None:
    before = len(server.events("request"))
    for part in (head(1000) + b"{", head(len(GOOD)) + GOOD, head(1000)[:40], b""):
        connection = server.raw()
        connection.sendall(part)
        connection.close()
    time.sleep(1)
    assert [event["status"] for event in server.events("request")[before:]].count(499) == 1


def test_garbage_instead_of_tls_and_instead_of_http(server: Server) -> None:
    with server.raw(tls=False) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n" + b"\0" * 1000)
        read_to_end(connection)
    with server.raw() as connection:
        connection.sendall(b"\0\1\2 nonsense\r\n\r\n")
        status, content = read_reply(connection)
        assert status == content["status"] == 400


def test_silence_ends_the_connection_and_hurts_nobody(server: Server) -> None:
    """No handshake, no request, half a request, and a blank line after a request."""
    with server.raw(tls=False) as deaf, server.raw() as silent, server.raw() as partial, server.raw() as blank:
        partial.sendall(b"GET /healthz HT")
        blank.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert read_reply(blank)[0] == 200
        blank.sendall(b"\r\n")
        started = time.monotonic()
        with server.client() as client:
            assert client.predict([{"age": 1}]).status == 200
        for connection in (deaf, silent, partial, blank):
            assert read_to_end(connection) == b""
        assert time.monotonic() - started < CLIENT_TIMEOUT_SECONDS + 2


def test_headers_without_end_are_431(server: Server) -> None:
    with server.raw() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n" + b"a: " + b"b" * 100_000)
        assert b" 431 " in read_to_end(connection)


def test_an_offer_to_upgrade_is_passed_over(server: Server) -> None:
    with server.raw() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n")
        assert read_reply(connection) == (200, {"status": "ok"})


def test_tls_older_than_1_2_is_refused(server: Server) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(server.home / "ca.pem")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", server.settings["port"]), 5) as plain,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(plain, server_hostname="localhost"),
    ):
        pass


def test_the_log_has_a_line_for_each_request_without_bodies_and_tokens(server: Server, client: Client) -> None:
    reply = client.predict([{"age": 987654321}], "/predict?top=1&secret=query")
    wait_until(lambda: reply.content["request_id"] in server.log())
    (line,) = [line for line in server.events("request") if line["request_id"] == reply.content["request_id"]]
    assert line["method"] == "POST"
    assert line["path"] == "/predict"
    assert line["status"] == 200
    assert line["version"] == reply.content["model_version"]
    assert line["ms"] > 0
    for secret in (TOKEN, "987654321", "secret=query"):
        assert secret not in server.log()
