"""A real browser on the real local server. It watches itself: no test may have it ask elsewhere or break a policy."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.page_driver import Visit, publish
from tests.support.local_server import Server

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"there is no browser here: none of {', '.join(NAMES)} is on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET, chromium_sandbox=os.geteuid() != 0)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    publish(server)
    server.start()
    yield server
    assert server.stop() == 0
    assert not server.events("fault"), server.log()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server that has no model yet."""
    server = Server(tmp_path).start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def visiting(browser: Browser) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def visit(server: Server, **options: Any) -> Visit:
        context = browser.new_context(ignore_https_errors=True, **options)
        visits.append(Visit(context, server))
        return visits[-1]

    yield visit
    for each in visits:
        each.check()
        each.context.close()


@pytest.fixture
def visit(visiting: Callable[..., Visit], server: Server) -> Visit:
    return visiting(server)
