"""The build of a function by Google from its source: an account that builds, and a registry for the images."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_gcp import artifactregistry, projects, storage

from components.gcp.deployment_retries import child
from components.gcp.names import about_project, bucket_of, project, region, unique_name
from components.gcp.roles import account, grant_objects
from components.gcp.source_package import ENTRY_POINTS, make_source_archive
from function_code.errors import Refused

MAX_ID_LENGTH = 63  # of a repository
KEPT_IMAGES = 3
OLD_IMAGE_SECONDS = 7 * 24 * 3600


class BuilderArgs(TypedDict):
    """Inputs of a Builder."""

    package: str
    """The package that is built: serving or training, or starting, for a training elsewhere."""
    store: pulumi.Input[str]
    """The URL of a ModelStore, to which the source is uploaded."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """The labels of everything that takes some. Default: none."""


class Builder(pulumi.ComponentResource):
    """The source in the store, with a digest of its content in its name, and the account that may build it.

    Left to itself Google builds with the project's default account, which is an editor of everything or, in newer
    organizations, may do nothing at all; and keeps all images for ever.
    """

    config: Any
    """The argument of `cloudfunctionsv2.Function` for its build, but for the runtime."""
    depends_on: list[pulumi.Resource]
    """Grants that must be there before anything is built."""

    def __init__(self, name: str, args: BuilderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:gcp:Builder", name, {}, opts)
        try:
            archive = make_source_archive(args["package"])
        except Refused as problem:
            raise pulumi.RunError(str(problem)) from None
        self._name, self._args = name, args
        source = storage.BucketObject(
            f"{name}-code",
            bucket=bucket_of(args["store"]),
            name=f"code/{archive.object_name}",
            source=pulumi.FileAsset(archive.path),
            opts=child(self),
        )
        self.account = account(f"{name}-builder", f"builds what does the {args['package']}", self)
        self.repository = image_repository(name, args.get("labels"), self)
        self.depends_on = self._grant()
        self.config = {
            "entry_point": ENTRY_POINTS[args["package"]],
            "service_account": self.account.name,
            "docker_repository": self.repository.id,
            "source": {"storage_source": {"bucket": source.bucket, "object": source.name}},
        }
        self.register_outputs({})

    def _grant(self) -> list[pulumi.Resource]:
        name, member = self._name, self.account.member
        # Cloud Functions copies the source into a bucket of its own, which is not there before the first function.
        sources = pulumi.Output.format(
            "gcf-v2-sources-{}-{}", about_project(self.account).apply(lambda project: project.number), region()
        )
        return [
            projects.IAMMember(
                f"{name}-build-logs",
                project=project(),
                role="roles/logging.logWriter",
                member=member,
                opts=child(self),
            ),
            projects.IAMMember(
                f"{name}-build-sources",
                project=project(),
                role="roles/storage.objectViewer",
                member=member,
                condition={
                    "title": "sources-of-functions",
                    "expression": pulumi.Output.format('resource.name.startsWith("projects/_/buckets/{}")', sources),
                },
                opts=child(self),
            ),
            artifactregistry.RepositoryIamMember(
                f"{name}-build-images",
                location=region(),
                repository=self.repository.name,
                role="roles/artifactregistry.writer",
                member=member,
                opts=child(self),
            ),
            grant_objects(f"{name}-build-code", self.account, self._args["store"], "code/", self),
        ]


def image_repository(
    name: str, labels: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None, parent: pulumi.Resource
) -> artifactregistry.Repository:
    """Makes a repository for images, which deletes old ones."""
    return artifactregistry.Repository(
        f"{name}-images",
        repository_id=unique_name(name, MAX_ID_LENGTH),
        location=region(),
        format="DOCKER",
        cleanup_policies=[
            {"id": "keep", "action": "KEEP", "most_recent_versions": {"keep_count": KEPT_IMAGES}},
            {
                "id": "old",
                "action": "DELETE",
                "condition": {"tag_state": "ANY", "older_than": f"{OLD_IMAGE_SECONDS}s"},
            },
        ],
        labels=labels,
        opts=child(parent),
    )
