"""The queue of a model's trainings, and its senders: uploads to the store, a schedule, a command."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import cloudwatch, iam, scheduler, sqs

from components.aws.names import account_id, bucket_of, region
from components.aws.policy_documents import allow, allow_service, document, trust

MAX_RECEIVES = 3
DEAD_LETTER_SECONDS = 14 * 24 * 3600  # the most that SQS keeps a message
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
EVENTBRIDGE_DELAY_SECONDS = 300


@dataclass(frozen=True)
class TrainingQueue:
    """First in, first out, with one group, the model, so that one message is worked on at a time.

    What fails is tried again, and after MAX_RECEIVES times goes to the dead letters. Methods that make resources name
    them after `name`.
    """

    name: str
    model: pulumi.Input[str]
    queue: sqs.Queue
    dead_letters: sqs.Queue
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None
    parent: pulumi.Resource

    def subscribe_to_uploads(self, store: pulumi.Input[str], *folders: str) -> list[pulumi.Resource]:
        """Sends an event to the queue for each upload to the model's part of those folders of the store.

        Returns resources that must be there before an upload, or its event would be lost.
        """
        child = pulumi.ResourceOptions(parent=self.parent)
        prefixes = [{"prefix": pulumi.Output.format(folder, self.model)} for folder in folders]
        rule = cloudwatch.EventRule(
            f"{self.name}-events",
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
            f"{self.name}-events-policy",
            queue_url=self.queue.url,
            policy=document(allow_service("events", ("sqs:SendMessage",), self.queue.arn, rule.arn)),
            opts=child,
        )
        target = cloudwatch.EventTarget(
            f"{self.name}-events-target",
            rule=rule.name,
            arn=self.queue.arn,
            sqs_target={"message_group_id": self.model},
            opts=pulumi.ResourceOptions(
                parent=self.parent,
                depends_on=[sending],
                hooks=pulumi.ResourceHookBinding(after_create=[_wait_for_events]),
            ),
        )
        return [rule, sending, target]

    def add_schedule(self, expression: pulumi.Input[str], request: str) -> None:
        """Sends a message again and again, whose one key is `request`."""
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
                "input": json.dumps({request: True, "scheduled": "<aws.scheduler.scheduled-time>"}),
                "sqs_parameters": {"message_group_id": self.model},
            },
            opts=pulumi.ResourceOptions(parent=self.parent, depends_on=[policy]),
        )

    def command(self, request: str) -> pulumi.Output[str]:
        """A command that sends the message whose one key is `request`."""
        return pulumi.Output.format(
            "aws sqs send-message --region {} --queue-url {} --message-group-id {} "
            "--message-deduplication-id \"$(date +%s)\" --message-body '{}'",
            region(),
            self.queue.url,
            self.model,
            json.dumps({request: True}),
        )


def make_queue(
    name: str,
    model: pulumi.Input[str],
    max_seconds: int,
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> TrainingQueue:
    """The queue for trainings that take `max_seconds` at most."""
    child = pulumi.ResourceOptions(parent=parent)
    common: dict[str, Any] = {
        "fifo_queue": True,
        "content_based_deduplication": True,
        "sqs_managed_sse_enabled": True,
        "tags": tags,
    }
    dead_letters = sqs.Queue(f"{name}-dead", **common, message_retention_seconds=DEAD_LETTER_SECONDS, opts=child)
    queue = sqs.Queue(
        f"{name}-queue",
        **common,
        # While one trains, nobody else gets the model's next message; nor a moment before it was cut off.
        visibility_timeout_seconds=max_seconds + 60,
        redrive_policy=pulumi.Output.json_dumps(
            {"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": MAX_RECEIVES}
        ),
        opts=child,
    )
    return TrainingQueue(name, model, queue, dead_letters, tags, parent)


async def _wait_for_events(resource: pulumi.ResourceHookArgs) -> None:
    """Waits until uploads make events: nothing would train on a first dataset that arrives before."""
    minutes = EVENTBRIDGE_DELAY_SECONDS / 60
    pulumi.log.info(f"{resource.name}: S3 tells of new objects from about {minutes:g} minutes on; waiting for that")
    await asyncio.sleep(EVENTBRIDGE_DELAY_SECONDS)
