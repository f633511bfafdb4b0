"""docs/histories.md: its table of events is a file that can be learned from, its request one that is answered so."""

import json
import re

import pytest

from function_code.registry import Registry
from function_code.scoring.kept_histories import MAX_CACHED_SHARDS
from function_code.serving.app import App
from function_code.serving.model_cache import ModelCache
from function_code.store import Store
from function_code.training.histories.search import COSINE, POPULARITY, SHALLOW
from function_code.training.run import train
from function_code.training.settings import MAX_KEPT_EVENTS, Settings
from tests.support.client import JSON_TYPE, ask
from tests.support.orders import orders
from tests.support.paths import ROOT
from tests.support.tables import csv_bytes
from tests.support.visits import visits

PAGE = (ROOT / "docs/histories.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> App:
    """An app that has learned from the page's events and some more, by the settings that the page shows."""
    header, _, *rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("|")][:5]
    products = ["85123A", "71053", "84879", "84406B"]
    generated = [[user, products[int(str(item)[1:])] if int(str(item)[1:]) < 4 else item, f"{day} 08:26", amount]
                 for user, item, day, amount in orders()]  # fmt: skip
    named = re.findall(r"(USER|ITEM|WHEN|AMOUNT)=(\w+)", PAGE)
    assert {column for _, column in named} == {*header}
    kept = int(re.findall(r"KEEP_EVENTS=(\d+)", PAGE)[0])
    settings = Settings(**{name.lower(): column for name, column in named}, budget=0.5, keep_events=kept)
    registry = Registry(Store(str(tmp_path_factory.mktemp("store"))), "model")
    outcome = train(csv_bytes(header, [*rows, *generated]), "orders.csv", settings, registry, lambda line: None)
    assert outcome.promoted
    models = ModelCache(registry)
    models.refresh()
    return App(models, "model")


RECOMMENDATIONS, _, INTENT = PAGE.partition("## Purchase intent")
REQUESTS = re.findall(r"```\nPOST (\S+)\n(.*?)\n```\n```\n(.*?)\n```", RECOMMENDATIONS, re.DOTALL)


@pytest.mark.parametrize(("target", "body", "shown"), REQUESTS, ids=["history", "user"])
def test_the_request_is_answered_as_the_page_shows(app: App, target: str, body: str, shown: str) -> None:
    answer = ask(app, "POST", target, body.encode(), JSON_TYPE)
    assert answer.status == 200, answer.content
    (prediction,), (expected,) = (
        each["predictions"] for each in (answer.content, json.loads(shown.replace(", ...", "")))
    )
    by_user = "history" in expected
    assert {*prediction} == {*expected, "history"}
    assert prediction["history"] == ("kept" if by_user else "request")
    assert len(prediction["items"]) == 3
    assert {*prediction["items"][0]} == {*expected["items"][0]}
    assert not {"85123A", "71053", "84406B" if by_user else "84879"} & {each["item"] for each in prediction["items"]}
    assert by_user or prediction["items"][0]["because"] in ("85123A", "71053")


def test_the_limits_of_kept_histories_are_those_of_the_code() -> None:
    assert f"the latest are kept, {MAX_KEPT_EVENTS:,} at most" in PAGE
    assert f"the last {MAX_CACHED_SHARDS} shards in memory" in PAGE


def test_the_intent_of_the_page(registry: Registry) -> None:
    command, request, shown = re.findall(r"```\n(.*?)\n```", INTENT, re.DOTALL)[:3]
    named = dict(part.split("=", 1) for part in command.split()[2:])
    assert named.pop("DATASET") == "orders.csv"
    settings = Settings(**{name.lower(): value for name, value in named.items()}, budget=0.5)
    train(csv_bytes([named["USER"], named["ITEM"], named["WHEN"], named["AMOUNT"]], visits()), "orders.csv", settings,
          registry, lambda line: None)  # fmt: skip
    registry.promote(registry.versions()[-1])
    models = ModelCache(registry)
    models.refresh()
    target, _, body = request.removeprefix("POST ").partition("\n")
    answer = ask(App(models, "model"), "POST", target, body.encode(), JSON_TYPE)
    (prediction,), (expected,) = (
        each["predictions"] for each in (answer.content, json.loads(shown.replace(", ...", "")))
    )
    assert list(prediction) == list(expected)
    assert list(prediction["probabilities"]) == list(expected["probabilities"])


def test_the_candidates_are_those_of_the_search() -> None:
    assert re.findall(r"^\| `(\w+)` \|", RECOMMENDATIONS, re.MULTILINE) == [
        POPULARITY,
        COSINE,
        SHALLOW,
    ]
