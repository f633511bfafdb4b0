"""The code of a function: an archive in the store, with a digest of its content in its name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import s3

from components.aws.names import bucket_of
from components.packaging.archive import Archive, make_archive
from components.packaging.platforms import LAMBDA
from function_code.errors import Refused


@dataclass(frozen=True)
class UploadedArchive:
    """An archive, and the object that it was uploaded to."""

    archive: Archive
    stored: s3.BucketObjectv2

    def arguments(self) -> dict[str, Any]:
        """The arguments of `lambda_.Function` for its code."""
        return {"s3_bucket": self.stored.bucket, "s3_key": self.stored.key}


def upload_archive(
    name: str,
    package: str,
    architecture: str,
    store: pulumi.Input[str],
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None,
    parent: pulumi.Resource,
) -> UploadedArchive:
    """Uploads the archive of a package as the resource `name`.

    Raises RunError if the archive can't be made, or is too big.
    """
    try:
        archive = make_archive(package, LAMBDA[architecture], pulumi.log.info)
    except Refused as problem:
        raise pulumi.RunError(str(problem)) from None
    stored = s3.BucketObjectv2(
        name,
        bucket=bucket_of(store),
        key=f"code/{archive.object_name}",
        source=pulumi.FileAsset(archive.path),
        tags=tags,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return UploadedArchive(archive, stored)
