"""A training as a job of Cloud Run, on the real engine: builds, grants, alarms and errors."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.cloud_project import GcpProject
from tests.support.updates import errors

IMAGE = "docker-build:index:Image"
JOB = "gcp:cloudrunv2/job:Job"
MEMBER = "gcp:cloudrunv2/jobIamMember:JobIamMember"
FUNCTION = "gcp:cloudfunctionsv2/function:Function"
REPOSITORY = "gcp:artifactregistry/repository:Repository"
OWN = {IMAGE, JOB, MEMBER}  # the kinds of which a stack without an image has nothing


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcpProject]:
    """A stack that trains with PyTorch, shared by the tests: each finds it up, and leaves it so."""
    for project in GcpProject.create(tmp_path_factory.mktemp("gcp")):
        project.config(framework="pytorch", stale_days="3")
        project.pulumi("preview")
        assert project.cloud.resources() == []
        project.up()
        yield project


@pytest.fixture
def up(settled: GcpProject) -> GcpProject:
    settled.cloud.forget()
    return settled


def one(project: GcpProject, kind: str, part: str = "") -> dict[str, Any]:
    (resource,) = [each for each in project.cloud.resources(kind) if part in json.dumps(each["outputs"])]
    return resource


def task(project: GcpProject) -> dict[str, Any]:
    template: dict[str, Any] = one(project, JOB)["inputs"]["template"]["template"]
    return template


def variables(project: GcpProject) -> dict[str, str]:
    return {each["name"]: each["value"] for each in task(project)["containers"][0]["envs"]}


def starter(project: GcpProject) -> dict[str, Any]:
    """The function that receives the messages."""
    functions = [each["inputs"] for each in project.cloud.resources(FUNCTION)]
    return next(each for each in functions if "eventTrigger" in each)


def account_of(email: str) -> str:
    return email.removeprefix("serviceAccount:").partition("@")[0].rpartition("-")[0]


def test_the_job_runs_what_was_built_by_its_digest(up: GcpProject) -> None:
    image, (container,) = one(up, IMAGE), task(up)["containers"]
    repository = one(up, REPOSITORY, "trainer-job")["inputs"]["repositoryId"]
    assert container["image"] == image["outputs"]["ref"]
    assert "@sha256:" in container["image"]
    place = f"europe-west1-docker.pkg.dev/my-project/{repository}/training:pytorch-"
    assert image["inputs"]["tags"][0].startswith(place)
    assert image["inputs"]["buildArgs"] == {"CLOUD": "gcp", "FRAMEWORK": "pytorch"}
    assert image["inputs"]["platforms"] == ["linux/amd64"]
    assert (image["inputs"]["push"], image["inputs"]["buildOnPreview"]) == (True, False)
    assert {policy["action"] for policy in one(up, REPOSITORY, repository)["inputs"]["cleanupPolicies"]} == {
        "KEEP",
        "DELETE",
    }
    assert up.is_settled()


def test_the_job_has_a_cap_and_an_hour(up: GcpProject) -> None:
    assert one(up, JOB)["inputs"]["template"]["taskCount"] == 1
    assert (task(up)["maxRetries"], task(up)["timeout"]) == (1, "3600s")
    assert task(up)["containers"][0]["resources"] == {"limits": {"cpu": "2", "memory": "4Gi"}}
    assert one(up, JOB)["inputs"]["deletionProtection"] is False
    assert one(up, JOB)["inputs"]["labels"] == {"project": "serverless-ml", "stack": "gcp-dev"}
    assert variables(up)["SECONDS"] == "3600"
    assert variables(up)["STORE"].startswith("gs://store-bucket-")
    assert json.loads(variables(up)["TRAINING"])["framework"] == "pytorch"
    # Executed by hand, it trains on the newest dataset.
    assert json.loads(variables(up)["MESSAGE"]) == {"data": "eyJyZXRyYWluIjogdHJ1ZX0="}


def test_the_function_starts_that_job_and_may_do_nothing_else(up: GcpProject) -> None:
    job, function = one(up, JOB), starter(up)
    service = function["serviceConfig"]
    assert function["buildConfig"]["entryPoint"] == "start"
    assert service["environmentVariables"]["JOB"] == f"https://run.googleapis.com/v2/{job['id']}"
    assert (service["maxInstanceCount"], service["maxInstanceRequestConcurrency"]) == (1, 1)
    assert service["ingressSettings"] == "ALLOW_INTERNAL_ONLY"
    starting = service["serviceAccountEmail"]
    assert (account_of(starting), account_of(task(up)["serviceAccount"])) == ("trainer-starter", "trainer")
    grants = [each["inputs"] for each in up.cloud.resources(MEMBER)]
    assert {grant["role"] for grant in grants} == {"roles/run.jobsExecutorWithOverrides", "roles/run.viewer"}
    assert {(grant["name"], grant["member"]) for grant in grants} == {
        (job["outputs"]["name"], f"serviceAccount:{starting}")
    }
    everything = [each["inputs"] for each in up.cloud.resources() if each["type"] not in (MEMBER, FUNCTION)]
    assert not [each for each in everything if starting in str(each.get("member"))]


def test_who_trains_may_do_what_the_function_may(up: GcpProject) -> None:
    member = f"serviceAccount:{task(up)['serviceAccount']}"
    grants = [each["inputs"] for each in up.cloud.resources() if each["inputs"].get("member") == member]
    assert {grant["role"] for grant in grants} == {
        "roles/storage.legacyBucketReader", "roles/storage.objectUser", "roles/storage.objectViewer",
    }  # fmt: skip


def test_alarms_logs_and_dashboard_are_about_the_job_too(up: GcpProject) -> None:
    job = f'resource.type="cloud_run_job" AND resource.labels.job_name="{one(up, JOB)["outputs"]["name"]}"'
    texts = {each["inputs"]["displayName"]: str(each["inputs"]["conditions"]) for each in
             up.cloud.resources("gcp:monitoring/alertPolicy:AlertPolicy")}  # fmt: skip
    assert job in texts["model: a training broke off"]
    assert 'metric.labels.result="failed"' in texts["model: a training broke off"]
    assert "cloud_run_revision" in texts["model: a training can't be started"]
    for alarm in ("a training, a scoring or a pull was refused", "a training failed again and again"):
        assert job in texts[f"model: {alarm}"]
        assert "cloud_run_revision" in texts[f"model: {alarm}"]
    assert 'monitored_resource="cloud_run_job"' in texts["model: no version was promoted for 3 days"]
    for kind in ("gcp:logging/projectSink:ProjectSink", "gcp:logging/projectExclusion:ProjectExclusion"):
        assert job in one(up, kind)["inputs"]["filter"]
    assert "job/completed_execution_count" in one(up, "gcp:monitoring/dashboard:Dashboard")["inputs"]["dashboardJson"]


def test_the_token_for_the_registry_is_nowhere_in_clear(up: GcpProject) -> None:
    (registry,) = one(up, IMAGE)["inputs"]["registries"]
    assert (registry["address"], registry["username"]) == ("europe-west1-docker.pkg.dev", "oauth2accesstoken")
    assert registry["password"].startswith("token-")
    assert registry["password"] not in up.pulumi("stack", "export").stdout
    assert registry["password"] in up.pulumi("stack", "export", "--show-secrets").stdout


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (
            "function_code/serving/app.py",
            [
                "Create BucketObject endpoint-code",
                "Delete BucketObject endpoint-code",
                "Update Function endpoint-function",
            ],
        ),
        (
            "function_code/training/split.py",
            ["Create BucketObject trainer-dataset", "Delete BucketObject trainer-dataset"],
        ),
        ("requirements/training.txt", []),
        ("components/packaging/training.Dockerfile", []),
    ],
)
def test_what_is_in_the_image_builds_it_again(up: GcpProject, path: str, changes: list[str]) -> None:
    before = task(up)["containers"][0]["image"]
    up.edit(path)
    up.up()
    assert up.changes() == sorted([*changes, "Update Image trainer-image", "Update Job trainer-job"])
    assert task(up)["containers"][0]["image"] == one(up, IMAGE)["outputs"]["ref"] != before
    names = [f"{call['method']} {call['name']}" for call in up.cloud.calls("Create", "Update")]
    if "Create trainer-dataset" in names:  # by then the new code is there to train on it
        assert names.index("Update trainer-job") < names.index("Create trainer-dataset")


def test_what_is_not_in_the_image_does_not(up: GcpProject) -> None:
    up.edit("components/inputs/checks.py")
    up.edit("requirements/gcp_training.txt")
    assert up.is_settled()


def test_a_framework_comes_and_goes_with_all_that_it_brought(project: GcpProject) -> None:
    project.up()
    without = sorted(each["type"] for each in project.cloud.resources())
    assert not set(without) & OWN
    project.config(image="true", training_memory="16384")
    project.up()
    assert {each["type"] for each in project.cloud.resources()} >= OWN
    assert one(project, IMAGE)["inputs"]["buildArgs"] == {"CLOUD": "gcp", "FRAMEWORK": "sklearn"}
    assert task(project)["containers"][0]["resources"] == {"limits": {"cpu": "4", "memory": "16Gi"}}
    project.config(framework="tensorflow")
    project.up()
    assert one(project, IMAGE)["inputs"]["buildArgs"] == {"CLOUD": "gcp", "FRAMEWORK": "tensorflow"}
    project.config(framework="sklearn", image="false")
    project.up()
    assert sorted(each["type"] for each in project.cloud.resources()) == without
    assert starter(project)["buildConfig"]["entryPoint"] == "train"
    project.config(image="true")
    project.up()
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert {each["type"] for each in project.cloud.resources()} == {"gcp:projects/iAMMember:IAMMember"}  # Eventarc's


def test_a_build_that_fails_is_taken_up_again(project: GcpProject) -> None:
    project.config(framework="pytorch")
    project.cloud.fail("trainer-image", "failed to solve: process did not complete successfully: exit code: 1")
    assert "failed to solve" in project.up(code=1)
    created = {call["name"] for call in project.cloud.calls("Create")}
    assert not created & {"trainer-job", "trainer-function", "trainer-dataset"}  # nothing trains without its code
    project.up()
    assert task(project)["containers"][0]["image"] == one(project, IMAGE)["outputs"]["ref"]
    assert project.is_settled()


@pytest.mark.parametrize(
    ("setting", "why", "instead"),
    [
        ({"framework": "pytorch"}, "framework is 'pytorch'", "pulumi config set framework sklearn"),
        ({"image": "true"}, "image is true", "pulumi config set image false"),
    ],
    ids=str,
)
def test_without_docker_a_preview_says_so_in_one_line(
    project: GcpProject, setting: dict[str, str], why: str, instead: str
) -> None:
    project.config(**setting)
    project.no_docker()
    done = project.pulumi("preview", code=None)
    assert done.returncode != 0
    install = "install it (https://docs.docker.com/get-started/get-docker)"
    assert errors(done.stdout + done.stderr) == {
        f"{why}, so a container image is to be built, and there is no docker: {install}, or: {instead}"
    }
    assert project.cloud.resources() == []
