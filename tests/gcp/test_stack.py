"""A new stack on Google Cloud on the real engine, over a cloud that is not there: its requests, and its errors."""

from tests.support.cloud_project import AIRTABLE, GcpProject

# Errors until Google knows the services and grants of the update, by the call that may get each.
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
REPORTED_BY = {"getProject:": "apis-cloudresourcemanager", "getProjectServiceAccount:": "apis-storage"}
# Errors in similar words that no other try mends.
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


def test_services_are_enabled_first_and_the_dataset_arrives_last(project: GcpProject) -> None:
    project.set({path: value for path, value in project.everything.items() if path not in AIRTABLE})
    project.pulumi("preview")
    assert project.cloud.calls("Invoke") == []  # no service is enabled yet that could answer
    project.up()
    calls = project.cloud.calls("Create", "Invoke")
    names = [call.get("name", call.get("tok")) for call in calls]
    assert names.index("apis-cloudresourcemanager") < names.index("gcp:organizations/getProject:getProject")
    creations = [call for call in calls if call["method"] == "Create"]
    enabling = [call["type"] == "gcp:projects/service:Service" for call in creations]
    assert enabling == sorted(enabling, reverse=True)
    created = [call["name"] for call in creations]
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
        what = REPORTED_BY.get(part, part.rpartition(":")[2])
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
    for component in ("endpoint", "trainer"):
        assert printed.count(f"{component}-function: it takes Google a while to know who may build; waiting 1 s") == 1
