"""A registry of container images, which identities of Entra ID get into and nobody else, and the deployer's way in."""

import asyncio
import json
from collections.abc import Mapping
from urllib.parse import urlencode

import pulumi
from pulumi_azure_native import containerregistry

from components.azure.deploy_requests import Outcome, retry, send
from components.azure.deployer import MANAGEMENT, claims
from components.azure.deployment_retries import child
from components.azure.names import sanitize

USER = "00000000-0000-0000-0000-000000000000"  # of a login by token
FORM = {"content-type": "application/x-www-form-urlencoded"}
# As long as the registry, or a role on it, is not known everywhere.
RETRYABLE_STATUSES = (0, 401, 403, 404, 429, 500, 502, 503)


def registry(
    name: str,
    resource_group: pulumi.Input[str],
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> containerregistry.Registry:
    """A registry without passwords, of the smallest kind."""
    return containerregistry.Registry(
        sanitize(f"{name}registry"),
        resource_group_name=resource_group,
        sku={"name": containerregistry.SkuName.BASIC},
        admin_user_enabled=False,
        anonymous_pull_enabled=False,
        tags=tags,
        opts=child(parent),
    )


async def password(name: str, server: str, repository: str) -> str:
    """A password by which the deployer pushes to a repository of the server, for some hours; "" at a preview.

    Waits until the role that this takes is known to the registry: a build is too long to be in vain.
    """
    if pulumi.runtime.is_dry_run():
        return ""
    return await retry(name, "opened", MANAGEMENT, lambda bearer: _push_token(server, repository, bearer))


async def _push_token(server: str, repository: str, bearer: str) -> Outcome:
    exchange = {"grant_type": "access_token", "service": server, "access_token": bearer}
    answer = await asyncio.to_thread(_post, f"https://{server}/oauth2/exchange", exchange)
    if isinstance(answer, Outcome):
        return answer
    refresh = answer["refresh_token"]
    scope = {"scope": f"repository:{repository}:pull,push", "refresh_token": refresh}
    form = {"grant_type": "refresh_token", "service": server, **scope}
    answer = await asyncio.to_thread(_post, f"https://{server}/oauth2/token", form)
    if isinstance(answer, Outcome):
        return answer
    if "push" not in _actions(answer["access_token"]):
        return Outcome("the deployer may not push yet", retryable=True)
    return Outcome(value=refresh)


def _post(url: str, form: Mapping[str, str]) -> dict[str, str] | Outcome:
    response = send("POST", url, "", FORM, urlencode(form).encode())
    if response.status != 200:
        return Outcome(str(response), response.status in RETRYABLE_STATUSES)
    fields: dict[str, str] = json.loads(response.text)
    return fields


def _actions(token: str) -> list[str]:
    """The actions that a token of the registry allows, of those asked for."""
    return [action for each in claims(token).get("access") or [] for action in each["actions"]]
