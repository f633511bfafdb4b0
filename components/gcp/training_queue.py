"""The topic of a model's trainings, and its publishers: uploads to the store, a schedule, a command."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_gcp import cloudscheduler, projects, pubsub, serviceaccount, storage

from components.gcp.deployment_retries import child
from components.gcp.names import bucket_of, project, region


@dataclass(frozen=True)
class TrainingQueue:
    """A topic of Pub/Sub: Eventarc alone would deliver the events of a whole bucket, and not those of a prefix.

    Methods that make resources name them after `name`.
    """

    name: str
    model: pulumi.Input[str]
    topic: pubsub.Topic
    parent: pulumi.Resource

    def subscribe_to_uploads(self, store: pulumi.Input[str], folders: Mapping[str, str]) -> list[pulumi.Resource]:
        """Publishes an event for each upload to the model's part of folders of the store.

        `folders` maps the suffix of each notification's name to its folder.

        Cloud Storage's own agent publishes them.
        """
        agent = storage.get_project_service_account_output(opts=pulumi.InvokeOutputOptions(depends_on=[self.topic]))
        publishing = pubsub.TopicIAMMember(
            f"{self.name}-events-publisher",
            topic=self.topic.name,
            role="roles/pubsub.publisher",
            member=agent.member,
            opts=child(self.parent),
        )
        return [
            storage.Notification(
                f"{self.name}-events{suffix}",
                bucket=bucket_of(store),
                topic=self.topic.id,
                event_types=["OBJECT_FINALIZE"],
                object_name_prefix=pulumi.Output.format(folder, self.model),
                payload_format="NONE",  # what there is to know is among the attributes
                opts=child(self.parent, publishing),
            )
            for suffix, folder in folders.items()
        ]

    def grant_eventarc(self, messenger: serviceaccount.Account) -> list[pulumi.Resource]:
        """Grants the account that delivers messages, and Eventarc's own agent, what that takes."""
        receiving = projects.IAMMember(
            f"{self.name}-receiver",
            project=project(),
            role="roles/eventarc.eventReceiver",
            member=messenger.member,
            opts=child(self.parent),
        )
        agent = projects.ServiceIdentity(
            f"{self.name}-eventarc", project=project(), service="eventarc.googleapis.com", opts=child(self.parent)
        )
        serving = projects.IAMMember(
            f"{self.name}-eventarc-agent",
            project=project(),
            role="roles/eventarc.serviceAgent",
            member=agent.member,
            # Every trigger of the project needs it, whichever stack it is of.
            opts=pulumi.ResourceOptions.merge(child(self.parent), pulumi.ResourceOptions(retain_on_delete=True)),
        )
        return [receiving, serving]

    def add_schedule(self, schedule: pulumi.Input[str], request: str) -> None:
        """Publishes a message again and again, whose one key is `request`."""
        # To the topic and not to the function: so it waits its turn, and Scheduler needs no way in.
        cloudscheduler.Job(
            f"{self.name}-schedule",
            region=region(),
            description=pulumi.Output.format("Trains the model {} again", self.model),
            schedule=schedule,
            time_zone="Etc/UTC",
            pubsub_target={"topic_name": self.topic.id, "data": message_data(request)},
            opts=child(self.parent),
        )

    def command(self, request: str) -> pulumi.Output[str]:
        """A command that publishes the message whose one key is `request`."""
        return pulumi.Output.format(
            "gcloud pubsub topics publish {} --project {} --message '{}'", self.topic.name, project(), _message(request)
        )


def message_data(request: str) -> str:
    """The message whose one key is `request`, as Pub/Sub's API takes it."""
    return b64encode(_message(request).encode()).decode()


def _message(request: str) -> str:
    return json.dumps({request: True})
