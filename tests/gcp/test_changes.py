"""Changes of a stack on Google Cloud that is up: of its code, its settings and its cloud."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cloud_project import GcpProject

RETRAINS = ["Create BucketObject trainer-dataset", "Delete BucketObject trainer-dataset"]
DATASET = ["Create trainer-dataset", "Delete trainer-dataset"]


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcpProject]:
    """A stack that is up, shared by the tests: each finds it settled, and leaves it so."""
    for project in GcpProject.create(tmp_path_factory.mktemp("gcp")):
        project.up()
        yield project


@pytest.fixture
def up(settled: GcpProject) -> GcpProject:
    settled.forget()
    return settled


def test_new_serving_code_redeploys_the_functions_that_have_it(up: GcpProject) -> None:
    up.edit("function_code/serving/app.py")
    assert "who may build" not in up.up()  # Google knows the grant by now
    assert up.changes() == [
        "Create BucketObject endpoint-code",
        "Create BucketObject trainer-code",  # a training compares its model with the scorer that will serve it
        "Delete BucketObject endpoint-code",
        "Delete BucketObject trainer-code",
        "Update Function endpoint-function",
        "Update Function trainer-function",
    ]


def test_new_training_code_trains_again(up: GcpProject) -> None:
    up.edit("function_code/training/split.py")
    up.up()
    assert up.changes() == [
        "Create BucketObject trainer-code",
        RETRAINS[0],
        "Delete BucketObject trainer-code",
        RETRAINS[1],
        "Update Function trainer-function",
    ]


def test_the_old_dataset_goes_before_the_new_one_comes_by_the_same_name(up: GcpProject) -> None:
    up.edit("function_code/training/split.py")
    up.up()
    names = [f"{call['method']} {call['name']}" for call in up.cloud.calls("Create", "Update", "Delete")]
    updated, deleted, created = map(names.index, ("Update trainer-function", *reversed(DATASET)))
    assert updated < deleted < created  # by then the new code is there to train on it
    assert "datasets/model/synthetic.csv" in keys(up)


def keys(project: GcpProject) -> set[str]:
    return {each["inputs"]["name"] for each in project.cloud.resources("gcp:storage/bucketObject:BucketObject")}


def test_settings_settle_with_which_no_other_stack_is_brought_up(up: GcpProject) -> None:
    """Settings that tests/contract/test_lifecycle.py and test_policy.py don't have."""
    with up.applied({"budget": "30", "public": "true", "cors[0]": "https://example.com"}):
        assert up.changes() == [
            RETRAINS[0],
            "Create ServiceIamMember endpoint-public",
            RETRAINS[1],
            "Update Function endpoint-function",
            "Update Function trainer-function",
        ]
        assert up.is_settled()


def test_drift_is_repaired(up: GcpProject) -> None:
    up.cloud.change("gcp:storage/bucket:Bucket", publicAccessPrevention="inherited")
    up.up("--refresh")
    assert up.changes() == ["Update Bucket store-bucket"]
    (bucket,) = up.cloud.resources("gcp:storage/bucket:Bucket")
    assert bucket["inputs"]["publicAccessPrevention"] == "enforced"


def test_what_somebody_deleted_is_made_again(up: GcpProject) -> None:
    up.cloud.lose("gcp:storage/notification:Notification")
    up.up("--refresh")
    assert up.changes() == ["Create Notification trainer-events", "Create Notification trainer-events-batch"]


def test_a_dataset_of_ones_own(up: GcpProject, tmp_path: Path) -> None:
    table = tmp_path / "my table.csv"
    table.write_text("a,b,purchase_intent\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(200)))
    with up.applied({"dataset": str(table)}):
        assert up.changes() == [*RETRAINS, "Update Function trainer-function"]
        assert "datasets/model/my_table.csv" in keys(up)
        (environment,) = [
            each["inputs"]["serviceConfig"]["environmentVariables"]
            for each in up.cloud.resources("gcp:cloudfunctionsv2/function:Function")
            if "eventTrigger" in each["inputs"]
        ]
        assert json.loads(environment["TRAINING"])["synthetic"] is False
