"""Role assignments: the roles of Azure that are granted here, and their scopes."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_azure_native import authorization

from components.azure.deployer import deployer, deployer_kind
from components.azure.deployment_retries import child
from components.azure.names import unique_guid

ROLES = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "AcrPush": "8311e382-0749-4cb8-b61a-304f252e45ec",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Queue Data Message Sender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
}
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
# No action on a blob; to list names is a reading, too, of no blob in particular.
NO_BLOB_ACTION = " AND ".join(
    (
        f"!(ActionMatches{{'{BLOBS}/read'}} AND NOT SubOperationMatches{{'Blob.List'}})",
        *(f"!(ActionMatches{{'{BLOBS}/{action}'}})" for action in ("write", "add/action", "move/action", "delete")),
    )
)


def grant(
    name: str,
    role: str,
    scope: pulumi.Input[str],
    principal: pulumi.Input[str],
    parent: pulumi.Resource,
    *,
    below: Sequence[pulumi.Input[str]] = (),
    kind: pulumi.Input[str] = "ServicePrincipal",
) -> authorization.RoleAssignment:
    """Grants a principal one of ROLES on a scope, or only on its blobs whose names begin with one of `below`.

    Azure takes a role on a scope once for each principal. It looks up of what `kind` the principal is if it is no
    ServicePrincipal, and refuses another one.
    """
    condition = pulumi.Output.all(*below).apply(_condition) if below else None
    # A name of its own for each principal, role and scope: none of these can change in place.
    unique = pulumi.Output.all(scope, principal).apply(lambda ids: unique_guid(name, role, *ids))
    definition = pulumi.Output.from_input(scope).apply(
        lambda id_: (
            f"/subscriptions/{id_.split('/')[2]}/providers/Microsoft.Authorization/roleDefinitions/{ROLES[role]}"
        )
    )
    return authorization.RoleAssignment(
        name,
        role_assignment_name=unique,
        role_definition_id=definition,
        scope=scope,
        principal_id=principal,
        principal_type=kind,
        condition=condition,
        condition_version=None if condition is None else "2.0",
        opts=child(parent),
    )


def grant_deployer(
    name: str,
    role: str,
    scope: pulumi.Input[str],
    parent: pulumi.Resource,
    *,
    below: Sequence[pulumi.Input[str]] = (),
) -> authorization.RoleAssignment:
    """Grants the identity that deploys a role, as `grant` does."""
    return grant(name, role, scope, deployer(), parent, below=below, kind=deployer_kind())


def grant_endpoint(
    name: str,
    container: pulumi.Input[str],
    principal: pulumi.Input[str],
    model: pulumi.Input[str],
    parent: pulumi.Resource,
) -> authorization.RoleAssignment:
    """The grant of the identity that answers, on the store's container."""
    below = [pulumi.Output.format("models/{}/", model)]
    return grant(f"{name}-models", "Storage Blob Data Reader", container, principal, parent, below=below)


def grant_trainer(
    name: str,
    container: pulumi.Input[str],
    principal: pulumi.Input[str],
    args: Mapping[str, Any],
    parent: pulumi.Resource,
) -> list[pulumi.Resource]:
    """Grants of an identity that trains and scores, on the store's container, by the inputs of a Trainer."""

    def grant_folders(suffix: str, role: str, *folders: str) -> pulumi.Resource:
        below = [pulumi.Output.format(folder, args["model"]) for folder in folders]
        return grant(f"{name}-{suffix}", role, container, principal, parent, below=below)

    written = ["models/{}/", "batch/{}/out/"]
    if "airtable" in args:
        written += ["airtable/{}/", "datasets/{}/airtable-"]
    return [
        grant_folders("datasets", "Storage Blob Data Reader", "datasets/{}/", "batch/{}/in/"),
        grant_folders("models", "Storage Blob Data Contributor", *written),
    ]


def _condition(below: Sequence[str]) -> str:
    paths = (f"(@Resource[{BLOBS}:path] StringStartsWith '{each}')" for each in below)
    return f"({' OR '.join((f'({NO_BLOB_ACTION})', *paths))})"
