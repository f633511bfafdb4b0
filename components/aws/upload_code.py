"""The code of a function: an archive in the store, with a digest of its content in its name."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_aws import s3

from components.aws.names import bucket_of
from components.packaging.archive import make_archive
from components.packaging.targets import LAMBDA
from function_code.errors import Refused


def upload_package(
    name: str,
    package: str,
    architecture: str,
    store: pulumi.Input[str],
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> dict[str, Any]:
    """Uploads a package, serving or training; returns the arguments of `lambda_.Function` for its code.

    Raises RunError if the archive can't be made, or is too big.
    """
    try:
        archive = make_archive(package, LAMBDA[architecture], pulumi.log.info)
    except Refused as problem:
        raise pulumi.RunError(str(problem)) from None
    code = s3.BucketObjectv2(
        f"{name}-code",
        bucket=bucket_of(store),
        key=f"code/{archive.object_name}",
        source=pulumi.FileAsset(archive.path),
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return {"s3_bucket": code.bucket, "s3_key": code.key}
