"""Training: data arriving in the store starts it, and so do a schedule and a command."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NotRequired

import pulumi
from pulumi_azure_native import app as container_apps
from pulumi_azure_native import managedidentity, storage, web

from components.azure.deployment_retries import child
from components.azure.flex_package import FUNCTION_TIMEOUT_SECONDS, flex
from components.azure.function import FunctionApp, FunctionSettings
from components.azure.names import container_of
from components.azure.roles import grant, grant_deployer, grant_trainer
from components.azure.secret import keep_secret
from components.azure.storage_account import account
from components.azure.training_job import JOB_MEMORY_MB, JOB_TIMEOUT_SECONDS, JobSettings, make_jobs
from components.azure.training_queue import subscribe_to_uploads
from components.azure.upload_dataset import Upload, upload_dataset
from components.inputs.checks import check_airtable, check_estimator, check_model, needs_image
from components.inputs.dataset import dataset_key, uploaded
from components.inputs.training_settings import TrainingInputs, scheduled_request, training_digest, training_environment
from components.packaging import source_files
from function_code.training.settings import Settings

MEMORY_MB = 4096  # with two processors
FUNCTION_MEMORY_MB = (512, 2048, 4096)
QUEUE = "trainings"


class TrainerArgs(TrainingInputs):
    """Inputs of a Trainer."""

    resource_group: pulumi.Input[str]
    """The name of the resource group that it is in."""
    insights: pulumi.Input[str]
    """The id of the Application Insights that it tells what happens."""
    connection: pulumi.Input[str]
    """The connection string of that, which is no secret where keys are off."""
    workspace: pulumi.Input[str]
    """The id of the workspace that has the logs, to which those of a job go directly."""
    account: pulumi.Input[str]
    """The id of the storage account that the store is in."""
    image: NotRequired[bool]
    """Train from a container image, for an hour at most, even if a function would do. Default: no."""
    schedule: NotRequired[pulumi.Input[str]]
    """When to train again on the newest dataset, or to pull, as timers have it: 0 0 3 * * *, UTC. Default: never."""
    memory: NotRequired[int]
    """MB: 512, 2048 or 4096; from an image 2048, 4096, 6144 or 8192. Default: 4096."""
    disposable: NotRequired[bool]
    """True lets a deleted vault, with the token, be purged before a week is over. Default: no."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Trainer(pulumi.ComponentResource):
    """A queue of trainings, the senders of its messages, and the function app that trains, or the job from an image.

    One at a time: there is one instance at most, which takes one message, hidden for as long as the training lasts. If
    it fails, it comes again, and the third time ends in the queue of poison. Files that are uploaded to be scored as a
    whole take the same way.
    """

    dataset: pulumi.Output[str]
    """The key of the dataset in the store, or the prefix under which it is to arrive."""
    start: pulumi.Output[str]
    """A command that trains again on the newest dataset, or pulls."""
    queue: storage.Queue
    """The queue of trainings."""
    app: web.WebApp | None
    """The app that trains, unless the job does."""
    job: container_apps.Job | None
    """The job that trains from an image."""
    scheduler: container_apps.Job | None
    """The job that asks for trainings on a schedule, if there is one."""

    def __init__(self, name: str, args: TrainerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        from_image = needs_image(args.get("framework", Settings.framework), args.get("image", False))
        check_memory(args.get("memory", MEMORY_MB), from_image=from_image)
        check_estimator(args.get("estimator", ""))
        check_airtable(args)
        source = None if "airtable" in args else uploaded(args.get("dataset", ""))
        super().__init__("serverless-ml:azure:Trainer", name, {}, opts)
        self._name, self._args = name, args
        self._message = json.dumps({scheduled_request(args): True})
        self._container = pulumi.Output.format(
            "{}/blobServices/default/containers/{}", args["account"], container_of(args["store"])
        )
        self._token = keep_secret(name, "airtable", args["airtable_token"], args, self) if "airtable" in args else None
        self.app = self.job = self.scheduler = None
        code = self._in_job() if from_image else self._in_function()
        subscribe_to_uploads(name, args, self._account, self.queue, self, code)
        # By the output `start`, and for what is uploaded.
        starting = grant_deployer(f"{name}-starter", "Storage Queue Data Message Sender", self.queue.id, self)
        self.dataset = pulumi.Output.format("datasets/{}/", args["model"])
        if source:
            self.dataset = self._upload(source, [code, starting])
        self.start = pulumi.Output.format(
            "az storage message put --auth-mode login --account-name {} --queue-name {} "
            "--content \"$(printf '{}' | base64)\"",
            self._account.name,
            self.queue.name,
            self._message,
        )
        self.register_outputs({"dataset": self.dataset, "start": self.start})

    def _in_function(self) -> pulumi.Resource:
        """Makes the function app; returns its code, which must be there before a training is asked for."""
        name, args = self._name, self._args
        settings = FunctionSettings(
            package="training",
            platform=flex("FUNCTION"),
            resource_group=args["resource_group"],
            insights=args["insights"],
            connection=args["connection"],
            environment={**self._environment(FUNCTION_TIMEOUT_SECONDS["training"]), "QUEUE": QUEUE, **self._timer()},
            memory=args.get("memory", MEMORY_MB),
            instances=(0, 1),
            concurrency=1,
            tags=args.get("tags"),
            app_tags=args.get("tags"),
            site={},
        )
        function_app = FunctionApp(name, settings, self)
        self.app, self._account = function_app.app, function_app.account
        principal = function_app.identity.principal_id
        # The host looks for both queues, takes from them and fills them.
        taking = grant(f"{name}-queues", "Storage Queue Data Contributor", self._account.id, principal, self)
        self.queue, poison = self._queue("queue", QUEUE), self._queue("poison", f"{QUEUE}-poison")
        depends_on = [*self._grant_training(principal), taking, self.queue, poison]
        return function_app.publish(*depends_on, schedule=args.get("schedule"))

    def _in_job(self) -> pulumi.Resource:
        """Makes the job; returns it."""
        # Imported here: most stacks do without Docker and its SDK.
        from components.azure.image import image

        name, args, tags = self._name, self._args, self._args.get("tags")
        group = args["resource_group"]
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity", resource_group_name=group, tags=tags, opts=child(self)
        )
        self._account = account(name, group, tags, child(self))
        self.queue = self._queue("queue", QUEUE)
        training_image = image(name, args.get("framework", Settings.framework), group, tags, identity, self)
        settings = JobSettings(
            resource_group=group,
            workspace=args["workspace"],
            image=training_image.ref,
            registry=training_image.server,
            identity=identity,
            account=self._account,
            queue=self.queue,
            poison=self._queue("poison", f"{QUEUE}-poison"),
            depends_on=[training_image.readable, *self._grant_training(identity.principal_id)],
            environment=self._environment(JOB_TIMEOUT_SECONDS),
            memory=args.get("memory", MEMORY_MB),
            schedule=args.get("schedule"),
            message=self._message,
            tags=tags,
        )
        self.job, self.scheduler = make_jobs(name, settings, self)
        return self.job

    def _queue(self, suffix: str, name: str) -> storage.Queue:
        return storage.Queue(
            f"{self._name}-{suffix}",
            resource_group_name=self._args["resource_group"],
            account_name=self._account.name,
            queue_name=name,
            opts=child(self),
        )

    def _environment(self, seconds: int) -> dict[str, pulumi.Input[str]]:
        return training_environment(self._args, seconds, self._token.url if self._token else None)

    def _timer(self) -> dict[str, pulumi.Input[str]]:
        args = self._args
        return {"SCHEDULE": args["schedule"], "MESSAGE": self._message} if "schedule" in args else {}

    def _grant_training(self, principal: pulumi.Input[str]) -> list[pulumi.Resource]:
        """Lets an identity train and score, and pull if data comes from Airtable."""
        token = [self._token.grant_read(f"{self._name}-airtable-reader", principal, self)] if self._token else []
        return [*token, *grant_trainer(self._name, self._container, principal, self._args, self)]

    def _upload(self, source: Path, depends_on: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        """Uploads the dataset, and sends the message that starts the first training.

        Both are done again for another digest of the file, of the settings or of the code.
        """
        args = self._args
        training = training_digest(args)
        leave = grant_deployer(
            f"{self._name}-uploader",
            "Storage Blob Data Contributor",
            self._container,
            self,
            below=[pulumi.Output.format("datasets/{}/", args["model"])],
        )
        key = pulumi.Output.from_input(args["model"]).apply(lambda model: dataset_key(model, source.name))
        queues = self._account.primary_endpoints.apply(lambda endpoints: endpoints.queue)
        upload_dataset(
            f"{self._name}-dataset",
            Upload(source, args["store"], key, pulumi.Output.format("{}{}", queues, self.queue.name)),
            {"file": source_files.file_digest(source), "training": training},
            pulumi.ResourceOptions(parent=self, depends_on=[leave, *depends_on]),
        )
        return key


def check_memory(memory: int, *, from_image: bool) -> None:
    """Raises RunError if a training can't have so much."""
    how, allowed = ("from an image", JOB_MEMORY_MB) if from_image else ("from a package", FUNCTION_MEMORY_MB)
    if memory not in allowed:
        raise pulumi.RunError(
            f"training_memory is {memory}; to train {how} it can be {', '.join(map(str, allowed))}: "
            "pulumi config set training_memory VALUE"
        )
