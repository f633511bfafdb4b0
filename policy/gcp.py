"""Policies for the resources of a stack on Google Cloud, for the Pulumi provider `gcp`."""

import json
import re
from typing import Any

from pulumi_policy import (
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    StackValidationArgs,
)

from pack import declares, kind_in, leaks, missing_tags, policies
from reading import UNKNOWN, as_list, at, plain

EVERYBODY = {"allUsers", "allAuthenticatedUsers"}
BASIC_ROLES = {"roles/owner", "roles/editor", "roles/viewer"}
GRANT = re.compile(r"I[Aa][Mm](Member|Binding|Policy)$")
# Kinds of grants on endpoints, and the input that names the endpoint. A function's service has the same name.
OPENED_BY = {
    "cloudrunv2.ServiceIam": "name",
    "cloudrun.Iam": "service",
    "cloudfunctionsv2.FunctionIam": "cloudFunction",
    "cloudfunctions.FunctionIam": "cloudFunction",
}
# Access control lists beside IAM, and the principals of the predefined ones.
ACL = re.compile(r"storage\.\w+(AccessControl|ACL)$")
PREDEFINED: dict[Any, str] = {
    "publicRead": "allUsers",
    "publicReadWrite": "allUsers",
    "authenticatedRead": "allAuthenticatedUsers",
}
# Paths of the inputs for the accounts of a service or a function, and for the most instances.
ACCOUNTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "cloudfunctionsv2.Function": (("serviceConfig", "serviceAccountEmail"), ("buildConfig", "serviceAccount")),
    "cloudfunctions.Function": (("serviceAccountEmail",), ("buildServiceAccount",)),
    "cloudrun.Service": (("template", "spec", "serviceAccountName"),),
    "cloudrunv2.Service": (("template", "serviceAccount"),),
    "cloudrunv2.Job": (("template", "template", "serviceAccount"),),
}
DEFAULT_ACCOUNT = re.compile(r"(-compute@developer|@appspot|@cloudbuild)\.gserviceaccount\.com$")
MAX_INSTANCES_INPUTS = {
    "cloudfunctionsv2.Function": ("serviceConfig", "maxInstanceCount"),
    "cloudfunctions.Function": ("maxInstances",),
    "cloudrun.Service": ("template", "metadata", "annotations", "autoscaling.knative.dev/maxScale"),
    "cloudrunv2.Service": ("template", "scaling", "maxInstanceCount"),
}


def kind(resource: PolicyResource | ResourceValidationArgs) -> str:
    """Module and name, such as storage.Bucket for gcp:storage/bucket:Bucket."""
    return kind_in("gcp", resource)


def grants(resource: PolicyResource | ResourceValidationArgs) -> list[tuple[Any, set[str]]]:
    """The roles that a resource grants, each with its members; none if it is no grant."""
    props = plain(resource.props)
    if ACL.match(kind(resource)):
        return acl_grants(props)
    if not GRANT.search(kind(resource)):
        return []
    if "policyData" not in props:
        members = [*as_list(props.get("member")), *as_list(props.get("members"))]
        return [(props.get("role"), {member for member in members if isinstance(member, str)})]
    try:
        bindings = json.loads(props["policyData"])["bindings"]
        return [(binding["role"], set(binding["members"])) for binding in bindings]
    except (KeyError, TypeError, ValueError):
        return []


def acl_grants(props: dict[str, Any]) -> list[tuple[Any, set[str]]]:
    """The roles that an ACL of Cloud Storage grants, or an entry of one."""
    predefined = props.get("predefinedAcl")
    pairs: list[Any] = [(props.get("role"), props.get("entity")), (predefined, PREDEFINED.get(predefined))]
    pairs += [item.split(":", 1) for item in as_list(props.get("roleEntities")) if isinstance(item, str)]
    return [(role, {entity}) for role, entity in pairs if isinstance(entity, str)]


def opens(resource: PolicyResource | ResourceValidationArgs) -> str:
    """The input that names the endpoint which a grant is about; nothing if it is about something else."""
    return OPENED_BY.get(GRANT.sub("Iam", kind(resource)), "")


def bucket_closed(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Each bucket enforces the prevention of public access, and is ruled by IAM alone."""
    if kind(args) == "storage.Bucket":
        props = plain(args.props)
        if props.get("publicAccessPrevention") not in ("enforced", UNKNOWN):
            report('set publicAccessPrevention to "enforced"')
        if props.get("uniformBucketLevelAccess") not in (True, UNKNOWN):
            report("set uniformBucketLevelAccess to true: without it there are ACLs beside IAM")


def no_public_member(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Only an endpoint may be open to everybody: all other grants name their members."""
    if not opens(args):
        for role, members in grants(args):
            for member in sorted(members & EVERYBODY):
                report(f"name the accounts that may have {role}, instead of {member}")


def public_declared(args: StackValidationArgs, report: ReportViolation) -> None:
    """Endpoints authenticate their callers, unless a declaration lets anybody call; no oversight opens one."""
    for resource in args.resources:
        declaring = resource.property_dependencies.get(opens(resource), [])
        is_open = opens(resource) and any(members & EVERYBODY for _, members in grants(resource))
        if is_open and not (declaring and all(map(_is_declared, declaring))):
            report(
                'name the callers, instead of everybody, or declare it: the label "public" with the value "declared" '
                "on the service or the function that it opens",
                resource.urn,
            )
        if plain(resource.props).get("invokerIamDisabled") is True and not _is_declared(resource):
            report('leave invokerIamDisabled out, or declare it: the label "public" with "declared"', resource.urn)


def _is_declared(resource: PolicyResource) -> bool:
    return declares(plain(resource.props).get("labels"))


def no_basic_role(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Nobody is owner, editor or viewer: these are for everything there is."""
    for role, _ in grants(args):
        if isinstance(role, str) and role in BASIC_ROLES:
            report(f"grant what is needed, on the resource that it is needed on, instead of {role}")


def own_account(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Each function, service, job and build has an account of its own: the project's default one may do far more."""
    for path in ACCOUNTS.get(kind(args), ()):
        account = at(plain(args.props), path)
        if not account or (isinstance(account, str) and DEFAULT_ACCOUNT.search(account)):
            report(f"set {'.'.join(path)} to a service account for this alone")


def instances_capped(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Automatic scaling has a maximum, and so have its costs."""
    if kind(args) in MAX_INSTANCES_INPUTS and not at(plain(args.props), MAX_INSTANCES_INPUTS[kind(args)]):
        report(f"set {'.'.join(MAX_INSTANCES_INPUTS[kind(args)])} to what you are ready to pay for")


def log_retention(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Each log bucket says how long it keeps logs, which may hold personal data."""
    if kind(args) == "logging.ProjectBucketConfig" and not plain(args.props).get("retentionDays"):
        report("set retentionDays to what you need, such as 30")


def labelled(args: StackValidationArgs, report: ReportViolation) -> None:
    """Everything that can have labels has project and stack, so that costs and leftovers have an owner."""
    for resource in args.resources:
        props = plain(resource.props)
        # The provider gives effectiveLabels to everything that can have labels, its own default ones among them.
        every = (props.get("labels"), props.get("effectiveLabels"))
        if not kind(resource) or "effectiveLabels" not in props or UNKNOWN in every:
            continue
        labels = {**(every[1] or {}), **(every[0] or {})}
        missing = missing_tags(resource, labels, _label)
        if missing:
            report(f"give it the labels {missing}", resource.urn)


def _label(value: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "-", value.lower())[:63]


def secret_kept(args: StackValidationArgs, report: ReportViolation) -> None:
    """A secret's value stands nowhere else: in a function's environment anybody who sees the function could read it."""
    versions = [resource for resource in args.resources if kind(resource) == "secretmanager.SecretVersion"]
    for urn in leaks(args.resources, versions, "secretData"):
        report("have it read the secret when it runs, instead of giving it the value", urn)


RESOURCE_CHECKS = (bucket_closed, no_public_member, no_basic_role, own_account, instances_capped, log_retention)
STACK_CHECKS = (public_declared, secret_kept, labelled)  # of what belongs together

POLICIES = policies("gcp", RESOURCE_CHECKS, STACK_CHECKS)
