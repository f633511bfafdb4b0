"""The page of a recommender: a history is built by clicks, and items come back with their reasons."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from function_code.column import Column
from function_code.schema import Schema
from function_code.training.histories.export import tables
from function_code.training.histories.similarity import Similarity
from tests.browser.page_driver import IMAGE, SCRIPT, Visit, field
from tests.support import factories
from tests.support.local_server import Server

ITEMS = ("tea", SCRIPT, "__proto__", IMAGE, "cup")
SCHEMA = Schema(
    [Column("date", "date", nullable=True, example="2025-12-31")],
    f"product {IMAGE}",
    "recommendation",
    ITEMS,
    ids=("customer",),
)


@pytest.fixture(scope="module")
def recommender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that recommends from each item the next one of ITEMS."""
    home: Path = tmp_path_factory.mktemp("recommender")
    server = Server(home)
    weights = np.roll(np.eye(len(ITEMS)), 1, axis=1)
    weights[-1, 0] = 0.0
    model = Similarity(weights, np.linspace(0.05, 0.01, len(ITEMS)), 1.0).cut(len(ITEMS))
    version = factories.publish(server.registry, SCHEMA, model=json.dumps(tables(model)).encode())
    server.registry.promote(version)
    server.start()
    yield server
    assert server.stop() == 0
    assert not server.events("fault"), server.log()


@pytest.fixture(scope="module")
def by_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that keeps the history of one user."""
    server = Server(tmp_path_factory.mktemp("by-user"))
    kept = factories.histories((IMAGE, "tea", "2025-12-31"))
    server.registry.promote(factories.publish(server.registry, factories.SHOP, kept=kept))
    server.start()
    yield server
    assert server.stop() == 0
    assert not server.events("fault"), server.log()


def test_a_user_is_enough_where_histories_are_kept(visiting: Callable[..., Visit], by_user: Server) -> None:
    page = visiting(by_user).open()
    result = page.locator("#result")
    expect(field(page, "customer")).to_contain_text("whose history is looked up where none is given below")
    expect(field(page, "history").locator(".chosen li")).to_have_count(0)
    field(page, "customer").get_by_label("customer optional").fill(IMAGE)
    page.get_by_role("button", name="Recommend").click()
    expect(result).to_contain_text("By the history that is kept of this user.")
    expect(result.locator(".items li").first).to_contain_text("because of tea")

    field(page, "customer").get_by_label("customer optional").fill("somebody else")
    page.get_by_role("button", name="Recommend").click()
    expect(result).to_contain_text("Without a history: what is popular.")

    field(page, "history").get_by_label("history optional").fill("cup")
    page.get_by_role("button", name="Recommend").click()
    expect(result.locator(".items li").first).to_contain_text("because of cup")
    expect(result).not_to_contain_text("history")


def test_a_history_is_built_by_clicks(visiting: Callable[..., Visit], recommender: Server) -> None:
    page = visiting(recommender).open()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Recommend {SCHEMA.target}")
    expect(page.locator("header")).to_contain_text("items, by a history")
    history, exclude, result = field(page, "history"), field(page, "exclude"), page.locator("#result")
    expect(history.locator(".chosen li span")).to_have_text(["tea"])

    for item in (SCRIPT, "cup"):
        history.get_by_label("history optional").fill(item)
        history.get_by_role("button", name="Add").click()
    history.get_by_role("button", name="Remove tea").click()
    expect(history.locator(".chosen li span")).to_have_text([SCRIPT, "cup"])
    page.get_by_role("button", name="Recommend").click()
    items = result.locator(".items li")
    expect(items).to_have_count(3)
    expect(items.nth(0)).to_contain_text("__proto__")
    expect(items.nth(0)).to_contain_text(f"because of {SCRIPT}")
    expect(items.nth(1)).to_have_text("tea0.05popular")
    expect(items.nth(2)).to_contain_text(IMAGE)

    exclude.get_by_label("exclude optional").fill("__proto__")
    exclude.get_by_label("exclude optional").press("Enter")
    expect(result).to_have_class("stale")
    history.get_by_label("history optional").fill("new in the shop")  # and not added: it counts all the same
    page.get_by_role("button", name="Recommend").click()
    expect(items).to_have_count(2)
    expect(result).to_contain_text("Training never saw new in the shop.")
    expect(history.locator(".chosen li span")).to_have_text([SCRIPT, "cup", "new in the shop"])
    assert page.title() == f"Recommend {SCHEMA.target}"


def test_nothing_is_left_to_recommend(visiting: Callable[..., Visit], recommender: Server) -> None:
    page = visiting(recommender).open()
    exclude = field(page, "exclude")
    for item in ITEMS[1:]:
        exclude.get_by_label("exclude optional").fill(item)
        exclude.get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Recommend").click()
    expect(page.locator("#result .answer")).to_have_text("nothing is left to recommend")
