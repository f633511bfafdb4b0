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
    """By its digest."""
    server: pulumi.Output[str]
    """The registry's."""
    readable: pulumi.Resource
    """What must be there before the identity reads it."""


def image(
    name: str,
    framework: str,
    resource_group: pulumi.Input[str],
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    reader: managedidentity.UserAssignedIdentity,
    parent: pulumi.Resource,
) -> Image:
    """The image of a training with that framework, which an identity may read."""
    made = registry(name, resource_group, tags, parent)
    server = made.login_server
    pushing = grant_deployer(f"{name}-image-pusher", "AcrPush", made.id, parent)
    readable = grant(f"{name}-image-reader", "AcrPull", made.id, reader.principal_id, parent)
    opened: pulumi.Output[str] = pulumi.Output.all(server, pushing.id).apply(
        lambda found: password(f"{name}-image", found[0], REPOSITORY)
    )
    built = training_image(
        name,
        pulumi.Output.format("{}/{}", server, REPOSITORY),
        {"CLOUD": "azure", "FRAMEWORK": framework},
        docker_build.Platform.LINUX_AMD64,
        docker_build.RegistryArgs(address=server, username=USER, password=pulumi.Output.secret(opened)),
        parent,
        [pushing],
    )
    return Image(pulumi.Output.format("{}/{}@{}", server, REPOSITORY, built.digest), server, readable)
