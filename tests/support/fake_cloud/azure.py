"""The answers of the fake Azure. Fields in texts are as in aws.py, and {own}, a resource's own name."""

import json
import re
from base64 import urlsafe_b64encode
from typing import Any

SUBSCRIPTION, TENANT, REGION = (
    "00000000-1111-2222-3333-444444444444",
    "55555555-1111-2222-3333-444444444444",
    "westeurope",
)
DEPLOYER = "66666666-1111-2222-3333-444444444444"  # a service principal
PERSON = "66666666-1111-2222-3333-555555555555"  # who may deploy instead
PRINCIPAL = "77777777-1111-2222-3333-"  # of an identity, as far as it is not its own


def token_of(claims: dict[str, Any]) -> str:
    return f"header.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.signature"


TOKEN = token_of({"idtyp": "app"})  # the deployer's

# The input that holds a resource's own name, where that is not "name".
NAME_INPUT = {
    "azure-native:app:Job": "jobName",
    "azure-native:app:ManagedEnvironment": "environmentName",
    "azure-native:applicationinsights:Component": "resourceName",
    "azure-native:applicationinsights:Workbook": "resourceName",
    "azure-native:authorization:RoleAssignment": "roleAssignmentName",
    "azure-native:consumption:Budget": "budgetName",
    "azure-native:containerregistry:Registry": "registryName",
    "azure-native:eventgrid:SystemTopic": "systemTopicName",
    "azure-native:eventgrid:SystemTopicEventSubscription": "eventSubscriptionName",
    "azure-native:keyvault:Secret": "secretName",
    "azure-native:keyvault:Vault": "vaultName",
    "azure-native:managedidentity:UserAssignedIdentity": "resourceName",
    "azure-native:monitor:ActionGroup": "actionGroupName",
    "azure-native:monitor:ScheduledQueryRule": "ruleName",
    "azure-native:operationalinsights:Workspace": "workspaceName",
    "azure-native:resources:ResourceGroup": "resourceGroupName",
    "azure-native:storage:BlobContainer": "containerName",
    "azure-native:storage:BlobServiceProperties": "blobServicesName",
    "azure-native:storage:ManagementPolicy": "managementPolicyName",
    "azure-native:storage:Queue": "queueName",
    "azure-native:storage:StorageAccount": "accountName",
}
NAMES_WITHOUT_DASH = {
    "azure-native:containerregistry:Registry",
    "azure-native:keyvault:Vault",
    "azure-native:storage:StorageAccount",
}  # whose names Pulumi makes without a dash
# Inputs that cannot change in place, besides the name.
REPLACES = {
    "azure-native:app:Job": {"environmentId"},
    "azure-native:app:ManagedEnvironment": {"workloadProfiles"},
    "azure-native:authorization:RoleAssignment": {"principalId", "roleDefinitionId", "scope", "principalType"},
    "azure-native:eventgrid:SystemTopic": {"source", "topicType"},
    "azure-native:keyvault:Secret": {"vaultName"},
    "azure-native:storage:BlobContainer": {"accountName"},
    "azure-native:storage:Queue": {"accountName"},
    "azure-native:storage:StorageAccount": {"kind"},
    "azure-native:web:WebApp": {"kind"},
}


def _with_identities(outputs: dict[str, Any]) -> dict[str, Any]:
    """Azure takes the ids of identities as a list, and has them as keys afterwards."""
    identity = outputs.get("identity")
    if not isinstance(identity, dict) or "userAssignedIdentities" not in identity:
        return outputs
    known = {name: {"clientId": "", "principalId": ""} for name in identity["userAssignedIdentities"]}
    return {**outputs, "identity": {**identity, "userAssignedIdentities": known}}


OUTPUT_CONVERTERS = {
    "azure-native:app:Job": _with_identities,
    "azure-native:web:WebApp": _with_identities,
}  # functions that give outputs another shape than inputs have
# Properties of a site that Flex Consumption answers 400 for, of those that the SDK offers or adds; and settings.
NOT_ON_FLEX = {
    "alwaysOn", "ftpsState", "functionAppScaleLimit", "functionsRuntimeScaleMonitoringEnabled", "linuxFxVersion",
    "minimumElasticInstanceCount", "netFrameworkVersion", "preWarmedInstanceCount", "use32BitWorkerProcess",
}  # fmt: skip
NO_SETTINGS_ON_FLEX = {
    "ENABLE_ORYX_BUILD", "FUNCTIONS_EXTENSION_VERSION", "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "SCM_DO_BUILD_DURING_DEPLOYMENT", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING", "WEBSITE_CONTENTSHARE",
    "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT", "WEBSITE_RUN_FROM_PACKAGE",
}  # fmt: skip


def _not_on_flex(inputs: dict[str, Any]) -> str:
    site = inputs.get("siteConfig", {})
    names = {*site, *(setting["name"] for setting in site.get("appSettings", []))}
    wrong = sorted(names & (NOT_ON_FLEX | NO_SETTINGS_ON_FLEX)) if "functionAppConfig" in inputs else []
    return f"BadRequest: {', '.join(wrong)} can't be set for a site on Flex Consumption" if wrong else ""


def _no_vault(inputs: dict[str, Any]) -> str:
    if not re.fullmatch("[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]", inputs["vaultName"]):
        return f"VaultNameNotValid: {inputs['vaultName']}"
    if inputs["properties"].get("enablePurgeProtection") is False:
        return "BadRequest: The property enablePurgeProtection cannot be set to false"
    return ""


def _another_kind(inputs: dict[str, Any]) -> str:
    kind = "User" if inputs["principalId"] == PERSON else "ServicePrincipal"
    if inputs["principalType"] == kind:
        return ""
    return (
        f"UnmatchedPrincipalType: The PrincipalId '{inputs['principalId']}' has type '{kind}', which is different from "
        f"specified PrincipalType '{inputs['principalType']}'"
    )


def _no_operator(inputs: dict[str, Any]) -> str:
    operators = {condition["operator"] for condition in inputs["criteria"]["allOf"]}
    wrong = sorted(operators - {"Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"})
    return f"BadRequest: {', '.join(wrong)} can't be an operator of a rule" if wrong else ""


# Functions that say what is wrong with inputs, or "".
VALIDATORS = {
    "azure-native:authorization:RoleAssignment": _another_kind,
    "azure-native:keyvault:Vault": _no_vault,
    "azure-native:monitor:ScheduledQueryRule": _no_operator,
    "azure-native:web:WebApp": _not_on_flex,
}
# Kinds that nobody can delete, and the kind that each of them goes with. Deleting a secret takes a role in the
# vault, which the deployer has not.
DELETED_WITH = {"azure-native:keyvault:Secret": "azure-native:keyvault:Vault"}
IGNORED_CHANGES: dict[str, set[str]] = {}  # inputs whose change is none

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{{resourceGroupName}}"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{{accountName}}"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/{{vaultName}}"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/{{own}}"
OUTPUTS: dict[str, dict[str, Any]] = {
    "azure-native": {
        "id": f"{GROUP}/providers/Microsoft.{{module}}/{{kind}}s/{{own}}",
        "name": "{own}",
        "azureApiVersion": "2025-01-01",
        "type": "Microsoft.{module}/{kind}s",
        "location": "{region}",
    },
    "azure-native:applicationinsights:Component": {
        "connectionString": "InstrumentationKey=1234;IngestionEndpoint=https://{region}.in.example/",
    },
    "azure-native:authorization:RoleAssignment": {
        "id": "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}"
    },
    "azure-native:consumption:Budget": {"id": "{scope}/providers/Microsoft.Consumption/budgets/{name}"},
    "azure-native:containerregistry:Registry": {"loginServer": "{registryName}.azurecr.io"},
    "azure-native:eventgrid:SystemTopic": {
        "identity": {"principalId": f"{PRINCIPAL}0000{{unique}}", "tenantId": TENANT},
    },
    "azure-native:eventgrid:SystemTopicEventSubscription": {
        "id": f"{GROUP}/providers/Microsoft.EventGrid/systemTopics/{{systemTopicName}}/eventSubscriptions/{{own}}",
    },
    "azure-native:keyvault:Secret": {"id": f"{VAULT}/secrets/{{secretName}}"},
    "azure-native:keyvault:Vault": {"id": VAULT},
    "azure-native:managedidentity:UserAssignedIdentity": {
        "principalId": f"{PRINCIPAL}0000{{unique}}",
        "clientId": f"{PRINCIPAL}ffff{{unique}}",
        "tenantId": TENANT,
    },
    "azure-native:monitor:DiagnosticSetting": {
        "id": "{resourceUri}/providers/Microsoft.Insights/diagnosticSettings/{own}",
    },
    "azure-native:resources:ResourceGroup": {"id": GROUP},
    "azure-native:storage:BlobContainer": {"id": f"{ACCOUNT}/blobServices/default/containers/{{containerName}}"},
    "azure-native:storage:BlobServiceProperties": {"id": f"{ACCOUNT}/blobServices/default"},
    "azure-native:storage:ManagementPolicy": {"id": f"{ACCOUNT}/managementPolicies/default"},
    "azure-native:storage:Queue": {"id": f"{ACCOUNT}/queueServices/default/queues/{{queueName}}"},
    "azure-native:storage:StorageAccount": {
        "id": ACCOUNT,
        "primaryEndpoints": {
            "blob": "https://{accountName}.blob.core.windows.net/",
            "queue": "https://{accountName}.queue.core.windows.net/",
        },
    },
    "azure-native:web:WebApp": {"id": SITE, "defaultHostName": "{own}.azurewebsites.net"},
    "azure-native:web:WebAppAuthSettingsV2": {"id": f"{SITE}/config/authsettingsV2"},
    "azure-native:web:WebAppFtpAllowed": {"id": f"{SITE}/basicPublishingCredentialsPolicies/ftp"},
    "azure-native:web:WebAppScmAllowed": {"id": f"{SITE}/basicPublishingCredentialsPolicies/scm"},
}

CLIENT, CLIENT_TOKEN = "azure-native:authorization:getClientConfig", "azure-native:authorization:getClientToken"
INVOKES: dict[str, dict[str, Any]] = {
    CLIENT: {
        "clientId": "88888888-1111-2222-3333-444444444444",
        "objectId": DEPLOYER,
        "subscriptionId": SUBSCRIPTION,
        "tenantId": TENANT,
    },
    CLIENT_TOKEN: {"token": TOKEN},
}
