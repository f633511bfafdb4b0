"""The commands of the command line that speak to Airtable: `pull` and `write-back`."""

import argparse
import json
from typing import Any

from function_code.airtable.settings import AirtableSettings
from function_code.console import AddCommand, log, read_document, registry_of
from function_code.registry import Registry
from function_code.training.command_line import add_settings, read_settings
from function_code.training.settings import check_model_name


def add(command: AddCommand, *parents: argparse.ArgumentParser) -> None:
    """Add the commands."""
    pull = command("pull", _pull, "Read a table of Airtable into a dataset of the store, if it changed.", *parents)
    add_settings(pull)
    pull.add_argument("--look", action="store_true", help="write nothing, and tell what a pull would find")
    back = command("write-back", _write_back, "Write predictions that are new or differ into Airtable.", *parents)
    for added in (pull, back):
        added.add_argument(
            "--airtable", required=True, metavar="SETTINGS", help="a JSON file of settings, or {...} (docs/airtable.md)"
        )


def _pull(options: argparse.Namespace) -> int:
    from function_code.airtable import sync

    training, airtable = read_settings(options), _settings(options)
    registry = _registry(options)
    if options.look:
        return _show({"differs": sync.look(registry, training, airtable, log).differs}, options)
    result = sync.pull(registry, training, airtable, log)
    return _show({"dataset": result.dataset, "new": result.new, "records": result.read.records}, options)


def _write_back(options: argparse.Namespace) -> int:
    from function_code.airtable import sync

    sent = sync.write_back(_registry(options), _settings(options), log)
    return _show({"written": sent.written, "version": sent.version}, options)


def _registry(options: argparse.Namespace) -> Registry:
    check_model_name(options.model)
    return registry_of(options)


def _settings(options: argparse.Namespace) -> AirtableSettings:
    return AirtableSettings.of(read_document(options.airtable, "the settings of Airtable"))


def _show(result: dict[str, Any], options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps(result), flush=True)
    else:
        print(", ".join(f"{name} {value}" for name, value in result.items()), flush=True)
    return 0
