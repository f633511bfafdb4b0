"""Service accounts, and their grants on the store."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_gcp import serviceaccount, storage

from components.gcp.deployment_retries import child
from components.gcp.names import bucket_of, unique_name

MAX_ID_LENGTH = 30  # of an account


def account(name: str, purpose: str, parent: pulumi.Resource) -> serviceaccount.Account:
    """Makes a service account, whose id is another one in each stack."""
    return serviceaccount.Account(
        name,
        account_id=unique_name(name, MAX_ID_LENGTH),
        display_name=f"{pulumi.get_project()}/{pulumi.get_stack()}: {purpose}"[:100],
        opts=child(parent),
    )


def prefix_condition(bucket: pulumi.Input[str], prefix: pulumi.Input[str], title: str) -> Any:
    """The condition of a grant: objects of the bucket whose names begin so."""
    expression = 'resource.name.startsWith("projects/_/buckets/{}/objects/{}")'
    return {"title": title, "expression": pulumi.Output.format(expression, bucket, prefix)}


def grant_list(
    name: str, grantee: serviceaccount.Account, store: pulumi.Input[str], parent: pulumi.Resource
) -> storage.BucketIAMMember:
    """Lets an account list names, of the whole bucket.

    Without this Cloud Storage answers 403 where nothing is, and "no version yet" would look like a fault. A condition
    on the names would do the same, since where nothing is there is no name to judge.
    """
    return storage.BucketIAMMember(
        f"{name}-names",
        bucket=bucket_of(store),
        role="roles/storage.legacyBucketReader",
        member=grantee.member,
        opts=child(parent),
    )


def grant_objects(
    name: str,
    grantee: serviceaccount.Account,
    store: pulumi.Input[str],
    prefix: pulumi.Input[str],
    parent: pulumi.Resource,
    role: str = "roles/storage.objectViewer",
) -> storage.BucketIAMMember:
    """Grants an account a role on the objects below a prefix."""
    bucket = bucket_of(store)
    return storage.BucketIAMMember(
        name,
        bucket=bucket,
        role=role,
        member=grantee.member,
        condition=prefix_condition(bucket, prefix, name),
        opts=child(parent),
    )


def grant_endpoint(
    name: str, grantee: serviceaccount.Account, args: Mapping[str, Any], parent: pulumi.Resource
) -> list[pulumi.Resource]:
    """Grants of the account that answers, by the inputs of an Endpoint."""
    models = pulumi.Output.format("models/{}/", args["model"])
    return [
        grant_list(name, grantee, args["store"], parent),
        grant_objects(f"{name}-models", grantee, args["store"], models, parent),
    ]


def grant_trainer(
    name: str, grantee: serviceaccount.Account, args: Mapping[str, Any], parent: pulumi.Resource
) -> list[pulumi.Resource]:
    """Grants of the account that trains, by the inputs of a Trainer."""

    def grant(suffix: str, folder: str, role: str) -> pulumi.Resource:
        below = pulumi.Output.format(folder, args["model"])
        return grant_objects(f"{name}-{suffix}", grantee, args["store"], below, parent, role)

    grants = [
        grant_list(name, grantee, args["store"], parent),
        grant("datasets", "datasets/{}/", "roles/storage.objectViewer"),
        grant("batch-in", "batch/{}/in/", "roles/storage.objectViewer"),
        # To move the pointer is to write over it, and so it is to score a file again.
        grant("models", "models/{}/", "roles/storage.objectUser"),
        grant("batch-out", "batch/{}/out/", "roles/storage.objectUser"),
    ]
    if "airtable" in args:
        grants += [
            grant("airtable-state", "airtable/{}/", "roles/storage.objectUser"),
            grant("airtable-datasets", "datasets/{}/airtable-", "roles/storage.objectUser"),
        ]
    return grants
