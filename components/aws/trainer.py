"""Training: data arriving in the store starts it, and so do a schedule and a command."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch, iam, lambda_, s3, scheduler, sqs

from components import bundle
from components.aws.function import FunctionSettings, Made, make_function
from components.aws.packages import package
from components.aws.permissions import allow, allow_service, document, trust
from components.aws.places import account_id, bucket_arn, bucket_of
from components.checks import check_dataset, check_model
from components.dataset import dataset_key, synthetic_sample
from function_code.training.settings import Settings

HANDLER = "function_code.entrypoints.aws_lambda_training.train"
TIMEOUT = 900  # seconds, the most that Lambda gives
MEMORY = 3008  # MB, the most that a new account gets; 1,769 MB are one processor
TMP = 2048  # MB of disk
TRIES = 3
KEEP_DEAD = 14 * 24 * 3600  # seconds, the most that SQS keeps a message


class TrainerArgs(TypedDict):
    """Inputs of a Trainer."""

    store: pulumi.Input[str]
    """The URL of a ModelStore."""
    model: pulumi.Input[str]
    """The name of the model."""
    dataset: NotRequired[str]
    """The CSV file to upload and train on. Default: a synthetic sample."""
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
    framework: NotRequired[pulumi.Input[str]]
    """sklearn, pytorch or tensorflow. Default: sklearn."""
    estimator: NotRequired[str]
    """A function that returns an estimator, as module:function. Default: the framework's own candidates compete."""
    owned: NotRequired[pulumi.Input[str]]
    """The column of what is not to be recommended again. Default: anything may be."""
    budget: NotRequired[pulumi.Input[float]]
    """How many seconds to look for the best model. Default: 60."""
    objective: NotRequired[pulumi.Input[str]]
    """What the threshold of two classes is chosen for. Default: balanced_accuracy."""
    schedule: NotRequired[pulumi.Input[str]]
    """When to train again on the newest dataset, as rate(7 days) or cron(0 3 * * ? *), UTC. Default: never."""
    architecture: NotRequired[str]
    """arm64 or x86_64. Default: arm64, which costs a fifth less."""
    memory: NotRequired[pulumi.Input[int]]
    """Megabytes; processors come with them. Default: 3008."""
    kms_key: NotRequired[pulumi.Input[str]]
    """The ARN of the KMS key that the store is encrypted with. Default: none, S3 manages its own."""
    log_days: NotRequired[pulumi.Input[int]]
    """How long logs are kept. Default: 30."""
    xray: NotRequired[bool]
    """Whether to trace with X-Ray. Default: no."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The tags of everything that takes some. Default: none."""


class Trainer(pulumi.ComponentResource):
    """A queue of trainings, one at a time; what asks for them; and the function that trains.

    The queue is first-in-first-out with one group, the model: SQS gives no second message of a group away while the
    first is worked on. What fails is tried again, and after TRIES times goes to a queue of dead letters.
    """

    dataset: pulumi.Output[str]
    """The key of the dataset in the store."""
    start: pulumi.Output[str]
    """A command that trains again on the newest dataset."""
    queue: sqs.Queue
    """The queue of trainings."""
    dead_letters: sqs.Queue
    """Those that failed again and again."""
    made: Made
    """The function with its role and its log group."""

    def __init__(self, name: str, args: TrainerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_model(args["model"])
        if args.get("framework", Settings.framework) != Settings.framework:
            raise pulumi.RunError(
                f"framework is {args['framework']!r}, which is larger than a function of Lambda may be; on AWS it can "
                f"be {Settings.framework}: pulumi config set framework {Settings.framework}"
            )
        if bundle.estimator_files(args.get("estimator", "")):
            raise pulumi.RunError(
                f"estimator is {args['estimator']!r}, whose file a function would not have: move it to function_code/"
            )
        source = check_dataset(args["dataset"]) if "dataset" in args else None
        super().__init__("serverless-ml:aws:Trainer", name, {}, opts)
        self._name, self._args = name, args
        child = pulumi.ResourceOptions(parent=self)
        queue: dict[str, Any] = {
            "fifo_queue": True,
            "content_based_deduplication": True,
            "sqs_managed_sse_enabled": True,
            "tags": args.get("tags"),
        }
        self.dead_letters = sqs.Queue(f"{name}-dead", **queue, message_retention_seconds=KEEP_DEAD, opts=child)
        self.queue = sqs.Queue(
            f"{name}-queue",
            **queue,
            # While one trains, nobody else gets the model's next message; nor a moment before it was cut off.
            visibility_timeout_seconds=TIMEOUT + 60,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": self.dead_letters.arn, "maxReceiveCount": TRIES}
            ),
            opts=child,
        )
        started = self._start_on_data()
        self.made = make_function(name, self._settings(), self)
        mapping = lambda_.EventSourceMapping(
            f"{name}-source",
            event_source_arn=self.queue.arn,
            function_name=self.made.function.arn,
            batch_size=1,
            tags=args.get("tags"),
            # Lambda tries whether the role may read the queue.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.made.policy]),
        )
        if "schedule" in args:
            self._start_on_schedule(args["schedule"])
        self.upload = self._upload(source, [*started, mapping])
        self.dataset = self.upload.key
        self.start = pulumi.Output.all(self.queue.url, args["model"]).apply(_command)
        self.register_outputs({"dataset": self.dataset, "start": self.start})

    def _settings(self) -> FunctionSettings:
        args, bucket = self._args, bucket_arn(self._args["store"])
        given = {key: value for key, value in args.items() if key in Settings.__dataclass_fields__}
        training = {**given, "synthetic": "dataset" not in args}

        def key(pattern: str) -> pulumi.Output[str]:
            return pulumi.Output.format(pattern, bucket, args["model"])

        statements = [
            allow(("s3:GetObject",), [key("{0}/datasets/{1}/*"), key("{0}/models/{1}/*")]),
            allow(("s3:PutObject",), [key("{0}/models/{1}/*")]),
            # Names alone. Without this S3 answers 403 where nothing is, and "no version yet" would look like a fault.
            allow(("s3:ListBucket",), [bucket]),
            allow(("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"), [self.queue.arn]),
        ]
        if "kms_key" in args:
            statements.append(allow(("kms:Decrypt", "kms:GenerateDataKey"), [args["kms_key"]]))
        architecture = args.get("architecture", "arm64")
        return FunctionSettings(
            code=package(self._name, "training", architecture, args["store"], args.get("tags"), self),
            handler=HANDLER,
            environment={
                "STORE": args["store"],
                "MODEL": args["model"],
                "TRAINING": pulumi.Output.json_dumps(training),
            },
            memory=args.get("memory", MEMORY),
            timeout=TIMEOUT,
            architecture=architecture,
            statements=statements,
            log_days=args.get("log_days", 30),
            tags=args.get("tags"),
            xray=args.get("xray", False),
            more={"ephemeral_storage": {"size": TMP}},
        )

    def _start_on_data(self) -> list[pulumi.Resource]:
        """What brings the news of a dataset to the queue; an upload before all of it would not be heard of."""
        name, args = self._name, self._args
        child = pulumi.ResourceOptions(parent=self)
        prefix = pulumi.Output.format("datasets/{}/", args["model"])
        rule = cloudwatch.EventRule(
            f"{name}-data",
            description=pulumi.Output.format("Datasets of the model {} that arrive", args["model"]),
            event_pattern=pulumi.Output.json_dumps(
                {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {"bucket": {"name": [bucket_of(args["store"])]}, "object": {"key": [{"prefix": prefix}]}},
                }
            ),
            tags=args.get("tags"),
            opts=child,
        )
        sending = sqs.QueuePolicy(
            f"{name}-data-policy",
            queue_url=self.queue.url,
            policy=document(allow_service("events", ("sqs:SendMessage",), self.queue.arn, rule.arn)),
            opts=child,
        )
        target = cloudwatch.EventTarget(
            f"{name}-data-target",
            rule=rule.name,
            arn=self.queue.arn,
            sqs_target={"message_group_id": args["model"]},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[sending]),
        )
        return [rule, sending, target]

    def _start_on_schedule(self, expression: pulumi.Input[str]) -> None:
        name, args = self._name, self._args
        child = pulumi.ResourceOptions(parent=self)
        role = iam.Role(
            f"{name}-schedule-role",
            assume_role_policy=trust("scheduler", account_id()),
            tags=args.get("tags"),
            opts=child,
        )
        policy = iam.RolePolicy(
            f"{name}-schedule-policy",
            role=role.id,
            policy=document(allow(("sqs:SendMessage",), [self.queue.arn])),
            opts=child,
        )
        scheduler.Schedule(
            f"{name}-schedule",
            description=pulumi.Output.format("Trains the model {} again", args["model"]),
            schedule_expression=expression,
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": self.queue.arn,
                "role_arn": role.arn,
                # With the time in it, no two are the same to a queue that leaves out what it had.
                "input": '{"retrain": true, "scheduled": "<aws.scheduler.scheduled-time>"}',
                "sqs_parameters": {"message_group_id": args["model"]},
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _upload(self, source: Path | None, listeners: Sequence[pulumi.Resource]) -> s3.BucketObjectv2:
        """The dataset, whose arrival starts the first training.

        It carries a digest of the settings and of the code: another one uploads it again, and so trains again.
        """
        args = self._args
        path = source or synthetic_sample()
        settings = {key: value for key, value in args.items() if key in Settings.__dataclass_fields__}
        told = pulumi.Output.json_dumps(settings, sort_keys=True).apply(
            lambda text: bundle.text_digest(text + bundle.digest(bundle.training_files()))
        )
        return s3.BucketObjectv2(
            f"{self._name}-dataset",
            bucket=bucket_of(args["store"]),
            key=pulumi.Output.from_input(args["model"]).apply(lambda model: dataset_key(model, path.name)),
            source=pulumi.FileAsset(path),
            content_type="text/csv",
            metadata={"training": told},
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(listeners)),
        )


def _command(given: list[Any]) -> str:
    url, model = given
    body = json.dumps({"retrain": True})
    return (
        f"aws sqs send-message --queue-url {url} --message-group-id {model} "
        f"--message-deduplication-id \"$(date +%s)\" --message-body '{body}'"
    )
