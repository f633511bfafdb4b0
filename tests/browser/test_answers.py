"""Answers of the endpoint on the page: predictions, explanations, the report, and errors."""

import json

import pytest
from playwright.sync_api import Route, expect

from tests.browser.page_driver import HOSTILE, REPORT, Visit, answer_of, box, explaining
from tests.support.local_server import TOKEN, Server


def test_the_prediction_is_the_endpoints(visit: Visit, server: Server) -> None:
    page = visit.open()
    page.get_by_label("age", exact=True).fill("-12.5")
    page.get_by_label("plan optional").fill("never seen")
    page.get_by_label("new optional").select_option("no")
    page.get_by_label("since optional").fill("")
    page.get_by_label("user_id optional").fill("u-1")
    with page.expect_request("**/*:predict?top=5") as sent:
        result = answer_of(page)
    instance = json.loads(sent.value.post_data or "")["instances"][0]
    named = {"age": -12.5, "plan": "never seen", "new": False, "user_id": "u-1"}
    assert instance == {**named, **{column.name: column.example for column in HOSTILE}}
    with server.client() as client:
        (prediction,) = client.predict([instance]).content["predictions"]
    expect(page.locator(".answer")).to_have_text(prediction["label"])
    for label, probability in prediction["probabilities"].items():
        expect(result.get_by_role("listitem").filter(has_text=label)).to_contain_text(f"{probability:.1%}")


def test_a_value_is_shown_as_it_is(visit: Visit) -> None:
    """The answer of a regression's endpoint."""

    def describe(route: Route) -> None:
        content = route.fetch().json()
        content["schema"] |= {"classes": [], "task": "regression"}
        route.fulfill(json=content)

    visit.context.route("**/v1/models/model", describe)
    values = iter([-1234567.891, 0.00001234, 2e300, 0])

    def predict(route: Route) -> None:
        answer = {"predictions": [{"value": next(values)}], "model": "model", "model_version": "v"}
        route.fulfill(json=answer)

    visit.context.route("**/*:predict", predict)
    page = visit.open()
    for shown in ("-1,234,570", "1.234e-5", "2.000e+300", "0"):
        answer_of(page)
        expect(page.locator(".answer")).to_have_text(shown)


def test_what_drove_it(visit: Visit) -> None:
    page = visit.open()
    explaining(
        page, {"age": -1.25, "plan": 0.5, "new": 0.03, "since": 0.0, **{f"more {number}": 0.01 for number in range(8)}}
    )
    page.get_by_label("plan optional").fill("")
    result = answer_of(page)
    lines = result.get_by_role("list").last.get_by_role("listitem")
    assert [line.replace("\n", " ") for line in lines.all_inner_texts()][:3] == [
        "age: 30 -1.25", "plan: missing +0.5", "new: yes +0.03",
    ]  # fmt: skip
    expect(lines).to_have_count(8)
    expect(result).to_contain_text("Starting from 0.25, 3 more add +0.03, in sum -0.39")
    middles = [frame["x"] + frame["width"] / 2 for frame in map(box, lines.locator(".bar").all())]
    bars = list(map(box, lines.locator("i").all()))
    assert bars[0]["x"] + bars[0]["width"] == pytest.approx(middles[0], abs=1)
    assert bars[1]["x"] == pytest.approx(middles[1], abs=1)
    assert bars[1]["width"] / bars[0]["width"] == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("status", [404, 422, 501, 503])
def test_without_an_explanation_the_answer_stands(visit: Visit, status: int) -> None:
    page = visit.open()
    page.route("**/*:explain?unseen=true", lambda route: route.fulfill(status=status, json={"detail": "no"}))
    expect(answer_of(page)).not_to_contain_text("What drove it")
    expect(page.get_by_role("alert")).to_be_hidden()


def test_values_that_training_never_saw_are_named(visit: Visit) -> None:
    page = visit.open()
    explaining(page, {"age": 1.0, "plan": 0.5}, unseen=["plan"])
    expect(answer_of(page)).to_contain_text("Training never saw such a value of plan.")


def test_an_explanation_by_another_version_is_not_shown(visit: Visit) -> None:
    page = visit.open()
    explaining(page, {"age": 1.0}, version="the canary")
    expect(answer_of(page)).not_to_contain_text("What drove it")


def test_other_faults_are_said_plainly(visit: Visit) -> None:
    page = visit.open()
    page.route("**/*:predict?top=5", lambda route: route.abort())
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("alert")).to_have_text("The endpoint cannot be reached.")
    page.unroute_all()
    page.route("**/*:predict?top=5", lambda route: route.fulfill(status=500, body="<h1>oh</h1>"))
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_role("alert")).to_have_text("The endpoint answers with status 500.")
    page.unroute_all()
    answer_of(page)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_report_opens_in_a_tab_with_its_styles_and_without_scripts(visit: Visit) -> None:
    page = visit.open()
    with visit.context.expect_page() as opened:
        page.get_by_role("button", name="Open the report").click()
    report = opened.value
    expect(report.get_by_role("heading", name="How good it is")).to_have_css("color", "rgb(1, 2, 3)")
    expect(report.get_by_text("Good.")).to_have_css("color", "rgb(4, 5, 6)")
    expect(report.locator("rect")).to_have_css("fill", "rgb(7, 8, 9)")
    expect(report.get_by_alt_text("dot")).to_have_js_property("naturalWidth", 1)
    assert TOKEN not in report.url


def test_a_script_in_a_report_does_not_run(visit: Visit) -> None:
    page = visit.open()
    hostile = REPORT + b"<script>document.title = sessionStorage.token</script>"
    page.route("**/report", lambda route: route.fulfill(body=hostile, content_type="text/html; charset=utf-8"))
    with visit.context.expect_page() as opened:
        page.get_by_role("button", name="Open the report").click()
    expect(opened.value.get_by_role("heading", name="How good it is")).to_be_visible()
    assert opened.value.title() == "The report"
    refused = [fault for fault in visit.faults if "inline script violates" in fault]
    assert len(refused) == 1
    visit.faults.remove(refused[0])


def test_a_missing_report_is_said(visit: Visit) -> None:
    page = visit.open()
    detail = "published without a report"
    page.route("**/report", lambda route: route.fulfill(status=404, json={"detail": detail}))
    page.get_by_role("button", name="Open the report").click()
    expect(page.get_by_role("alert")).to_have_text(detail)
    assert len(visit.context.pages) == 1
