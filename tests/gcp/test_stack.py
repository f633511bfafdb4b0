"""The stack on Google Cloud on the real engine, over a cloud that is not there: what it asks for, and leaves alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cloud_project import AIRTABLE, GcpProject
from tests.support.updates import errors

# What Google says while it comes to know what was enabled and granted, by what it may be said of.
NOT_YET = {
    "store-bucket": (
        "googleapi: Error 403: Cloud Storage JSON API has not been used in project 123456789012 before or it is "
        "disabled. If you enabled this API recently, wait a few minutes for the action to propagate and retry."
    ),
    "getProject:": "googleapi: Error 403: Cloud Resource Manager API has not been used in project 123456789012 before",
    "getProjectServiceAccount:": "googleapi: Error 403: Cloud Storage API has not been used in project 123456789012",
    "trainer-models": "googleapi: Error 400: Service account a@my-project.iam.gserviceaccount.com does not exist.",
    "Notification::trainer-events-batch": (
        "googleapi: Error 403: The service account 'service-123456789012@gs-project-accounts.iam.gserviceaccount.com' "
        "does not have permission to publish messages to the Cloud Pub/Sub topic"
    ),
    "trainer-function": (
        "Error creating function: googleapi: Error 400: Validation failed for trigger: Permission denied while using "
        "the Eventarc Service Agent. If you recently started to use Eventarc, it may take a few minutes"
    ),
    "endpoint-function": (
        "Error creating function: googleapi: Error 404: Service account "
        "projects/-/serviceAccounts/endpoint-builder@my-project.iam.gserviceaccount.com was not found."
    ),
    "monitoring-logs": (
        "googleapi: Error 403: Permission 'logging.buckets.create' denied on resource (or it may not exist)."
    ),
}
HEARD_BY = {"getProject:": "apis-cloudresourcemanager", "getProjectServiceAccount:": "apis-storage"}
# What holds some of the same words, and stays so.
NEVER = {
    "trainer-function": (
        "Error waiting to create function: Error waiting for Creating function: Error code 7, message: Service account "
        "projects/-/serviceAccounts/trainer-builder@my-project.iam.gserviceaccount.com was not found."
    ),
    "monitoring-alarms-errors": (
        "Error creating AlertPolicy: googleapi: Error 403: Cloud Monitoring API has not been used in project "
        "764086051850"
    ),
    "monitoring-budget": (
        "Error creating Budget: googleapi: Error 403: Your application is authenticating by using local Application "
        "Default Credentials. The billingbudgets.googleapis.com API requires a quota project, which is not set.\n"
        '[{"domain": "googleapis.com", "reason": "SERVICE_DISABLED"}]'
    ),
}
RETRAINS = ["Create BucketObject trainer-dataset", "Delete BucketObject trainer-dataset"]
DATASET = ["Create trainer-dataset", "Delete trainer-dataset"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[GcpProject]:
    yield from GcpProject.create(tmp_path)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcpProject]:
    """A stack that is up, shared by the tests: each finds it settled, and leaves it so."""
    yield from GcpProject.create(tmp_path_factory.mktemp("gcp"))


@pytest.fixture
def up(settled: GcpProject) -> GcpProject:
    settled.up()
    settled.cloud.forget()
    return settled


def test_new_serving_code_redeploys_the_functions_that_have_it(up: GcpProject) -> None:
    up.edit("function_code/serving/app.py")
    assert "who may build" not in up.up()  # that is known by now
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
    updated, gone, made = map(names.index, ("Update trainer-function", *reversed(DATASET)))
    assert updated < gone < made  # by then the new code is there to train on it
    assert "datasets/model/synthetic.csv" in keys(up)


def keys(project: GcpProject) -> set[str]:
    return {each["inputs"]["name"] for each in project.cloud.resources("gcp:storage/bucketObject:BucketObject")}


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ({"memory": "1024"}, ["Update Function endpoint-function"]),
        ({"budget": "30"}, [*RETRAINS, "Update Function trainer-function"]),
        ({"training_memory": "8192"}, ["Update Function trainer-function"]),
        ({"public": "true"}, ["Create ServiceIamMember endpoint-public", "Update Function endpoint-function"]),
        (
            {"public": "true", "cors[0]": "https://example.com"},
            ["Create ServiceIamMember endpoint-public", "Update Function endpoint-function"],
        ),
        (
            {"callers[0]": "user:eve@example.com"},
            ["Create ServiceIamMember endpoint-caller-user-eve-example-com"],
        ),
        ({"schedule": "cron(0 3 * * ? *)"}, ["Create Job trainer-schedule", "Create Service apis-cloudscheduler"]),
        ({"log_days": "90"}, ["Update ProjectBucketConfig monitoring-logs"]),
        (
            {"stale_days": "3"},
            ["Create AlertPolicy monitoring-alarms-stale", "Create Metric monitoring-alarms-promoted"],
        ),
        ({"reserved_concurrency": "7"}, ["Update Function endpoint-function"]),
        ({"provisioned_concurrency": "1"}, ["Update Function endpoint-function"]),
        ({"disposable": "false"}, ["Update Bucket store-bucket"]),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_touches_what_it_is_about_and_nothing_else(
    up: GcpProject, settings: dict[str, str], wanted: list[str]
) -> None:
    with up.configured(settings):
        up.up()
        assert up.changes() == wanted
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
    kept = up.settings()
    up.config(dataset=str(table))
    up.up()
    assert up.changes() == [*RETRAINS, "Update Function trainer-function"]
    assert "datasets/model/my_table.csv" in keys(up)
    (environment,) = [
        each["inputs"]["serviceConfig"]["environmentVariables"]
        for each in up.cloud.resources("gcp:cloudfunctionsv2/function:Function")
        if "eventTrigger" in each["inputs"]
    ]
    assert json.loads(environment["TRAINING"])["synthetic"] is False
    up.write_settings(kept)


def test_services_are_enabled_first_and_the_dataset_arrives_last(project: GcpProject) -> None:
    project.set({path: value for path, value in project.everything.items() if path not in AIRTABLE})
    project.pulumi("preview")
    assert project.cloud.calls("Invoke") == []  # nothing is enabled yet that could answer
    project.up()
    calls = project.cloud.calls("Create", "Invoke")
    names = [call.get("name", call.get("tok")) for call in calls]
    assert names.index("apis-cloudresourcemanager") < names.index("gcp:organizations/getProject:getProject")
    made = [call for call in calls if call["method"] == "Create"]
    enabling = [call["type"] == "gcp:projects/service:Service" for call in made]
    assert enabling == sorted(enabling, reverse=True)
    created = [call["name"] for call in made]
    late = created.index("trainer-dataset")
    for listener in (
        "trainer-events", "trainer-events-batch", "trainer-events-publisher", "trainer-invoker", "trainer-function",
    ):  # fmt: skip
        assert created.index(listener) < late, listener
    for grant in (
        "trainer-names", "trainer-models", "trainer-datasets", "trainer-batch-in", "trainer-batch-out",
        "trainer-eventarc-agent", "trainer-receiver",
    ):  # fmt: skip
        assert created.index(grant) < created.index("trainer-function"), grant


def test_what_google_does_not_know_yet_is_tried_again(project: GcpProject) -> None:
    for part, error in NOT_YET.items():
        project.cloud.fail(part, error)
    _, _, printed = project.up().partition("Diagnostics:")
    for part in NOT_YET:
        what = HEARD_BY.get(part, part.rpartition(":")[2])
        assert f"{what}: Google is not ready yet; once more in 1 s" in printed
    assert printed.count("Google is not ready yet") == len(NOT_YET)
    assert project.is_settled()


def test_what_waiting_does_not_help_is_said_at_once(project: GcpProject) -> None:
    for part, error in NEVER.items():
        project.cloud.fail(part, error)
    printed = project.up("--continue-on-error", code=1)
    assert "Google is not ready yet" not in printed
    for error in NEVER.values():
        assert error.partition("\n")[0] in printed


def test_before_the_first_build_the_grants_are_waited_for(project: GcpProject) -> None:
    _, _, printed = project.up().partition("Diagnostics:")
    for half in ("endpoint", "trainer"):
        assert printed.count(f"{half}-function: it takes Google a while to know who may build; waiting 1 s") == 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"memory": "64"}, "memory is 64; it can be 256 to 16384: pulumi config set memory VALUE"),
        (
            {"throttle.rate": "1"},
            "throttle is set, which Google Cloud has not; reserved_concurrency caps the instances",
        ),
        ({"callers[0]": "allUsers"}, "callers names 'allUsers', which is not of the form user:NAME@DOMAIN"),
        ({"cors[0]": "https://example.com"}, "cors names origins, but public is not true"),
        ({"provisioned_concurrency": "9"}, "provisioned_concurrency is 9; it can be at most reserved_concurrency, 5"),
        ({"framework": "jax"}, "framework is 'jax'; it can be one of sklearn, pytorch, tensorflow"),
        (
            {"image": "true", "training_memory": "256"},
            "training_memory is 256; to train from an image it can be 512 or more",
        ),
        ({"gcp:region": ""}, "gcp:region is not set; it can be one such as europe-west1"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_meant_is_named_before_anything_is_changed(
    up: GcpProject, settings: dict[str, str], said: str
) -> None:
    with up.configured(settings):
        printed = up.up(code=1)
    (line,) = errors(printed)
    assert line.startswith(said)
    assert up.changes() == []
