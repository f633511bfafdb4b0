"""The services of Google Cloud that a stack uses. In a new project almost all of them are off."""

from collections.abc import Callable, Sequence
from typing import TypedDict

import pulumi
from pulumi_gcp import organizations, projects, storage

from components.gcp.deployment_retries import child, retry_call
from components.gcp.names import project

REQUIRED = (
    "artifactregistry", "billingbudgets", "cloudbilling", "cloudbuild", "cloudfunctions", "cloudresourcemanager",
    "eventarc", "iam", "logging", "monitoring", "pubsub", "run", "storage",
)  # fmt: skip
# The components' calls to a service, which the engine does once only.
CALLS: dict[str, Callable[[], object]] = {
    "cloudresourcemanager": lambda: organizations.get_project(project_id=project()),
    "storage": storage.get_project_service_account,
}


class ApisArgs(TypedDict):
    """Inputs of Apis."""

    more: Sequence[str]
    """Services besides REQUIRED, such as dns."""


class Apis(pulumi.ComponentResource):
    """Services, enabled. Whatever uses them names this in its depends_on.

    They stay enabled when the stack is destroyed: others in the project may have come to use them.
    """

    def __init__(self, name: str, args: ApisArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("serverless-ml:gcp:Apis", name, {}, opts)
        self.services = [
            projects.Service(
                f"{name}-{api}",
                project=project(),
                service=f"{api}.googleapis.com",
                disable_on_destroy=False,
                opts=child(self, after_create=[_wait_until_enabled(api)] if api in CALLS else None),
            )
            for api in (*REQUIRED, *args["more"])
        ]
        self.register_outputs({})


def _wait_until_enabled(api: str) -> pulumi.ResourceHookFunction:
    async def wait(resource: pulumi.ResourceHookArgs) -> None:
        await retry_call(resource.name, CALLS[api])

    return wait
