"""GET / for people, and the report of a version: HTML, and what a browser is told about it."""

import base64
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from function_code.errors import Refused
from function_code.registry import Registry
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from tests.support import factories
from tests.support.client import ask

REPORT = "<!doctype html><title>Größe</title>".encode()
REPORTS = "/v1/models/model/report"


@pytest.fixture
def app_with(registry: Registry) -> Callable[..., App]:
    """Makes the app of a version with or without a report."""

    def make(report: bytes | None) -> App:
        registry.promote(factories.publish(registry, report=report))
        models = ModelCache(registry)
        models.refresh()
        return App(models, "model")

    return make


def policy(answer: Any) -> dict[str, str]:
    """The Content-Security-Policy of an answer, by directive."""
    return dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))


def test_the_page_tells_nothing_of_the_model(app: App, empty_app: App) -> None:
    answers = [ask(some, "GET", "/") for some in (app, empty_app)]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    assert answers[0].version is None


def test_the_page_is_small_and_whole(app: App) -> None:
    body = ask(app, "GET", "/").body
    assert len(body) < 26_000
    text = body.decode()
    assert not re.search(r"https?:|//[a-z]|@import|url\(| src=|/\* page", text)


def test_only_the_pages_own_script_may_run_and_ask_its_own_origin(app: App) -> None:
    answer = ask(app, "GET", "/")
    (script,) = re.findall(rb"<script>(.*?)</script>", answer.body, re.DOTALL)
    assert len(script) > 1000
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    assert policy(answer) == {
        "default-src": "'none'",
        "script-src": f"'sha256-{digest}'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "connect-src": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_headers_of_html(app_with: Callable[..., App]) -> None:
    app = app_with(REPORT)
    for path in ("/", REPORTS):
        answer, head = ask(app, "GET", path), ask(app, "HEAD", path)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert (head.status, head.body) == (200, b"")
        assert head.headers.keys() == answer.headers.keys()


def test_the_report_is_the_published_one_and_may_run_nothing(app_with: Callable[..., App]) -> None:
    answer = ask(app_with(REPORT), "GET", REPORTS)
    assert answer.status == 200
    assert answer.body == REPORT
    assert answer.version
    assert policy(answer) == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_report_is_the_stable_versions(registry: Registry) -> None:
    registry.promote(factories.publish(registry, report=b"first"))
    registry.promote(factories.publish(registry, report=b"second"))
    registry.promote(factories.publish(registry, slope=0.2, report=b"canary"), canary=0.999)
    models = ModelCache(registry)
    models.refresh()
    app = App(models, "model")
    assert ask(app, "GET", REPORTS).body == b"second"
    registry.rollback()
    registry.rollback()
    models.refresh()
    assert ask(app, "GET", REPORTS).body == b"first"


def test_a_version_without_a_report_and_no_version(app_with: Callable[..., App], empty_app: App) -> None:
    ask(empty_app, "GET", REPORTS).problem(503, "no version that serves yet")
    ask(app_with(None), "GET", REPORTS).problem(404, "was published without a report")


def test_a_damaged_report_is_not_shown(app_with: Callable[..., App], registry: Registry) -> None:
    app = app_with(REPORT)
    (path,) = Path(registry.store.url).rglob("report.html")
    os.truncate(path, 5)
    with pytest.raises(Refused, match="corrupt"):
        ask(app, "GET", REPORTS)
    path.unlink()
    with pytest.raises(Refused, match=r"no .*report\.html"):
        ask(app, "GET", REPORTS)
