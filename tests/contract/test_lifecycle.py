"""A stack from its first preview to nothing left, on every cloud: as it comes, and with every option."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cloud_project import AwsProject, AzureProject, CloudProject, GcpProject

# Grants that stay in the cloud when a stack is destroyed: others in the project may need them by then.
STAYS = {"gcp": {"gcp:projects/iAMMember:IAMMember roles/eventarc.serviceAgent"}}
# Grants that stay, too, if every option is on.
STAYS_TOO = {"gcp": {"gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember roles/cloudkms.cryptoKeyEncrypterDecrypter"}}
# The kind of resource that holds the store, and the store's URL as a template of its inputs.
STORES = {
    "aws": ("aws:s3/bucket:Bucket", "s3://{bucket}"),
    "gcp": ("gcp:storage/bucket:Bucket", "gs://{name}"),
    "azure": ("azure-native:storage:BlobContainer", "https://{accountName}.blob.core.windows.net/{containerName}"),
}
# The resources that answer, and those that deliver events of uploads.
ANSWERING = {"aws": "endpoint-function", "gcp": "endpoint-function", "azure": "endpoint-app"}
EVENT_SUBSCRIPTIONS = {
    "aws": ("aws:cloudwatch/eventTarget:EventTarget", "trainer-events-target"),
    "gcp": ("gcp:storage/notification:Notification", "trainer-events"),
    "azure": ("azure-native:eventgrid:SystemTopicEventSubscription", "trainer-events"),
}


@pytest.fixture(params=[AwsProject, GcpProject, AzureProject], ids=lambda kind: kind.name)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CloudProject]:
    yield from request.param.create(tmp_path)


@pytest.mark.parametrize("options", ["as it comes", "with every option"])
def test_from_a_preview_to_nothing_left(project: CloudProject, options: str) -> None:
    cloud = project.cloud
    stays = STAYS.get(project.name, set())
    if options == "with every option":
        project.set(project.everything)
        stays = stays | STAYS_TOO.get(project.name, set())
    project.pulumi("preview")
    assert cloud.resources() == []
    _is_created_in_two_updates(project)
    assert len(cloud.resources()) > 30
    assert project.is_settled()
    project.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    outputs = project.outputs()
    assert set(outputs) == {"url", "curl", "store", "model", "train", "dashboard", "dataset"}
    kind, url = STORES[project.name]
    assert outputs["store"] in {url.format_map(resource["inputs"]) for resource in cloud.resources(kind)}
    _is_mended(project)
    _answers_by_new_code(project)
    project.pulumi("destroy", "--yes", "--skip-preview")
    left = {f"{resource['type']} {resource['inputs'].get('role')}" for resource in cloud.resources()}
    assert left == stays


def _is_created_in_two_updates(project: CloudProject) -> None:
    """The first update fails at one resource; the second leaves those that it created as they are."""
    answering = ANSWERING[project.name]
    project.cloud.fail(answering, "InvalidParameterValueException: no such runtime")
    assert "no such runtime" in project.up(code=1)
    before = {resource["id"] for resource in project.cloud.resources()}
    project.forget()
    project.up()
    assert answering in {call["name"] for call in project.cloud.calls("Create")}
    assert not project.cloud.calls("Delete", "Update")
    assert before < {resource["id"] for resource in project.cloud.resources()}


def _is_mended(project: CloudProject) -> None:
    """Brings back the resource that delivers events of uploads, after somebody deleted it."""
    kind, name = EVENT_SUBSCRIPTIONS[project.name]
    project.cloud.lose(kind)
    project.forget()
    project.up("--refresh")
    created = [call["name"] for call in project.cloud.calls("Create")]
    assert created
    assert all(each.startswith(name) for each in created)
    assert project.is_settled()


def _answers_by_new_code(project: CloudProject) -> None:
    project.forget()
    project.edit("function_code/serving/app.py")
    project.up()
    # Our own program sends the code to Azure; the provider has nothing to do.
    changed = project.sites.sent() if isinstance(project, AzureProject) else project.changes()
    assert any(each.startswith(("endpoint-", "Update Function endpoint-function")) for each in changed)
    assert project.is_settled()


def test_where_data_arrives_by_itself_nothing_is_uploaded(project: CloudProject) -> None:
    """Uploads of others are trained on; a change of the code doesn't upload the sample in between."""
    project.config(dataset="none", target="not_in_the_sample")
    project.up()
    assert any(name.startswith("trainer-code") for name in names(project))
    assert "trainer-dataset" not in names(project)
    assert project.outputs()["dataset"] == "whatever arrives under datasets/model/"
    project.forget()
    project.edit("function_code/training/split.py")
    project.up()
    assert not [call for call in project.changes() if "trainer-dataset" in call]
    assert "trainer-dataset" not in names(project)


def names(project: CloudProject) -> set[str]:
    """Names of all resources in the state, with those of our own for Azure, which the fake cloud doesn't know."""
    return {resource["urn"].rpartition("::")[2] for resource in project.state()["resources"]}
