"""Training: data arriving in the store starts it, and so do a schedule and a command."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NotRequired

import pulumi
from pulumi_azure_native import app as container_apps
from pulumi_azure_native import managedidentity, storage, web

from components.azure.flex_package import SECONDS, flex
from components.azure.function import Hosting, HostingSettings
from components.azure.names import container_of
from components.azure.retries import child
from components.azure.roles import grant, grant_deployer
from components.azure.secret import keep_secret
from components.azure.storage_account import account
from components.azure.training_job import JOB_MEMORY, JOB_TIMEOUT, JobSettings, make_jobs
from components.azure.training_queue import bring_news
from components.azure.upload_dataset import Upload, upload
from components.inputs.checks import check_airtable, check_estimator, check_model, needs_image
from components.inputs.dataset import dataset_key, uploaded
from components.inputs.training_settings import TrainingInputs, scheduled_job, training_digest, training_environment
from components.packaging import source_files
from function_code.training.settings import Settings

MEMORY = 4096  # MB, with two processors
FUNCTION_MEMORY = (512, 2048, 4096)
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
    """Whether to train from a container image, for an hour at most, even if a function would do. Default: no."""
    schedule: NotRequired[pulumi.Input[str]]
    """When to train again on the newest dataset, or to pull, as timers have it: 0 0 3 * * *, UTC. Default: never."""
    memory: NotRequired[int]
    """MB: 512, 2048 or 4096; from an image 2048, 4096, 6144 or 8192. Default: 4096."""
    disposable: NotRequired[bool]
    """Whether a deleted vault, with the token, may be deleted for good before a week is over. Default: no."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Trainer(pulumi.ComponentResource):
    """A queue of trainings, what puts something into it, and the function app that trains, or the job from an image.

    One at a time: there is one instance at most, which takes one message, hidden for as long as the training lasts. If
    it fails, it comes again, and the third time ends in the queue of poison. What arrives in the store to be scored as
    a whole is scored in the same way.
    """

    dataset: pulumi.Output[str]
    """The key of the dataset in the store, or where it is to arrive."""
    start: pulumi.Output[str]
    """A command that trains again on the newest dataset, or pulls."""
    queue: storage.Queue
    """The queue of trainings."""
    app: web.WebApp | None
    """What trains, unless the job does."""
    job: container_apps.Job | None
    """What trains from an image."""
    asker: container_apps.Job | None
    """What asks that for trainings, if there is a schedule."""

    def __init__(self, name: str, args: TrainerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        from_image = needs_image(args.get("framework", Settings.framework), args.get("image", False))
        check_memory(args.get("memory", MEMORY), from_image=from_image)
        check_estimator(args.get("estimator", ""))
        check_airtable(args)
        source = None if "airtable" in args else uploaded(args.get("dataset", ""))
        super().__init__("serverless-ml:azure:Trainer", name, {}, opts)
        self._name, self._args = name, args
        self._message = json.dumps({scheduled_job(args): True})
        self._container = pulumi.Output.format(
            "{}/blobServices/default/containers/{}", args["account"], container_of(args["store"])
        )
        self._token = keep_secret(name, "airtable", args["airtable_token"], args, self) if "airtable" in args else None
        self.app = self.job = self.asker = None
        code = self._in_job() if from_image else self._in_function()
        bring_news(name, args, self._account, self.queue, self, code)
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
        """The function app; what is to be there before somebody asks it for a training."""
        name, args = self._name, self._args
        settings = HostingSettings(
            half="training",
            target=flex("FUNCTION"),
            resource_group=args["resource_group"],
            insights=args["insights"],
            connection=args["connection"],
            environment={**self._environment(SECONDS["training"]), "QUEUE": QUEUE, **self._timer()},
            memory=args.get("memory", MEMORY),
            instances=(0, 1),
            concurrency=1,
            tags=args.get("tags"),
            app_tags=args.get("tags"),
            site={},
        )
        hosting = Hosting(name, settings, self)
        self.app, self._account = hosting.app, hosting.account
        who = hosting.identity.principal_id
        # The host looks for both queues, takes from them and fills them.
        taking = grant(f"{name}-queues", "Storage Queue Data Contributor", self._account.id, who, self)
        self.queue, poison = self._queue("queue", QUEUE), self._queue("poison", f"{QUEUE}-poison")
        before = [*self._let_train(who), taking, self.queue, poison]
        return hosting.publish(*before, schedule=args.get("schedule"))

    def _in_job(self) -> pulumi.Resource:
        """The same for the job."""
        # Imported here: most stacks do without Docker and its SDK.
        from components.azure.image import image

        name, args, tags = self._name, self._args, self._args.get("tags")
        group = args["resource_group"]
        identity = managedidentity.UserAssignedIdentity(
            f"{name}-identity", resource_group_name=group, tags=tags, opts=child(self)
        )
        self._account = account(name, group, tags, child(self))
        self.queue = self._queue("queue", QUEUE)
        made = image(name, args.get("framework", Settings.framework), group, tags, identity, self)
        settings = JobSettings(
            resource_group=group,
            workspace=args["workspace"],
            image=made.ref,
            registry=made.server,
            identity=identity,
            account=self._account,
            queue=self.queue,
            poison=self._queue("poison", f"{QUEUE}-poison"),
            granted=[made.readable, *self._let_train(identity.principal_id)],
            environment=self._environment(JOB_TIMEOUT),
            memory=args.get("memory", MEMORY),
            schedule=args.get("schedule"),
            message=self._message,
            tags=tags,
        )
        self.job, self.asker = make_jobs(name, settings, self)
        return self.job

    def _queue(self, what: str, called: str) -> storage.Queue:
        return storage.Queue(
            f"{self._name}-{what}",
            resource_group_name=self._args["resource_group"],
            account_name=self._account.name,
            queue_name=called,
            opts=child(self),
        )

    def _environment(self, seconds: int) -> dict[str, pulumi.Input[str]]:
        return training_environment(self._args, seconds, self._token.url if self._token else None)

    def _timer(self) -> dict[str, pulumi.Input[str]]:
        args = self._args
        return {"SCHEDULE": args["schedule"], "MESSAGE": self._message} if "schedule" in args else {}

    def _let_train(self, who: pulumi.Input[str]) -> list[pulumi.Resource]:
        """Lets an identity train and score, and pull if there is something to pull from."""

        def may(name: str, role: str, *folders: str) -> pulumi.Resource:
            below = [pulumi.Output.format(folder, self._args["model"]) for folder in folders]
            return grant(f"{self._name}-{name}", role, self._container, who, self, below=below)

        written = ["models/{}/", "batch/{}/out/"]
        granted = [may("datasets", "Storage Blob Data Reader", "datasets/{}/", "batch/{}/in/")]
        if self._token:
            written += ["airtable/{}/", "datasets/{}/airtable-"]
            granted.append(self._token.let_read(f"{self._name}-airtable-reader", who, self))
        return [*granted, may("models", "Storage Blob Data Contributor", *written)]

    def _upload(self, source: Path, before: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
        """The dataset, and with it the message that starts the first training.

        It is known by a digest of itself, of the settings and of the code: another one uploads it again, and so trains
        again.
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
        queues = self._account.primary_endpoints.apply(lambda found: found.queue)
        upload(
            f"{self._name}-dataset",
            Upload(source, args["store"], key, pulumi.Output.format("{}{}", queues, self.queue.name)),
            {"file": source_files.file_digest(source), "training": training},
            pulumi.ResourceOptions(parent=self, depends_on=[leave, *before]),
        )
        return key


def check_memory(memory: int, *, from_image: bool) -> None:
    """Raises RunError if what trains can't have so much."""
    how, allowed = ("from an image", JOB_MEMORY) if from_image else ("from a package", FUNCTION_MEMORY)
    if memory not in allowed:
        raise pulumi.RunError(
            f"training_memory is {memory}; to train {how} it can be {', '.join(map(str, allowed))}: "
            "pulumi config set training_memory VALUE"
        )
