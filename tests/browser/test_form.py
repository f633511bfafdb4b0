"""The page's description of a model, the form made from its schema, and the messages about wrong values."""

import json
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.page_driver import HOSTILE, IMAGE, SCHEMA, SCRIPT, Visit, answer_of, explaining, field
from tests.support.local_server import Server


def test_it_tells_what_the_model_predicts(visit: Visit, server: Server) -> None:
    page = visit.open()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Predict {SCHEMA.target}")
    header = page.locator("header")
    expect(header).to_contain_text("Trained on synthetic data")
    expect(header).to_contain_text("one of two classes")
    expect(header).to_contain_text(server.version_served())
    page.get_by_text("Measured on rows that it has not seen").click()
    expect(page.get_by_role("row", name="slope 0.1")).to_be_visible()


def test_the_form_is_made_from_the_schema(visit: Visit) -> None:
    page = visit.open()
    age, plan = page.get_by_label("age", exact=True), page.get_by_label("plan optional")
    expect(age).to_have_value("30")
    expect(age).to_have_attribute("type", "number")
    expect(age).to_have_js_property("required", True)
    expect(plan).to_have_value("basic")
    expect(plan).to_have_js_property("required", False)
    known = page.locator(f"datalist#{plan.get_attribute('list')} option")
    assert known.evaluate_all("options => options.map((option) => option.value)") == ["basic", "pro"]
    assert page.get_by_label("new optional").locator("option").all_text_contents() == ["not known", "yes", "no"]
    expect(page.get_by_label("since optional")).to_have_attribute("type", "date")
    expect(page.get_by_label("since optional")).to_have_value("2025-01-31")
    expect(page.get_by_label(HOSTILE[2].name)).to_have_value("2025-01-31T12:00:00Z")
    expect(page.get_by_label("user_id optional")).to_have_value("")


def test_what_is_owned_is_chosen_among_the_classes(visit: Visit) -> None:
    """The description of a model with such a column, as its endpoint gives it."""

    def describe(route: Route) -> None:
        content = route.fetch().json()
        content["schema"] |= {"owned": "has", "classes": ["a", 2, "c"], "task": "multiclass"}
        route.fulfill(json=content)

    visit.context.route("**/v1/models/model", describe)
    prediction: dict[str, Any] = {"label": None, "probabilities": {}}
    predicted = {"predictions": [prediction], "model": "model", "model_version": "v"}
    visit.context.route("**/*:predict?top=5", lambda route: route.fulfill(json=predicted))
    page = visit.open()
    group = page.get_by_role("group", name="has")
    group.get_by_label("2").check()
    group.get_by_label("c").check()
    with page.expect_request("**/*:predict?top=5") as sent:
        answer_of(page)
    assert json.loads(sent.value.post_data or "")["instances"][0]["has"] == [2, "c"]
    expect(page.locator(".answer")).to_have_text("nothing is left to answer")


def test_a_missing_value_is_said_beside_its_field(visit: Visit) -> None:
    page = visit.open()
    age = page.get_by_label("age", exact=True)
    age.fill("")
    page.get_by_role("button", name="Predict").click()
    expect(field(page, "age").locator(".error")).to_have_text("a value is wanted: it was never missing in training")
    expect(age).to_be_focused()
    expect(age).to_have_attribute("aria-invalid", "true")
    expect(age).to_have_accessible_description("a value is wanted: it was never missing in training")
    expect(page.get_by_role("alert")).to_have_text("One value needs a look.")
    age.fill("3")
    age.press("Enter")
    expect(page.locator(".answer")).to_be_visible()
    expect(field(page, "age").locator(".error")).to_be_hidden()
    expect(age).to_have_attribute("aria-invalid", "false")


def test_what_is_no_number_or_date_is_said_and_not_taken_for_missing(visit: Visit) -> None:
    page = visit.open()
    page.get_by_label(HOSTILE[0].name).fill("")
    page.get_by_label(HOSTILE[0].name).press_sequentially("1e")  # a browser lets it be typed, and reads nothing
    page.get_by_role("button", name="Predict").click()
    expect(field(page, HOSTILE[0].name).locator(".error")).to_have_text("a number is wanted")
    page.get_by_label(HOSTILE[0].name).fill("")
    page.get_by_label(HOSTILE[2].name).fill("yesterday")
    page.get_by_role("button", name="Predict").click()
    expect(field(page, HOSTILE[2].name).locator(".error")).to_contain_text("a date like 2025-12-31")


def test_names_and_values_are_text_and_never_markup(visit: Visit) -> None:
    page = visit.open()
    explaining(page, {column.name: 0.5 for column in HOSTILE})
    result = answer_of(page)
    expect(page.locator(".answer")).to_have_text(SCRIPT)
    expect(result.get_by_role("listitem").filter(has_text=f"__proto__: {SCRIPT}")).to_be_visible()
    expect(result.get_by_role("listitem").filter(has_text=IMAGE)).to_be_visible()
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1
    assert page.evaluate("({}).example") is None
    assert page.title() == f"Predict {SCHEMA.target}"
