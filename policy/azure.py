"""Policies for the resources of a stack on Azure, for the Pulumi provider `azure-native`."""

from collections.abc import Callable
from typing import Any

from pulumi_policy import (
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    StackValidationArgs,
)

from pack import declares, kind_in, leaks, missing_tags, policies
from reading import UNKNOWN, as_list, at, plain

# Owner, Contributor and User Access Administrator.
BASIC_ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
}
TLS = ("TLS1_2", "TLS1_3", "1.2", "1.3", UNKNOWN)
KINDS_WITH_IDENTITY = ("app.Job", "web.WebApp")
KEYS = ("AccountKey=", "SharedAccessSignature=", "SharedAccessKey=")
# The kinds with tags, of those that an endpoint and its environment are made of.
TAGGED = {
    "app.Job", "app.ManagedEnvironment", "applicationinsights.Component", "applicationinsights.Workbook",
    "containerregistry.Registry", "eventgrid.SystemTopic", "keyvault.Secret", "keyvault.Vault",
    "managedidentity.UserAssignedIdentity",
    "monitor.ActionGroup", "monitor.ScheduledQueryRule", "operationalinsights.Workspace", "resources.ResourceGroup",
    "storage.StorageAccount", "web.AppServicePlan", "web.WebApp",
}  # fmt: skip


def kind(resource: PolicyResource | ResourceValidationArgs) -> str:
    """Module and name, such as storage.BlobContainer, whichever version of Azure's API it is of."""
    return kind_in("azure-native", resource)


def account_closed(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Each storage account is without keys, closed to the public, and speaks TLS alone."""
    if kind(args) == "storage.StorageAccount":
        props = plain(args.props)
        for name in ("allowSharedKeyAccess", "allowBlobPublicAccess"):
            if props.get(name) not in (False, UNKNOWN):
                report(f"set {name} to false")
        if props.get("minimumTlsVersion") not in TLS or props.get("enableHttpsTrafficOnly") is False:
            report("set minimumTlsVersion to TLS1_2, and leave enableHttpsTrafficOnly as it is")


def container_private(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """No container lets the public read."""
    if kind(args) == "storage.BlobContainer" and plain(args.props).get("publicAccess", "None") not in ("None", UNKNOWN):
        report("set publicAccess to None")


def registry_closed(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """No registry of images has a password, or lets the public pull."""
    if kind(args) == "containerregistry.Registry":
        for name in ("adminUserEnabled", "anonymousPullEnabled"):
            if plain(args.props).get(name) is True:
                report(f"set {name} to false")


def vault_closed(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Each vault lets roles in alone, and keeps for a while what is deleted."""
    if kind(args) == "keyvault.Vault":
        props = plain(args.props)
        if at(props, ("properties", "enableRbacAuthorization")) not in (True, UNKNOWN):
            report("set properties.enableRbacAuthorization to true: access policies are for all secrets there are")
        if at(props, ("properties", "enableSoftDelete")) is False:
            report("leave properties.enableSoftDelete as it is")


def app_encrypted(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Each app speaks TLS alone, from 1.2 on, and no FTP."""
    if kind(args) == "web.WebApp":
        props = plain(args.props)
        if props.get("httpsOnly") not in (True, UNKNOWN):
            report("set httpsOnly to true")
        if at(props, ("siteConfig", "minTlsVersion")) not in TLS:
            report('set siteConfig.minTlsVersion to "1.2"')
        # Flex Consumption, which alone has that part, knows no FTP and refuses to hear of it.
        if not props.get("functionAppConfig") and at(props, ("siteConfig", "ftpsState")) not in ("Disabled", UNKNOWN):
            report('set siteConfig.ftpsState to "Disabled"')


def no_key_setting(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """No setting of an app or a job holds a key: whoever may read the app could use it."""
    for setting in _settings(args):
        value = setting.get("value") if isinstance(setting, dict) else None
        if isinstance(value, str) and any(key in value for key in KEYS):
            report(f"let an identity take the place of the key in the setting {setting.get('name')}")


def _settings(args: ResourceValidationArgs) -> list[Any]:
    props = plain(args.props)
    if kind(args) == "web.WebApp":
        return as_list(at(props, ("siteConfig", "appSettings")))
    if kind(args) == "app.Job":
        containers = as_list(at(props, ("template", "containers")))
        return [setting for container in containers for setting in as_list(at(container, ("env",)))]
    return []


def own_identity(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Each app and job has an identity, which roles can be granted to."""
    if kind(args) in KINDS_WITH_IDENTITY and at(plain(args.props), ("identity", "type")) in (None, "None"):
        report("set identity to one for this alone")


def no_basic_role(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Nobody is owner, contributor or gives access: these are for everything there is."""
    if kind(args) == "authorization.RoleAssignment":
        definition = plain(args.props).get("roleDefinitionId")
        role = BASIC_ROLES.get(definition[-36:]) if isinstance(definition, str) else None
        if role:
            report(f"grant what is needed, on the resource that it is needed on, instead of {role}")


def instances_capped(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Automatic scaling has a maximum, and so have its costs."""
    config = at(plain(args.props), ("functionAppConfig",)) if kind(args) == "web.WebApp" else None
    if config and not at(config, ("scaleAndConcurrency", "maximumInstanceCount")):
        report("set functionAppConfig.scaleAndConcurrency.maximumInstanceCount to what you are ready to pay for")
    event = at(plain(args.props), ("configuration", "eventTriggerConfig")) if kind(args) == "app.Job" else None
    if event and not at(event, ("scale", "maxExecutions")):
        report("set configuration.eventTriggerConfig.scale.maxExecutions to what you are ready to pay for")


def log_retention(args: ResourceValidationArgs, report: ReportViolation) -> None:
    """Each workspace says how long it keeps logs, which may hold personal data, and how much it takes in a day."""
    if kind(args) == "operationalinsights.Workspace":
        props = plain(args.props)
        if not props.get("retentionInDays"):
            report("set retentionInDays to what you need, such as 30")
        quota = at(props, ("workspaceCapping", "dailyQuotaGb"))
        if quota is not UNKNOWN and (quota or 0) <= 0:
            report("set workspaceCapping.dailyQuotaGb to what you are ready to pay for")


def public_declared(args: StackValidationArgs, report: ReportViolation) -> None:
    """Authentication is required of all callers, unless a declaration says that anybody may call."""
    for resource in args.resources:
        if kind(resource) != "web.WebAppAuthSettingsV2":
            continue
        paths = (("platform", "enabled"), ("globalValidation", "requireAuthentication"))
        authenticates = all(at(plain(resource.props), path) in (True, UNKNOWN) for path in paths)
        declaring = resource.property_dependencies.get("name", [])
        if not authenticates and not (declaring and all(map(_is_declared, declaring))):
            report(
                "set platform.enabled and globalValidation.requireAuthentication to true, or declare it: the tag "
                '"public" with the value "declared" on the app',
                resource.urn,
            )


def _is_declared(resource: PolicyResource) -> bool:
    return declares(plain(resource.props).get("tags"))


def tagged(args: StackValidationArgs, report: ReportViolation) -> None:
    """Everything that can have tags has project and stack, so that costs and leftovers have an owner."""
    for resource in args.resources:
        tags = plain(resource.props).get("tags") or {}
        if kind(resource) not in TAGGED or tags is UNKNOWN:
            continue
        missing = missing_tags(resource, tags)
        if missing:
            report(f"give it the tags {missing}", resource.urn)


def secret_kept(args: StackValidationArgs, report: ReportViolation) -> None:
    """A secret's value stands nowhere else: in an app's settings anybody who sees the app could read it."""
    secrets = [resource for resource in args.resources if kind(resource) == "keyvault.Secret"]
    for urn in leaks(args.resources, secrets, "properties", "value"):
        report("have it read the secret when it runs, instead of giving it the value", urn)


RESOURCE_CHECKS: tuple[Callable[..., Any], ...] = (
    account_closed, container_private, registry_closed, vault_closed, app_encrypted, no_key_setting, own_identity,
    no_basic_role, instances_capped, log_retention,
)  # fmt: skip
STACK_CHECKS = (public_declared, secret_kept, tagged)  # of what belongs together

POLICIES = policies("azure", RESOURCE_CHECKS, STACK_CHECKS)
