"""Callers of an endpoint: principals of Entra ID, whose tokens App Service checks before a request reaches the app."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_azure_native import web

from components.azure.deployment_retries import child
from components.azure.names import tenant

MAX_CALLERS = 13  # whose ids have room in the 500 characters that App Service takes
OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def check_callers(callers: Sequence[str], client_id: str | None, *, public: bool) -> None:
    """Raises RunError if somebody is no object id, or if nobody, or anybody, would be let in otherwise than it says."""
    for caller in callers:
        if not OBJECT_ID.fullmatch(caller):
            raise pulumi.RunError(
                f"callers names {caller!r}, which is no object id in Entra ID such as "
                "11111111-2222-3333-4444-555555555555"
            )
    if len(callers) > MAX_CALLERS:
        raise pulumi.RunError(f"callers names {len(callers)} principals; it can be {MAX_CALLERS} at most")
    if public and (callers or client_id):
        raise pulumi.RunError(
            "public is true, so there is nobody to let in by callers or entra_client_id; leave them out"
        )
    if callers and not client_id:
        raise pulumi.RunError(
            "callers names principals, but entra_client_id does not say for which application their tokens are: "
            "pulumi config set entra_client_id ID"
        )
    if client_id and not callers:
        raise pulumi.RunError(
            "entra_client_id is set, but callers names nobody, and Entra ID would let in everybody that it knows: "
            "pulumi config set --path 'callers[0]' OBJECT_ID"
        )


def audience(client_id: str) -> str:
    """The audience of tokens for the application."""
    return f"api://{client_id}"


def require_token(
    name: str, args: Mapping[str, Any], app: web.WebApp, parent: pulumi.Resource, *depends_on: pulumi.Resource
) -> web.WebAppAuthSettingsV2:
    """Requires a token for `entra_client_id` from one of `callers`; other requests get 401 or 403."""
    client = args["entra_client_id"]
    return web.WebAppAuthSettingsV2(
        name,
        name=app.name,
        resource_group_name=args["resource_group"],
        platform={"enabled": True},
        global_validation={
            "require_authentication": True,
            "unauthenticated_client_action": web.UnauthenticatedClientActionV2.RETURN401,
        },
        http_settings={"require_https": True},
        identity_providers={
            "azure_active_directory": {
                "enabled": True,
                "registration": {
                    "client_id": client,
                    "open_id_issuer": pulumi.Output.format("https://login.microsoftonline.com/{}/v2.0", tenant()),
                },
                "validation": {
                    "allowed_audiences": [client, audience(client)],
                    "default_authorization_policy": {"allowed_principals": {"identities": list(args["callers"])}},
                },
            }
        },
        login={"token_store": {"enabled": False}},
        opts=child(parent, *depends_on),
    )
