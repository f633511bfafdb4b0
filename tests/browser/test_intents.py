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
    expect(field(page, "history")).to_contain_text("no event that counts is there by 2025-01-11")


def test_a_button_changes_to_what_is_recommended(visiting: Callable[..., Visit], intent: Server) -> None:
    intent.registry.items.promote(factories.publish(intent.registry.items, factories.SHOP))
    page = visiting(intent).open()
    other, result = page.locator("#other"), page.locator("#result")
    expect(other).to_have_text("Recommend instead")
    other.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommend product")
    page.get_by_role("button", name="Recommend", exact=True).click()
    expect(result.locator(".items li").nth(0)).to_contain_text("7")
    expect(other).to_have_text("Predict bought instead")
    other.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Predict bought")
    expect(result).to_contain_text("The answer comes here.")
    page.get_by_role("button", name="Predict", exact=True).click()
    expect(result).to_contain_text("Probabilities")
