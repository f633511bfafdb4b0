"""The topic of a model's trainings, and what asks for one: what arrives in the store, a schedule, a command."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_gcp import cloudscheduler, projects, pubsub, serviceaccount, storage

from components.gcp.names import bucket_of, project, region
from components.gcp.retries import child


@dataclass(frozen=True)
class TrainingTopic:
    """The topic is there because Eventarc by itself hears of everything that happens in a bucket, and not of a prefix.

    Those of its methods that make something name it after `name`.
    """

    name: str
    model: pulumi.Input[str]
    topic: pubsub.Topic
    parent: pulumi.Resource

    def hear_of_data(self, store: pulumi.Input[str], folders: Mapping[str, str]) -> list[pulumi.Resource]:
        """Brings the news of what arrives in the model's part of folders of the store, by the ends of their names.

        They come on behalf of Cloud Storage's own agent.
        """
        agent = storage.get_project_service_account_output(opts=pulumi.InvokeOutputOptions(depends_on=[self.topic]))
        publishing = pubsub.TopicIAMMember(
            f"{self.name}-news-publisher",
            topic=self.topic.name,
            role="roles/pubsub.publisher",
            member=agent.member,
            opts=child(self.parent),
        )
        return [
            storage.Notification(
                f"{self.name}-news{end}",
                bucket=bucket_of(store),
                topic=self.topic.id,
                event_types=["OBJECT_FINALIZE"],
                object_name_prefix=pulumi.Output.format(folder, self.model),
                payload_format="NONE",  # what there is to know is among the attributes
                opts=child(self.parent, publishing),
            )
            for end, folder in folders.items()
        ]

    def let_eventarc_bring(self, messenger: serviceaccount.Account) -> list[pulumi.Resource]:
        """As whom messages are brought, and what Eventarc's own agent needs for that."""
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

    def ask_on_schedule(self, schedule: pulumi.Input[str], asking: str) -> None:
        """Publishes a message again and again, whose one key is `asking`."""
        # To the topic and not to the function: so it waits its turn, and Scheduler needs no way in.
        cloudscheduler.Job(
            f"{self.name}-schedule",
            region=region(),
            description=pulumi.Output.format("Trains the model {} again", self.model),
            schedule=schedule,
            time_zone="Etc/UTC",
            pubsub_target={"topic_name": self.topic.id, "data": as_data(asking)},
            opts=child(self.parent),
        )

    def command(self, asking: str) -> pulumi.Output[str]:
        """A command that publishes the message whose one key is `asking`."""
        return pulumi.Output.format(
            "gcloud pubsub topics publish {} --project {} --message '{}'", self.topic.name, project(), _message(asking)
        )


def as_data(asking: str) -> str:
    """The message whose one key is `asking`, as Pub/Sub's API takes it."""
    return b64encode(_message(asking).encode()).decode()


def _message(asking: str) -> str:
    return json.dumps({asking: True})
