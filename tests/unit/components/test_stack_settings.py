"""The settings of a stack as the preview checks them: by the header that the training reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest

from stacks.settings import read_settings
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def configuration() -> Iterator[None]:
    yield
    pulumi.runtime.set_all_config({})


def read(**texts: str) -> Any:
    """The settings of the training by a configuration."""
    always = {"model": "m", "budget": "1", "objective": "balanced_accuracy", "framework": "sklearn"}
    pulumi.runtime.set_all_config({f"p:{key}": value for key, value in {**always, **texts}.items()})
    return read_settings(pulumi.Config("p"), ROOT).training


@pytest.mark.parametrize(
    "text",
    [
        "# bought,age,plan,note\nno,20,basic,x\nyes,30,pro,x\n",
        "user id,bought,,\nu1,no,4,5\nu2,no,5,6\n",
        "bought,,,\nno,1,2,3\nyes,2,3,4\n",
    ],
)
def test_a_header_is_recognised_by_the_target_and_ids(text: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    ids = "user id" if "user id" in text else ""
    assert read(target="bought", id=ids, dataset=str(path))["target"] == "bought"


EVENTS = {"user": "customer", "item": "product", "when": "day"}
TABLE = '{"base": "appAAAAAAAAAAAAAA", "table": "Orders"}'


def test_the_target_of_the_sample_is_none_of_events(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("# customer,product,day\n1,tea,2025-01-01\n2,cup,2025-01-02\n")
    training = read(target="purchase_intent", dataset=str(path), **EVENTS)
    assert {name: training[name] for name in ("target", *EVENTS)} == {"target": "", **EVENTS}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"target": "price", "dataset": "none"}, "target is for files with a target in each row"),
        ({"dataset": "none", "when": ""}, "events take user, item and when, and there is no when"),
        ({}, "item is 'product', and dataset is not set: the synthetic sample has no events"),
        ({"source": "airtable", "airtable": TABLE}, "learned from a file, not from Airtable"),
    ],
)
def test_what_events_do_not_go_with(settings: dict[str, str], words: str) -> None:
    with pytest.raises(pulumi.RunError, match=words) as caught:
        read(**{"target": "purchase_intent", **EVENTS, **settings})
    assert "\n" not in str(caught.value)


def test_the_number_of_kept_events_is_a_whole_number_and_0_where_nothing_is_set(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer,product,date\n1,tea,2025-01-01\n")
    events = {"user": "customer", "item": "product", "when": "date", "dataset": str(path)}
    assert read(**events)["keep_events"] == 0
    assert read(**events, keep_events="200")["keep_events"] == 200
    with pytest.raises(pulumi.RunError, match="keep_events is -1; it is a whole number from 0 to 10,000"):
        read(**events, keep_events="-1")
    with pytest.raises(pulumi.ConfigTypeError, match="keep_events"):
        read(**events, keep_events="many")
