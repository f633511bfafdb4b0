"""Names in Google Cloud: the project, the region, the bucket in a store's URL, and unique names."""

import re

import pulumi
from pulumi_gcp import config, organizations

from components.packaging import source_files


def project() -> str:
    """The id of the project that is deployed to. Raises RunError if none is configured."""
    if not config.project:
        raise pulumi.RunError("gcp:project is not set: pulumi config set gcp:project PROJECT_ID")
    return config.project


def region() -> str:
    """The region that is deployed to. Raises RunError if none is configured."""
    if not config.region:
        raise pulumi.RunError("gcp:region is not set; it can be one such as europe-west1: pulumi config set gcp:region")
    return config.region


def about_project(*depends_on: pulumi.Resource) -> pulumi.Output[organizations.GetProjectResult]:
    """The project's number and billing account, asked for after `depends_on`."""
    return organizations.get_project_output(
        project_id=project(), opts=pulumi.InvokeOutputOptions(depends_on=list(depends_on))
    )


def bucket_of(store: pulumi.Input[str]) -> pulumi.Output[str]:
    """The bucket's name, of gs://BUCKET."""
    return pulumi.Output.from_input(store).apply(lambda url: url.removeprefix("gs://"))


def unique_name(name: str, max_length: int) -> str:
    """A name for a resource that gets none from Pulumi: lower-case letters, digits and -, another one in each stack."""
    path = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}/{name}"
    suffix = f"-{source_files.text_digest(path)[:8]}"
    prefix = re.sub(r"[^a-z0-9]", "-", name.lower()).lstrip("-0123456789")
    return prefix[: max_length - len(suffix)] + suffix


def label(value: str) -> str:
    """A value as labels take it: lower-case letters, digits, - and _."""
    return re.sub(r"[^a-z0-9_-]", "-", value.lower())[:63]
