"""A stack whose data comes from Airtable, on every cloud: where the token is stored, and what starts a pull."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.azure.roles import ROLES
from components.packaging.source_files import digest, training_files
from tests.support.cloud_project import AIRTABLE, TOKEN, AwsProject, AzureProject, CloudProject, GcpProject
from tests.support.updates import errors

pytestmark = pytest.mark.slow

SETTINGS = {"base": AIRTABLE["airtable.base"], "table": AIRTABLE["airtable.table"]}
VERSIONS = {
    "aws": "aws:secretsmanager/secretVersion:SecretVersion",
    "gcp": "gcp:secretmanager/secretVersion:SecretVersion",
    "azure": "azure-native:keyvault:Secret",
}
# Changes in the cloud for another token.
RENEWS = {
    "aws": {"Create SecretVersion trainer-airtable-version", "Delete SecretVersion trainer-airtable-version"},
    "gcp": {"Create SecretVersion trainer-airtable-version", "Delete SecretVersion trainer-airtable-version"},
    "azure": {"Update Secret trainer-airtable"},
}
# Resources that come and go with the source. CHANGES has those that are updated: the function and grants.
COMES = {
    "aws": {"Secret trainer-airtable", "SecretVersion trainer-airtable-version"},
    "gcp": {
        "BucketIAMMember trainer-airtable-datasets", "BucketIAMMember trainer-airtable-state",
        "Secret trainer-airtable", "SecretIamMember trainer-airtable-reader",
        "SecretVersion trainer-airtable-version", "Service apis-secretmanager",
    },
    "azure": {"RoleAssignment trainer-airtable-reader", "Secret trainer-airtable", "Vault trainervault"},
}  # fmt: skip
CHANGES = {
    "aws": {"Function trainer-function", "RolePolicy trainer-policy"},
    "gcp": {"Function trainer-function"},
    "azure": {"RoleAssignment trainer-models", "WebApp trainer-app"},
}
WITH_OTHERS = {"Secret trainer-airtable"}  # deleted with its vault
DATASET = {
    "aws": "BucketObjectv2 trainer-dataset",
    "gcp": "BucketObject trainer-dataset",
    "azure": "RoleAssignment trainer-uploader",
}
PROGRAM = """
from components.NAME.store import ModelStore
from components.NAME.trainer import Trainer

store = ModelStore("store", SHARED)
Trainer("trainer", {"store": store.url, "model": "model", "target": "renewed", **SHARED, **INPUTS})
"""
SHARED_INPUTS = {"aws": {}, "gcp": {}, "azure": {"resource_group": "group"}}


@pytest.fixture(params=[AwsProject, GcpProject, AzureProject], ids=lambda kind: kind.name)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CloudProject]:
    yield from request.param.create(tmp_path)


def function(project: CloudProject) -> Any:
    kind = {
        "aws": "aws:lambda/function:Function",
        "gcp": "gcp:cloudfunctionsv2/function:Function",
        "azure": "azure-native:web:WebApp",
    }[project.name]
    (inputs,) = [each["inputs"] for each in project.cloud.resources(kind) if "TRAINING" in json.dumps(each["inputs"])]
    return inputs


def variables(project: CloudProject) -> Any:
    if project.name == "aws":
        return function(project)["environment"]["variables"]
    if project.name == "azure":
        return {each["name"]: each["value"] for each in function(project)["siteConfig"]["appSettings"]}
    return function(project)["serviceConfig"]["environmentVariables"]


def test_the_token_is_in_the_secret_and_nowhere_else(project: CloudProject) -> None:
    project.set(AIRTABLE)
    printed = project.pulumi("preview").stdout + project.up()
    kind = VERSIONS[project.name]
    (version,) = project.cloud.resources(kind)
    assert TOKEN in (
        version["inputs"].get("secretString"),
        version["inputs"].get("secretData"),
        version["inputs"].get("properties", {}).get("value"),
    )
    assert [each["type"] for each in project.cloud.resources() if TOKEN in json.dumps(each)] == [kind]
    assert TOKEN not in printed
    assert TOKEN not in project.pulumi("stack", "export").stdout
    assert TOKEN not in project.settings()
    source = json.loads(variables(project)["AIRTABLE"])
    token = source.pop("token")
    assert source == SETTINGS
    assert variables(project)["CODE"] == digest(training_files())
    if project.name == "aws":
        assert token == version["inputs"]["secretId"]
    elif project.name == "azure":
        vault = version["inputs"]["vaultName"]
        assert token == f"https://{vault}.vault.azure.net/secrets/{version['inputs']['secretName']}"
        (reading,) = [
            each["inputs"]
            for each in project.cloud.resources("azure-native:authorization:RoleAssignment")
            if each["inputs"]["scope"] == version["id"]
        ]
        assert reading["roleDefinitionId"].endswith(ROLES["Key Vault Secrets User"])
    else:
        (volume,) = function(project)["serviceConfig"]["secretVolumes"]
        (file,) = volume["versions"]
        assert token == f"{volume['mountPath']}/{file['path']}"
        assert version["inputs"]["secret"] == f"projects/my-project/secrets/{volume['secret']}"
        assert file["version"] == "latest"
        assert "trainer-airtable-reader: it takes Google a while to know who may read a secret; waiting 1 s" in printed
    assert project.is_settled()


def test_another_token_is_another_version_of_the_secret_and_nothing_else(project: CloudProject) -> None:
    project.set(AIRTABLE)
    project.up()
    project.cloud.forget()
    project.set({"airtable_token": "patAnother.0123"})
    project.up()
    assert set(project.changes()) == RENEWS[project.name]
    assert project.is_settled()


def test_the_source_comes_and_goes_with_all_that_it_needs(project: CloudProject) -> None:
    project.up()
    assert json.loads(variables(project)["TRAINING"])["synthetic"] is True
    project.cloud.forget()
    comes, changes, dataset = COMES[project.name], CHANGES[project.name], DATASET[project.name]
    with project.configured(AIRTABLE):
        project.up()
        expected = {f"Create {what}" for what in comes} | {f"Update {what}" for what in changes} | {f"Delete {dataset}"}
        assert set(project.changes()) == expected
        assert json.loads(variables(project)["TRAINING"])["synthetic"] is False
        assert project.outputs()["dataset"] == "the table Customers of Airtable"
    project.cloud.forget()
    project.up()
    goes = {f"Delete {what}" for what in comes - (WITH_OTHERS if project.name == "azure" else set())}
    expected = goes | {f"Update {what}" for what in changes} | {f"Create {dataset}"}
    assert set(project.changes()) == expected
    assert "AIRTABLE" not in variables(project)
    assert project.is_settled()


def test_a_schedule_and_a_command_pull(project: CloudProject) -> None:
    project.set({**AIRTABLE, "schedule": "rate(1 hour)"})
    project.up()
    assert """ '{"pull": true}'""" in project.outputs()["train"]
    if project.name == "aws":
        (schedule,) = project.cloud.resources("aws:scheduler/schedule:Schedule")
        message = json.loads(schedule["inputs"]["target"]["input"])
        assert message == {"pull": True, "scheduled": "<aws.scheduler.scheduled-time>"}
    elif project.name == "azure":
        assert variables(project)["SCHEDULE"]
        assert json.loads(variables(project)["MESSAGE"]) == {"pull": True}
    else:
        (job,) = project.cloud.resources("gcp:cloudscheduler/job:Job")
        assert json.loads(b64decode(job["inputs"]["pubsubTarget"]["data"])) == {"pull": True}


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        ({"airtable": SETTINGS}, "airtable_token is not given: pulumi config set --secret airtable_token"),
        (
            {"airtable": {"base": "Customers", "table": "t"}, "airtable_token": TOKEN},
            "airtable.base is 'Customers'; it can be the id in the base's address",
        ),
    ],
    ids=["token", "base"],
)
def test_what_could_not_be_read_is_refused_before_anything_is_made(
    project: CloudProject, inputs: dict[str, Any], error: str
) -> None:
    program = PROGRAM.replace("NAME", project.name).replace("SHARED", repr(SHARED_INPUTS[project.name]))
    program = program.replace("INPUTS", repr(inputs))
    (project.root / "__main__.py").write_text(program)
    (line,) = errors(project.pulumi("preview", code=None).stdout)
    assert line.startswith(error)


@pytest.mark.parametrize("project", [GcpProject], indirect=True, ids=lambda kind: kind.name)
def test_a_job_finds_the_token_as_a_file_and_who_starts_it_does_not(project: CloudProject) -> None:
    project.set({**AIRTABLE, "image": "true"})
    project.up()
    (job,) = project.cloud.resources("gcp:cloudrunv2/job:Job")
    task = job["inputs"]["template"]["template"]
    (container,), (volume,) = task["containers"], task["volumes"]
    (mount,), (file,) = container["volumeMounts"], volume["secret"]["items"]
    environment = {each["name"]: each["value"] for each in container["envs"]}
    assert mount["name"] == volume["name"]
    assert json.loads(environment["AIRTABLE"])["token"] == f"{mount['mountPath']}/{file['path']}"
    assert json.loads(b64decode(json.loads(environment["MESSAGE"])["data"])) == {"pull": True}
    for each in project.cloud.resources("gcp:cloudfunctionsv2/function:Function"):
        assert not each["inputs"]["serviceConfig"].get("secretVolumes")
    assert project.is_settled()


@pytest.mark.parametrize("project", [AzureProject], indirect=True, ids=lambda kind: kind.name)
def test_a_job_of_azure_reads_the_token_by_its_identity_and_who_asks_for_it_does_not(project: CloudProject) -> None:
    project.set({**AIRTABLE, "image": "true", "schedule": "rate(1 hour)"})
    project.up()
    environments = {}
    for job in project.cloud.resources("azure-native:app:Job"):
        (container,) = job["inputs"]["template"]["containers"]
        trigger = job["inputs"]["configuration"]["triggerType"]
        environments[trigger] = {each["name"]: each["value"] for each in container["env"]}
    (secret,) = project.cloud.resources("azure-native:keyvault:Secret")
    vault = secret["inputs"]["vaultName"]
    assert json.loads(environments["Event"]["AIRTABLE"])["token"] == f"https://{vault}.vault.azure.net/secrets/airtable"
    assert environments["Schedule"].keys() == {"AZURE_CLIENT_ID", "MESSAGE", "QUEUE"}
    assert json.loads(environments["Schedule"]["MESSAGE"]) == {"pull": True}
    assert project.is_settled()


@pytest.mark.parametrize("project", [AzureProject], indirect=True, ids=lambda kind: kind.name)
@pytest.mark.parametrize("disposable", [True, False])
def test_a_vault_of_azure_lets_roles_in_alone_and_is_gone_as_soon_as_may_be(
    project: CloudProject, disposable: bool
) -> None:
    project.set({**AIRTABLE, "disposable": json.dumps(disposable)})
    project.up()
    (vault,) = project.cloud.resources("azure-native:keyvault:Vault")
    properties = vault["inputs"]["properties"]
    assert properties["enableRbacAuthorization"] is True
    assert "accessPolicies" not in properties
    assert (properties["enableSoftDelete"], properties["softDeleteRetentionInDays"]) == (True, 7)
    assert ("enablePurgeProtection" in properties) != disposable
    if disposable:
        project.pulumi("destroy", "--yes", "--skip-preview")
        assert project.cloud.resources() == []


@pytest.mark.parametrize("project", [AwsProject], indirect=True, ids=lambda kind: kind.name)
def test_what_is_too_long_for_a_function_is_named(project: CloudProject) -> None:
    project.set({**AIRTABLE, "airtable.fields": ",".join(f"a long name of a field {each}" for each in range(150))})
    assert "name fewer columns in id, drop and kinds, airtable.fields" in project.up(code=1)
