"""Helpers for the policies of every cloud."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy

from reading import UNKNOWN, at, plain, texts

Check = Callable[..., Any]
MIN_SECRET_LENGTH = 8  # shorter values stand in many a text by chance


def kind_in(package: str, resource: PolicyResource | ResourceValidationArgs) -> str:
    """Module and name, such as s3.Bucket for aws:s3/bucket:Bucket; "" for a resource of another package."""
    prefix, *rest = resource.resource_type.split(":")
    return f"{rest[0].split('/')[0]}.{rest[1]}" if prefix == package else ""


def declares(tags: Any) -> bool:
    """Tells whether tags, or labels, declare a resource public; unknown ones may."""
    return tags is UNKNOWN or (isinstance(tags, dict) and tags.get("public") in ("declared", UNKNOWN))


def missing_tags(resource: PolicyResource, tags: dict[str, Any], form: Callable[[str], str] = str) -> str:
    """The tags, or labels, of project and stack that a resource lacks, in the form that those have; "" if none."""
    stack, project = resource.urn.removeprefix("urn:pulumi:").split("::")[:2]
    required = {"project": form(project), "stack": form(stack)}
    return " and ".join(f"{key}={value}" for key, value in required.items() if tags.get(key) not in (value, UNKNOWN))


def leaks(resources: Sequence[PolicyResource], versions: Sequence[PolicyResource], *path: str) -> Iterator[str]:
    """The URNs of resources that contain a value which `versions` of secrets keep at that path."""
    values = [at(plain(version.props), path) for version in versions]
    kept = [value for value in values if isinstance(value, str) and len(value) >= MIN_SECRET_LENGTH]
    own = {version.urn for version in versions}
    for resource in resources if kept else ():
        matches = (value in text for text in texts(plain(resource.props)) for value in kept)
        if resource.urn not in own and any(matches):
            yield resource.urn


def policies(
    cloud: str, resource_checks: Sequence[Check], stack_checks: Sequence[Check]
) -> list[ResourceValidationPolicy | StackValidationPolicy]:
    """A policy for each check, called after it; the latter are of what belongs together."""

    def policy_name(check: Check) -> str:
        return f"{cloud}-{check.__name__.replace('_', '-')}"

    return [
        *(ResourceValidationPolicy(policy_name(check), check.__doc__, check) for check in resource_checks),
        *(StackValidationPolicy(policy_name(check), check.__doc__, check) for check in stack_checks),
    ]
