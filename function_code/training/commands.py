"""The command of the command line that trains: `train`."""

import argparse
import json
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

from function_code.console import NOT_PROMOTED, AddCommand, read_file, registry_of, say
from function_code.training.options import add_settings, read_settings
from function_code.training.settings import check_model_name


def add(command: AddCommand, *parents: argparse.ArgumentParser) -> None:
    """Add the command."""
    train = command(
        "train", _train, "Train on a dataset, publish a version, and promote it if it passes its gates.", *parents
    )
    train.add_argument("dataset", help="a CSV file, or the key of one in the store (datasets/...)")
    add_settings(train)


def _train(options: argparse.Namespace) -> int:
    from function_code.airtable.state import kinds_of
    from function_code.training.run import train

    check_model_name(options.model)
    registry, settings = registry_of(options), read_settings(options)
    dataset: str = options.dataset
    settings = replace(settings, kinds={**kinds_of(registry, dataset), **settings.kinds})
    in_store = dataset.startswith("datasets/") and not Path(dataset).exists()
    data = registry.store.get(dataset) if in_store else read_file(dataset)
    with redirect_stdout(sys.stderr):  # whatever an estimator of somebody's prints: only the result belongs there
        outcome = train(data, Path(dataset).name, settings, registry, say)
    if options.json:
        example = {column["name"]: column["example"] for column in outcome.manifest["schema"]["features"]}
        result = {"version": outcome.version, "promoted": outcome.promoted, "reasons": outcome.reasons}
        print(json.dumps({**result, "metrics": outcome.manifest["metrics"], "example": example}), flush=True)
    return 0 if outcome.promoted else NOT_PROMOTED
