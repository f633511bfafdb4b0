"""The commands of the command line that speak to Airtable: `pull` and `write-back`."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from function_code.airtable.settings import AirtableSettings
from function_code.errors import Refused
from function_code.registry import Registry


def add(command: Callable[..., argparse.ArgumentParser], *parents: argparse.ArgumentParser) -> None:
    """Adds them by `command`, which makes a command of a name, a function, a help and parents."""
    pull = command("pull", _pull, "Read a table of Airtable into a dataset of the store, if it changed.", *parents)
    pull.add_argument("--target", required=True, help="the column to predict")
    pull.add_argument("--id", default="", metavar="COLUMNS", help="columns that name a row")
    for name in ("group", "time", "owned"):
        pull.add_argument(f"--{name}", default="", metavar="COLUMN", help="as in train")
    pull.add_argument("--look", action="store_true", help="write nothing, and tell what a pull would find")
    back = command("write-back", _write_back, "Write predictions that are new or differ into Airtable.", *parents)
    for added in (pull, back):
        added.add_argument(
            "--airtable", required=True, metavar="SETTINGS", help="a JSON file of settings, or {...} (docs/airtable.md)"
        )


def _pull(options: argparse.Namespace) -> int:
    from function_code.airtable import sync
    from function_code.data.csv_file import parse_columns
    from function_code.training.settings import Settings

    training = Settings(
        options.target,
        tuple(parse_columns(options.id)),
        group=options.group,
        time=options.time,
        owned=options.owned,
    )
    registry, airtable = _registry(options), _settings(options.airtable)
    if options.look:
        return _show({"differs": sync.look(registry, training, airtable, _log).differs}, options)
    result = sync.pull(registry, training, airtable, _log)
    return _show({"dataset": result.dataset, "new": result.new, "records": result.read.records}, options)


def _write_back(options: argparse.Namespace) -> int:
    from function_code.airtable import sync

    sent = sync.write_back(_registry(options), _settings(options.airtable), _log)
    return _show({"written": sent.written, "version": sent.version}, options)


def _registry(options: argparse.Namespace) -> Registry:
    from function_code.store import Store
    from function_code.training.settings import check_model_name

    return Registry(Store(options.store), check_model_name(options.model))


def _settings(source: str) -> AirtableSettings:
    """Reads the settings from a file, or from the JSON itself. Raises Refused."""
    try:
        content: Any = json.loads(source if source.startswith("{") else Path(source).read_bytes())
    except OSError as error:
        raise Refused(f"{source} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Refused(f"the settings of Airtable in {source} are not JSON: {error}") from None
    if not isinstance(content, dict):
        raise Refused(f'the settings of Airtable in {source} are no object: {{"base": ..., "table": ...}}')
    return AirtableSettings.of(content)


def _show(result: dict[str, Any], options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps(result), flush=True)
    else:
        print(", ".join(f"{name} {value}" for name, value in result.items()), flush=True)
    return 0


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
