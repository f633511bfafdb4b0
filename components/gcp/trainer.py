"""Training: data arriving in the store starts it, and so do a schedule and a command."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired

import pulumi
from pulumi_gcp import cloudfunctionsv2, cloudrunv2, pubsub, serviceaccount, storage

from components.gcp.function import FunctionSettings, let_invoke, make_function
from components.gcp.names import bucket_of, region
from components.gcp.package import Builder
from components.gcp.retries import child
from components.gcp.roles import account, may_list, may_use
from components.gcp.secret import SecretFile, keep_secret
from components.gcp.training_job import JOB_TIMEOUT, JobSettings, address, check_memory, let_start, make_job
from components.gcp.training_queue import TrainingTopic, as_data
from components.inputs.checks import check_airtable, check_estimator, check_model, needs_image
from components.inputs.dataset import dataset_key, uploaded
from components.inputs.training_settings import TrainingInputs, scheduled_job, training_digest, training_environment
from function_code.training.settings import Settings

TIMEOUT = 540  # seconds, the most that a function gets whom events start
MEMORY = 4096  # MiB
CONCURRENCY = 1  # messages at once
PROCESSORS = 2  # at least
STARTER_TIMEOUT, STARTER_MEMORY = 90, 256
HEARD_OF = {"": "datasets/{}/", "-batch": "batch/{}/in/"}
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"


class TrainerArgs(TrainingInputs):
    """Inputs of a Trainer."""

    image: NotRequired[bool]
    """Whether to train from a container image, for an hour at most, even if a function would do. Default: no."""
    schedule: NotRequired[pulumi.Input[str]]
    """When to train again on the newest dataset, or to pull, as Cloud Scheduler has it: 0 3 * * *, UTC. Default: never.
    """
    memory: NotRequired[pulumi.Input[int]]
    """MiB; processors come with them. Default: 4096."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The labels of everything that takes some. Default: none."""


class Trainer(pulumi.ComponentResource):
    """A topic of trainings, what asks for them, and the function that trains, or starts the job that does.

    One at a time: there is one instance at most, which takes one message. Whoever comes meanwhile is refused by Cloud
    Run, or by the function while its job runs, and comes again; so does what failed, after ten seconds at first and ten
    minutes in the end. What arrives in the store to be scored as a whole is scored in the same way.
    """

    dataset: pulumi.Output[str]
    """The key of the dataset in the store, or where it is to arrive."""
    start: pulumi.Output[str]
    """A command that trains again on the newest dataset, or pulls."""
    topic: pubsub.Topic
    """The topic of trainings."""
    function: cloudfunctionsv2.Function
    """What trains, or starts the job."""
    job: cloudrunv2.Job | None
    """What trains from an image."""
    account: serviceaccount.Account
    """As whom it is trained."""

    def __init__(self, name: str, args: TrainerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        from_image = needs_image(args.get("framework", Settings.framework), args.get("image", False))
        if from_image:
            check_memory(args.get("memory", MEMORY))
        check_estimator(args.get("estimator", ""))
        check_airtable(args)
        source = None if "airtable" in args else uploaded(args.get("dataset", ""))
        super().__init__("serverless-ml:gcp:Trainer", name, {}, opts)
        self._name, self._args = name, args
        self.topic = pubsub.Topic(f"{name}-topic", labels=args.get("labels"), opts=child(self))
        self._trainings = TrainingTopic(name, args["model"], self.topic, self)
        news = self._trainings.hear_of_data(args["store"], HEARD_OF)
        self._messenger = account(f"{name}-messenger", "brings messages to the training", self)
        self.account = account(name, "trains", self)
        self._token = self._keep_token() if "airtable" in args else None
        self.job = self._job() if from_image else None
        self.function = self._function()
        heard = let_invoke(f"{name}-invoker", self.function, self._messenger.member, self)
        if "schedule" in args:
            self._trainings.ask_on_schedule(args["schedule"], scheduled_job(args))
        self.dataset = pulumi.Output.format("datasets/{}/", args["model"])
        if source:
            self.dataset = self._upload(source, [*news, heard])
        self.start = self._trainings.command(scheduled_job(args))
        self.register_outputs({"dataset": self.dataset, "start": self.start})

    def _function(self) -> cloudfunctionsv2.Function:
        settings = self._starting(self.job) if self.job else self._training()
        return make_function(self._name, settings, self)

    def _training(self) -> FunctionSettings:
        return FunctionSettings(
            **self._listening("training"),
            account=self.account,
            granted=[*self._let_train(), *self._trainings.let_eventarc_bring(self._messenger)],
            environment=self._environment(TIMEOUT),
            memory=self._args.get("memory", MEMORY),
            least_processors=PROCESSORS,
            timeout=TIMEOUT,
            secret=self._token,
        )

    def _starting(self, job: cloudrunv2.Job) -> FunctionSettings:
        starter = account(f"{self._name}-starter", "starts the training", self)
        return FunctionSettings(
            **self._listening("starting"),
            account=starter,
            granted=[*let_start(self._name, job, starter, self), *self._trainings.let_eventarc_bring(self._messenger)],
            environment={"JOB": address(job)},
            memory=STARTER_MEMORY,
            timeout=STARTER_TIMEOUT,
        )

    def _job(self) -> cloudrunv2.Job:
        # Imported here: most stacks do without Docker and its SDK.
        from components.gcp.image import image

        name, args = self._name, self._args
        settings = JobSettings(
            image=image(name, args.get("framework", Settings.framework), args.get("labels"), self),
            account=self.account,
            granted=self._let_train(),
            # The message that there is without another one: somebody executes the job by hand.
            environment={
                **self._environment(JOB_TIMEOUT),
                "MESSAGE": json.dumps({"data": as_data(scheduled_job(args))}),
            },
            memory=args.get("memory", MEMORY),
            least_processors=PROCESSORS,
            labels=args.get("labels"),
            secret=self._token,
        )
        return make_job(name, settings, self)

    def _keep_token(self) -> SecretFile:
        args = self._args
        return keep_secret(f"{self._name}-airtable", args["airtable_token"], self.account, args.get("labels"), self)

    def _environment(self, seconds: int) -> dict[str, pulumi.Input[str]]:
        return training_environment(self._args, seconds, self._token.path if self._token else None)

    def _let_train(self) -> list[pulumi.Resource]:
        def may(name: str, folder: str, role: str) -> pulumi.Resource:
            below = pulumi.Output.format(folder, self._args["model"])
            return may_use(f"{self._name}-{name}", self.account, self._args["store"], below, self, role)

        granted = [
            may_list(self._name, self.account, self._args["store"], self),
            may("datasets", "datasets/{}/", "roles/storage.objectViewer"),
            may("batch-in", "batch/{}/in/", "roles/storage.objectViewer"),
            # To move the pointer is to write over it, and so it is to score a file again.
            may("models", "models/{}/", "roles/storage.objectUser"),
            may("batch-out", "batch/{}/out/", "roles/storage.objectUser"),
        ]
        if self._token:
            granted += [
                may("airtable-state", "airtable/{}/", "roles/storage.objectUser"),
                may("airtable-datasets", "datasets/{}/airtable-", "roles/storage.objectUser"),
                *self._token.granted,
            ]
        return granted

    def _listening(self, half: str) -> dict[str, Any]:
        """What a function is given that hears of the topic's messages, one by one."""
        name, store, labels = self._name, self._args["store"], self._args.get("labels")
        return {
            "builder": Builder(name, {"half": half, "store": store, "labels": labels or {}}, child(self)),
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

    def _upload(self, source: Path, listeners: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        """The dataset, whose arrival starts the first training.

        It carries a digest of the settings and of the code: another one uploads it again, and so trains again.
        """
        args = self._args
        told = training_digest(args)
        # What is only labelled anew does not arrive. The old one goes first: it has the same name.
        again = pulumi.ResourceOptions(delete_before_replace=True, replace_on_changes=["metadata"])
        made = storage.BucketObject(
            f"{self._name}-dataset",
            bucket=bucket_of(args["store"]),
            name=pulumi.Output.from_input(args["model"]).apply(lambda model: dataset_key(model, source.name)),
            source=pulumi.FileAsset(source),
            content_type="text/csv",
            metadata={"training": told},
            opts=pulumi.ResourceOptions.merge(child(self, *listeners), again),
        )
        return made.name
