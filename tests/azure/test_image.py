"""A training as a job of Container Apps, on the real engine: builds, grants, alarms and errors."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.azure.roles import ROLES
from tests.support.cloud_project import AzureProject
from tests.support.fake_cloud.azure import DEPLOYER
from tests.support.fake_cloud.azure_sites import ETAG
from tests.support.updates import errors

IMAGE = "docker-build:index:Image"
JOB = "azure-native:app:Job"
PLACE = "azure-native:app:ManagedEnvironment"
LOGS = "azure-native:monitor:DiagnosticSetting"
REGISTRY = "azure-native:containerregistry:Registry"
APP = "azure-native:web:WebApp"
ROLE = "azure-native:authorization:RoleAssignment"
OWN = {IMAGE, JOB, PLACE, LOGS, REGISTRY}  # the kinds of which a stack without an image has nothing
DATASET = "datasets/model/synthetic.csv"
QUEUES = "traineraccount/queueServices/default/queues"
# Role and scope by the grant's name, and why the scope is no smaller. The grants of the endpoint and of events are left
# out: they are the same without an image.
GRANTS = {
    "trainer-datasets": ("Storage Blob Data Reader", "storeaccount/blobServices/default/containers/store"),
    "trainer-image-pusher": ("AcrPush", "trainerregistry"),  # a registry has one repository
    "trainer-image-reader": ("AcrPull", "trainerregistry"),
    "trainer-models": ("Storage Blob Data Contributor", "storeaccount/blobServices/default/containers/store"),
    "trainer-poison": ("Storage Queue Data Message Sender", f"{QUEUES}/trainings-poison"),
    "trainer-queue": ("Storage Queue Data Contributor", f"{QUEUES}/trainings"),  # to hide is to write
    "trainer-starter": ("Storage Queue Data Message Sender", f"{QUEUES}/trainings"),
    "trainer-uploader": ("Storage Blob Data Contributor", "storeaccount/blobServices/default/containers/store"),
}


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureProject]:
    """A stack that trains with PyTorch, shared by the tests: each finds it up, and leaves it so."""
    for project in AzureProject.create(tmp_path_factory.mktemp("azure")):
        project.config(framework="pytorch", schedule="cron(0/30 3 ? * 2 *)", stale_days="2")
        project.pulumi("preview")
        assert project.cloud.resources() == []
        assert project.sites.requests == []
        project.up()
        yield project


@pytest.fixture
def up(settled: AzureProject) -> AzureProject:
    settled.forget()
    return settled


def one(project: AzureProject, kind: str, part: str = "") -> dict[str, Any]:
    (resource,) = [each for each in project.cloud.resources(kind) if part in json.dumps(each["outputs"])]
    return resource


def job(project: AzureProject, trigger: str = "Event") -> dict[str, Any]:
    inputs: dict[str, Any] = one(project, JOB, f'"triggerType": "{trigger}"')["inputs"]
    return inputs


def container(project: AzureProject, trigger: str = "Event") -> dict[str, Any]:
    (job_container,) = job(project, trigger)["template"]["containers"]
    return dict(job_container)


def variables(project: AzureProject, trigger: str = "Event") -> dict[str, str]:
    return {each["name"]: each["value"] for each in container(project, trigger)["env"]}


def test_the_job_runs_what_was_built_by_its_digest(up: AzureProject) -> None:
    image, registry = one(up, IMAGE), one(up, REGISTRY)["inputs"]
    server = f"{registry['registryName']}.azurecr.io"
    assert container(up)["image"] == f"{server}/training@{image['outputs']['digest']}"
    assert image["inputs"]["tags"][0].startswith(f"{server}/training:pytorch-")
    assert image["inputs"]["buildArgs"] == {"CLOUD": "azure", "FRAMEWORK": "pytorch"}
    assert image["inputs"]["platforms"] == ["linux/amd64"]
    assert (image["inputs"]["push"], image["inputs"]["buildOnPreview"]) == (True, False)
    assert registry["sku"] == {"name": "Basic"}
    assert (registry["adminUserEnabled"], registry["anonymousPullEnabled"]) == (False, False)
    assert up.is_settled()


def test_the_job_takes_one_message_of_the_queue_at_a_time_and_has_an_hour(up: AzureProject) -> None:
    settings = job(up)["configuration"]
    assert (settings["replicaTimeout"], settings["replicaRetryLimit"]) == (3600, 0)
    event = settings["eventTriggerConfig"]
    assert (event["parallelism"], event["replicaCompletionCount"], event["scale"]["maxExecutions"]) == (1, 1, 1)
    (rule,) = event["scale"]["rules"]
    (account,) = [
        each["inputs"]["accountName"]
        for each in up.cloud.resources("azure-native:storage:StorageAccount")
        if each["inputs"]["accountName"].startswith("trainer")
    ]
    assert rule["type"] == "azure-queue"
    assert rule["metadata"] == {
        "accountName": account,
        "queueName": "trainings",
        "queueLength": "1",
        "queueLengthStrategy": "visibleonly",
    }
    assert rule["identity"] in job(up)["identity"]["userAssignedIdentities"]
    assert "auth" not in rule
    assert container(up)["resources"] == {"cpu": 2, "memory": "4Gi"}
    environment = variables(up)
    assert environment["QUEUE"] == f"https://{account}.queue.core.windows.net/trainings"
    assert environment["SECONDS"] == "3600"
    assert json.loads(environment["TRAINING"])["framework"] == "pytorch"
    assert environment["STORE"].endswith(".blob.core.windows.net/store")


def test_a_schedule_puts_a_message_into_the_same_queue(up: AzureProject) -> None:
    scheduler = job(up, "Schedule")
    assert scheduler["configuration"]["scheduleTriggerConfig"]["cronExpression"] == "0-59/30 3 * * 1"
    assert container(up, "Schedule")["command"] == [
        "python",
        "-m",
        "function_code.entrypoints.azure.train_job",
        "enqueue",
    ]
    environment = variables(up, "Schedule")
    assert json.loads(environment.pop("MESSAGE")) == {"retrain": True}
    assert environment == {name: variables(up)[name] for name in ("AZURE_CLIENT_ID", "QUEUE")}
    assert container(up, "Schedule")["image"] == container(up)["image"]
    assert "command" not in container(up)


def test_each_grant_is_on_the_smallest_scope_that_suffices(up: AzureProject) -> None:
    roles = {identity: role for role, identity in ROLES.items()}
    assignments = {each["urn"].rpartition("::")[2]: each for each in up.state()["resources"] if each["type"] == ROLE}
    grants = {}
    for name, grant in assignments.items():
        account, *path = grant["inputs"]["scope"].partition("/providers/")[2].split("/")[2:]
        grants[name] = (
            roles[grant["inputs"]["roleDefinitionId"][-36:]],
            "/".join([account[:-7].rstrip("-"), *path]),
            grant["inputs"]["principalId"],
        )
    others = [name for name in grants if name.startswith(("endpoint-", "trainer-events-"))]
    assert {name: grant[:2] for name, grant in grants.items() if name not in others} == GRANTS
    deployed = {name for name, (_, _, principal) in grants.items() if principal == DEPLOYER}
    assert deployed == {"trainer-image-pusher", "trainer-starter", "trainer-uploader"}
    trains = {principal for name, (_, _, principal) in grants.items() if name in GRANTS.keys() - deployed}
    assert len(trains) == 1


def test_logs_go_to_the_workspace_without_its_key_and_alarms_are_about_the_job(up: AzureProject) -> None:
    place, logs = one(up, PLACE), one(up, LOGS)["inputs"]
    assert place["inputs"]["appLogsConfiguration"] == {"destination": "azure-monitor"}
    assert logs["resourceUri"] == place["id"]
    assert logs["workspaceId"] == one(up, "azure-native:operationalinsights:Workspace")["id"]
    assert {each["category"] for each in logs["logs"]} == {"ContainerAppConsoleLogs", "ContainerAppSystemLogs"}
    name, scheduler = (job(up, trigger)["jobName"] for trigger in ("Event", "Schedule"))
    rules = {
        each["inputs"]["displayName"]: each["inputs"]["criteria"]["allOf"][0]["query"]
        for each in up.cloud.resources("azure-native:monitor:ScheduledQueryRule")
    }
    assert rules["model: a training broke off"].startswith(
        f'ContainerAppSystemLogs | where (JobName startswith "{name}" or JobName startswith "{scheduler}") and'
    )
    lines = f'ContainerAppConsoleLogs | where ContainerGroupName startswith "{name}"'
    for alarm, ended in (
        ("a training, a scoring or a pull was refused", "refused"),
        ("a training failed again and again", "dead"),
        ("no version was promoted for 2 days", "promoted"),
    ):
        assert rules[f"model: {alarm}"].startswith(lines)
        assert rules[f"model: {alarm}"].endswith(f'line.outcome == "{ended}"')
    assert name in one(up, "azure-native:applicationinsights:Workbook")["inputs"]["serializedData"]


def test_the_password_for_the_registry_is_nowhere_in_clear(up: AzureProject) -> None:
    (registry,) = one(up, IMAGE)["inputs"]["registries"]
    assert registry["username"] == "00000000-0000-0000-0000-000000000000"
    assert registry["password"].startswith("registry-")
    assert registry["password"] not in up.pulumi("stack", "export").stdout
    assert registry["password"] in up.pulumi("stack", "export", "--show-secrets").stdout


def test_new_training_code_is_built_and_then_trained_on(up: AzureProject) -> None:
    before = container(up)["image"]
    up.edit("function_code/training/split.py")
    up.up()
    assert up.changes() == ["Update Image trainer-image", "Update Job trainer-job", "Update Job trainer-schedule"]
    assert container(up)["image"] != before
    assert up.sites.messages()[0][1] == {"dataset": DATASET, "etag": ETAG}
    assert up.is_settled()


def test_an_image_comes_and_goes_with_all_that_it_brought(project: AzureProject) -> None:
    project.up()
    without = sorted(each["type"] for each in project.cloud.resources())
    assert not set(without) & OWN
    project.config(image="true", training_memory="8192")
    project.sites.refusals += [
        ("/oauth2/exchange", 404, "no such registry"),
        ("/oauth2/token", 401, "UNAUTHORIZED: authentication required"),
    ]
    project.cloud.fail(
        ":Job::trainer-job", "unable to pull image using Managed identity trainer for registry x.azurecr.io"
    )
    project.forget()
    printed = project.up()
    assert "trainer-image: Azure is not ready yet (404: no such registry); once more in 1 s" in printed
    assert "trainer-image: Azure is not ready yet (401: UNAUTHORIZED: authentication required)" in printed
    assert "trainer-job: Azure is not ready yet; once more in 1 s" in printed
    _, _, diagnostics = printed.partition("Diagnostics:")
    assert diagnostics.count("trainer-job: it takes Azure a while to know what was granted; waiting 1 s for that") == 1
    assert {each["type"] for each in project.cloud.resources()} >= OWN
    assert not {each.split()[1] for each in project.changes()} & {"Queue", "StorageAccount"}  # what waits, stays
    assert len(project.cloud.resources(APP)) == 1
    assert container(project)["resources"] == {"cpu": 4, "memory": "8Gi"}
    assert project.is_settled()
    project.config(image="false", training_memory="4096")
    project.up()
    assert sorted(each["type"] for each in project.cloud.resources()) == without


def test_a_build_that_fails_is_taken_up_again(project: AzureProject) -> None:
    project.config(framework="tensorflow")
    project.cloud.fail("trainer-image", "failed to solve: process did not complete successfully: exit code: 1")
    assert "failed to solve" in project.up(code=1)
    assert project.cloud.resources(JOB) == []
    assert project.sites.messages() == []  # nothing trains without its code
    project.up()
    assert variables(project)["TRAINING"]
    assert len(project.sites.messages()) == 1
    assert project.is_settled()


def test_without_docker_a_preview_says_so_in_one_line(project: AzureProject) -> None:
    project.config(image="true")
    project.no_docker()
    done = project.pulumi("preview", code=None)
    assert done.returncode != 0
    (line,) = errors(done.stdout + done.stderr)
    assert line.startswith("image is true, so a container image is to be built, and there is no docker: install it")
    assert line.endswith("or: pulumi config set image false")
    assert project.cloud.resources() == []
