"""Where things are: the region, the directory, and the container that a store's URL names."""

import hashlib
import re
import uuid

import pulumi
from pulumi_azure_native import authorization

LONGEST, DIGEST = 16, 6  # letters of a storage account's name, before the eight that Pulumi adds


def location() -> str:
    """The region that is deployed to. Raises RunError if none is configured."""
    found = pulumi.Config("azure-native").get("location")
    if not found:
        raise pulumi.RunError(
            "azure-native:location is not set; it can be one such as westeurope: "
            "pulumi config set azure-native:location REGION"
        )
    return found


def tenant() -> pulumi.Output[str]:
    """The id of the directory that the subscription belongs to."""
    return authorization.get_client_config_output().tenant_id


def container_of(store: pulumi.Input[str]) -> pulumi.Output[str]:
    """The container's name, of https://ACCOUNT.blob.core.windows.net/CONTAINER."""
    return pulumi.Output.from_input(store).apply(lambda url: url.rpartition("/")[2])


def named(*parts: str) -> str:
    """A GUID, where Azure wants one for a name: the same for the same parts, another one in each stack."""
    stack = (pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack())
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((*stack, *parts))))


def plain(name: str) -> str:
    """The name of a resource, from which Pulumi makes one that may have a-z and 0-9 alone, and not many.

    Long ones that begin alike differ by the end of it.
    """
    found = re.sub(r"[^a-z0-9]", "", name.lower())
    if len(found) <= LONGEST:
        return found
    return found[: LONGEST - DIGEST] + hashlib.sha256(name.encode()).hexdigest()[:DIGEST]
