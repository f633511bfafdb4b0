"""What the policies of every cloud are made of."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy

from reading import UNKNOWN, at, plain, texts

Check = Callable[..., Any]
LEAST_SECRET = 8  # characters; shorter values stand in many a text by chance


def kind_in(package: str, resource: PolicyResource | ResourceValidationArgs) -> str:
    """Module and name, such as s3.Bucket for aws:s3/bucket:Bucket; "" for what is of another package."""
    found, *rest = resource.resource_type.split(":")
    return f"{rest[0].split('/')[0]}.{rest[1]}" if found == package else ""


def declares(tags: Any) -> bool:
    """Whether tags, or labels, declare that what has them is public; what is unknown may."""
    return tags is UNKNOWN or (isinstance(tags, dict) and tags.get("public") in ("declared", UNKNOWN))


def lacking(resource: PolicyResource, tags: dict[str, Any], form: Callable[[str], str] = str) -> str:
    """The project and the stack that tags, or labels, do not name, in the form that those have; "" if they do."""
    stack, project = resource.urn.removeprefix("urn:pulumi:").split("::")[:2]
    wanted = {"project": form(project), "stack": form(stack)}
    return " and ".join(f"{key}={value}" for key, value in wanted.items() if tags.get(key) not in (value, UNKNOWN))


def telling(resources: Sequence[PolicyResource], versions: Sequence[PolicyResource], *path: str) -> Iterator[str]:
    """The URNs of those resources in which a value stands that `versions` of secrets keep at that path."""
    values = [at(plain(version.props), path) for version in versions]
    kept = [value for value in values if isinstance(value, str) and len(value) >= LEAST_SECRET]
    own = {version.urn for version in versions}
    for resource in resources if kept else ():
        told = (value in text for text in texts(plain(resource.props)) for value in kept)
        if resource.urn not in own and any(told):
            yield resource.urn


def policies(
    cloud: str, resource_checks: Sequence[Check], stack_checks: Sequence[Check]
) -> list[ResourceValidationPolicy | StackValidationPolicy]:
    """A policy for each check, called after it; the latter are of what belongs together."""

    def named(check: Check) -> str:
        return f"{cloud}-{check.__name__.replace('_', '-')}"

    return [
        *(ResourceValidationPolicy(named(check), check.__doc__, check) for check in resource_checks),
        *(StackValidationPolicy(named(check), check.__doc__, check) for check in stack_checks),
    ]
