"""Whoever deploys, as Entra ID knows him, and his tokens."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pulumi
from pulumi_azure_native import authorization

MANAGEMENT = "https://management.azure.com/"  # Azure Resource Manager, as the audience of a token


def deployer() -> pulumi.Output[str]:
    """The id, in Entra ID, of whoever deploys."""
    return authorization.get_client_config_output().object_id


def kind_of_deployer() -> pulumi.Output[str]:
    """What that is: a person, or a robot such as GitHub's. Nothing but his token says it."""
    found = authorization.get_client_token_output(endpoint=MANAGEMENT)
    return pulumi.Output.unsecret(found.apply(lambda given: _kind(given.token)))


def _kind(token: str) -> str:
    return "ServicePrincipal" if claims(token).get("idtyp") == "app" else "User"


async def token(audience: str) -> str:
    """A token of the identity that deploys, for an hour or so; it is kept nowhere."""
    found = await authorization.get_client_token_output(endpoint=audience).future()
    if found is None:
        raise RuntimeError("there is no token before the deployer is known")
    return found.token


def claims(token: str) -> dict[str, Any]:
    """What a token says of whose it is, and of what it allows."""
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found
