"""The image that a training runs from, in a registry of Azure's."""

from collections.abc import Mapping
from typing import NamedTuple

import pulumi
import pulumi_docker_build as docker_build
from pulumi_azure_native import managedidentity

from components.azure.container_registry import USER, password, registry
from components.azure.roles import grant, grant_deployer
from components.packaging.image import training_image

REPOSITORY = "training"


class Image(NamedTuple):
    """An image as a job names it."""

    ref: pulumi.Output[str]
    """The image, by its digest."""
    server: pulumi.Output[str]
    """The registry's server."""
    readable: pulumi.Resource
    """The grant that must be there before the identity reads it."""


def image(
    name: str,
    framework: str,
    resource_group: pulumi.Input[str],
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    reader: managedidentity.UserAssignedIdentity,
    parent: pulumi.Resource,
) -> Image:
    """The image of a training with that framework, which an identity may read."""
    repository = registry(name, resource_group, tags, parent)
    server = repository.login_server
    push_grant = grant_deployer(f"{name}-image-pusher", "AcrPush", repository.id, parent)
    readable = grant(f"{name}-image-reader", "AcrPull", repository.id, reader.principal_id, parent)
    push_password: pulumi.Output[str] = pulumi.Output.all(server, push_grant.id).apply(
        lambda values: password(f"{name}-image", values[0], REPOSITORY)
    )
    built = training_image(
        name,
        pulumi.Output.format("{}/{}", server, REPOSITORY),
        {"CLOUD": "azure", "FRAMEWORK": framework},
        docker_build.Platform.LINUX_AMD64,
        docker_build.RegistryArgs(address=server, username=USER, password=pulumi.Output.secret(push_password)),
        parent,
        [push_grant],
    )
    return Image(pulumi.Output.format("{}/{}@{}", server, REPOSITORY, built.digest), server, readable)
