"""A training from a container image, on the real engine: what is built when, and what is said where nothing can be."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloud_project import AwsProject
from tests.support.updates import errors

IMAGE = "docker-build:index:Image"
REPOSITORY = "aws:ecr/repository:Repository"
OWN = {  # all that an image brings along
    IMAGE, REPOSITORY, "aws:ecr/lifecyclePolicy:LifecyclePolicy", "aws:ecr/repositoryPolicy:RepositoryPolicy",
}  # fmt: skip


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsProject]:
    """A stack that trains with PyTorch, shared by the tests: each finds it up, and leaves it so."""
    for project in AwsProject.create(tmp_path_factory.mktemp("aws")):
        project.config(framework="pytorch")
        project.pulumi("preview")
        assert project.cloud.resources() == []
        project.up()
        yield project


@pytest.fixture
def up(settled: AwsProject) -> AwsProject:
    settled.cloud.forget()
    return settled


def one(project: AwsProject, kind: str) -> dict[str, Any]:
    (resource,) = project.cloud.resources(kind)
    return resource


def trainer(project: AwsProject) -> dict[str, Any]:
    functions = [each["inputs"] for each in project.cloud.resources("aws:lambda/function:Function")]
    return next(each for each in functions if "TRAINING" in each["environment"]["variables"])


def test_the_function_runs_what_was_built_by_its_digest(up: AwsProject) -> None:
    image, repository, function = one(up, IMAGE), one(up, REPOSITORY), trainer(up)
    assert function["packageType"] == "Image"
    assert function["imageUri"] == image["outputs"]["ref"]
    assert not {"runtime", "handler", "s3Key"} & function.keys()
    assert image["inputs"]["tags"][0].startswith(f"{repository['outputs']['repositoryUrl']}:pytorch-")
    assert image["inputs"]["buildArgs"] == {"CLOUD": "aws", "FRAMEWORK": "pytorch"}
    assert image["inputs"]["platforms"] == ["linux/arm64"]
    assert function["architectures"] == ["arm64"]
    for place in (image["inputs"]["context"], image["inputs"]["dockerfile"]):
        assert (up.root / place["location"]).exists()
        assert not Path(place["location"]).is_absolute()
    assert image["inputs"]["push"] is True
    assert image["inputs"]["buildOnPreview"] is False
    assert up.is_settled()


def test_the_repository_is_scanned_cleared_up_and_closed(up: AwsProject) -> None:
    repository = one(up, REPOSITORY)["inputs"]
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfigurations"] == [{"encryptionType": "AES256"}]
    assert repository["forceDelete"] is True
    (rule,) = json.loads(one(up, "aws:ecr/lifecyclePolicy:LifecyclePolicy")["inputs"]["policy"])["rules"]
    assert rule["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3}
    (statement,) = json.loads(one(up, "aws:ecr/repositoryPolicy:RepositoryPolicy")["inputs"]["policy"])["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    function = "arn:aws:lambda:eu-west-1:123456789012:function:trainer-function*"
    assert statement["Condition"] == {"ArnLike": {"aws:SourceArn": function}}


def test_the_password_of_the_registry_is_nowhere_in_clear(up: AwsProject) -> None:
    (registry,) = one(up, IMAGE)["inputs"]["registries"]
    assert registry["username"] == "AWS"
    assert registry["password"].startswith("password-")
    assert registry["password"] not in up.pulumi("stack", "export").stdout
    assert registry["password"] in up.pulumi("stack", "export", "--show-secrets").stdout


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        (
            "function_code/serving/app.py",
            ["Create BucketObjectv2 endpoint-code", "Delete BucketObjectv2 endpoint-code"],
        ),
        ("function_code/training/split.py", ["Update BucketObjectv2 trainer-dataset"]),
        ("requirements/training.txt", []),
        ("components/packaging/training.Dockerfile", []),
    ],
)
def test_what_is_in_the_image_builds_it_again(up: AwsProject, path: str, changes: list[str]) -> None:
    before = trainer(up)["imageUri"]
    up.edit(path)
    up.up()
    of_trainer = [line for line in up.changes() if "endpoint-function" not in line and "Alias" not in line]
    assert of_trainer == sorted([*changes, "Update Function trainer-function", "Update Image trainer-image"])
    assert trainer(up)["imageUri"] == one(up, IMAGE)["outputs"]["ref"] != before


def test_what_is_not_in_the_image_does_not(up: AwsProject) -> None:
    for path in ("README.md", "tests/conftest.py", "components/inputs/checks.py", "requirements/dev.txt"):
        up.edit(path)
    assert up.is_settled()


def test_a_framework_comes_and_goes_with_all_that_it_brought(project: AwsProject) -> None:
    project.up()
    assert not {each["type"] for each in project.cloud.resources()} & OWN
    project.config(image="true", architecture="x86_64")
    project.up()
    assert {each["type"] for each in project.cloud.resources()} >= OWN
    image = one(project, IMAGE)["inputs"]
    assert (image["buildArgs"], image["platforms"]) == ({"CLOUD": "aws", "FRAMEWORK": "sklearn"}, ["linux/amd64"])
    project.config(framework="tensorflow")
    project.up()
    assert one(project, IMAGE)["inputs"]["buildArgs"] == {"CLOUD": "aws", "FRAMEWORK": "tensorflow"}
    project.config(framework="sklearn", image="false")
    project.up()
    assert not {each["type"] for each in project.cloud.resources()} & OWN
    assert "imageUri" not in trainer(project)
    project.config(image="true")
    project.up()
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.cloud.resources() == []


def test_a_build_that_fails_is_taken_up_again(project: AwsProject) -> None:
    project.config(framework="pytorch")
    project.cloud.fail("trainer-image", "failed to solve: process did not complete successfully: exit code: 1")
    assert "failed to solve" in project.up(code=1)
    created = {call["name"] for call in project.cloud.calls("Create")}
    assert not created & {"trainer-function", "trainer-dataset"}  # nothing trains without its code
    project.up()
    assert trainer(project)["imageUri"] == one(project, IMAGE)["outputs"]["ref"]
    assert project.is_settled()


REASONS = {
    "framework": ("pytorch", "framework is 'pytorch'", "pulumi config set framework sklearn"),
    "image": ("true", "image is true", "pulumi config set image false"),
}


@pytest.mark.parametrize("setting", REASONS)
@pytest.mark.parametrize(
    ("docker", "problem"),
    [
        (None, "there is no docker: install it (https://docs.docker.com/get-started/get-docker)"),
        (
            "echo 'Cannot connect.\nIs it running?' >&2; exit 1",
            "docker does not work (Cannot connect. Is it running?): start it",
        ),
    ],
)
def test_without_docker_a_preview_says_so_in_one_line(
    project: AwsProject, setting: str, docker: str | None, problem: str
) -> None:
    value, why, instead = REASONS[setting]
    project.config(**{setting: value})
    if docker:
        project.docker(docker)
    else:
        project.no_docker()
    done = project.pulumi("preview", code=None)
    assert done.returncode != 0
    assert errors(done.stdout + done.stderr) == {
        f"{why}, so a container image is to be built, and {problem}, or: {instead}"
    }
    assert project.cloud.resources() == []


def test_an_unknown_framework_is_named_with_those_that_there_are(project: AwsProject) -> None:
    project.config(framework="jax")
    printed = project.up(code=1)
    assert errors(printed) == {
        "framework is 'jax'; it can be one of sklearn, pytorch, tensorflow: pulumi config set framework NAME"
    }
