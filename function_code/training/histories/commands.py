"""The command of the command line that makes features of users from events: `features`."""

import argparse
from dataclasses import fields

from function_code.console import AddCommand, log
from function_code.training.command_line import add_options, read_settings
from function_code.training.settings import EVENT_COLUMNS, Settings

# The settings that say how to read events, and how far to look ahead of a moment.
READING = (*EVENT_COLUMNS, "horizon", "kinds", "missing", "encoding", "sheet")
REQUIRED = ("user", "item", "when", "horizon")


def add(command: AddCommand) -> None:
    """Add the command."""
    text = "Write features of users at moments of the past, and what they did then, to learn what users will do."
    features = command("features", _features, text)
    features.add_argument("events", help="a file of events, such as orders")
    add_options(features, [setting for setting in fields(Settings) if setting.name in READING], REQUIRED)
    features.add_argument(
        "--at", default="", metavar="TIME", help="one moment, as in 2025-11-01 (default: up to 6, a horizon apart)"
    )
    features.add_argument(
        "--like",
        default="",
        metavar="FILE",
        help="snapshots whose features to make again, at one moment: for their model",
    )
    features.add_argument("--out", required=True, metavar="FILE", help="the CSV file to write")


def _features(options: argparse.Namespace) -> int:
    from function_code.training.histories.snapshot_file import write_snapshots

    settings = read_settings(options)
    next_command = write_snapshots(options.events, settings, options.out, log, at=options.at, like=options.like)
    if next_command:
        print(next_command, flush=True)
    return 0
