"""The code of a function: an archive in the store, under a name that tells its content."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_aws import s3

from components.aws.names import bucket_of
from components.packaging.archive import archive
from components.packaging.targets import LAMBDA
from function_code.errors import Refused


def package(
    name: str,
    half: str,
    architecture: str,
    store: pulumi.Input[str],
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> dict[str, Any]:
    """What `lambda_.Function` takes for the code of a half, serving or training.

    Raises RunError if the archive can't be made, or is too big.
    """
    try:
        made = archive(half, LAMBDA[architecture], pulumi.log.info)
    except Refused as problem:
        raise pulumi.RunError(str(problem)) from None
    code = s3.BucketObjectv2(
        f"{name}-code",
        bucket=bucket_of(store),
        key=f"code/{made.object_name}",
        source=pulumi.FileAsset(made.path),
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return {"s3_bucket": code.bucket, "s3_key": code.key}
