"""Training: data arriving in the store starts it, and so do a schedule and a command."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NotRequired

import pulumi
from pulumi_aws import lambda_, s3, sqs

from components.aws.function import LOG_DAYS, FunctionResources, FunctionSettings, make_function
from components.aws.names import bucket_of
from components.aws.roles import trainer_statements
from components.aws.secret import KeptSecret, keep_secret
from components.aws.training_code import archived, in_image
from components.aws.training_queue import make_queue
from components.inputs.checks import check_airtable, check_estimator, check_model, needs_image
from components.inputs.dataset import dataset_key, uploaded
from components.inputs.training_settings import (
    TrainingInputs,
    airtable_environment,
    scheduled_request,
    training_digest,
    training_settings,
)
from function_code.training.settings import Settings

HANDLER = "function_code.entrypoints.aws.train.train"
TIMEOUT_SECONDS = 900  # the most that Lambda gives
MEMORY_MB = 3008  # the most that a new account gets; 1,769 MB are one processor
TMP_MB = 2048  # of disk, beside what libraries take there
TRIGGER_PREFIXES = ("datasets/{}/", "batch/{}/in/")
# The settings that name columns, by variable of the environment.
COLUMN_SETTINGS = {"TRAINING": "id, drop and kinds", "AIRTABLE": "airtable.fields"}
MAX_SETTINGS_BYTES = 3500  # all that a function's environment holds may be 4 KB


class TrainerArgs(TrainingInputs):
    """Inputs of a Trainer."""

    image: NotRequired[bool]
    """Train from a container image even if an archive would do. Default: no."""
    schedule: NotRequired[pulumi.Input[str]]
    """When to train again on the newest dataset, or to pull, as rate(7 days) or cron(0 3 * * ? *), UTC. Default: never.
    """
    architecture: NotRequired[str]
    """arm64 or x86_64. Default: arm64, which costs a fifth less."""
    memory: NotRequired[pulumi.Input[int]]
    """Megabytes; processors come with them. Default: 3008."""
    kms_key: NotRequired[pulumi.Input[str]]
    """The ARN of the KMS key that the store is encrypted with. Default: none, S3 manages its own."""
    disposable: NotRequired[bool]
    """True lets `destroy` delete the dataset, and the token for good at once. Default: no; the dataset stays, and the
    token can be restored for a week."""
    log_days: NotRequired[pulumi.Input[int]]
    """Days that logs are kept. Default: 30."""
    xray: NotRequired[bool]
    """True traces with X-Ray. Default: no."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Trainer(pulumi.ComponentResource):
    """A queue of trainings, one at a time; the senders of its messages; and the function that trains.

    The same function scores files that are uploaded to be scored as a whole.
    """

    dataset: pulumi.Output[str]
    """The key of the dataset in the store, or the prefix under which it is to arrive."""
    start: pulumi.Output[str]
    """A command that trains again on the newest dataset, or pulls."""
    queue: sqs.Queue
    """The queue of trainings."""
    dead_letters: sqs.Queue
    """The queue of trainings that failed again and again."""
    resources: FunctionResources
    """The function with its role and its log group."""

    def __init__(self, name: str, args: TrainerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        self._from_image = needs_image(args.get("framework", Settings.framework), args.get("image", False))
        check_estimator(args.get("estimator", ""))
        check_airtable(args)
        source = None if "airtable" in args else uploaded(args.get("dataset", ""))
        super().__init__("serverless-ml:aws:Trainer", name, {}, opts)
        self._name, self._args = name, args
        self._trainings = make_queue(name, args["model"], TIMEOUT_SECONDS, args.get("tags"), self)
        self.queue, self.dead_letters = self._trainings.queue, self._trainings.dead_letters
        subscription = self._trainings.subscribe_to_uploads(args["store"], *TRIGGER_PREFIXES)
        self._token = self._keep_token() if "airtable" in args else None
        self.resources = make_function(name, self._settings(), self)
        readiness = [self.resources.policy, *([self._token.version] if self._token else [])]
        mapping = lambda_.EventSourceMapping(
            f"{name}-source",
            event_source_arn=self.queue.arn,
            function_name=self.resources.function.arn,
            batch_size=1,
            tags=args.get("tags"),
            # Lambda tries whether the role may read the queue, and the first message may want the token.
            opts=pulumi.ResourceOptions(parent=self, depends_on=readiness),
        )
        if "schedule" in args:
            self._trainings.add_schedule(args["schedule"], scheduled_request(args))
        self.dataset = pulumi.Output.format("datasets/{}/", args["model"])
        if source:
            self.dataset = self._upload(source, [*subscription, mapping])
        self.start = self._trainings.command(scheduled_request(args))
        self.register_outputs({"dataset": self.dataset, "start": self.start})

    def _settings(self) -> FunctionSettings:
        args = self._args
        settings = {"TRAINING": training_settings(args)}
        if self._token:
            settings |= airtable_environment(args, self._token.secret.arn)
        architecture = args.get("architecture", "arm64")
        code = (in_image if self._from_image else archived)(self._name, architecture, args, self)
        token = self._token.statement if self._token else None
        libraries = {} if code.libraries is None else {"LIBRARIES": code.libraries}
        return FunctionSettings(
            code=code.arguments,
            handler=HANDLER,
            environment={"STORE": args["store"], "MODEL": args["model"], **libraries, **_checked(settings)},
            memory=args.get("memory", MEMORY_MB),
            timeout=TIMEOUT_SECONDS,
            architecture=architecture,
            statements=trainer_statements(args, self.queue.arn, code.libraries, token),
            log_days=args.get("log_days", LOG_DAYS),
            tags=args.get("tags"),
            xray=args.get("xray", False),
            more={"ephemeral_storage": {"size": TMP_MB + code.libraries_mb}},
        )

    def _keep_token(self) -> KeptSecret:
        args = self._args
        return keep_secret(
            f"{self._name}-airtable", args["airtable_token"], args.get("disposable", False), args.get("tags"), self
        )

    def _upload(self, source: Path, depends_on: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        """Uploads the dataset, which starts the first training.

        It carries a digest of the settings and of the code: another one uploads it again, and so trains again.
        """
        args = self._args
        dataset = s3.BucketObjectv2(
            f"{self._name}-dataset",
            bucket=bucket_of(args["store"]),
            key=pulumi.Output.from_input(args["model"]).apply(lambda model: dataset_key(model, source.name)),
            source=pulumi.FileAsset(source),
            content_type="text/csv",
            metadata={"training": training_digest(args)},
            tags=args.get("tags"),
            # The provider deletes an object with all its older versions.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=list(depends_on), retain_on_delete=not args.get("disposable", False)
            ),
        )
        return dataset.key


def _checked(settings: Mapping[str, pulumi.Output[str]]) -> dict[str, pulumi.Output[str]]:
    """The settings as they go to the function. Raises RunError if they are too long for its environment."""

    def check(texts: dict[str, str]) -> dict[str, str]:
        size = sum(len(text.encode()) for text in texts.values())
        if size > MAX_SETTINGS_BYTES:
            columns = [setting for name, setting in COLUMN_SETTINGS.items() if name in texts]
            raise pulumi.RunError(
                f"the settings of the training take {size:,} bytes, and a function has room for "
                f"{MAX_SETTINGS_BYTES:,}: name fewer columns in {', '.join(columns)}"
            )
        return texts

    checked = pulumi.Output.all(**settings).apply(check)
    return {name: checked[name] for name in settings}
