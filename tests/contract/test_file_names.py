"""The same concern has the same file name in each cloud."""

import pytest

from tests.support.paths import ROOT

CLOUDS = ("aws", "azure", "gcp")
# Concerns that not every cloud has, or that are too small in one of them for a file of their own, and why.
COMPONENTS = {
    "apis": "Google Cloud: a project's services are off until they are asked for",
    "container_registry": "Azure: a registry is logged in to by an exchange of tokens",
    "deploy_requests": "Azure: its provider has no resources for code, blobs and messages",
    "deployer": "Azure: a grant has to say which kind of principal the deployer is",
    "deployment_retries": "AWS: its provider waits for consistency by itself",
    "domain": "Azure: Front Door, or a certificate of the app's, is not built here",
    "flex_package": "Azure: the plan Flex Consumption wants two files beside the code",
    "http_api": "AWS: a function alone has no throttling and no domain name",
    "log_queries": "Azure: alarms are queries",
    "policy_documents": "AWS: rights are documents of statements",
    "source_package": "Google Cloud: what is uploaded is built there",
    "storage_account": "Azure: a bucket of its own needs an account around it",
    "telemetry": "Azure: logs need a workspace; the other clouds have one in each project",
    "training_code": "AWS: what trains has no room in the archive of a function",
    "training_job": "AWS: a function takes images, so there is no job",
    "upload_dataset": "Azure: its provider can't upload what no public address answers",
}
ENTRY_POINTS = {
    "cors": "Google Cloud: nothing in front of a function answers a browser's question",
    "libraries": "AWS: what trains has no room in the archive of a function",
    "log": "Azure: the host's own logger takes each line",
    "messages": "AWS: what S3 and Scheduler send needs no decoding",
    "queue": "Azure: a job takes its messages by itself",
    "queue_retries": "Azure: a job retries by itself, and the host of a function as often",
    "start_job": "Google Cloud: a job can't be started by a message",
    "train_job": "AWS: a function takes images, so there is no job",
}
# Tests that not every cloud has, and why.
TESTS = {
    "test_components": "Azure: its inputs that are not known at a preview are in test_stack.py",
    "test_deployer": "AWS: the only policy document for the deployer; on the others it has roles (test_security.py)",
    "test_frameworks": "AWS: PyTorch in the image's handler; the others have a job for it, in test_job.py",
    "test_job": "AWS: a function takes images, so there is no job",
    "test_libraries": "AWS: what trains has no room in the archive of a function",
    "test_real_customers": "AWS: one cloud is enough to compare real customers with this machine",
    "test_requirements": "Google Cloud: it installs the requirements by itself",
}


@pytest.mark.parametrize(
    ("folder", "shared", "exceptions"),
    [
        ("components", {"store", "trainer", "endpoint", "monitoring", "names", "roles", "function"}, COMPONENTS),
        ("function_code/entrypoints", {"predict", "train"}, ENTRY_POINTS),
    ],
)
def test_the_same_concern_has_the_same_file_name(folder: str, shared: set[str], exceptions: dict[str, str]) -> None:
    names = {cloud: {path.stem for path in (ROOT / folder / cloud).glob("*.py")} for cloud in CLOUDS}
    everywhere = set.intersection(*names.values())
    assert shared <= everywhere
    assert set.union(*names.values()) - everywhere == set(exceptions)


def test_the_tests_of_a_cloud_have_the_same_file_names() -> None:
    names = {cloud: {path.stem for path in (ROOT / "tests" / cloud).glob("test_*.py")} for cloud in CLOUDS}
    everywhere = set.intersection(*names.values())
    assert {"test_stack", "test_settings", "test_security", "test_policy"} <= everywhere
    assert set.union(*names.values()) - everywhere == set(TESTS)
