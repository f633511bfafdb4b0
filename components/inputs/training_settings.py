"""The settings of a training, as a Trainer takes them and as the JSON document that every runtime reads."""

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from components.packaging import source_files
from function_code.training.settings import CONFIGURED


class TrainingInputs(TypedDict):
    """Inputs of every cloud's Trainer: where the model is, where data comes from, and the settings of a training."""

    store: pulumi.Input[str]
    """The URL of a ModelStore."""
    model: pulumi.Input[str]
    """The name of the model."""
    dataset: NotRequired[str]
    """The file to upload and train on: CSV, Parquet, Excel or JSON Lines; in a cloud also none: data arrives by itself.
    Default: a synthetic sample.
    """
    airtable: NotRequired[Mapping[str, Any]]
    """The table of Airtable that data comes from, as docs/airtable.md has it. Default: none."""
    airtable_token: NotRequired[pulumi.Input[str]]
    """The personal access token for it, which is kept as a secret. Default: none."""
    target: NotRequired[pulumi.Input[str]]
    """The column to predict. Default: none, where an item of events is recommended."""
    id: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """The columns that name a row. They are no features, and are echoed in answers. Default: none."""
    drop: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """The columns to leave out. Default: none."""
    kinds: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The kinds of columns where the inferred ones are not wanted. Default: all are inferred."""
    missing: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The values that stand for missing, by column: -999, or -999|9999. Default: what says so in a word."""
    group: NotRequired[pulumi.Input[str]]
    """The column whose groups are held out as wholes. Default: rows are held out one by one."""
    time: NotRequired[pulumi.Input[str]]
    """The column by which the latest rows are held out. Default: any rows are."""
    task: NotRequired[pulumi.Input[str]]
    """binary, multiclass or regression. Default: by the values of the target."""
    framework: NotRequired[str]
    """sklearn, pytorch or tensorflow; in a cloud the latter two in a container image. Default: sklearn."""
    estimator: NotRequired[str]
    """A function that returns an estimator, as module:function. Default: the framework's own candidates compete."""
    owned: NotRequired[pulumi.Input[str]]
    """The column of what is not to be recommended again. Default: anything may be."""
    user: NotRequired[pulumi.Input[str]]
    """The column of an event's user, where the dataset is a file of events. Default: none."""
    item: NotRequired[pulumi.Input[str]]
    """The column of what the user took, which is to be recommended. Default: none."""
    when: NotRequired[pulumi.Input[str]]
    """The column of the time of an event. Default: none."""
    amount: NotRequired[pulumi.Input[str]]
    """The column of how much it was; events of 0 or less, such as returns, don't count. Default: all count."""
    horizon: NotRequired[pulumi.Input[str]]
    """The time to look ahead, as in 30d: learns from events who will buy, or spend how much, by then. Default: items
    are recommended."""
    keep_events: NotRequired[pulumi.Input[int]]
    """The number of the latest events of each user that the store keeps, for requests without a history. Default: 0."""
    budget: NotRequired[pulumi.Input[float]]
    """The seconds to look for the best model. Default: 60."""
    objective: NotRequired[pulumi.Input[str]]
    """The metric that the threshold of two classes is chosen for. Default: balanced_accuracy."""
    positive: NotRequired[pulumi.Input[str]]
    """The class, of two, that metrics, threshold and explanations are about. Default: the one that says yes, or the
    rarer one."""
    encoding: NotRequired[pulumi.Input[str]]
    """The encoding of a file that is no Unicode, as in cp1250. Default: guessed."""
    sheet: NotRequired[pulumi.Input[str]]
    """The sheet of an Excel workbook. Default: the only one that is filled."""


def training_settings(args: Mapping[str, Any]) -> pulumi.Output[str]:
    """The document that function_code.training.settings.Settings reads: the settings that are given, as JSON."""
    document = {setting.name: args[setting.name] for setting in CONFIGURED if setting.name in args}
    return pulumi.Output.json_dumps({**document, "synthetic": not {"dataset", "airtable"} & args.keys()})


def training_digest(args: Mapping[str, Any]) -> pulumi.Output[str]:
    """The digest of the settings and of the code: another one asks for another training."""
    code = source_files.digest(source_files.training_files())
    return training_settings(args).apply(lambda document: source_files.text_digest(document + code))


def airtable_environment(args: Mapping[str, Any], token: pulumi.Input[str]) -> dict[str, pulumi.Output[str]]:
    """Variables that a pull from Airtable reads: its settings as JSON, and a digest of the code that trains.

    `token` says where the token is.
    """
    settings = pulumi.Output.json_dumps({**args["airtable"], "token": token})
    return {"AIRTABLE": settings, "CODE": pulumi.Output.from_input(source_files.digest(source_files.training_files()))}


def training_environment(
    args: Mapping[str, Any], seconds: int, token: pulumi.Input[str] | None
) -> dict[str, pulumi.Input[str]]:
    """Variables of a training that may take so long; `token` says where Airtable's is, if data comes from there."""
    return {
        "STORE": args["store"],
        "MODEL": args["model"],
        "TRAINING": training_settings(args),
        "SECONDS": str(seconds),
        **(airtable_environment(args, token) if token is not None else {}),
    }


def scheduled_request(args: Mapping[str, Any]) -> str:
    """The request of a schedule or a person: to pull where data comes from Airtable, elsewhere to retrain."""
    return "pull" if "airtable" in args else "retrain"
