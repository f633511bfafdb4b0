"""The settings of a training as options of the command line: a JSON document, and an option for each setting."""

import argparse
from collections.abc import Collection, Iterable
from dataclasses import Field, fields
from typing import Any

from function_code.console import read_document
from function_code.data.csv_file import parse_columns
from function_code.errors import Refused
from function_code.training.settings import Settings

# Arguments of argparse for a setting of each type. What is not named stays out of the document.
_FORMS: dict[Any, dict[str, Any]] = {
    str: {},
    bool: {"action": "store_true"},
    int: {"type": int},
    float: {"type": float},
    tuple[str, ...]: {"metavar": "COLUMNS"},
    dict[str, str]: {"metavar": "COLUMN=TEXT", "action": "append"},
}


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add an option for each setting, and --settings for all of them."""
    parser.add_argument(
        "--settings", default="{}", metavar="SETTINGS", help="a JSON file of the settings below, or {...}"
    )
    add_options(parser, fields(Settings))


def add_options(
    parser: argparse.ArgumentParser, settings: Iterable["Field[Any]"], required: Collection[str] = ()
) -> None:
    """Add an option for each of some settings."""
    for setting in settings:
        form = _FORMS[setting.type] | ({"required": True} if setting.name in required else {})
        parser.add_argument(f"--{setting.name}", default=argparse.SUPPRESS, help=setting.metadata["help"], **form)


def read_settings(options: argparse.Namespace) -> Settings:
    """The settings of the document, where that is an option; other options go before it. Raises Refused."""
    document = read_document(options.settings, "the settings of the training") if "settings" in options else {}
    named = {setting.name: _value(setting, options) for setting in fields(Settings) if setting.name in options}
    return Settings.of(document | named)


def _value(setting: "Field[Any]", options: argparse.Namespace) -> Any:
    value = getattr(options, setting.name)
    if setting.type == tuple[str, ...]:
        return parse_columns(value)
    return dict(_pair(setting.name, text) for text in value) if setting.type == dict[str, str] else value


def _pair(name: str, text: str) -> tuple[str, str]:
    column, equals, value = text.rpartition("=")
    if not equals:
        raise Refused(f"--{name} {text!r} is not COLUMN=TEXT, for example zip=category")
    return column.strip(), value.strip()
