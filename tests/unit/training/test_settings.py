"""The document of a training's settings: what it can hold, and what is refused by name."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest

from function_code.errors import Refused
from function_code.training.command_line import add_settings, read_settings
from function_code.training.settings import Settings

EVENTS = {"user": "u", "item": "i", "when": "w"}


def parsed(*arguments: str) -> Settings:
    parser = ArgumentParser()
    add_settings(parser)
    return read_settings(parser.parse_args(arguments))


def test_a_document_is_read_as_it_is() -> None:
    document = {"target": "y", "id": ["a", "b, c"], "kinds": {"zip": "category"}, "budget": 5, "synthetic": True}
    settings = Settings.of(json.loads(json.dumps(document)))
    assert settings == Settings("y", id=("a", "b, c"), kinds={"zip": "category"}, budget=5, synthetic=True)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({}, "name no target"),
        ({"target": ""}, "name no target"),
        ({"target": 5}, "target is 5; it is a text"),
        ({"target": "y", "tagret": "y"}, "a setting of the training is 'tagret'; it can be one of target, id"),
        ({"target": "y", "id": "user"}, "id is 'user'; it is a list of columns"),
        ({"target": "y", "drop": [1]}, r"drop is \[1\]; it is a list of columns"),
        ({"target": "y", "kinds": {"zip": 1}}, "kinds is .* one text for each column named"),
        ({"target": "y", "kinds": {"zip": "postcode"}}, "the kind of column 'zip' is 'postcode'; it can be one of"),
        ({"target": "y", "budget": "60"}, "budget is '60'; it is a number"),
        ({"target": "y", "budget": True}, "budget is True; it is a number"),
        ({"target": "y", "budget": 0}, "budget is 0; it is a number of seconds above 0"),
        ({"target": "y", "synthetic": "no"}, "synthetic is 'no'; it is true or false"),
        ({"target": "y", "task": "x"}, "task is 'x'; it can be one of"),
        ({"target": "y", "group": "g", "time": "t"}, "group and time are both set"),
        (
            {"target": "y", "keep_events": 5},
            "keep_events is 5, and there are no events: user, item and when are not set",
        ),
        ({**EVENTS, "keep_events": -1}, "keep_events is -1; it is a whole number from 0 to 10,000"),
        ({**EVENTS, "keep_events": 10_001}, "keep_events is 10001; it is a whole number from 0"),
        ({**EVENTS, "keep_events": 2.5}, "keep_events is 2.5; it is a whole number"),
        ({**EVENTS, "keep_events": True}, "keep_events is True; it is a whole number"),
    ],
)
def test_what_cannot_be_is_refused_by_name(document: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        Settings.of(document)


def test_options_make_the_same_document_and_go_before_one_that_is_given(tmp_path: Path) -> None:
    options = ("--target", "y", "--id", 'a,"b, c"', "--kinds", "zip=category", "--kinds", "x=y=date", "--budget", "5")
    expected = Settings("y", id=("a", "b, c"), kinds={"zip": "category", "x=y": "date"}, budget=5)
    assert parsed(*options) == expected
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"target": "other", "objective": "f1"}))
    for source in (str(file), file.read_text()):
        assert parsed("--settings", source) == Settings("other", objective="f1")
        assert parsed("--settings", source, "--target", "y", "--synthetic") == Settings(
            "y", objective="f1", synthetic=True
        )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nowhere.json", "nowhere.json cannot be read"),
        ("{", "the settings of the training in { are not JSON"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(source: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        parsed("--settings", source)
