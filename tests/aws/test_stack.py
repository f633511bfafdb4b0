"""A new stack on AWS on the real engine, over a cloud that is not there: its requests, and their order."""

from components.packaging.archive import make_archive
from components.packaging.platforms import LAMBDA
from tests.support.cloud_project import AwsProject


def test_the_dataset_outlives_a_stack_that_is_not_disposable(project: AwsProject) -> None:
    """The provider would delete all versions of the dataset, before S3 refuses to delete a bucket with objects."""
    project.set({"disposable": "false"})
    project.up()
    project.pulumi("destroy", "--yes", "--skip-preview")
    (left,) = project.cloud.resources()
    assert left["inputs"]["key"] == "datasets/model/synthetic.csv"


def test_the_first_version_has_none_before_it(project: AwsProject) -> None:
    project.config(code_canary="10")
    project.up()
    (alias,) = project.cloud.resources("aws:lambda/alias:Alias")
    assert not alias["inputs"]["routingConfig"].get("additionalVersionWeights")
    assert project.is_settled()


def test_the_dataset_is_uploaded_once_events_of_its_arrival_are_on(project: AwsProject) -> None:
    printed = project.up()
    assert "S3 tells of new objects from about" in printed
    known = before(project, "trainer-dataset")
    assert known >= {
        "store-events",
        "trainer-events-target",
        "trainer-events-policy",
        "trainer-source",
        "trainer-policy",
    }
    project.edit("function_code/training/split.py")
    assert "S3 tells of new objects" not in project.up()  # events are on since the first update


def test_nothing_comes_into_the_bucket_before_it_is_protected(as_it_comes: AwsProject) -> None:
    protected = {"store-closed", "store-encryption", "store-versioning", "store-ownership", "store-policy"}
    for name in ("trainer-dataset", "trainer-code", "trainer-libraries", "endpoint-code"):
        assert before(as_it_comes, name) >= protected, name


def test_the_training_finds_its_libraries_by_their_digest(as_it_comes: AwsProject) -> None:
    """They are there, and the role may read them, before the function is."""
    (function,) = [
        each["inputs"]
        for each in as_it_comes.cloud.resources("aws:lambda/function:Function")
        if "TRAINING" in each["inputs"]["environment"]["variables"]
    ]
    archive = make_archive("training_libraries", LAMBDA["arm64"], print)
    key = function["environment"]["variables"]["LIBRARIES"]
    assert key == f"code/{archive.object_name}"
    assert archive.sha256 in key
    objects = as_it_comes.cloud.resources("aws:s3/bucketObjectv2:BucketObjectv2")
    assert key in {each["inputs"]["key"] for each in objects}
    assert function["ephemeralStorage"]["size"] > 2048 + archive.unpacked / 2**20
    assert before(as_it_comes, "trainer-function") >= {"trainer-libraries", "trainer-policy"}


def before(project: AwsProject, name: str) -> set[str]:
    """Names of the resources that the engine always creates before another: its dependencies."""
    resources = {resource["urn"]: resource for resource in project.state()["resources"]}
    waiting = [urn for urn in resources if urn.endswith(f"::{name}")]
    urns: set[str] = set()
    while waiting:
        urn = waiting.pop()
        if urn not in urns:
            urns.add(urn)
            waiting += resources[urn].get("dependencies", [])
    return {urn.rpartition("::")[2] for urn in urns}
