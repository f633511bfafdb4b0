"""The settings given to `make up`, as configuration of the stack."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

from function_code.airtable.settings import AirtableSettings
from function_code.column import KINDS
from function_code.errors import Refused
from function_code.training.settings import CONFIGURED
from tools.pulumi_cli import ROOT

NONE = "none"  # data arrives by itself
AIRTABLE = "airtable"

BY_COLUMN = tuple(setting.name for setting in CONFIGURED if setting.type == dict[str, str])
NAMES = ("cloud", "dataset", "source", "airtable", *(setting.name for setting in CONFIGURED), "model", "port")


class InvalidSetting(Exception):
    """A setting that can't be meant; its text says which and why."""


def named() -> dict[str, str]:
    """Return the settings named on make's command line; an empty one means: back to the default."""
    return {name: os.environ[f"SET_{name.upper()}"] for name in NAMES if f"SET_{name.upper()}" in os.environ}


def as_config(settings: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return settings in the form that `pulumi config set-all --json` reads."""
    return {name: _CHECKS.get(name, _plain)(text) for name, text in settings.items()}


def merged(config: dict[str, dict[str, Any]], before: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
    """Return the configuration with the columns that settings BY_COLUMN have had before; one named as empty goes.

    A warning names the setting of one column, and who types it means the others to stay.
    """
    both = {**config}
    for name in (name for name in BY_COLUMN if name in config):
        columns = {**before.get(name, {}), **config[name]["objectValue"]}
        columns = {column: value for column, value in columns.items() if value}
        both[name] = {"value": json.dumps(columns), "objectValue": columns}
    return both


def _plain(text: str) -> dict[str, Any]:
    return {"value": text}


def _port(text: str) -> dict[str, Any]:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise InvalidSetting(f"PORT={text} is not a port number (1 to 65535)")
    return _plain(text)


def _dataset(text: str) -> dict[str, Any]:
    """Find the file from where make was called, or else from the project, and name it as the project sees it."""
    if text == NONE:
        return _plain(text)
    path = Path(text).expanduser()
    here = Path(os.environ.get("CALLED_FROM") or ROOT)
    for folder in (here, ROOT):
        if (folder / path).is_file():
            return _plain(str(path) if path.is_absolute() else os.path.relpath(folder / path, ROOT))
    raise InvalidSetting(f"DATASET={text} is not a file (looked in {here}{'' if here == ROOT else f' and {ROOT}'})")


def _kinds(text: str) -> dict[str, Any]:
    kinds = {}
    for item in next(csv.reader([text], skipinitialspace=True)):
        column, equals, kind = item.rpartition("=")
        if not (column and equals and (not kind or kind.partition(":")[0] in KINDS)):
            raise InvalidSetting(f"KINDS={text}: {item!r} is not column=kind with a kind of {', '.join(KINDS)}")
        kinds[column] = kind
    return {"value": json.dumps(kinds), "objectValue": kinds}


def _missing(text: str) -> dict[str, Any]:
    missing = {}
    for item in next(csv.reader([text], skipinitialspace=True)):
        column, equals, values = item.rpartition("=")
        if not (column and equals):
            raise InvalidSetting(f"MISSING={text}: {item!r} is not column=value, or column=value|value")
        missing[column] = values
    return {"value": json.dumps(missing), "objectValue": missing}


def _source(text: str) -> dict[str, Any]:
    if text != AIRTABLE:
        raise InvalidSetting(f"SOURCE={text} is no source of data; it can be {AIRTABLE}")
    return _plain(text)


def _airtable(text: str) -> dict[str, Any]:
    """Written like KINDS: base=app...,table=Customers,"fields=Age,Plan"."""
    table = {}
    for item in next(csv.reader([text], skipinitialspace=True)):
        name, equals, value = item.partition("=")
        if not equals:
            raise InvalidSetting(f"AIRTABLE={text}: {item!r} is not setting=value")
        table[name.strip()] = value
    try:
        AirtableSettings.of(table)
    except Refused as problem:
        raise InvalidSetting(f"AIRTABLE={text}: {problem}") from None
    return {"value": json.dumps(table), "objectValue": table}


_CHECKS = {
    "port": _port,
    "dataset": _dataset,
    "kinds": _kinds,
    "missing": _missing,
    "source": _source,
    "airtable": _airtable,
}
