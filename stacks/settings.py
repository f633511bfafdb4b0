"""The settings that every stack has, checked against the dataset before anything is created."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NotRequired, TypedDict

import pulumi

from components.checks import check_dataset, check_model, check_port
from function_code.errors import Refused
from function_code.training.csv_file import parse_columns, read_header
from function_code.training.settings import Settings


class Training(TypedDict):
    """What to train on and how, as the Trainer of each cloud takes it."""

    dataset: NotRequired[str]
    target: str
    ids: Sequence[str]
    drop: Sequence[str]
    kinds: Mapping[str, str]
    group: str
    time: str
    task: str
    framework: str
    estimator: str
    owned: str
    budget: float
    objective: str


class StackSettings(NamedTuple):
    """`port` is 0 if any will do; `dataset` is how to call the dataset in front of people."""

    model: str
    port: int
    training: Training
    dataset: str


def read_settings(config: pulumi.Config, root: Path) -> StackSettings:
    """The configuration. Raises RunError with one line that names the setting, its value and what to do."""
    try:
        return _read(config, root)
    except Refused as problem:
        raise pulumi.RunError(f"{problem} (pulumi config set KEY VALUE)") from None


def _read(config: pulumi.Config, root: Path) -> StackSettings:
    model, port = config.require("model"), config.get_int("port") or 0
    check_model(model)
    if port:
        check_port(port)
    target, dataset = config.require("target").strip(), config.get("dataset")
    ids, drop = parse_columns(config.get("id") or ""), parse_columns(config.get("drop") or "")
    if dataset:
        path = check_dataset(str(root / dataset))
        shown, header = str(path), read_header(path)
    else:
        from function_code.synthetic import COLUMNS

        shown, header = "a synthetic sample (yours: pulumi config set dataset FILE.csv)", COLUMNS
        ids = ids or ["user_id"]
        # Either of the two may be predicted; who wants one knows the other no sooner.
        drop = drop or [column for column in ("purchase_intent", "recommendation") if column != target]
    training = Training(
        target=target,
        ids=ids,
        drop=drop,
        kinds=_kinds(config),
        group=(config.get("group") or "").strip(),
        time=(config.get("time") or "").strip(),
        task=config.get("task") or "",
        framework=config.require("framework"),
        estimator=config.get("estimator") or "",
        owned=(config.get("owned") or "").strip(),
        budget=config.require_float("budget"),
        objective=config.require("objective"),
    )
    _check(training, header, dataset or "the synthetic sample")
    if dataset:
        training["dataset"] = shown
    return StackSettings(model, port, training, shown)


def _kinds(config: pulumi.Config) -> dict[str, str]:
    kinds = config.get_object("kinds") or {}
    if not (isinstance(kinds, dict) and all(isinstance(kind, str) for kind in kinds.values())):
        raise Refused(f"kinds is {kinds!r}; it is one kind for each column named, as in --path kinds.zip category")
    return kinds


def _check(training: Training, header: list[str], dataset: str) -> None:
    """The checks that training makes, too; here they cost nobody a wait."""
    given: dict[str, Any] = {**training, "ids": tuple(training["ids"]), "drop": tuple(training["drop"])}
    Settings(**given).check(header, dataset)
