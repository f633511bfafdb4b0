"""A new stack on Azure on the real engine, over a cloud that is not there: its requests, and its errors."""

import json
from hashlib import sha256

from components.azure.flex_package import flex
from components.azure.upload_code import MAX_SYNC_TRIES
from components.inputs.dataset import synthetic_sample
from components.packaging.archive import make_archive
from tests.support.cloud_project import AzureProject
from tests.support.fake_cloud.azure import TOKEN
from tests.support.fake_cloud.azure_sites import ETAG
from tests.support.updates import errors

PUBLISH = ".scm.azurewebsites.net/api/publish"
DATASET = "datasets/model/synthetic.csv"
# Refusals that no other try mends, in the order of an update's requests, each with its error.
LASTING = {
    ("POST https://trainer-app", 401, "no rights"): "trainer-code was not published: 401: no rights",
    (
        "GET https://trainer-app", 200, '{"status": 3, "status_text": "no host.json"}'
    ): "code was not published: no host.json",
    (
        "GET https://trainer-app", 200, '{"status": 6, "status_text": "one instance has it"}'
    ): "code was not published: only in part: one instance has it",
    ("PUT https://", 404, "ContainerNotFound"): "trainer-dataset was not uploaded: 404: ContainerNotFound",
    ("/messages", 404, "QueueNotFound"): "trainer-dataset was not trained on: 404: QueueNotFound",
}  # fmt: skip
UNSYNCED = '{"status": 3, "status_text": "Triggers synchronization failed"}'


def test_the_first_update_publishes_what_was_made_and_uploads_the_dataset_last(project: AzureProject) -> None:
    project.up()
    published, bodies = [], {}
    for request in project.sites.requests:
        assert request.token == TOKEN
        if request.body and "/messages" not in request.url:
            published.append(request.url)
            bodies[request.url.removeprefix("https://").partition("-")[0]] = request.body
    assert published[-1].endswith(DATASET)
    assert (
        bodies[published[-1].removeprefix("https://").partition("-")[0]]
        == sha256(synthetic_sample().read_bytes()).hexdigest()
    )
    for package, app in (("serving", "endpoint"), ("training", "trainer")):
        # The checkout is another one, its code the same, and so is its package.
        assert bodies[app] == make_archive(package, flex("FUNCTION"), print).sha256
    created = [call["name"] for call in project.cloud.calls("Create")]
    assert "trainer-events-subscription" in created
    assert TOKEN not in json.dumps(project.state())


def test_the_first_training_starts_by_a_message_of_its_own_and_needs_no_event(project: AzureProject) -> None:
    project.sites.refusals.append(("/trainings/messages", 403, "AuthorizationPermissionMismatch"))
    assert "(403: AuthorizationPermissionMismatch); once more in 1 s" in project.up()
    uploads = [request.url for request in project.sites.requests if request.url.endswith(DATASET)]
    assert len(uploads) == 1  # another upload would be another event
    (_, (queue, message)) = project.sites.messages()
    assert queue.startswith("https://traineraccount")
    assert queue.endswith(".queue.core.windows.net/trainings/messages")
    assert message == {"dataset": DATASET, "etag": ETAG}


def test_data_may_arrive_by_itself(project: AzureProject) -> None:
    project.config(dataset="none")
    project.up()
    assert project.sent() == ["endpoint code", "trainer code"]
    assert project.sites.messages() == []
    created = {call["name"] for call in project.cloud.calls("Create")}
    assert "trainer-uploader" not in created
    assert "trainer-starter" in created  # the command in the output needs it, too
    assert project.is_settled()


def test_what_azure_has_granted_and_does_not_know_yet_is_tried_again(project: AzureProject) -> None:
    not_yet = "BlobUploadFailedException: Failed to upload blob to storage account: Response status 403"
    project.sites.refusals += [
        (PUBLISH, 400, not_yet),
        (PUBLISH, 409, "Another deployment is in progress."),
        (PUBLISH, 429, "Too many requests"),
        ("GET https://trainer-app", 200, UNSYNCED),
        ("GET https://trainer-app", 200, '{"status": -1}'),
        ("GET https://trainer-app", 200, '{"status": 5, "message": "Another one came"}'),
        ("PUT https://storeaccount", 403, "AuthorizationPermissionMismatch"),
    ]
    project.cloud.fail("trainer-uploader", "PrincipalNotFound: Principal 1 does not exist in the directory 2")
    printed = project.up()
    assert f"-code: Azure is not ready yet (400: {not_yet}); once more in 1 s" in printed
    assert "trainer-dataset: Azure is not ready yet (403: AuthorizationPermissionMismatch); once more in 1 s" in printed
    assert "-code: Azure is not ready yet (409: Another deployment is in progress.); once more" in printed
    assert "-code: Azure is not ready yet (429: Too many requests); once more" in printed
    assert "trainer-code: Azure is not ready yet (Triggers synchronization failed); once more" in printed
    assert "trainer-code: Azure is not ready yet (cancelled: it does not say why); once more" in printed
    assert "trainer-code: Azure is not ready yet (cancelled: Another one came); once more" in printed
    assert "trainer-uploader: Azure is not ready yet; once more in 1 s" in printed
    assert project.is_settled()


def test_the_event_subscription_waits_for_the_grant(project: AzureProject) -> None:
    message = "trainer-events-subscription: it takes Azure a while to know what was granted; waiting 1 s for that"
    denied = (
        "Managed Identity Authorization Error: Managed identity for event subscription does not have authorization to "
        "deliver to the endpoint. Visit aka.ms/egmsivalidation for more details."
    )
    project.cloud.fail(":SystemTopicEventSubscription::", denied, stays=True)
    printed = project.up(code=1)
    assert "trainer-events-subscription: Azure is not ready yet; once more in 1 s" in printed
    assert "already exists" in printed  # what the wait for the grant avoids
    project.cloud.lose("azure-native:eventgrid:SystemTopicEventSubscription")
    project.cloud.fail(":SystemTopicEventSubscription::", denied)
    _, _, printed = project.up().partition("Diagnostics:")
    assert printed.count(message) == 1
    resources = {each["urn"].rpartition("::")[2]: each for each in project.state()["resources"]}
    assert resources["trainer-code"]["urn"] in resources["trainer-events-subscription"]["dependencies"]


def test_functions_that_the_host_never_finds_are_an_error_after_some_tries(project: AzureProject) -> None:
    project.sites.refusals += [("GET https://trainer-app", 200, UNSYNCED)] * MAX_SYNC_TRIES
    assert "trainer-code was not published: Triggers synchronization failed" in project.up(code=1)
    assert project.sites.refusals == []
    project.up()


def test_what_no_other_try_would_mend_is_one_line_and_taken_up_again(project: AzureProject) -> None:
    for refusal, problem in LASTING.items():
        project.sites.refusals.append(refusal)
        printed = project.up(code=1)
        assert problem in printed
        # Only the errors count: the engine interrupts the program, and a callback may print a traceback of that.
        reported = "".join(errors(printed))
        assert "Traceback" not in reported
        assert ".py" not in reported
    project.up()
    assert project.is_settled()


def test_a_store_that_is_not_disposable_outlives_the_stack(project: AzureProject) -> None:
    project.set({"disposable": "false"})
    project.up()
    done = project.pulumi("destroy", "--yes", "--skip-preview", code=None)
    assert done.returncode != 0
    assert "protect" in done.stdout + done.stderr
    left = [resource["type"].rpartition(":")[2] for resource in project.cloud.resources()]
    assert sorted(left) == ["BlobContainer", "ResourceGroup", "StorageAccount"]
    project.pulumi("state", "unprotect", "--all", "--yes")
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.cloud.resources() == []
