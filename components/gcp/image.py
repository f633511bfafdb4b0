"""The image that a training runs from, in a repository of Artifact Registry."""

from collections.abc import Mapping

import pulumi
import pulumi_docker_build as docker_build
from pulumi_gcp import organizations

from components.gcp.names import project, region
from components.gcp.upload_code import image_repository
from components.packaging.image import training_image


def image(
    name: str,
    framework: str,
    labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """The image of a training with that framework, by its digest. Cloud Run's own agent pulls it."""
    repository = image_repository(f"{name}-job", labels, parent)
    host = f"{region()}-docker.pkg.dev"
    # Asked for when it is needed, because a token is good for an hour.
    deployer = organizations.get_client_config_output(pulumi.InvokeOutputOptions(depends_on=[repository]))
    image = training_image(
        name,
        pulumi.Output.format("{}/{}/{}/training", host, project(), repository.repository_id),
        {"CLOUD": "gcp", "FRAMEWORK": framework},
        docker_build.Platform.LINUX_AMD64,
        docker_build.RegistryArgs(
            address=host,
            username="oauth2accesstoken",
            password=pulumi.Output.secret(deployer.access_token),
        ),
        parent,
    )
    return image.ref
