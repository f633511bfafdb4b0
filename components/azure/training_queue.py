"""The news of what arrives in the store to be trained on or scored, brought to a queue by Event Grid."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_azure_native import eventgrid, storage

from components.azure.names import container_of
from components.azure.retries import child, wait_for_grants
from components.azure.roles import grant

SUBJECT = "/blobServices/default/containers/{}/blobs/{}"
HEARD_OF = ("datasets/{}/", "batch/{}/in/")


def bring_news(
    name: str,
    args: Mapping[str, Any],
    account: storage.StorageAccount,
    queue: storage.Queue,
    parent: pulumi.Resource,
    hearer: pulumi.Resource,
) -> None:
    """Has what arrives for the trainer of these `args` told to its queue, by an identity that may do nothing else.

    Not before there is a `hearer`: until then Azure comes to know what was granted.
    """
    topic = eventgrid.SystemTopic(
        f"{name}-news",
        resource_group_name=args["resource_group"],
        source=args["account"],
        topic_type="Microsoft.Storage.StorageAccounts",
        identity={"type": eventgrid.IdentityType.SYSTEM_ASSIGNED},
        tags=args.get("tags"),
        opts=child(parent),
    )
    sending = grant(
        f"{name}-news-sender",
        "Storage Queue Data Message Sender",
        queue.id,
        topic.identity.apply(lambda found: str(found and found.principal_id)),
        parent,
    )
    folders = [pulumi.Output.format(folder, args["model"]) for folder in HEARD_OF]
    subjects = [pulumi.Output.format(SUBJECT, container_of(args["store"]), folder) for folder in folders]
    # As dicts these, which can be of several kinds, would go out as they are written here.
    beginning: Any = eventgrid.StringBeginsWithAdvancedFilterArgs(
        operator_type="StringBeginsWith", key="Subject", values=subjects
    )
    into: Any = eventgrid.StorageQueueEventSubscriptionDestinationArgs(
        endpoint_type="StorageQueue", resource_id=account.id, queue_name=queue.name
    )
    eventgrid.SystemTopicEventSubscription(
        f"{name}-news-of-data",
        resource_group_name=args["resource_group"],
        system_topic_name=topic.name,
        filter={
            "included_event_types": ["Microsoft.Storage.BlobCreated"],
            "advanced_filters": [beginning],
        },
        event_delivery_schema=eventgrid.EventDeliverySchema.EVENT_GRID_SCHEMA,
        delivery_with_resource_identity={
            "identity": {"type": eventgrid.EventSubscriptionIdentityType.SYSTEM_ASSIGNED},
            "destination": into,
        },
        # Azure looks whether the identity may send before it takes the subscription, and keeps one that failed.
        opts=child(parent, sending, hearer, before_create=[wait_for_grants]),
    )
