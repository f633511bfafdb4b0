"""The settings that every stack has, checked against the dataset before anything is created."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, NotRequired, TypedDict

import pulumi
import yaml

from components.inputs.checks import check_dataset, check_model, check_port
from components.inputs.dataset import NONE
from function_code.airtable.settings import AirtableSettings
from function_code.data.csv_file import parse_columns, read_header
from function_code.errors import Refused
from function_code.training.settings import Settings

AIRTABLE = "airtable"


class Source(TypedDict):
    """A table of Airtable: its settings as they are configured, and the token."""

    airtable: Mapping[str, Any]
    airtable_token: pulumi.Input[str]


class Training(TypedDict):
    """What to train on and how, as the Trainer of each cloud takes it."""

    dataset: NotRequired[str]
    airtable: NotRequired[Mapping[str, Any]]
    airtable_token: NotRequired[pulumi.Input[str]]
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
    _check_names(config, root)
    try:
        return _read(config, root)
    except Refused as problem:
        raise pulumi.RunError(f"{problem} (to set another: pulumi config set KEY VALUE)") from None


def _check_names(config: pulumi.Config, root: Path) -> None:
    """A misspelt key would be a setting that is not there, and nobody would notice."""
    declared = yaml.safe_load((root / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]
    for key in pulumi.runtime.config.CONFIG.get():
        project, _, name = key.partition(":")
        if project == config.name and name not in declared:
            close = get_close_matches(name, declared, 1, 0.6)
            hint = f"did you mean {close[0]}?" if close else "Pulumi.yaml has those that there are."
            raise pulumi.RunError(f"{name} is no setting; {hint} It is taken away by: pulumi config rm {name}")


def _read(config: pulumi.Config, root: Path) -> StackSettings:
    model, port = config.require("model"), config.get_int("port") or 0
    check_model(model)
    if port:
        check_port(port)
    target, dataset = config.require("target").strip(), config.get("dataset")
    ids, drop = parse_columns(config.get("id") or ""), parse_columns(config.get("drop") or "")
    header: list[str] | None
    source = _source(config, target)
    if source:
        shown, header, dataset = f"the table {source['airtable']['table']} of Airtable", None, NONE
    elif dataset == NONE:
        shown, header = f"whatever arrives under datasets/{model}/", None
    elif dataset:
        path = check_dataset(str(root / dataset))
        shown, header = str(path), read_header(path)
    else:
        from function_code.data.synthetic import COLUMNS

        shown, header = "a synthetic sample (yours: make up DATASET=FILE.csv)", COLUMNS
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
        training["dataset"] = NONE if header is None else shown
    if source:
        training["airtable"], training["airtable_token"] = source["airtable"], source["airtable_token"]
    return StackSettings(model, port, training, shown)


def _source(config: pulumi.Config, target: str) -> Source | None:
    """Nothing, or the table of Airtable. Raises Refused."""
    source, given = config.get("source") or "", config.get_object("airtable") or {}
    if source not in ("", AIRTABLE):
        raise Refused(f"source is {source!r}; it can be {AIRTABLE}, or nothing for a dataset")
    if not source:
        if given:
            raise Refused(f"airtable is set, but source is not {AIRTABLE}")
        return None
    if dataset := config.get("dataset"):
        raise Refused(f"source is {AIRTABLE} and dataset {dataset!r}; data comes from one of them")
    if not isinstance(given, dict):
        raise Refused(f"airtable is {given!r}; it is an object, as in --path airtable.table Customers")
    if "token" in given:
        raise Refused("airtable.token is no setting; the token is the secret airtable_token")
    if target in AirtableSettings.of(given).written.values():
        raise Refused(f"airtable writes predictions into the field {target!r}, which is the target")
    return {"airtable": given, "airtable_token": _token(config)}


def _token(config: pulumi.Config) -> pulumi.Output[str]:
    """Raises Refused if there is none, or if it stands in the stack's file for everybody to read."""
    if not config.get("airtable_token"):
        raise Refused("airtable_token is not set: pulumi config set --secret airtable_token, which asks for it")
    if not pulumi.runtime.config.is_config_secret(f"{config.name}:airtable_token"):
        raise Refused(
            "airtable_token is in clear in the stack's file: make another token, and pulumi config set --secret it"
        )
    return config.require_secret("airtable_token")


def _kinds(config: pulumi.Config) -> dict[str, str]:
    kinds = config.get_object("kinds") or {}
    if not (isinstance(kinds, dict) and all(isinstance(kind, str) for kind in kinds.values())):
        raise Refused(f"kinds is {kinds!r}; it is one kind for each column named, as in --path kinds.zip category")
    return kinds


def _check(training: Training, header: list[str] | None, dataset: str) -> None:
    """The checks that training makes, too; here they cost nobody a wait. What is not there yet is not looked into."""
    given: dict[str, Any] = {**training, "ids": tuple(training["ids"]), "drop": tuple(training["drop"])}
    settings = Settings(**given)
    if header is None:
        settings.check_values()
    else:
        settings.check(header, dataset)
