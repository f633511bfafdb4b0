"""Resources of the stack on Azure with every option on, judged as an auditor would."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from components.azure.roles import ROLES
from tests.support.cloud_project import AzureProject
from tests.support.fake_cloud.azure import DEPLOYER, TENANT

BY_ID = {identity: role for role, identity in ROLES.items()}
STORE = "storeaccount/blobServices/default/containers/store"
# Role and scope by the grant's name, and why the scope is no smaller.
GRANTS = {
    "endpoint-host": ("Storage Blob Data Owner", "endpointaccount"),  # the host's own locks and keys, and the package
    "endpoint-models": ("Storage Blob Data Reader", STORE),
    "endpoint-telemetry": ("Monitoring Metrics Publisher", "telemetry-insights"),
    "trainer-airtable-reader": ("Key Vault Secrets User", "trainervault/secrets/airtable"),
    "trainer-datasets": ("Storage Blob Data Reader", STORE),
    "trainer-host": ("Storage Blob Data Owner", "traineraccount"),  # the same
    "trainer-models": ("Storage Blob Data Contributor", STORE),
    "trainer-events-sender": (
        "Storage Queue Data Message Sender",
        "traineraccount/queueServices/default/queues/trainings",
    ),
    "trainer-queues": ("Storage Queue Data Contributor", "traineraccount"),  # the host creates the poison queue
    "trainer-starter": (
        "Storage Queue Data Message Sender",
        "traineraccount/queueServices/default/queues/trainings",
    ),
    "trainer-telemetry": ("Monitoring Metrics Publisher", "telemetry-insights"),
}
# The prefixes of the blobs that a grant is for. Its right to list names is for the whole container.
BELOW = {
    "endpoint-models": ["models/model/"],
    "trainer-datasets": ["datasets/model/", "batch/model/in/"],
    "trainer-models": ["models/model/", "batch/model/out/", "airtable/model/", "datasets/model/airtable-"],
}
LEAST_TAGGED = 15
SECRETS = ("AccountKey=", "SharedAccessSignature", "password", "Key=")


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureProject]:
    for project in AzureProject.create(tmp_path_factory.mktemp("azure")):
        project.set({**project.everything, "image": "false"})  # a training from one is judged in test_image.py
        project.up()
        yield project


@pytest.fixture(scope="module")
def resources(settled: AzureProject) -> list[dict[str, Any]]:
    return settled.cloud.resources()


def of(resources: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    inputs = [resource["inputs"] for resource in resources if resource["type"].endswith(f":{kind}")]
    assert inputs, kind
    return inputs


def named(name: str) -> str:
    """A scope without the suffix that makes names unique."""
    path = name.partition("/providers/")[2].split("/")[2:]
    return "/".join([path[0][:-7].rstrip("-"), *path[1:]])


def test_each_grant_is_on_the_smallest_scope_that_suffices(settled: AzureProject) -> None:
    assignments = {
        call["name"]: call["inputs"] for call in settled.cloud.calls("Create") if "RoleAssignment" in call["type"]
    }
    grants = {
        name: (BY_ID[grant["roleDefinitionId"][-36:]], named(grant["scope"])) for name, grant in assignments.items()
    }
    assert grants == GRANTS
    for name, grant in assignments.items():
        assert (name in BELOW) == ("condition" in grant), name
        if name in BELOW:
            touching, *paths = re.split(r" OR \(@Resource\[\S+blobs:path\] StringStartsWith ", grant["condition"])
            assert (touching[:2], touching[-2:]) == ("((", "))")
            assert paths == [*(f"'{path}')" for path in BELOW[name][:-1]), f"'{BELOW[name][-1]}'))"]
            for action in ("read", "write", "add/action", "move/action", "delete"):
                assert f"containers/blobs/{action}'}}" in grant["condition"], action
            assert grant["conditionVersion"] == "2.0"
    deployed = {name for name, grant in assignments.items() if grant["principalId"] == DEPLOYER}
    assert deployed == {"trainer-starter"}  # with a dataset also trainer-uploader
    assert {grant["principalType"] for grant in assignments.values()} == {"ServicePrincipal"}


def test_the_deployer_may_write_datasets_and_nothing_else_in_the_container(as_it_comes: AzureProject) -> None:
    roles = as_it_comes.cloud.resources("azure-native:authorization:RoleAssignment")
    (condition,) = [
        each["inputs"]["condition"]
        for each in roles
        if each["inputs"]["principalId"] == DEPLOYER and each["inputs"]["scope"].endswith("/containers/store")
    ]
    assert re.findall("StringStartsWith '([^']*)'", condition) == ["datasets/model/"]


def test_every_app_has_an_identity_and_an_account_of_its_own(resources: list[dict[str, Any]]) -> None:
    apps = of(resources, "WebApp")
    identities = [identity for app in apps for identity in app["identity"]["userAssignedIdentities"]]
    containers = {app["functionAppConfig"]["deployment"]["storage"]["value"] for app in apps}
    assert len(set(identities)) == len(identities) == len(containers) == len(apps) == 2
    assert len(of(resources, "StorageAccount")) == 3


def test_accounts_are_closed_and_without_keys(resources: list[dict[str, Any]]) -> None:
    for account in of(resources, "StorageAccount"):
        assert account["allowSharedKeyAccess"] is False
        assert account["allowBlobPublicAccess"] is False
        assert account["allowCrossTenantReplication"] is False
        assert account["enableHttpsTrafficOnly"] is True
        assert account["minimumTlsVersion"] == "TLS1_2"
    assert {container["publicAccess"] for container in of(resources, "BlobContainer")} == {"None"}


def test_the_store_is_versioned_and_what_was_overwritten_or_deleted_can_be_had_back(
    resources: list[dict[str, Any]],
) -> None:
    (blobs,), (policy,) = of(resources, "BlobServiceProperties"), of(resources, "ManagementPolicy")
    assert blobs["isVersioningEnabled"] is True
    kept = {"enabled": True, "days": 30}  # also a version that the rule deletes, however old it was when overwritten
    assert blobs["deleteRetentionPolicy"] == blobs["containerDeleteRetentionPolicy"] == kept
    (rule,) = policy["policy"]["rules"]
    assert rule["definition"]["actions"]["version"]["delete"]["daysAfterCreationGreaterThan"] == 30


def test_apps_speak_tls_and_know_no_passwords(resources: list[dict[str, Any]]) -> None:
    for app in of(resources, "WebApp"):
        site = app["siteConfig"]
        assert app["httpsOnly"] is True
        assert (site["minTlsVersion"], site["scmMinTlsVersion"]) == ("1.2", "1.2")
        assert app["functionAppConfig"]["deployment"]["storage"]["authentication"]["type"] == "UserAssignedIdentity"
    for kind in ("WebAppFtpAllowed", "WebAppScmAllowed"):
        assert [policy["allow"] for policy in of(resources, kind)] == [False, False]


def test_no_setting_is_a_secret(resources: list[dict[str, Any]]) -> None:
    for app in of(resources, "WebApp"):
        settings = {setting["name"]: setting["value"] for setting in app["siteConfig"]["appSettings"]}
        assert settings["AzureWebJobsStorage__credential"] == "managedidentity"
        assert settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"].endswith(";Authorization=AAD")
        values = {name: value for name, value in settings.items() if name != "APPLICATIONINSIGHTS_CONNECTION_STRING"}
        assert not [secret for secret in SECRETS if secret in json.dumps(values)]
    (insights,) = of(resources, "Component")
    assert insights["disableLocalAuth"] is True


def test_only_the_callers_are_let_in(resources: list[dict[str, Any]]) -> None:
    (auth,) = of(resources, "WebAppAuthSettingsV2")
    assert auth["platform"] == {"enabled": True}
    assert auth["globalValidation"] == {"requireAuthentication": True, "unauthenticatedClientAction": "Return401"}
    directory = auth["identityProviders"]["azureActiveDirectory"]
    client = AzureProject.everything["entra_client_id"]
    assert directory["registration"]["clientId"] == client
    assert directory["registration"]["openIdIssuer"] == f"https://login.microsoftonline.com/{TENANT}/v2.0"
    assert directory["validation"]["allowedAudiences"] == [client, f"api://{client}"]
    assert directory["validation"]["defaultAuthorizationPolicy"]["allowedPrincipals"]["identities"] == [
        AzureProject.everything["callers[0]"],
        AzureProject.everything["callers[1]"],
    ]


def test_events_come_to_the_queue_by_an_identity(resources: list[dict[str, Any]]) -> None:
    (subscription,) = of(resources, "SystemTopicEventSubscription")
    assert "destination" not in subscription
    assert subscription["deliveryWithResourceIdentity"]["identity"] == {"type": "SystemAssigned"}
    assert subscription["deliveryWithResourceIdentity"]["destination"]["endpointType"] == "StorageQueue"
    assert subscription["deliveryWithResourceIdentity"]["destination"]["queueName"] == "trainings"
    assert subscription["filter"] == {
        "includedEventTypes": ["Microsoft.Storage.BlobCreated"],
        "advancedFilters": [
            {
                "operatorType": "StringBeginsWith",
                "key": "Subject",
                "values": [
                    "/blobServices/default/containers/store/blobs/datasets/model/",
                    "/blobServices/default/containers/store/blobs/batch/model/in/",
                ],
            }
        ],
    }


def test_whatever_takes_tags_has_them(resources: list[dict[str, Any]]) -> None:
    tags = {"project": "serverless-ml", "stack": "azure-dev"}
    untagged = (
        "BlobContainer", "BlobServiceProperties", "Budget", "ManagementPolicy", "Queue", "RoleAssignment",
        "SystemTopicEventSubscription", "WebAppAuthSettingsV2", "WebAppFtpAllowed", "WebAppScmAllowed",
    )  # fmt: skip
    tagged = [resource for resource in resources if not resource["type"].endswith(untagged)]
    for resource in tagged:
        assert resource["inputs"]["tags"] == tags, resource["type"]
    assert len(tagged) > LEAST_TAGGED


def test_alarms_are_taken_back_but_for_the_one_that_looks_once_a_day(resources: list[dict[str, Any]]) -> None:
    rules = of(resources, "ScheduledQueryRule")
    once_a_day = [rule for rule in rules if rule["evaluationFrequency"] == "P1D"]
    assert [(rule["windowSize"], rule["autoMitigate"]) for rule in once_a_day] == [("P2D", False)]
    assert all(rule["autoMitigate"] for rule in rules if rule not in once_a_day)


def test_failing_predictions_are_counted_by_lines_that_nobody_samples(resources: list[dict[str, Any]]) -> None:
    (rule,) = [each for each in of(resources, "ScheduledQueryRule") if each["displayName"] == "model: predictions fail"]
    (condition,) = rule["criteria"]["allOf"]
    (app,) = {
        each["outputs"]["name"] for each in resources if each["outputs"].get("name", "").startswith("endpoint-app")
    }
    host, ours = re.findall(r"\((App.*?)\)(?=, |$)", condition["query"])
    # A crash leaves no other line.
    assert host == f'AppRequests | where AppRoleName == "{app}" and toint(ResultCode) >= 500'
    assert ours.startswith(f'AppTraces | where AppRoleName == "{app}" | extend line = parse_json(Message)')
    assert ours.endswith('line.event == "request" and toint(line.status) >= 500')
    assert (condition["operator"], condition["threshold"]) == ("GreaterThan", 0)


def test_what_costs_has_a_cap_and_logs_end_some_day(resources: list[dict[str, Any]]) -> None:
    (budget,), (workspace,) = of(resources, "Budget"), of(resources, "Workspace")
    assert budget["amount"] == 50
    assert budget["scope"].endswith(of(resources, "ResourceGroup")[0]["resourceGroupName"])
    assert workspace["workspaceCapping"] == {"dailyQuotaGb": 1}
    assert workspace["retentionInDays"] == 90
    scales = [app["functionAppConfig"]["scaleAndConcurrency"] for app in of(resources, "WebApp")]
    assert sorted(scale["maximumInstanceCount"] for scale in scales) == [1, 4]
    plans = of(resources, "AppServicePlan")
    assert {plan["sku"]["name"] for plan in plans} == {"FC1"}
    assert len(plans) == 2  # a plan has one app
