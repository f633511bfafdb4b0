"""Training: data arriving in the store starts it. So does what is to be scored."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import pulumi

from components.inputs.checks import check_airtable, check_dataset, check_framework, check_model
from components.local.resources import Dataset, Pull, Scores, Secret, TrainingRun, WriteBack
from components.packaging import source_files
from function_code.training.settings import Settings

TOKEN = "airtable-token"  # noqa: S105 - the name of its file


class TrainerArgs(TypedDict):
    """Inputs of a Trainer."""

    store: pulumi.Input[str]
    """The URL of a ModelStore."""
    model: pulumi.Input[str]
    """The name of the model."""
    dataset: NotRequired[str]
    """The CSV file to upload and train on. Default: a synthetic sample."""
    airtable: NotRequired[Mapping[str, Any]]
    """A table of Airtable to read instead, and to write predictions to, as docs/airtable.md has it. Default: none."""
    airtable_token: NotRequired[pulumi.Input[str]]
    """The personal access token for that; a secret. Default: none."""
    target: pulumi.Input[str]
    """The column to predict."""
    ids: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """The columns that name a row. They are no features, and are echoed in answers. Default: none."""
    drop: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """The columns to leave out. Default: none."""
    kinds: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The kinds of columns where the inferred ones are not wanted. Default: all are inferred."""
    group: NotRequired[pulumi.Input[str]]
    """The column whose groups are held out as wholes. Default: rows are held out one by one."""
    time: NotRequired[pulumi.Input[str]]
    """The column by which the latest rows are held out. Default: any rows are."""
    task: NotRequired[pulumi.Input[str]]
    """binary, multiclass or regression. Default: by the values of the target."""
    framework: NotRequired[str]
    """sklearn, pytorch or tensorflow. Default: sklearn."""
    estimator: NotRequired[str]
    """A function that returns an estimator, as module:function. Default: the framework's own candidates compete."""
    owned: NotRequired[pulumi.Input[str]]
    """The column of what is not to be recommended again. Default: anything may be."""
    budget: NotRequired[pulumi.Input[float]]
    """How many seconds to look for the best model. Default: 60."""
    objective: NotRequired[pulumi.Input[str]]
    """What the threshold of two classes is chosen for. Default: balanced_accuracy."""
    folder: pulumi.Input[str]
    """The home of the stack, relative to the project: a sample request is left there."""


class Trainer(pulumi.ComponentResource):
    """Uploads a dataset and trains on it, again whenever the data, the settings or the training code change.

    Files under `batch/<model>/in/` in the store are scored by the version that serves.
    """

    dataset: pulumi.Output[str]
    """The key of the dataset in the store."""
    version: pulumi.Output[str]
    """The version that was trained last."""
    promoted: pulumi.Output[bool]
    """Whether that version passed its gates, and so began to serve."""
    metrics: pulumi.Output[dict[str, float]]
    """What that version reached on the rows held out."""
    upload: Dataset | Pull
    """The uploaded dataset itself, or the one that was pulled."""
    run: TrainingRun
    """The training itself."""

    def __init__(self, name: str, args: TrainerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        check_framework(args.get("framework", Settings.framework))
        check_airtable(args)
        table = "airtable" in args
        source = check_dataset(args["dataset"]) if "dataset" in args and not table else None
        super().__init__("serverless-ml:local:Trainer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        pulled = _table(name, args, child) if table else {}
        self.upload = _pull(name, args, pulled, child) if table else _upload(name, args, source, child)
        self.run = TrainingRun(
            f"{name}-run",
            {
                "folder": args["folder"],
                "store": args["store"],
                "model": args["model"],
                "dataset": self.upload.key,
                "data": self.upload.sha256,
                "synthetic": source is None and not table,
                "code": source_files.digest(
                    [*source_files.training_files(), *source_files.estimator_files(args.get("estimator", ""))]
                ),
                "target": args["target"],
                "ids": args.get("ids", []),
                "drop": args.get("drop", []),
                "kinds": args.get("kinds", {}),
                **{key: args.get(key, "") for key in ("group", "time", "task", "estimator", "owned")},
                "framework": args.get("framework", Settings.framework),
                "budget": args.get("budget", Settings.budget),
                "objective": args.get("objective", Settings.objective),
            },
            child,
        )
        if table:
            results = {"data": self.upload.sha256, "trained": self.run.version}
            WriteBack(f"{name}-write-back", {**pulled, **results}, child)
        after_it = pulumi.ResourceOptions(parent=self, depends_on=[self.run])
        Scores(f"{name}-scores", {"store": args["store"], "model": args["model"]}, after_it)
        self.dataset, self.version = self.upload.key, self.run.version
        self.promoted, self.metrics = self.run.promoted, self.run.metrics
        self.register_outputs(
            {"dataset": self.dataset, "version": self.version, "promoted": self.promoted, "metrics": self.metrics}
        )


def _upload(name: str, args: TrainerArgs, source: Path | None, opts: pulumi.ResourceOptions) -> Dataset:
    inputs = {
        "store": args["store"],
        "name": args["model"],
        "source": str(source or ""),
        "digest": source_files.file_digest(source or source_files.GENERATOR),
    }
    return Dataset(f"{name}-dataset", inputs, opts)


def _table(name: str, args: TrainerArgs, opts: pulumi.ResourceOptions) -> dict[str, Any]:
    """What speaking to Airtable takes; the token is in a file, of which this is the name."""
    secret = {"folder": args["folder"], "name": TOKEN, "value": args["airtable_token"]}
    token = Secret(f"{name}-airtable-token", secret, opts)
    shared = {key: args[key] for key in ("folder", "store", "model", "airtable")}
    return {**shared, "token": TOKEN, "secret": token.sha256}


def _pull(name: str, args: TrainerArgs, table: dict[str, Any], opts: pulumi.ResourceOptions) -> Pull:
    columns = {key: args.get(key, "") for key in ("group", "time", "owned")}
    return Pull(f"{name}-pull", {**table, "target": args["target"], "ids": args.get("ids", []), **columns}, opts)
