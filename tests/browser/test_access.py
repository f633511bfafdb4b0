"""Access to the page, and the page before there is a model."""

from collections.abc import Callable

from playwright.sync_api import Route, expect

from tests.browser.page_driver import Visit, answer_of, publish
from tests.support.local_server import TOKEN, Server


def test_the_token_is_asked_for_and_kept_in_this_tab_alone(visit: Visit, server: Server) -> None:
    page = visit.open(None)
    token = page.get_by_label("Token", exact=True)
    expect(token).to_be_focused()
    expect(token).to_have_attribute("type", "password")
    expect(page.get_by_role("button", name="Predict")).to_be_hidden()
    token.fill(TOKEN)
    token.press("Enter")
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    expect(token).to_be_hidden()
    assert page.evaluate("[Object.values(sessionStorage), localStorage.length, document.cookie]") == [[TOKEN], 0, ""]
    assert TOKEN not in page.url
    page.reload()
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    page.get_by_role("button", name="Forget the token").click()
    expect(token).to_be_visible()
    expect(page.get_by_role("button", name="Predict")).to_be_hidden()
    assert page.evaluate("sessionStorage.length") == 0


def test_a_wrong_token_is_said_and_forgotten(visit: Visit) -> None:
    page = visit.open("wrong")
    expect(page.get_by_role("alert")).to_contain_text("not the right one")
    expect(page.get_by_label("Token", exact=True)).to_be_focused()
    assert page.evaluate("sessionStorage.length") == 0
    page.get_by_label("Token", exact=True).fill(TOKEN)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_a_token_that_runs_out_does_not_cost_what_was_typed(visit: Visit) -> None:
    page = visit.open()
    page.get_by_label("age", exact=True).fill("77")
    page.evaluate("sessionStorage.setItem('token', 'old')")
    page.get_by_role("button", name="Predict").click()
    page.get_by_label("Token", exact=True).fill(TOKEN)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Token", exact=True)).to_be_hidden()
    expect(page.get_by_label("age", exact=True)).to_have_value("77")


def test_no_token_is_asked_for_where_the_front_knows_who_calls(visit: Visit) -> None:
    def let_in(route: Route) -> None:
        assert "authorization" not in route.request.headers
        route.continue_(headers={**route.request.headers, "authorization": f"Bearer {TOKEN}"})

    visit.context.route("**/*", let_in)
    page = visit.open(None)
    answer_of(page)
    expect(page.get_by_label("Token", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Forget the token")).to_be_hidden()


def test_before_the_first_version(visiting: Callable[..., Visit], own_server: Server) -> None:
    page = visiting(own_server).open()
    expect(page.get_by_role("alert")).to_contain_text("has no version that serves yet")
    publish(own_server)
    version = own_server.registry.versions()[0]
    while not own_server.events("serving"):
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("header")).to_contain_text(version)
    expect(page.get_by_role("alert")).to_be_hidden()
