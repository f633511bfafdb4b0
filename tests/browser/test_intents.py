"""The page of a model of intent: a history of events is built by clicks, at a moment, and answered."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.page_driver import Visit, field
from tests.support import factories
from tests.support.local_server import Server


@pytest.fixture(scope="module")
def intent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose log-odds of buying are a tenth of the days since the last event."""
    home: Path = tmp_path_factory.mktemp("intent")
    server = Server(home)
    server.registry.promote(factories.publish(server.registry, factories.INTENT))
    server.start()
    yield server
    assert server.stop() == 0
    assert not server.events("fault"), server.log()


def test_a_history_of_events_is_built_by_clicks(visiting: Callable[..., Visit], intent: Server) -> None:
    page = visiting(intent).open()
    history, result = field(page, "history"), page.locator("#result")
    expect(history.locator(".chosen li span")).to_have_text(["tea, 31/12/2025, 2"])
    history.get_by_label("history optional").fill("cup")
    history.get_by_label("when").fill("2025-02-01")
    history.get_by_label("amount").fill("3.5")
    history.get_by_role("button", name="Add").click()
    history.get_by_role("button", name="Remove tea, 31/12/2025, 2").click()
    expect(history.locator(".chosen li span")).to_have_text(["cup, 2025-02-01, 3.5"])
    field(page, "at").get_by_role("textbox").fill("2025-02-11")
    page.get_by_role("button", name="Predict").click()
    expect(result).to_contain_text("73")
    expect(result).to_contain_text("days_since_last")

    field(page, "at").get_by_role("textbox").fill("2025-01-11")
    page.get_by_role("button", name="Predict").click()
    expect(field(page, "history")).to_contain_text("no event is there by 2025-01-11")
