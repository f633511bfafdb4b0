"""Resources of the stack on Google Cloud with every option on, judged as an auditor would."""

from typing import Any

import pytest

from tests.support.cloud_project import GcpProject
from tests.support.fake_cloud.sdk import kind_of

# The roles on the whole project, and why they are not on less.
ON_THE_PROJECT = {
    "roles/eventarc.eventReceiver": "Google has it for projects alone",
    "roles/eventarc.serviceAgent": "of Eventarc's own agent, in Google's words",
    "roles/logging.logWriter": "of builders: a build's log has no resource of its own",
    "roles/storage.objectViewer": "of builders, on Google's bucket for sources alone, which is not there yet",
}
# The prefixes of the objects that a role is for, by the beginning of the account's name. Names can be listed in the
# whole bucket.
IN_THE_BUCKET = {
    ("endpoint", "roles/storage.objectViewer"): {"models/model/"},
    ("endpoint-builder", "roles/storage.objectViewer"): {"code/"},
    ("trainer", "roles/storage.objectViewer"): {"batch/model/in/", "datasets/model/"},
    ("trainer", "roles/storage.objectUser"): {
        "airtable/model/",
        "batch/model/out/",
        "datasets/model/airtable-",
        "models/model/",
    },
    ("trainer-builder", "roles/storage.objectViewer"): {"code/"},
}
NAMES_ALONE = "roles/storage.legacyBucketReader"
MEMBERS = "Member"  # the end of the kinds that grant a role
LEAST_LABELLED = 10


@pytest.fixture
def resources(with_every_option: GcpProject) -> list[dict[str, Any]]:
    return with_every_option.cloud.resources()


def of(resources: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    inputs = [resource["inputs"] for resource in resources if resource["type"].endswith(f":{kind}")]
    assert inputs, kind
    return inputs


def account_of(grant: dict[str, Any]) -> str:
    """The beginning of the account's id, which names its purpose."""
    return str(grant["member"]).removeprefix("serviceAccount:").partition("@")[0].rpartition("-")[0]


def test_each_role_on_the_whole_project_has_a_written_reason(resources: list[dict[str, Any]]) -> None:
    grants = of(resources, "IAMMember")
    assert {grant["role"] for grant in grants} == set(ON_THE_PROJECT)
    for grant in grants:
        if grant["role"] == "roles/storage.objectViewer":
            bucket = "projects/_/buckets/gcf-v2-sources-123456789012-europe-west1"
            assert grant["condition"]["expression"] == f'resource.name.startsWith("{bucket}")'


def test_objects_are_for_those_who_need_them(resources: list[dict[str, Any]]) -> None:
    (bucket,) = of(resources, "Bucket")
    prefixes: dict[tuple[str, str], set[str]] = {}
    for grant in of(resources, "BucketIAMMember"):
        assert grant["bucket"] == bucket["name"]
        account_and_role = (account_of(grant), grant["role"])
        if grant["role"] == NAMES_ALONE:
            assert account_and_role[0] in ("endpoint", "trainer")
            continue
        begin, _, rest = grant["condition"]["expression"].partition(f"/buckets/{bucket['name']}/objects/")
        assert begin == 'resource.name.startsWith("projects/_'
        prefixes.setdefault(account_and_role, set()).add(rest.removesuffix('")'))
    assert prefixes == IN_THE_BUCKET


def test_nobody_and_nothing_is_everybody_or_everything(resources: list[dict[str, Any]]) -> None:
    for resource in resources:
        if resource["type"].endswith(MEMBERS):
            grant = resource["inputs"]
            assert grant["member"] not in ("allUsers", "allAuthenticatedUsers")
            assert grant["role"] not in ("roles/owner", "roles/editor", "roles/viewer")
            assert not grant["role"].lower().endswith("admin")


def test_whatever_runs_or_builds_has_an_account_of_its_own(resources: list[dict[str, Any]]) -> None:
    functions = of(resources, "Function")
    accounts = [function["serviceConfig"]["serviceAccountEmail"] for function in functions]
    accounts += [function["buildConfig"]["serviceAccount"].rpartition("/")[2] for function in functions]
    accounts += [
        function["eventTrigger"]["serviceAccountEmail"] for function in functions if "eventTrigger" in function
    ]
    accounts += [job["template"]["template"]["serviceAccount"] for job in of(resources, "Job") if "template" in job]
    assert len(set(accounts)) == len(accounts) == 6


def test_who_may_invoke_what(resources: list[dict[str, Any]]) -> None:
    invokers = sorted((grant["name"].split("-")[0], grant["member"]) for grant in of(resources, "ServiceIamMember"))
    assert invokers[:2] == [
        ("endpoint", "serviceAccount:app@my-project.iam.gserviceaccount.com"),
        ("endpoint", "user:eve@example.com"),
    ]
    ((trainer, messenger),) = invokers[2:]
    assert (trainer, messenger.startswith("serviceAccount:trainer-messenger-")) == ("trainer", True)
    grants = {
        (grant["name"].rpartition("-")[0], account_of(grant), grant["role"]) for grant in of(resources, "JobIamMember")
    }
    assert grants == {
        ("trainer-job", "trainer-starter", "roles/run.jobsExecutorWithOverrides"),
        ("trainer-job", "trainer-starter", "roles/run.viewer"),
    }
    ingress = {f["buildConfig"]["entryPoint"]: f["serviceConfig"]["ingressSettings"] for f in of(resources, "Function")}
    assert ingress == {"predict": "ALLOW_INTERNAL_AND_GCLB", "start": "ALLOW_INTERNAL_ONLY"}


def test_a_secret_is_for_its_reader_and_stays_in_the_region(resources: list[dict[str, Any]]) -> None:
    (secret,), (grant,) = of(resources, "Secret"), of(resources, "SecretIamMember")
    assert secret["replication"] == {"userManaged": {"replicas": [{"location": "europe-west1"}]}}
    assert (grant["secretId"], grant["role"], account_of(grant)) == (
        secret["secretId"], "roles/secretmanager.secretAccessor", "trainer",
    )  # fmt: skip


def test_the_bucket_is_closed_encrypted_and_versioned(resources: list[dict[str, Any]]) -> None:
    (bucket,) = of(resources, "Bucket")
    assert bucket["publicAccessPrevention"] == "enforced"
    assert bucket["uniformBucketLevelAccess"] is True
    assert bucket["versioning"] == {"enabled": True}
    assert bucket["encryption"]["defaultKmsKeyName"].endswith("/cryptoKeys/key")
    assert bucket["softDeletePolicy"]["retentionDurationSeconds"] == 7 * 24 * 3600
    assert {rule["action"]["type"] for rule in bucket["lifecycleRules"]} == {"Delete", "AbortIncompleteMultipartUpload"}


def test_tls_is_not_older_than_it_should_be(resources: list[dict[str, Any]]) -> None:
    (policy,) = of(resources, "SSLPolicy")
    assert policy["minTlsVersion"] == "TLS_1_2"
    assert all(proxy["sslPolicy"] for proxy in of(resources, "TargetHttpsProxy"))


def test_logs_and_images_end_some_day(resources: list[dict[str, Any]]) -> None:
    (logs,) = of(resources, "ProjectBucketConfig")
    assert logs["retentionDays"] == 90
    (sink,), (exclusion,) = of(resources, "ProjectSink"), of(resources, "ProjectExclusion")
    assert sink["filter"] == exclusion["filter"]
    for function in of(resources, "Function"):
        for setting in ("dockerRepository", "serviceAccount"):
            assert function["buildConfig"][setting]
    for repository in of(resources, "Repository"):
        assert {policy["action"] for policy in repository["cleanupPolicies"]} == {"KEEP", "DELETE"}


def test_whatever_takes_labels_has_them(resources: list[dict[str, Any]]) -> None:
    labels = {"project": "serverless-ml", "stack": "gcp-dev"}
    labelled = 0
    for resource in (each for each in resources if each["type"].startswith("gcp:")):
        known, inputs = vars(kind_of(resource["type"])), resource["inputs"]
        if "labels" in known or "user_labels" in known:
            assert inputs.get("userLabels" if "user_labels" in known else "labels") == labels, resource["type"]
            labelled += 1
    assert labelled > LEAST_LABELLED


def test_what_costs_has_a_cap(resources: list[dict[str, Any]]) -> None:
    (budget,) = of(resources, "Budget")
    assert budget["amount"] == {"specifiedAmount": {"units": "50"}}
    assert budget["budgetFilter"] == {"projects": ["projects/123456789012"]}
    most = {f["buildConfig"]["entryPoint"]: f["serviceConfig"]["maxInstanceCount"] for f in of(resources, "Function")}
    assert most == {"predict": 4, "start": 1}
