"""A stack whose data comes from Airtable, on every cloud: where the token is stored, and what starts a pull."""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

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
# Resources that come and go with the source. CHANGES has those that are updated: function, grants, schedule.
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
    "aws": {"Function trainer-function", "RolePolicy trainer-policy", "Schedule trainer-schedule"},
    "gcp": {"Function trainer-function", "Job trainer-schedule"},
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
CLOUDS = [
    pytest.param(kind, id=kind.name, marks=pytest.mark.xdist_group(f"airtable-{kind.name}"))
    for kind in (AwsProject, GcpProject, AzureProject)
]
SHARED_INPUTS = {"aws": {}, "gcp": {}, "azure": {"resource_group": "group"}}


@pytest.fixture
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CloudProject]:
    """A checkout with a stack that is not up yet, on the cloud that a test names."""
    yield from request.param.create(tmp_path)


class Stack(NamedTuple):
    """A stack that is up with a table of Airtable as its source and a schedule, and what its creation has printed."""

    project: CloudProject
    plain: str
    """Its settings before it had that source."""
    printed: str


@pytest.fixture(scope="module", params=CLOUDS)
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    for project in request.param.create(tmp_path_factory.mktemp(request.param.name)):
        project.set({"schedule": "rate(1 hour)"})
        plain = project.settings()
        project.set(AIRTABLE)
        yield Stack(project, plain, project.pulumi("preview").stdout + project.up())


@pytest.fixture
def settled(stack: Stack) -> CloudProject:
    """The project of the stack: each test finds it settled, and leaves it so."""
    stack.project.cloud.forget()
    return stack.project


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


def test_the_token_is_in_the_secret_and_nowhere_else(stack: Stack, settled: CloudProject) -> None:
    kind = VERSIONS[settled.name]
    (version,) = settled.cloud.resources(kind)
    assert TOKEN in (
        version["inputs"].get("secretString"),
        version["inputs"].get("secretData"),
        version["inputs"].get("properties", {}).get("value"),
    )
    assert [each["type"] for each in settled.cloud.resources() if TOKEN in json.dumps(each)] == [kind]
    assert TOKEN not in stack.printed
    assert TOKEN not in settled.pulumi("stack", "export").stdout
    assert TOKEN not in settled.settings()
    source = json.loads(variables(settled)["AIRTABLE"])
    token = source.pop("token")
    assert source == SETTINGS
    assert variables(settled)["CODE"] == digest(training_files())
    if settled.name == "aws":
        assert token == version["inputs"]["secretId"]
    elif settled.name == "azure":
        vault = version["inputs"]["vaultName"]
        assert token == f"https://{vault}.vault.azure.net/secrets/{version['inputs']['secretName']}"
        (reading,) = [
            each["inputs"]
            for each in settled.cloud.resources("azure-native:authorization:RoleAssignment")
            if each["inputs"]["scope"] == version["id"]
        ]
        assert reading["roleDefinitionId"].endswith(ROLES["Key Vault Secrets User"])
    else:
        (volume,) = function(settled)["serviceConfig"]["secretVolumes"]
        (file,) = volume["versions"]
        assert token == f"{volume['mountPath']}/{file['path']}"
        assert version["inputs"]["secret"] == f"projects/my-project/secrets/{volume['secret']}"
        assert file["version"] == "latest"
        waiting = "trainer-airtable-reader: it takes Google a while to know who may read a secret; waiting 1 s"
        assert waiting in stack.printed
    assert settled.is_settled()


def test_another_token_is_another_version_of_the_secret_and_nothing_else(settled: CloudProject) -> None:
    with settled.applied({"airtable_token": "patAnother.0123"}):
        assert set(settled.changes()) == RENEWS[settled.name]
        assert settled.is_settled()


def test_the_source_goes_and_comes_with_all_that_it_needs(stack: Stack, settled: CloudProject) -> None:
    name, cloud = settled.name, settled.cloud
    comes, changes, dataset, with_source = COMES[name], CHANGES[name], DATASET[name], settled.settings()
    assert json.loads(variables(settled)["TRAINING"])["synthetic"] is False
    assert settled.outputs()["dataset"] == "the table Customers of Airtable"
    try:
        settled.write_settings(stack.plain)
        settled.up()
        goes = {f"Delete {what}" for what in comes - (WITH_OTHERS if name == "azure" else set())}
        expected = goes | {f"Update {what}" for what in changes} | {f"Create {dataset}"}
        assert set(settled.changes()) == expected
        assert json.loads(variables(settled)["TRAINING"])["synthetic"] is True
        assert "AIRTABLE" not in variables(settled)
        assert settled.is_settled()
    finally:
        cloud.forget()
        settled.write_settings(with_source)
        settled.up()
    expected = {f"Create {what}" for what in comes} | {f"Update {what}" for what in changes} | {f"Delete {dataset}"}
    assert set(settled.changes()) == expected


def test_a_schedule_and_a_command_pull(settled: CloudProject) -> None:
    assert """ '{"pull": true}'""" in settled.outputs()["train"]
    if settled.name == "aws":
        (schedule,) = settled.cloud.resources("aws:scheduler/schedule:Schedule")
        message = json.loads(schedule["inputs"]["target"]["input"])
        assert message == {"pull": True, "scheduled": "<aws.scheduler.scheduled-time>"}
    elif settled.name == "azure":
        assert variables(settled)["SCHEDULE"]
        assert json.loads(variables(settled)["MESSAGE"]) == {"pull": True}
    else:
        (job,) = settled.cloud.resources("gcp:cloudscheduler/job:Job")
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
    settled: CloudProject, inputs: dict[str, Any], error: str
) -> None:
    path, name = settled.root / "__main__.py", settled.name
    program, own = PROGRAM.replace("NAME", name).replace("SHARED", repr(SHARED_INPUTS[name])), path.read_text()
    try:
        path.write_text(program.replace("INPUTS", repr(inputs)))
        (line,) = errors(settled.pulumi("preview", code=None).stdout)
    finally:
        path.write_text(own)
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
    """That nothing of it stays is in tests/contract/test_lifecycle.py."""
    project.set({**AIRTABLE, "disposable": json.dumps(disposable)})
    steps = json.loads(project.pulumi("preview", "--json").stdout)["steps"]
    (vault,) = [step["newState"]["inputs"] for step in steps if step["urn"].endswith("::trainervault")]
    properties = vault["properties"]
    assert properties["enableRbacAuthorization"] is True
    assert "accessPolicies" not in properties
    assert (properties["enableSoftDelete"], properties["softDeleteRetentionInDays"]) == (True, 7)
    assert ("enablePurgeProtection" in properties) != disposable


@pytest.mark.parametrize("project", [AwsProject], indirect=True, ids=lambda kind: kind.name)
def test_what_is_too_long_for_a_function_is_named(project: CloudProject) -> None:
    project.set({**AIRTABLE, "airtable.fields": ",".join(f"a long name of a field {each}" for each in range(150))})
    assert "name fewer columns in id, drop and kinds, airtable.fields" in project.up(code=1)
