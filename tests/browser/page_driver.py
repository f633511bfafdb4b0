"""A model whose names are hostile, and visits to the page of its endpoint."""

from typing import Any

from playwright.sync_api import BrowserContext, Page, Route, expect

from function_code.column import Column
from function_code.schema import Schema
from tests.support import factories
from tests.support.local_server import TOKEN, Server

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}

# What a model's columns and categories may be called: the browser must not take it for markup, or for JavaScript's own.
IMAGE = "<img src=x onerror=\"document.title='hacked'\">"
SCRIPT = "\"></option><script>document.title='hacked'</script>"
HOSTILE = [
    Column(f"size {IMAGE}", "number", nullable=True, example=0.1 + 0.2),
    Column("__proto__", "category", nullable=True, example=SCRIPT, values=(SCRIPT, IMAGE)),
    Column("a" * 200, "date", nullable=True, example="2025-01-31T12:00:00Z"),
]
SCHEMA = Schema(
    [factories.AGE, factories.PLAN, factories.NEW, factories.SINCE, *HOSTILE],
    f"bought {IMAGE}",
    "binary",
    ("no", SCRIPT),
    ids=("user_id",),
)
REPORT = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>The report</title>
<style>h1 { color: rgb(1, 2, 3) }</style><h1>How good it is</h1><p style="color: rgb(4, 5, 6)">Good.</p>
<img alt="dot" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7">
<svg width="9" height="9"><rect width="9" height="9" style="fill: rgb(7, 8, 9)"/></svg></html>"""


def publish(server: Server) -> None:
    server.registry.promote(factories.publish(server.registry, SCHEMA, report=REPORT))


class Visit:
    """A visit to a server's page, in a browser that has never been there."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.context, self.origin = context, f"https://127.0.0.1:{server.settings['port']}"
        self.requested: list[str] = []
        self.faults: list[str] = []
        context.set_default_timeout(10_000)
        context.on("request", lambda request: self.requested.append(request.url))
        context.on("weberror", lambda error: self.faults.append(str(error.error)))
        context.on("dialog", lambda dialog: self.faults.append(f"dialog {dialog.message}"))
        context.on("console", lambda message: self.faults.append(message.text))
        self.page: Page = context.new_page()

    def open(self, token: str | None = TOKEN) -> Page:
        """The page, after a token was given; with None, it is as it comes."""
        self.page.goto(self.origin)
        if token is not None:
            self.page.get_by_label("Token", exact=True).fill(token)
            self.page.get_by_role("button", name="Continue").click()
        return self.page

    def check(self) -> None:
        """Asserts that nothing was requested from other hosts, and that the browser reported no errors."""
        assert self.requested
        own = (f"{self.origin}/", f"blob:{self.origin}/", "data:")
        assert [url for url in self.requested if not url.startswith(own)] == []
        # Statuses such as 401 and 422 are answers that the page understands; the browser notes them all the same.
        assert [fault for fault in self.faults if not fault.startswith("Failed to load resource")] == []


def field(page: Page, name: str) -> Any:
    """The input of a column in the form, with what belongs to it."""
    return page.locator("#fields > *").filter(has=page.locator("label, legend", has_text=name)).first


def answer_of(page: Page) -> Any:
    """Submits the form; the result that the page shows."""
    page.get_by_role("button", name="Predict").click()
    expect(page.locator(".answer")).to_be_visible()
    return page.locator("#result")


def explaining(page: Page, contributions: dict[str, float], version: str | None = None, **more: Any) -> None:
    """Has the endpoint explain: each feature's share, from a base of 0.25, in log-odds."""

    def answer(route: Route) -> None:
        predicted = page.evaluate("model.version") if version is None else version
        explanation = {
            "label": SCRIPT, "class": SCRIPT, "scale": "log-odds", "base": 0.25, "contributions": contributions,
            "score": 0.25 + sum(contributions.values()), "unseen": [], **more,
        }  # fmt: skip
        route.fulfill(json={"explanations": [explanation], "model": "model", "model_version": predicted})

    page.route("**/*:explain?unseen=true", answer)


def box(locator: Any) -> Any:
    """The box of an element: x, y, width and height in pixels."""
    return locator.bounding_box()
