"""Events of uploads to train on or to score, which Event Grid delivers to the queue of trainings."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import eventgrid, storage

from components.azure.deployment_retries import child, wait_for_grants
from components.azure.names import container_of
from components.azure.roles import grant

SUBJECT = "/blobServices/default/containers/{}/blobs/{}"
TRIGGER_PREFIXES = ("datasets/{}/", "batch/{}/in/")


def subscribe_to_uploads(
    name: str,
    args: Mapping[str, Any],
    account: storage.StorageAccount,
    queue: storage.Queue,
    parent: pulumi.Resource,
    receiver: pulumi.Resource,
) -> None:
    """Sends an event to the queue for each upload for the trainer of these `args`, by an identity of its own.

    It is made after the `receiver`: by then Azure knows more of what was granted.
    """
    topic = eventgrid.SystemTopic(
        f"{name}-events",
        resource_group_name=args["resource_group"],
        source=args["account"],
        topic_type="Microsoft.Storage.StorageAccounts",
        identity={"type": eventgrid.IdentityType.SYSTEM_ASSIGNED},
        tags=args.get("tags"),
        opts=child(parent),
    )
    sending = grant(
        f"{name}-events-sender",
        "Storage Queue Data Message Sender",
        queue.id,
        topic.identity.apply(lambda identity: str(identity and identity.principal_id)),
        parent,
    )
    folders = [pulumi.Output.format(folder, args["model"]) for folder in TRIGGER_PREFIXES]
    subjects = [pulumi.Output.format(SUBJECT, container_of(args["store"]), folder) for folder in folders]
    # As dicts these, which can be of several kinds, would go out as they are written here.
    subject_filter: Any = eventgrid.StringBeginsWithAdvancedFilterArgs(
        operator_type="StringBeginsWith", key="Subject", values=subjects
    )
    destination: Any = eventgrid.StorageQueueEventSubscriptionDestinationArgs(
        endpoint_type="StorageQueue", resource_id=account.id, queue_name=queue.name
    )
    eventgrid.SystemTopicEventSubscription(
        f"{name}-events-subscription",
        resource_group_name=args["resource_group"],
        system_topic_name=topic.name,
        filter={
            "included_event_types": ["Microsoft.Storage.BlobCreated"],
            "advanced_filters": [subject_filter],
        },
        event_delivery_schema=eventgrid.EventDeliverySchema.EVENT_GRID_SCHEMA,
        delivery_with_resource_identity={
            "identity": {"type": eventgrid.EventSubscriptionIdentityType.SYSTEM_ASSIGNED},
            "destination": destination,
        },
        # Azure looks whether the identity may send before it takes the subscription, and keeps one that failed.
        opts=child(parent, sending, receiver, before_create=[wait_for_grants]),
    )
