"""The settings that every stack has, checked against the dataset before anything is created."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import pulumi
import yaml

from components.inputs.checks import check_dataset, check_model, check_port
from components.inputs.dataset import NONE
from function_code.airtable.settings import AirtableSettings, check_training
from function_code.data.csv_file import parse_columns
from function_code.data.formats import read_header
from function_code.errors import Refused
from function_code.training.settings import CONFIGURED, EVENT_COLUMNS, Settings

AIRTABLE = "airtable"
# What reads a setting of each type; nothing configured is the same as an empty one.
_READERS: dict[Any, Callable[[pulumi.Config, str], Any]] = {
    str: lambda config, name: (config.get(name) or "").strip(),
    int: lambda config, name: config.get_int(name) or 0,
    float: lambda config, name: config.require_float(name),
    tuple[str, ...]: lambda config, name: parse_columns(config.get(name) or ""),
    dict[str, str]: lambda config, name: config.get_object(name) or {},
}


class Source(TypedDict):
    """A table of Airtable: its settings as they are configured, and the token."""

    airtable: Mapping[str, Any]
    airtable_token: pulumi.Input[str]


class StackSettings(NamedTuple):
    """The settings that every stack has.

    `port` is 0 if any will do; `training` has inputs of a Trainer: the settings of the training, and where data comes
    from; `dataset` is how to call the dataset in front of people.
    """

    model: str
    port: int
    training: Any
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
    declared = _declared(root)
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
    training, dataset = _training(config, root), config.get("dataset")
    header: list[str] | None
    source = _source(config, training)
    if source:
        shown, header, dataset = f"the table {source['airtable']['table']} of Airtable", None, NONE
    elif dataset == NONE:
        shown, header = f"whatever arrives under datasets/{model}/", None
    elif dataset:
        columns = *(training[name] for name in ("target", *EVENT_COLUMNS)), *training["id"]
        path, known = check_dataset(str(root / dataset)), [name for name in columns if name]
        shown, header = str(path), read_header(path, training["encoding"], training["sheet"], known)
    elif training["item"]:
        raise Refused(f"item is {training['item']!r}, and dataset is not set: the synthetic sample has no events")
    else:
        from function_code.data.synthetic import COLUMNS

        shown, header = "a synthetic sample (yours: make up DATASET=FILE.csv)", COLUMNS
        training["id"] = training["id"] or ["user_id"]
        # Either of the two may be predicted; who wants one knows the other no sooner.
        others = [column for column in ("purchase_intent", "recommendation") if column != training["target"]]
        training["drop"] = training["drop"] or others
    # The checks that training makes, too; here they cost nobody a wait. What is not there yet is not looked into.
    checked = Settings.of(training)
    if header is not None:
        checked.check(header, dataset or "the synthetic sample")
    if dataset:
        training["dataset"] = NONE if header is None else shown
    if source:
        training |= source
    return StackSettings(model, port, training, shown)


def _training(config: pulumi.Config, root: Path) -> dict[str, Any]:
    """The settings of the training, as they are configured; the target of the sample is none where items are."""
    training = {setting.name: _READERS[setting.type](config, setting.name) for setting in CONFIGURED}
    if training["item"] and training["target"] == _declared(root)["target"]["default"]:
        training["target"] = ""
    return training


def _declared(root: Path) -> Any:
    return yaml.safe_load((root / "Pulumi.yaml").read_text(encoding="utf-8"))["config"]


def _source(config: pulumi.Config, training: dict[str, Any]) -> Source | None:
    """The table of Airtable; None if data comes from a file. Raises Refused."""
    source, table = config.get("source") or "", config.get_object("airtable") or {}
    if source not in ("", AIRTABLE):
        raise Refused(f"source is {source!r}; it can be {AIRTABLE}, or nothing for a dataset")
    if not source:
        if table:
            raise Refused(f"airtable is set, but source is not {AIRTABLE}")
        return None
    if dataset := config.get("dataset"):
        raise Refused(f"source is {AIRTABLE} and dataset {dataset!r}; data comes from one of them")
    if not isinstance(table, dict):
        raise Refused(f"airtable is {table!r}; it is an object, as in --path airtable.table Customers")
    if "token" in table:
        raise Refused("airtable.token is no setting; the token is the secret airtable_token")
    check_training(training["item"])
    if (target := training["target"]) in AirtableSettings.of(table).written.values():
        raise Refused(f"airtable writes predictions into the field {target!r}, which is the target")
    return {"airtable": table, "airtable_token": _token(config)}


def _token(config: pulumi.Config) -> pulumi.Output[str]:
    """Raises Refused if there is none, or if it stands in the stack's file for everybody to read."""
    if not config.get("airtable_token"):
        raise Refused("airtable_token is not set: pulumi config set --secret airtable_token, which asks for it")
    if not pulumi.runtime.config.is_config_secret(f"{config.name}:airtable_token"):
        raise Refused(
            "airtable_token is in clear in the stack's file: make another token, and pulumi config set --secret it"
        )
    return config.require_secret("airtable_token")
