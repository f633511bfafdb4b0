"""Changes of a stack on Azure that is up: of its code, its settings, its cloud and its deployer."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.cloud_project import AzureProject
from tests.support.fake_cloud.azure import CLIENT, CLIENT_TOKEN, INVOKES, PERSON, token_of
from tests.support.fake_cloud.azure_sites import ETAG

PUBLISH = ".scm.azurewebsites.net/api/publish"
CONTAINER = "azure-native:storage:BlobContainer"
DATASET = "datasets/model/synthetic.csv"


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureProject]:
    """A stack that is up, shared by the tests: each finds it settled, and leaves it so."""
    for project in AzureProject.create(tmp_path_factory.mktemp("azure")):
        project.up()
        yield project


@pytest.fixture
def up(settled: AzureProject) -> AzureProject:
    settled.forget()
    return settled


def test_new_serving_code_is_published_to_the_apps_that_have_it(up: AzureProject) -> None:
    up.edit("function_code/serving/app.py")
    up.up()
    # A training compares its model with the scorer that will serve it.
    assert up.sent() == ["endpoint code", "trainer code"]
    assert up.changes() == []
    assert up.is_settled()


def test_new_training_code_trains_again(up: AzureProject) -> None:
    up.edit("function_code/training/split.py")
    up.up()
    assert up.sent() == [DATASET, "trainer code"]
    assert up.changes() == []


def test_settings_send_what_they_are_about_and_the_stack_is_then_settled(up: AzureProject) -> None:
    """Settings that tests/contract/test_lifecycle.py doesn't have, and one for each kind of request."""
    with up.applied({"budget": "30", "disposable": "false", "public": "true", "schedule": "rate(1 day)"}):
        assert up.changes() == ["Update WebApp endpoint-app", "Update WebApp trainer-app"]
        assert up.sent() == [DATASET, "endpoint code", "trainer code"]
        (_, message) = up.sites.messages()[-1]
        assert message == {"dataset": DATASET, "etag": ETAG}
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
        assert up.sent() == []
        up.up()
        resources = {each["urn"].rpartition("::")[2]: each for each in up.state()["resources"]}
        # A site takes one change at a time.
        one_by_one = ("endpoint-no-ftp", "endpoint-no-passwords", "endpoint-callers", "endpoint-code")
        for before, after in itertools.pairwise(one_by_one):
            assert resources[before]["urn"] in resources[after]["dependencies"], after
    up.forget()
    up.sites.refusals.append((PUBLISH, 401, "not you"))
    up.up(code=1)
    assert up.changes() == []  # the code that checks keys is published before Entra ID stops checking callers
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
    assert up.sent() == ["endpoint code", "trainer code"]
    assert before & {container["inputs"]["containerName"] for container in up.cloud.resources(CONTAINER)} == {"store"}
    assert up.is_settled()


def test_a_dataset_of_ones_own(up: AzureProject, tmp_path: Path) -> None:
    table = tmp_path / "my table.csv"
    table.write_text("a,b,purchase_intent\n" + "".join(f"{i},{i % 7},{i % 2}\n" for i in range(200)))
    with up.applied({"dataset": str(table)}):
        assert up.changes() == ["Update WebApp trainer-app"]
        assert up.sent() == ["datasets/model/my_table.csv"]


@pytest.mark.parametrize("claims", [{"idtyp": "user"}, {}], ids=["said", "not said"])
def test_a_person_who_deploys_is_granted_what_he_needs_as_one(
    up: AzureProject, monkeypatch: pytest.MonkeyPatch, claims: dict[str, str]
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(INVOKES, CLIENT, {**INVOKES[CLIENT], "objectId": PERSON})
        patched.setitem(INVOKES, CLIENT_TOKEN, {"token": token_of(claims)})
        up.up()
        principal_types = {call["name"]: call["inputs"]["principalType"] for call in up.cloud.calls("Create")}
        assert principal_types == {"trainer-starter": "User", "trainer-uploader": "User"}
        assert up.is_settled()
    up.up()
