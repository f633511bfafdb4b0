"""The image that a training runs from, in a repository of ECR."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_docker_build as docker_build
from pulumi_aws import ecr

from components.aws.names import account_id, partition, region
from components.aws.policy_documents import document
from components.packaging.image import training_image

PLATFORMS = {"arm64": docker_build.Platform.LINUX_ARM64, "x86_64": docker_build.Platform.LINUX_AMD64}
KEPT_IMAGES = 3  # of 0.10 dollars a GB and month; what they share is paid for once


def image(
    name: str,
    framework: str,
    architecture: str,
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> dict[str, Any]:
    """Builds a training's image; returns the arguments of `lambda_.Function` for its code."""
    repository = _repository(name, tags, parent)
    readable = _readable_by_lambda(name, repository, parent)
    token = ecr.get_authorization_token_output()
    image = training_image(
        name,
        repository.repository_url,
        {"CLOUD": "aws", "FRAMEWORK": framework},
        PLATFORMS[architecture],
        docker_build.RegistryArgs(
            address=repository.repository_url,
            username=token.user_name,
            password=pulumi.Output.secret(token.password),
        ),
        parent,
        [readable],
    )
    return {"package_type": "Image", "image_uri": image.ref}


def _repository(
    name: str,
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> ecr.Repository:
    child = pulumi.ResourceOptions(parent=parent)
    repository = ecr.Repository(
        f"{name}-images",
        encryption_configurations=[{"encryption_type": "AES256"}],  # it holds code, and no data
        image_scanning_configuration={"scan_on_push": True},
        # The function names its image by digest. Immutable tags would only refuse another build of the same code.
        image_tag_mutability="MUTABLE",
        force_delete=True,
        tags=tags,
        opts=child,
    )
    rule = {
        "rulePriority": 1,
        "description": f"The last {KEPT_IMAGES} images stay",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT_IMAGES},
        "action": {"type": "expire"},
    }
    ecr.LifecyclePolicy(
        f"{name}-images-lifecycle", repository=repository.name, policy=json.dumps({"rules": [rule]}), opts=child
    )
    return repository


def _readable_by_lambda(name: str, repository: ecr.Repository, parent: pulumi.Resource) -> ecr.RepositoryPolicy:
    # The function can't be named: it needs the image, and the image this.
    function = pulumi.Output.format(
        "arn:{}:lambda:{}:{}:function:{}-function*",
        partition(),
        region(),
        account_id(),
        name,
    )
    return ecr.RepositoryPolicy(
        f"{name}-images-policy",
        repository=repository.name,
        policy=document(
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Condition": {"ArnLike": {"aws:SourceArn": function}},
            }
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
