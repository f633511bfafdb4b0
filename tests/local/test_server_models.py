"""New versions, rollbacks and canaries reach the running server under load, and no request fails for it."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from tests.support import factories
from tests.support.local_server import REFRESH_SECONDS, Server, wait_until

pytestmark = pytest.mark.smoke

SLACK = 1.0  # seconds beyond the refresh time, for a busy machine


class Load:
    """Clients that predict without a pause, and what they were answered."""

    def __init__(self, server: Server, clients: int = 8) -> None:
        self.answers: list[tuple[int, str]] = []
        self.failures: list[Exception] = []
        self._server, self._over = server, threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        try:
            with self._server.client() as client:
                while not self._over.is_set():
                    reply = client.predict([{"age": 30}])
                    self.answers.append((reply.status, reply.content.get("model_version")))
        except Exception as error:  # noqa: BLE001 - shown by the test
            self.failures.append(error)

    def since(self, count: int, limit: int) -> Counter[str]:
        """The versions of the next `limit` answers after the first `count`."""
        deadline = time.monotonic() + 30
        while len(self.answers) < count + limit and time.monotonic() < deadline:
            time.sleep(0.01)
        return Counter(version for _, version in self.answers[count : count + limit])

    def all_well(self) -> bool:
        return not self.failures and {status for status, _ in self.answers} == {200}


@pytest.fixture
def server(own_server: Server) -> Iterator[Server]:
    yield own_server.start()
    assert own_server.stop() == 0
    assert not own_server.events("fault"), own_server.log()


def test_versions_rollback_and_canary_under_load(server: Server) -> None:
    registry = server.registry
    first = server.version_served()
    second = factories.publish(registry, slope=0.2)
    with Load(server) as load:
        registry.promote(second)
        assert server.wait_for_version(second) < REFRESH_SECONDS + SLACK
        assert set(load.since(len(load.answers) + 8, 200)) == {second}
        registry.rollback()
        assert server.wait_for_version(first) < REFRESH_SECONDS + SLACK
        assert set(load.since(len(load.answers) + 8, 200)) == {first}
        registry.promote(second, canary=0.1)
        time.sleep(REFRESH_SECONDS + SLACK)
        seen = load.since(len(load.answers), 3000)
        assert set(seen) == {first, second}
        assert 210 < seen[second] < 390  # 10 %, more than five standard deviations either way
        registry.rollback()
        time.sleep(REFRESH_SECONDS + SLACK)
        assert set(load.since(len(load.answers), 200)) == {first}
    assert load.all_well(), (load.failures, Counter(load.answers))


def test_what_is_broken_in_the_store_does_not_reach_the_callers(server: Server) -> None:
    first = server.version_served()
    pointer = Path(server.store) / "models" / "model" / "serving.json"
    with Load(server, clients=2) as load:
        broken = factories.publish(server.registry, model=b"{")
        server.registry.promote(broken)
        time.sleep(REFRESH_SECONDS * 3)
        assert server.version_served() == first
        pointer.unlink()
        time.sleep(REFRESH_SECONDS * 3)
        assert server.version_served() == first
        shutil.rmtree(server.store)
        time.sleep(REFRESH_SECONDS * 3)
        assert server.version_served() == first
        # Another store in its place, as a repaired stack would make it.
        second = factories.publish(server.registry, slope=0.2)
        server.registry.promote(second)
        assert server.wait_for_version(second) < REFRESH_SECONDS + SLACK
    assert load.all_well(), (load.failures, Counter(load.answers))
    time.sleep(SLACK)  # the log is written a little later
    problems = [event["problem"] for event in server.events("refresh")]
    assert any(broken in (problem or "") for problem in problems)
    assert any("gone" in (problem or "") for problem in problems)
    assert problems[-1] is None


def test_a_server_without_a_model_waits_for_the_first(own_server: Server) -> None:
    shutil.rmtree(own_server.store)
    own_server.store.mkdir()
    own_server.start()
    with own_server.client() as client:
        assert client.get("/healthz").status == 200
        reply = client.predict([{"age": 1}])
        assert reply.status == 503
        assert int(reply.headers["retry-after"]) > 0
        assert client.get("/readyz").status == 503
        assert client.get("/openapi.json").status == 200
        version = factories.publish(own_server.registry)
        own_server.registry.promote(version)
        wait_until(lambda: client.get("/readyz").status == 200, REFRESH_SECONDS + SLACK)
        assert client.predict([{"age": 1}]).content["model_version"] == version
