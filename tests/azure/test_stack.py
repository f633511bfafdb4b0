"""The stack on Azure on the real engine, over a cloud that is not there: what it asks for, and leaves alone."""

import itertools
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from components.azure.flex_package import flex
from components.azure.package import MAX_SYNC_TRIES
from components.inputs.dataset import synthetic_sample
from components.packaging.archive import make_archive
from tests.support.cloud_project import AzureProject
from tests.support.fake_cloud.azure import CLIENT, CLIENT_TOKEN, DEPLOYER, INVOKES, PERSON, TOKEN, token_of
from tests.support.fake_cloud.azure_sites import ETAG
from tests.support.updates import errors

PUBLISH = ".scm.azurewebsites.net/api/publish"
CONTAINER = "azure-native:storage:BlobContainer"
UNSYNCED = '{"status": 3, "status_text": "Triggers synchronization failed"}'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[AzureProject]:
    yield from AzureProject.create(tmp_path)


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureProject]:
    """A stack that is up, shared by the tests: each finds it settled, and leaves it so."""
    yield from AzureProject.create(tmp_path_factory.mktemp("azure"))


@pytest.fixture
def up(settled: AzureProject) -> AzureProject:
    settled.up()
    settled.forget()
    return settled


def sent(project: AzureProject) -> list[str]:
    """What was published, by the app's beginning, and uploaded, by its key."""
    places = [url.partition("/") for url in project.sites.sent()]
    return sorted(
        key.removeprefix("store/") if "blob.core" in host else f"{host.partition('-')[0]} code"
        for host, _, key in places
    )


RETRAINED = "datasets/model/synthetic.csv"


def test_the_first_update_publishes_what_was_made_and_uploads_the_dataset_last(project: AzureProject) -> None:
    project.up()
    published, bodies = [], {}
    for asked in project.sites.requests:
        assert asked.token == TOKEN
        if asked.body and "/messages" not in asked.url:
            published.append(asked.url)
            bodies[asked.url.removeprefix("https://").partition("-")[0]] = asked.body
    assert published[-1].endswith(RETRAINED)
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


def test_the_first_training_is_asked_for_and_does_not_wait_for_the_news_of_its_dataset(project: AzureProject) -> None:
    project.sites.refusals.append(("/trainings/messages", 403, "AuthorizationPermissionMismatch"))
    assert "(403: AuthorizationPermissionMismatch); once more in 1 s" in project.up()
    uploads = [asked.url for asked in project.sites.requests if asked.url.endswith(RETRAINED)]
    assert len(uploads) == 1  # another one would be other news
    (_, (queue, message)) = project.sites.messages()
    assert queue.startswith("https://traineraccount")
    assert queue.endswith(".queue.core.windows.net/trainings/messages")
    assert message == {"dataset": RETRAINED, "etag": ETAG}


def test_new_serving_code_is_published_to_the_apps_that_have_it(up: AzureProject) -> None:
    up.edit("function_code/serving/app.py")
    up.up()
    # A training compares its model with the scorer that will serve it.
    assert sent(up) == ["endpoint code", "trainer code"]
    assert up.changes() == []
    assert up.is_settled()


def test_new_training_code_trains_again(up: AzureProject) -> None:
    up.edit("function_code/training/split.py")
    up.up()
    assert sent(up) == [RETRAINED, "trainer code"]
    assert up.changes() == []


@pytest.mark.parametrize(
    ("settings", "wanted", "told"),
    [
        ({"memory": "2048"}, ["Update WebApp endpoint-app"], []),
        ({"budget": "30"}, ["Update WebApp trainer-app"], [RETRAINED]),
        ({"training_memory": "2048"}, ["Update WebApp trainer-app"], []),
        ({"schedule": "rate(1 day)"}, ["Update WebApp trainer-app"], ["trainer code"]),
        ({"public": "true"}, ["Update WebApp endpoint-app"], ["endpoint code"]),
        ({"cors[0]": "https://example.com"}, ["Update WebApp endpoint-app"], []),
        (
            {
                "entra_client_id": "99999999-2222-3333-4444-555555555555",
                "callers[0]": "11111111-2222-3333-4444-555555555555",
            },
            ["Create WebAppAuthSettingsV2 endpoint-callers"],
            ["endpoint code"],
        ),
        ({"log_days": "90"}, ["Update Workspace telemetry-workspace"], []),
        ({"stale_days": "2"}, ["Create ScheduledQueryRule monitoring-alarms-stale"], []),
        ({"alarm_email": "ops@example.com"}, ["Update ActionGroup monitoring-action-group"], []),
        ({"monthly_limit": "50"}, ["Update Budget monitoring-budget"], []),
        ({"reserved_concurrency": "7"}, ["Update WebApp endpoint-app"], []),
        ({"provisioned_concurrency": "1"}, ["Update WebApp endpoint-app"], []),
        ({"disposable": "false"}, [], []),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_touches_what_it_is_about_and_nothing_else(
    up: AzureProject, settings: dict[str, str], wanted: list[str], told: list[str]
) -> None:
    with up.configured(settings):
        up.up()
        assert (up.changes(), sent(up)) == (wanted, told)
        assert up.is_settled()


def test_who_is_let_in_by_entra_id_is_asked_before_the_code_that_lets_everybody_in(up: AzureProject) -> None:
    with up.configured(
        {
            "entra_client_id": "99999999-2222-3333-4444-555555555555",
            "callers[0]": "11111111-2222-3333-4444-555555555555",
        }
    ):
        up.cloud.fail("endpoint-callers", "Conflict: another one")
        up.up(code=1)
        assert sent(up) == []
        up.up()
        found = {each["urn"].rpartition("::")[2]: each for each in up.state()["resources"]}
        # A site takes one change at a time.
        one_by_one = ("endpoint-no-ftp", "endpoint-no-passwords", "endpoint-callers", "endpoint-code")
        for before, after in itertools.pairwise(one_by_one):
            assert found[before]["urn"] in found[after]["dependencies"], after
    up.forget()
    up.sites.refusals.append((PUBLISH, 401, "not you"))
    up.up(code=1)
    assert up.changes() == []  # and on the way back the code that wants a key is there before nobody asks
    up.up()
    assert up.changes() == ["Delete WebAppAuthSettingsV2 endpoint-callers"]


def test_drift_is_repaired(up: AzureProject) -> None:
    (store,) = [each for each in accounts(up) if each["accountName"].startswith("store")]
    for path in (up.cloud.folder / "resources").iterdir():
        record = json.loads(path.read_text())
        if record["inputs"].get("accountName") == store["accountName"] and "allowSharedKeyAccess" in record["inputs"]:
            record["inputs"]["allowSharedKeyAccess"] = record["outputs"]["allowSharedKeyAccess"] = True
            path.write_text(json.dumps(record))
    up.up("--refresh")
    assert up.changes() == ["Update StorageAccount storeaccount"]
    assert not any(account["allowSharedKeyAccess"] for account in accounts(up))


def accounts(project: AzureProject) -> list[dict[str, Any]]:
    return [each["inputs"] for each in project.cloud.resources("azure-native:storage:StorageAccount")]


def test_what_somebody_deleted_is_made_again(up: AzureProject) -> None:
    up.cloud.lose("azure-native:eventgrid:SystemTopicEventSubscription")
    up.up("--refresh")
    assert up.changes() == ["Create SystemTopicEventSubscription trainer-events-subscription"]


def test_what_code_was_in_is_lost_and_the_code_is_published_again(up: AzureProject) -> None:
    before = {container["inputs"]["containerName"] for container in up.cloud.resources(CONTAINER)}
    up.cloud.lose(CONTAINER)
    up.up("--refresh")
    assert up.changes() == [
        "Create BlobContainer endpoint-packages",
        "Create BlobContainer store-container",
        "Create BlobContainer trainer-packages",
        "Update WebApp endpoint-app",
        "Update WebApp trainer-app",
    ]
    assert sent(up) == ["endpoint code", "trainer code"]
    assert before & {container["inputs"]["containerName"] for container in up.cloud.resources(CONTAINER)} == {"store"}
    assert up.is_settled()


def test_a_dataset_of_ones_own(up: AzureProject, tmp_path: Path) -> None:
    table = tmp_path / "my table.csv"
    table.write_text("a,b,purchase_intent\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(200)))
    kept = up.settings()
    up.config(dataset=str(table))
    up.up()
    assert up.changes() == ["Update WebApp trainer-app"]
    assert sent(up) == ["datasets/model/my_table.csv"]
    up.write_settings(kept)


def test_data_may_arrive_by_itself(project: AzureProject) -> None:
    project.config(dataset="none")
    project.up()
    assert sent(project) == ["endpoint code", "trainer code"]
    assert project.sites.messages() == []
    created = {call["name"] for call in project.cloud.calls("Create")}
    assert "trainer-uploader" not in created
    assert "trainer-starter" in created  # the command in the output needs it, too
    assert project.is_settled()


def test_whoever_deploys_may_write_datasets_and_nothing_else_in_the_container(up: AzureProject) -> None:
    roles = up.cloud.resources("azure-native:authorization:RoleAssignment")
    (condition,) = [
        each["inputs"]["condition"]
        for each in roles
        if each["inputs"]["principalId"] == DEPLOYER and each["inputs"]["scope"].endswith("/containers/store")
    ]
    assert re.findall("StringStartsWith '([^']*)'", condition) == ["datasets/model/"]


@pytest.mark.parametrize("claims", [{"idtyp": "user"}, {}], ids=["said", "not said"])
def test_a_person_who_deploys_is_granted_what_he_needs_as_one(
    up: AzureProject, monkeypatch: pytest.MonkeyPatch, claims: dict[str, str]
) -> None:
    monkeypatch.setitem(INVOKES, CLIENT, {**INVOKES[CLIENT], "objectId": PERSON})
    monkeypatch.setitem(INVOKES, CLIENT_TOKEN, {"token": token_of(claims)})
    up.up()
    made = {call["name"]: call["inputs"]["principalType"] for call in up.cloud.calls("Create")}
    assert made == {"trainer-starter": "User", "trainer-uploader": "User"}
    assert up.is_settled()


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


def test_before_news_is_sent_for_the_grant_is_waited_for(project: AzureProject) -> None:
    said = "trainer-events-subscription: it takes Azure a while to know what was granted; waiting 1 s for that"
    denied = (
        "Managed Identity Authorization Error: Managed identity for event subscription does not have authorization to "
        "deliver to the endpoint. Visit aka.ms/egmsivalidation for more details."
    )
    project.cloud.fail(":SystemTopicEventSubscription::", denied, stays=True)
    printed = project.up(code=1)
    assert "trainer-events-subscription: Azure is not ready yet; once more in 1 s" in printed
    assert "already exists" in printed  # which is why it is waited for
    project.cloud.lose("azure-native:eventgrid:SystemTopicEventSubscription")
    project.cloud.fail(":SystemTopicEventSubscription::", denied)
    _, _, printed = project.up().partition("Diagnostics:")
    assert printed.count(said) == 1
    found = {each["urn"].rpartition("::")[2]: each for each in project.state()["resources"]}
    assert found["trainer-code"]["urn"] in found["trainer-events-subscription"]["dependencies"]


def test_functions_that_the_host_never_finds_are_an_error_after_some_tries(project: AzureProject) -> None:
    project.sites.refusals += [("GET https://trainer-app", 200, UNSYNCED)] * MAX_SYNC_TRIES
    assert "trainer-code was not published: Triggers synchronization failed" in project.up(code=1)
    assert project.sites.refusals == []
    project.up()


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((PUBLISH, 401, "no rights"), "code was not published: 401: no rights"),
        (
            ("/api/deployments/", 200, '{"status": 3, "status_text": "no host.json"}'),
            "code was not published: no host.json",
        ),
        (
            ("/api/deployments/", 200, '{"status": 6, "status_text": "one instance has it"}'),
            "code was not published: only in part: one instance has it",
        ),
        (("PUT https://", 404, "ContainerNotFound"), "trainer-dataset was not uploaded: 404: ContainerNotFound"),
        (("/messages", 404, "QueueNotFound"), "trainer-dataset was not trained on: 404: QueueNotFound"),
    ],
    ids=["refused", "failed", "in part", "nowhere", "no queue"],
)
def test_what_no_other_try_would_mend_is_one_line_and_taken_up_again(
    project: AzureProject, refusal: tuple[str, int, str], said: str
) -> None:
    project.sites.refusals.append(refusal)
    printed = project.up(code=1)
    assert said in printed
    # Of the errors alone: the engine interrupts the program, and Python tells of that where it is within a callback.
    told = "".join(errors(printed))
    assert "Traceback" not in told
    assert ".py" not in told
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


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"memory": "1024"}, "memory is 1024; it can be 512, 2048, 4096: pulumi config set memory VALUE"),
        ({"throttle.rate": "1"}, "throttle is set, which Azure has not; reserved_concurrency caps the instances"),
        ({"callers[0]": "eve@example.com"}, "callers names 'eve@example.com', which is no object id in Entra ID"),
        ({"callers[0]": "11111111-2222-3333-4444-555555555555"}, "callers names principals, but entra_client_id"),
        (
            {"entra_client_id": "99999999-2222-3333-4444-555555555555"},
            "entra_client_id is set, but callers names nobody",
        ),
        ({"training_memory": "8192"}, "training_memory is 8192; to train from a package it can be 512, 2048, 4096"),
        ({"image": "true", "training_memory": "512"}, "training_memory is 512; to train from an image it can be 2048"),
        ({"azure-native:location": ""}, "azure-native:location is not set; it can be one such as westeurope"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_cannot_be_meant_is_named_before_anything_is_changed(
    up: AzureProject, settings: dict[str, str], said: str
) -> None:
    with up.configured(settings):
        printed = up.up(code=1)
    (line,) = errors(printed)
    assert line.startswith(said)
    assert up.changes() == []
