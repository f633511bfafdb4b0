"""On a phone, by keyboard, by day and by night."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.page_driver import HOSTILE, PHONE, Visit, answer_of, box, explaining
from tests.support.local_server import TOKEN, Server


def test_on_a_phone_nothing_lies_beyond_the_edge(visiting: Callable[..., Visit], server: Server) -> None:
    page = visiting(server, **PHONE).open(None)
    widths = [page.evaluate("document.documentElement.scrollWidth")]
    page.get_by_label("Token", exact=True).fill(TOKEN)
    page.get_by_role("button", name="Continue").click()
    explaining(page, {column.name: 0.5 for column in HOSTILE})
    result = answer_of(page)
    page.get_by_text("Measured on rows that it has not seen").click()
    widths.append(page.evaluate("document.documentElement.scrollWidth"))
    assert widths == [390, 390]
    buttons = page.locator("button:visible, input:visible, select:visible").all()
    assert min(box(button)["height"] for button in buttons) >= 44
    result.scroll_into_view_if_needed()


def test_the_answer_comes_into_view_and_is_read_out(visiting: Callable[..., Visit], server: Server) -> None:
    page = visiting(server, **PHONE).open()
    answer_of(page)
    expect(page.locator(".answer")).to_be_in_viewport()
    expect(page.locator("#result")).to_have_attribute("aria-live", "polite")


def test_by_keyboard_alone(visit: Visit) -> None:
    page = visit.open(None)
    expect(page.get_by_label("Token", exact=True)).to_be_focused()
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    reached = []
    while "Predict" not in reached:
        page.keyboard.press("Tab")
        text = "document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent.trim()"
        reached.append(page.evaluate(text))
        assert len(reached) < 20, reached
    assert "Open the report" in reached
    assert "age" in reached
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_be_visible()


def test_an_answer_to_other_values_looks_old(visit: Visit) -> None:
    page = visit.open()
    result = answer_of(page)
    page.get_by_label("age", exact=True).fill("31")
    expect(result).to_have_css("opacity", "0.55")
    answer_of(page)
    expect(result).to_have_css("opacity", "1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_by_day_and_by_night(visiting: Callable[..., Visit], server: Server, scheme: str) -> None:
    page = visiting(server, color_scheme=scheme).open()
    answer_of(page)
    pairs = {".answer": "#result", ".soft": "#result", "h1": "body", "dt": "body", "#send": "#send", ".note": ".note"}
    ratios = {text: contrast(page, text, ground) for text, ground in pairs.items()}
    assert min(ratios.values()) >= 4.5, ratios
    assert (brightness(page, "body", "backgroundColor") > 0.5) == (scheme == "light")


def brightness(page: Page, selector: str, style: str) -> float:
    """The relative luminance of a colour, as WCAG defines it."""
    text = page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{style}")
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (float(part) / 255 for part in text.removeprefix("rgb(").rstrip(")").split(","))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(page: Page, text: str, ground: str) -> float:
    low, high = sorted((brightness(page, text, "color"), brightness(page, ground, "backgroundColor")))
    return (high + 0.05) / (low + 0.05)
