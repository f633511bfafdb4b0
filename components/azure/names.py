"""Names in Azure: the region, the directory, the container in a store's URL, and names of resources."""

import hashlib
import re
import uuid

import pulumi
from pulumi_azure_native import authorization

# Of a storage account's name, before the eight letters that Pulumi adds.
MAX_NAME_LENGTH, DIGEST_LENGTH = 16, 6


def location() -> str:
    """The region that is deployed to. Raises RunError if none is configured."""
    region = pulumi.Config("azure-native").get("location")
    if not region:
        raise pulumi.RunError(
            "azure-native:location is not set; it can be one such as westeurope: "
            "pulumi config set azure-native:location REGION"
        )
    return region


def tenant() -> pulumi.Output[str]:
    """The id of the directory that the subscription belongs to."""
    return authorization.get_client_config_output().tenant_id


def container_of(store: pulumi.Input[str]) -> pulumi.Output[str]:
    """The container's name, of https://ACCOUNT.blob.core.windows.net/CONTAINER."""
    return pulumi.Output.from_input(store).apply(lambda url: url.rpartition("/")[2])


def unique_guid(*parts: str) -> str:
    """A GUID, where Azure wants one as a name: the same for the same parts, another one in each stack."""
    stack = (pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack())
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((*stack, *parts))))


def sanitize(name: str) -> str:
    """A short name of a-z and 0-9 alone, to which Pulumi adds its own letters.

    Long names that begin alike end in different digests.
    """
    letters = re.sub(r"[^a-z0-9]", "", name.lower())
    if len(letters) <= MAX_NAME_LENGTH:
        return letters
    digest = hashlib.sha256(name.encode()).hexdigest()[:DIGEST_LENGTH]
    return letters[: MAX_NAME_LENGTH - DIGEST_LENGTH] + digest
