"""Training: data arriving in the store starts it, and so do a schedule and a command."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired

import pulumi
from pulumi_gcp import cloudfunctionsv2, cloudrunv2, pubsub, serviceaccount, storage

from components.gcp.deployment_retries import child
from components.gcp.function import FunctionSettings, grant_invoke, make_function
from components.gcp.names import bucket_of, region
from components.gcp.roles import account, grant_trainer
from components.gcp.secret import SecretFile, keep_secret
from components.gcp.training_job import JOB_TIMEOUT_SECONDS, JobSettings, address, check_memory, grant_start, make_job
from components.gcp.training_queue import TrainingQueue, message_data
from components.gcp.upload_code import Builder
from components.inputs.checks import check_airtable, check_estimator, check_model, needs_image
from components.inputs.dataset import dataset_key, uploaded
from components.inputs.training_settings import TrainingInputs, scheduled_request, training_digest, training_environment
from function_code.training.settings import Settings

TIMEOUT_SECONDS = 540  # the most for a function that events start
MEMORY_MIB = 4096
CONCURRENCY = 1  # messages at once
MIN_PROCESSORS = 2
STARTER_TIMEOUT_SECONDS, STARTER_MEMORY_MIB = 90, 256
TRIGGER_PREFIXES = {"": "datasets/{}/", "-batch": "batch/{}/in/"}
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"


class TrainerArgs(TrainingInputs):
    """Inputs of a Trainer."""

    image: NotRequired[bool]
    """Train from a container image, for an hour at most, even if a function would do. Default: no."""
    schedule: NotRequired[pulumi.Input[str]]
    """When to train again on the newest dataset, or to pull, as Cloud Scheduler has it: 0 3 * * *, UTC. Default: never.
    """
    memory: NotRequired[pulumi.Input[int]]
    """MiB; processors come with them. Default: 4096."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The labels of everything that takes some. Default: none."""


class Trainer(pulumi.ComponentResource):
    """A topic of trainings, its publishers, and the function that trains, or starts the job that does.

    One at a time: there is one instance at most, which takes one message. Meanwhile Cloud Run refuses other messages,
    or the function does while its job runs, and they come again; so does what failed, after ten seconds at first and
    ten minutes in the end. Files that are uploaded to be scored as a whole take the same way.
    """

    dataset: pulumi.Output[str]
    """The key of the dataset in the store, or the prefix under which it is to arrive."""
    start: pulumi.Output[str]
    """A command that trains again on the newest dataset, or pulls."""
    topic: pubsub.Topic
    """The topic of trainings."""
    function: cloudfunctionsv2.Function
    """The function that trains, or starts the job."""
    job: cloudrunv2.Job | None
    """The job that trains from an image."""
    account: serviceaccount.Account
    """The account that trains."""

    def __init__(self, name: str, args: TrainerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        from_image = needs_image(args.get("framework", Settings.framework), args.get("image", False))
        if from_image:
            check_memory(args.get("memory", MEMORY_MIB))
        check_estimator(args.get("estimator", ""))
        check_airtable(args)
        source = None if "airtable" in args else uploaded(args.get("dataset", ""))
        super().__init__("serverless-ml:gcp:Trainer", name, {}, opts)
        self._name, self._args = name, args
        self.topic = pubsub.Topic(f"{name}-topic", labels=args.get("labels"), opts=child(self))
        self._trainings = TrainingQueue(name, args["model"], self.topic, self)
        notifications = self._trainings.subscribe_to_uploads(args["store"], TRIGGER_PREFIXES)
        self._messenger = account(f"{name}-messenger", "brings messages to the training", self)
        self.account = account(name, "trains", self)
        self._token = self._keep_token() if "airtable" in args else None
        self.job = self._job() if from_image else None
        self.function = self._function()
        invoker = grant_invoke(f"{name}-invoker", self.function, self._messenger.member, self)
        if "schedule" in args:
            self._trainings.add_schedule(args["schedule"], scheduled_request(args))
        self.dataset = pulumi.Output.format("datasets/{}/", args["model"])
        if source:
            self.dataset = self._upload(source, [*notifications, invoker])
        self.start = self._trainings.command(scheduled_request(args))
        self.register_outputs({"dataset": self.dataset, "start": self.start})

    def _function(self) -> cloudfunctionsv2.Function:
        settings = self._starting(self.job) if self.job else self._training()
        return make_function(self._name, settings, self)

    def _training(self) -> FunctionSettings:
        return FunctionSettings(
            **self._message_settings("training"),
            account=self.account,
            depends_on=[*self._grant_training(), *self._trainings.grant_eventarc(self._messenger)],
            environment=self._environment(TIMEOUT_SECONDS),
            memory=self._args.get("memory", MEMORY_MIB),
            min_processors=MIN_PROCESSORS,
            timeout=TIMEOUT_SECONDS,
            secret=self._token,
        )

    def _starting(self, job: cloudrunv2.Job) -> FunctionSettings:
        starter = account(f"{self._name}-starter", "starts the training", self)
        return FunctionSettings(
            **self._message_settings("starting"),
            account=starter,
            depends_on=[
                *grant_start(self._name, job, starter, self),
                *self._trainings.grant_eventarc(self._messenger),
            ],
            environment={"JOB": address(job)},
            memory=STARTER_MEMORY_MIB,
            timeout=STARTER_TIMEOUT_SECONDS,
        )

    def _job(self) -> cloudrunv2.Job:
        # Imported here: most stacks do without Docker and its SDK.
        from components.gcp.image import image

        name, args = self._name, self._args
        # The message of an execution by hand, which has no other.
        message = json.dumps({"data": message_data(scheduled_request(args))})
        settings = JobSettings(
            image=image(name, args.get("framework", Settings.framework), args.get("labels"), self),
            account=self.account,
            depends_on=self._grant_training(),
            environment={**self._environment(JOB_TIMEOUT_SECONDS), "MESSAGE": message},
            memory=args.get("memory", MEMORY_MIB),
            min_processors=MIN_PROCESSORS,
            labels=args.get("labels"),
            secret=self._token,
        )
        return make_job(name, settings, self)

    def _keep_token(self) -> SecretFile:
        args = self._args
        return keep_secret(f"{self._name}-airtable", args["airtable_token"], self.account, args.get("labels"), self)

    def _environment(self, seconds: int) -> dict[str, pulumi.Input[str]]:
        return training_environment(self._args, seconds, self._token.path if self._token else None)

    def _grant_training(self) -> list[pulumi.Resource]:
        token_grants = self._token.depends_on if self._token else []
        return [*grant_trainer(self._name, self.account, self._args, self), *token_grants]

    def _message_settings(self, package: str) -> dict[str, Any]:
        """Settings of a function that gets the topic's messages, one by one."""
        name, store, labels = self._name, self._args["store"], self._args.get("labels")
        return {
            "builder": Builder(name, {"package": package, "store": store, "labels": labels or {}}, child(self)),
            "instances": (0, 1),
            "concurrency": CONCURRENCY,
            "ingress": "ALLOW_INTERNAL_ONLY",
            "labels": labels,
            "trigger": {
                "event_type": PUBLISHED,
                "pubsub_topic": self.topic.id,
                "trigger_region": region(),
                "retry_policy": "RETRY_POLICY_RETRY",
                "service_account_email": self._messenger.email,
            },
        }

    def _upload(self, source: Path, depends_on: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        """Uploads the dataset, which starts the first training.

        It carries a digest of the settings and of the code: another one uploads it again, and so trains again.
        """
        args = self._args
        # New metadata alone makes no event. The old object goes first: it has the same name.
        replace = pulumi.ResourceOptions(delete_before_replace=True, replace_on_changes=["metadata"])
        dataset = storage.BucketObject(
            f"{self._name}-dataset",
            bucket=bucket_of(args["store"]),
            name=pulumi.Output.from_input(args["model"]).apply(lambda model: dataset_key(model, source.name)),
            source=pulumi.FileAsset(source),
            content_type="text/csv",
            metadata={"training": training_digest(args)},
            opts=pulumi.ResourceOptions.merge(child(self, *depends_on), replace),
        )
        return dataset.name
