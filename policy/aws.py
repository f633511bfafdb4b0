"""Policies for the resources of a stack on AWS, for the Pulumi provider `aws`."""

from typing import Any

from pulumi_policy import (
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    StackValidationArgs,
)

from aws_documents import allows, denies_plain_http, is_for_everybody, statements, wildcards
from pack import declares, kind_in, leaks, missing_tags, policies
from reading import UNKNOWN, plain

BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")
PUBLIC_GROUPS = "http://acs.amazonaws.com/groups/global/"
# Entrances: the input that names the callers, and its values for anybody. A route without one has NONE.
ENTRANCES = {
    "apigatewayv2.Route": ("authorizationType", (None, "", "NONE")),
    "lambda.FunctionUrl": ("authorizationType", ("NONE",)),
    "lambda.Permission": ("principal", ("*",)),
    "lambda.LayerVersionPermission": ("principal", ("*",)),
    "apigateway.Method": ("authorization", (None, "", "NONE")),
}
# Kinds without tags, and the input that names the resource whose tags declare them public.
DECLARED_BY = {
    "apigatewayv2.Route": "apiId",
    "lambda.FunctionUrl": "functionName",
    "lambda.Permission": "function",
    "lambda.LayerVersionPermission": "layerName",
    "apigateway.Method": "restApi",
    "lambda.Alias": "functionName",
}


def kind(resource: PolicyResource | ResourceValidationArgs) -> str:
    """Module and name, such as s3.Bucket for aws:s3/bucket:Bucket and its older aws:s3/bucketV2:BucketV2."""
    return kind_in("aws", resource).removesuffix("V2")


def companions(bucket: PolicyResource, companion_kind: str, args: StackValidationArgs) -> list[dict[str, Any]]:
    """The properties of the resources of a kind that are about that bucket."""
    name = plain(bucket.props).get("bucket")
    companions_props = []
    for resource in args.resources:
        if kind(resource) == companion_kind:
            props = plain(resource.props)
            by_name = name is not UNKNOWN and props.get("bucket") == name
            if by_name or bucket in resource.property_dependencies.get("bucket", []):
                companions_props.append(props)
    return companions_props


def bucket_closed(args: StackValidationArgs, report: ReportViolation) -> None:
    """Each bucket blocks public access altogether, so that no later policy or ACL can open it by mistake."""
    for bucket in args.resources:
        if kind(bucket) == "s3.Bucket":
            blocks = companions(bucket, "s3.BucketPublicAccessBlock", args)
            if not any(all(block.get(name) in (True, UNKNOWN) for name in BLOCKS) for block in blocks):
                report(f"give it a BucketPublicAccessBlock with {', '.join(BLOCKS)} all true", bucket.urn)


def bucket_encrypted(args: StackValidationArgs, report: ReportViolation) -> None:
    """Each bucket says how it is encrypted, so that it does not depend on the default of AWS at the time."""
    for bucket in args.resources:
        if kind(bucket) == "s3.Bucket" and not companions(bucket, "s3.BucketServerSideEncryptionConfiguration", args):
            report("give it a BucketServerSideEncryptionConfiguration, AES256 or aws:kms", bucket.urn)


def bucket_tls_only(args: StackValidationArgs, report: ReportViolation) -> None:
    """Each bucket refuses plain HTTP, so that data can't be read on its way."""
    for bucket in args.resources:
        if kind(bucket) == "s3.Bucket":
            policies = companions(bucket, "s3.BucketPolicy", args)
            if not any(p.get("policy") is UNKNOWN or any(map(denies_plain_http, statements(p))) for p in policies):
                report(
                    "give it a BucketPolicy that denies everybody s3:* on the bucket and on all in it if "
                    "aws:SecureTransport is false",
                    bucket.urn,
                )


def no_public_acl(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """No ACL of a bucket or an object lets the public in."""
    if kind(args).startswith("s3."):
        props = plain(args.props)
        if props.get("acl") in PUBLIC_ACLS or PUBLIC_GROUPS in repr(props):
            report("take the public grant away, and let who must read it in by a policy that names them")


def no_public_principal(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """No policy allows anything to everybody: each names its principals."""
    if kind(args):
        for statement in statements(plain(args.props)):
            if allows(statement) and is_for_everybody(statement):
                report(f"name the accounts, roles or services that may do {statement.get('Action')}, instead of *")


def public_declared(args: StackValidationArgs, report: ReportViolation) -> None:
    """Endpoints authenticate their callers, unless a declaration lets anybody call; no oversight opens one."""
    for resource in args.resources:
        key = _open_to_anybody(resource)
        if key and not _is_declared(resource):
            report(
                f'ask callers who they are (here {key} lets in anybody), or declare it: the tag "public" with the '
                'value "declared" on the API or the function that it opens',
                resource.urn,
            )


def _open_to_anybody(resource: PolicyResource) -> str:
    """The input by which anybody may call this, or ""."""
    props = plain(resource.props)
    if kind(resource) == "apigatewayv2.Api":
        return "target" if props.get("target") else ""  # which makes a route of its own, without authorization
    key, public = ENTRANCES.get(kind(resource), ("", ()))
    if str(props.get("routeKey")).startswith("OPTIONS ") or props.get("httpMethod") == "OPTIONS":
        return ""  # what browsers ask before they say who they are; no answer to it holds anything
    return key if props.get(key) in public else ""


def _is_declared(resource: PolicyResource) -> bool:
    if kind(resource) in DECLARED_BY:
        declaring = resource.property_dependencies.get(DECLARED_BY[kind(resource)], [])
        return bool(declaring) and all(map(_is_declared, declaring))
    return declares(plain(resource.props).get("tags"))


def queue_encrypted(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Each queue says how it is encrypted."""
    if kind(args) == "sqs.Queue":
        props = plain(args.props)
        if not (props.get("sqsManagedSseEnabled") or props.get("kmsMasterKeyId")):
            report("set sqsManagedSseEnabled to true, which costs nothing, or kmsMasterKeyId to a key of yours")


def log_retention(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Logs are deleted some day: they are paid for as long as they are kept, and may hold personal data."""
    if kind(args) == "cloudwatch.LogGroup" and not plain(args.props).get("retentionInDays"):
        report("set retentionInDays to what you need, such as 30")


def no_wildcard(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Policies allow by name: a * in an action or a resource has a written reason."""
    if kind(args):
        for statement in statements(plain(args.props)):
            for wildcard in wildcards(statement):
                report(
                    f"name what {wildcard} stands for, or write the reason into the statement's Sid, as in "
                    "BecauseXRayHasNoResources"
                )


def tagged(args: StackValidationArgs, report: ReportViolation) -> None:
    """Everything that can have tags has project and stack, so that costs and leftovers have an owner."""
    for resource in args.resources:
        props = plain(resource.props)
        # The provider gives tagsAll to everything that can have tags, the provider's own default tags among them.
        if not kind(resource) or "tagsAll" not in props or UNKNOWN in (props.get("tags"), props["tagsAll"]):
            continue
        tags = {**(props["tagsAll"] or {}), **(props.get("tags") or {})}
        missing = missing_tags(resource, tags)
        if missing:
            report(f"give it the tags {missing}", resource.urn)


def secret_kept(args: StackValidationArgs, report: ReportViolation) -> None:
    """A secret's value stands nowhere else: in a function's environment anybody who sees the function could read it."""
    versions = [resource for resource in args.resources if kind(resource) == "secretsmanager.SecretVersion"]
    for urn in leaks(args.resources, versions, "secretString"):
        report("have it read the secret when it runs, instead of giving it the value", urn)


RESOURCE_CHECKS = (no_public_acl, no_public_principal, queue_encrypted, log_retention, no_wildcard)
# Checks of several resources together.
STACK_CHECKS = (bucket_closed, bucket_encrypted, bucket_tls_only, public_declared, secret_kept, tagged)

POLICIES = policies("aws", RESOURCE_CHECKS, STACK_CHECKS)
