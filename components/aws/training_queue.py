"""The queue of a model's trainings, and what asks for one: what arrives in the store, a schedule, a command."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, iam, scheduler, sqs

from components.aws.names import account_id, bucket_of, region
from components.aws.roles import allow, allow_service, document, trust

TRIES = 3
KEEP_DEAD = 14 * 24 * 3600  # seconds, the most that SQS keeps a message
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
HEARD_AFTER = 300  # seconds


@dataclass(frozen=True)
class TrainingQueue:
    """First in, first out, with one group, the model, so that one message is worked on at a time.

    What fails is tried again, and after TRIES times goes to the dead letters. Those of its methods that make something
    name it after `name`.
    """

    name: str
    model: pulumi.Input[str]
    queue: sqs.Queue
    dead_letters: sqs.Queue
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    parent: pulumi.Resource

    def hear_of_data(self, store: pulumi.Input[str], *folders: str) -> list[pulumi.Resource]:
        """Brings the news of what arrives in the model's part of those folders of the store.

        Returns what must be there before something does, or it would not be heard of.
        """
        child = pulumi.ResourceOptions(parent=self.parent)
        prefixes = [{"prefix": pulumi.Output.format(folder, self.model)} for folder in folders]
        rule = cloudwatch.EventRule(
            f"{self.name}-data",
            description=pulumi.Output.format("Data for the model {} that arrives", self.model),
            event_pattern=pulumi.Output.json_dumps(
                {
                    "source": ["aws.s3"],
                    "detail-type": ["Object Created"],
                    "detail": {"bucket": {"name": [bucket_of(store)]}, "object": {"key": prefixes}},
                }
            ),
            tags=self.tags,
            opts=child,
        )
        sending = sqs.QueuePolicy(
            f"{self.name}-data-policy",
            queue_url=self.queue.url,
            policy=document(allow_service("events", ("sqs:SendMessage",), self.queue.arn, rule.arn)),
            opts=child,
        )
        target = cloudwatch.EventTarget(
            f"{self.name}-data-target",
            rule=rule.name,
            arn=self.queue.arn,
            sqs_target={"message_group_id": self.model},
            opts=pulumi.ResourceOptions(
                parent=self.parent,
                depends_on=[sending],
                hooks=pulumi.ResourceHookBinding(after_create=[_wait_to_be_heard]),
            ),
        )
        return [rule, sending, target]

    def ask_on_schedule(self, expression: pulumi.Input[str], asking: str) -> None:
        """Sends a message again and again, whose one key is `asking`."""
        child = pulumi.ResourceOptions(parent=self.parent)
        role = iam.Role(
            f"{self.name}-schedule-role",
            assume_role_policy=trust("scheduler", account_id()),
            tags=self.tags,
            opts=child,
        )
        policy = iam.RolePolicy(
            f"{self.name}-schedule-policy",
            role=role.id,
            policy=document(allow(("sqs:SendMessage",), [self.queue.arn])),
            opts=child,
        )
        scheduler.Schedule(
            f"{self.name}-schedule",
            description=pulumi.Output.format("Trains the model {} again", self.model),
            schedule_expression=expression,
            flexible_time_window={"mode": "OFF"},
            target={
                "arn": self.queue.arn,
                "role_arn": role.arn,
                # With the time in it, no two are the same to a queue that leaves out what it had.
                "input": json.dumps({asking: True, "scheduled": "<aws.scheduler.scheduled-time>"}),
                "sqs_parameters": {"message_group_id": self.model},
            },
            opts=pulumi.ResourceOptions(parent=self.parent, depends_on=[policy]),
        )

    def command(self, asking: str) -> pulumi.Output[str]:
        """A command that sends the message whose one key is `asking`."""
        return pulumi.Output.format(
            "aws sqs send-message --region {} --queue-url {} --message-group-id {} "
            "--message-deduplication-id \"$(date +%s)\" --message-body '{}'",
            region(),
            self.queue.url,
            self.model,
            json.dumps({asking: True}),
        )


def make_queue(
    name: str,
    model: pulumi.Input[str],
    longest: int,
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> TrainingQueue:
    """The queue for trainings that take `longest` seconds at most."""
    child = pulumi.ResourceOptions(parent=parent)
    common: dict[str, Any] = {
        "fifo_queue": True,
        "content_based_deduplication": True,
        "sqs_managed_sse_enabled": True,
        "tags": tags,
    }
    dead_letters = sqs.Queue(f"{name}-dead", **common, message_retention_seconds=KEEP_DEAD, opts=child)
    queue = sqs.Queue(
        f"{name}-queue",
        **common,
        # While one trains, nobody else gets the model's next message; nor a moment before it was cut off.
        visibility_timeout_seconds=longest + 60,
        redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": TRIES}),
        opts=child,
    )
    return TrainingQueue(name, model, queue, dead_letters, tags, parent)


async def _wait_to_be_heard(made: pulumi.ResourceHookArgs) -> None:
    """What arrives before that makes no event: the first dataset would lie there, and nothing train on it."""
    pulumi.log.info(
        f"{made.name}: S3 tells of new objects from about {HEARD_AFTER / 60:g} minutes on; waiting for that"
    )
    await asyncio.sleep(HEARD_AFTER)
