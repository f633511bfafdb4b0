"""Training: data arriving in the store starts it. So does what is to be scored."""

from pathlib import Path
from typing import Any

import pulumi

from components.inputs.checks import check_airtable, check_dataset, check_framework, check_model
from components.inputs.training_settings import TrainingInputs, training_settings
from components.local.resources import Dataset, Pull, Scores, Secret, TrainingRun, WriteBack
from components.packaging import source_files
from function_code.training.settings import Settings

TOKEN = "airtable-token"  # noqa: S105 - the name of its file


class TrainerArgs(TrainingInputs):
    """Inputs of a Trainer."""

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
    """True if that version passed its gates, and so began to serve."""
    metrics: pulumi.Output[dict[str, float]]
    """The metrics of that version on the held-out rows."""
    upload: Dataset | Pull
    """The uploaded dataset itself, or the one that was pulled."""
    run: TrainingRun
    """The training itself."""

    def __init__(self, name: str, args: TrainerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        check_framework(args.get("framework", Settings.framework))
        check_airtable(args)
        from_file = "dataset" in args and "airtable" not in args
        source = check_dataset(args["dataset"]) if from_file else None
        super().__init__("serverless-ml:local:Trainer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings = training_settings(args)
        table = _table(name, args, child) if "airtable" in args else {}
        self.upload = (
            Pull(f"{name}-pull", {**table, "settings": settings}, child)
            if table
            else _upload(name, args, source, child)
        )
        self.run = TrainingRun(
            f"{name}-run",
            {
                "folder": args["folder"],
                "store": args["store"],
                "model": args["model"],
                "dataset": self.upload.key,
                "data": self.upload.sha256,
                "code": source_files.digest(
                    [*source_files.training_files(), *source_files.estimator_files(args.get("estimator", ""))]
                ),
                "settings": settings,
            },
            child,
        )
        if table:
            results = {"data": self.upload.sha256, "trained": self.run.version}
            WriteBack(f"{name}-write-back", {**table, **results}, child)
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
    """Inputs of the resources that speak to Airtable; `token` is the name of the file that has it."""
    secret = {"folder": args["folder"], "name": TOKEN, "value": args["airtable_token"]}
    token = Secret(f"{name}-airtable-token", secret, opts)
    shared = {key: args[key] for key in ("folder", "store", "model", "airtable")}
    return {**shared, "token": TOKEN, "secret": token.sha256}
