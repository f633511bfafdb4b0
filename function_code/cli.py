"""The command line: `python -m function_code COMMAND`.

Exit codes: 0 done; 1 unexpected; 2 usage; 3 refused (data or configuration, one line says why); 4 not found;
5 trained and kept, but not promoted; 130 interrupted.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from getpass import getuser
from pathlib import Path
from typing import Any, NoReturn

from function_code.airtable import commands as airtable_commands
from function_code.console import (
    INTERRUPTED,
    NOT_FOUND,
    NOT_PROMOTED,
    REFUSED,
    UNEXPECTED,
    log,
    read_file,
    registry_of,
)
from function_code.errors import NotFound, Refused
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.training.command_line import add_settings, read_settings
from function_code.training.histories import commands as history_commands
from function_code.training.settings import check_model_name


def main(arguments: list[str]) -> int:
    """Runs a command; returns the exit code. An expected failure is one line on stderr."""
    options = _parser().parse_args(arguments)
    # A supervisor stops a command as Ctrl-C does: what is half done is cleaned up on the way out.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code: int = options.run(options)
    except NotFound as error:
        return _fail(error, NOT_FOUND)
    except Refused as error:
        return _fail(error, REFUSED)
    except KeyboardInterrupt:
        return _fail("interrupted; nothing was published", INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        return UNEXPECTED
    return code


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _fail(error: object, code: int) -> int:
    print(f"error: {error}", file=sys.stderr, flush=True)
    return code


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
        outcome = train(data, Path(dataset).name, settings, registry, log)
    if options.json:
        example = Schema.from_json(outcome.manifest["schema"]).example()
        result = {"version": outcome.version, "promoted": outcome.promoted, "reasons": outcome.reasons}
        print(json.dumps({**result, "metrics": outcome.manifest["metrics"], "example": example}), flush=True)
    return 0 if outcome.promoted else NOT_PROMOTED


def _serve(options: argparse.Namespace) -> int:
    from function_code.entrypoints.local.server import main as serve

    return serve(options.settings)


def _predict(options: argparse.Namespace) -> int:
    from function_code.data.instances import read_instances
    from function_code.serving.model_cache import ModelCache

    models = ModelCache(registry_of(options))
    models.refresh()
    model = models.pick_version()
    if model is None:
        raise NotFound(
            f"model {options.model!r} cannot be served: {models.last_error or 'no version was promoted yet'}"
        )
    data = sys.stdin.buffer.read() if options.file == "-" else read_file(options.file)
    instances = read_instances(data, options.file, model.schema)
    _, problems = check_instances(model.schema, instances)
    if problems:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise Refused(
            f"instance {first['instance'] + 1} of {options.file}, {first['field']!r}: {first['problem']}{more}"
        )
    for prediction in _predictions(model, instances, options.file):
        print(json.dumps(prediction))
    return 0


def _predictions(model: Any, instances: list[Any], name: str) -> list[dict[str, Any]]:
    """Predict as the endpoint does, as many instances at once. Raises Refused."""
    from function_code.serving.predictions import answers, max_instances
    from function_code.serving.problem_details import Problem

    predictions: list[dict[str, Any]] = []
    limit = max_instances(model.schema)
    for start in range(0, len(instances), limit):
        try:
            predictions += answers(model, {"instances": instances[start : start + limit]}, "")
        except Problem as problem:
            errors = problem.errors or [{"instance": 0, "problem": problem.detail}]
            number = start + int(errors[0]["instance"]) + 1
            raise Refused(f"instance {number} of {name}: {errors[0]['problem']}") from None
    return predictions


def _score(options: argparse.Namespace) -> int:
    from function_code.batch.scoring import score_by_hand
    from function_code.batch.unseen import outcome_line

    out = options.out or f"{options.file}.scored"
    summary = score_by_hand(registry_of(options), options.file, out, log)
    if options.json:
        print(json.dumps(summary))
    else:
        print(outcome_line(summary, summary["results"]))
    return 0


def _versions(options: argparse.Namespace) -> int:
    registry = registry_of(options)
    pointer = registry.pointer()
    rows = []
    for version in registry.versions():
        manifest = registry.manifest(version)
        role = "stable" if pointer and pointer.stable == version else ""
        if pointer and pointer.canary and pointer.canary[0] == version:
            role = f"canary {pointer.canary[1]:g}"
        failed = [gate["detail"] for gate in manifest["gates"] if not gate["passed"]]
        rows.append(
            {
                "version": version,
                "serves": role,
                "passed": not failed,
                "metrics": manifest["metrics"],
                "failed": failed,
                "synthetic": manifest["dataset"]["synthetic"],
            }
        )
    if options.json:
        print(json.dumps(rows))
    elif not rows:
        log(f"model {options.model!r} has no version yet")
    for row in [] if options.json else rows:
        metrics = ", ".join(f"{name} {value:.4f}" for name, value in row["metrics"].items())
        note = " (synthetic data)" if row["synthetic"] else ""
        print(f"{row['version']}  {row['serves'] or ('-' if row['passed'] else 'failed'):<12} {metrics}{note}")
    return 0


def _promote(options: argparse.Namespace) -> int:
    return _show(registry_of(options).promote(options.version, options.canary), options)


def _rollback(options: argparse.Namespace) -> int:
    try:
        user = getuser()
    except (OSError, KeyError):  # of a container, whose user may have no name
        user = ""
    return _show(registry_of(options).rollback(user, options.because), options)


def _forget(options: argparse.Namespace) -> int:
    from function_code.scoring.kept_histories import forget

    registry = registry_of(options)
    versions = [*forget(registry), *forget(registry.items)]
    if options.json:
        print(json.dumps(versions))
    else:
        print(f"deleted the histories that {len(versions)} earlier versions of model {options.model} kept")
    return 0


def _show(pointer: Any, options: argparse.Namespace) -> int:
    if options.json:
        print(pointer.encode().decode())
    else:
        canary = f", canary {pointer.canary[0]} with weight {pointer.canary[1]:g}" if pointer.canary else ""
        print(f"model {options.model} serves {pointer.stable}{canary}")
    return 0


def _sample(options: argparse.Namespace) -> int:
    from function_code.data import synthetic

    synthetic.write(options.out, options.rows, options.seed)
    log(f"wrote {options.rows:,} synthetic customers to {options.out}")
    return 0


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("a number of rows from 1")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m function_code", description="Train, serve and manage model versions."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    store = argparse.ArgumentParser(add_help=False)
    store.add_argument("--store", required=True, help="a directory, or a URL: s3://, gs://, az://, file:///")
    store.add_argument("--model", default="model", help="the model's name (default: model)")
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="print the result as JSON")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str, *parents: Any
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text, parents=parents)
        added.set_defaults(run=run)
        return added

    train = command(
        "train", _train, "Train on a dataset, publish a version, and promote it if it passes its gates.", store, as_json
    )
    train.add_argument("dataset", help="a file of rows, or the key of one in the store (datasets/...)")
    add_settings(train)
    serve = command("serve", _serve, "Serve predictions over HTTPS on this machine.")
    serve.add_argument("settings", help="a JSON file of settings, as the local stack writes it")
    predict = command("predict", _predict, "Score a file with the version that serves; one JSON result a line.", store)
    predict.add_argument(
        "file", nargs="?", default="-", help="JSON instances or a file of rows (default: standard input)"
    )
    score = command("score", _score, "Score a file of rows of any size into a folder.", store, as_json)
    score.add_argument("file", help="the file, or the key of one in the store (batch/MODEL/in/...)")
    score.add_argument("--out", default="", metavar="FOLDER", help="where the results go (default: FILE.scored)")
    command("versions", _versions, "List the versions of a model, oldest first.", store, as_json)
    promote = command("promote", _promote, "Make a version the stable one, or the canary beside it.", store, as_json)
    promote.add_argument("version")
    promote.add_argument("--canary", type=float, metavar="WEIGHT", help="the share of requests, between 0 and 1")
    rollback = command(
        "rollback", _rollback, "Withdraw the canary, or go back to the stable version before.", store, as_json
    )
    rollback.add_argument("--because", default="", metavar="REASON", help="why, for whoever looks at the pointer")
    command(
        "forget", _forget, "Delete the histories that versions before the one that serves have kept.", store, as_json
    )
    airtable_commands.add(command, store, as_json)
    history_commands.add(command)
    sample = command("sample", _sample, "Write the synthetic sample dataset as CSV.")
    sample.add_argument("--rows", type=_positive, default=5000)
    sample.add_argument("--seed", type=int, default=1)
    sample.add_argument("--out", default="synthetic_user_data.csv", help="the file to write")
    return parser
