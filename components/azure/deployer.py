"""The identity that deploys, in Entra ID, and its tokens."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pulumi
from pulumi_azure_native import authorization

MANAGEMENT = "https://management.azure.com/"  # Azure Resource Manager, as the audience of a token


def deployer() -> pulumi.Output[str]:
    """The id, in Entra ID, of the identity that deploys."""
    return authorization.get_client_config_output().object_id


def deployer_kind() -> pulumi.Output[str]:
    """The kind of that identity: a person, or a robot such as GitHub's. Its token alone tells."""
    result = authorization.get_client_token_output(endpoint=MANAGEMENT)
    return pulumi.Output.unsecret(result.apply(lambda client: _kind(client.token)))


def _kind(token: str) -> str:
    return "ServicePrincipal" if claims(token).get("idtyp") == "app" else "User"


async def token(audience: str) -> str:
    """A token of the identity that deploys, for an hour or so; it is kept nowhere."""
    result = await authorization.get_client_token_output(endpoint=audience).future()
    if result is None:
        raise RuntimeError("there is no token before the deployer is known")
    return result.token


def claims(token: str) -> dict[str, Any]:
    """The claims of a token: its owner, and the actions that it allows."""
    payload = token.split(".")[1]
    fields: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return fields
