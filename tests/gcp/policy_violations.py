"""A program for the engine that violates each policy of Google Cloud, beside resources that keep to it."""

import json
from typing import Any

import pulumi
from pulumi_gcp import (
    cloudfunctions,
    cloudfunctionsv2,
    cloudrun,
    cloudrunv2,
    logging,
    projects,
    pubsub,
    secretmanager,
    storage,
)

LABELS = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}
DECLARED = {**LABELS, "public": "declared"}
EVE = "user:eve@example.com"
APP = "app@my-project.iam.gserviceaccount.com"
BUILDER = "projects/my-project/serviceAccounts/builder@my-project.iam.gserviceaccount.com"
COMPUTE = "123456789012-compute@developer.gserviceaccount.com"


def function(
    name: str, labels: dict[str, str] = LABELS, builder: str | None = BUILDER, **service: Any
) -> cloudfunctionsv2.Function:
    config: Any = {"service_account_email": APP, "max_instance_count": 1, **service}
    return cloudfunctionsv2.Function(
        name,
        location="europe-west1",
        build_config={"service_account": builder},
        service_config=config,
        labels=labels,
    )


def service(name: str, account: str, scale: dict[str, str]) -> None:
    """A service of Cloud Run's first version."""
    cloudrun.Service(
        name,
        location="europe-west1",
        template={"metadata": {"annotations": scale}, "spec": {"service_account_name": account}},
        metadata={"labels": LABELS},
    )


def invoker(name: str, of: pulumi.Input[str], member: str) -> None:
    cloudrunv2.ServiceIamMember(name, location="europe-west1", name=of, role="roles/run.invoker", member=member)


# Buckets, and who may use them.
kept = storage.Bucket(
    "kept", location="EU", public_access_prevention="enforced", uniform_bucket_level_access=True, labels=LABELS
)
storage.Bucket("bare", location="EU", labels=LABELS)
storage.Bucket("partial", location="EU", public_access_prevention="enforced", labels=LABELS)
storage.BucketIAMMember("member-named", bucket=kept.name, role="roles/storage.objectViewer", member=EVE)
storage.BucketIAMMember("member-all", bucket=kept.name, role="roles/storage.objectViewer", member="allUsers")
topic = pubsub.Topic("topic", labels=LABELS)
pubsub.TopicIAMBinding(
    "binding-all", topic=topic.name, role="roles/pubsub.publisher", members=[EVE, "allAuthenticatedUsers"]
)
bindings = {"bindings": [{"role": "roles/pubsub.publisher", "members": ["allUsers"]}]}
pubsub.TopicIAMPolicy("policy-all", topic=topic.name, policy_data=json.dumps(bindings))
pubsub.TopicIAMPolicy("policy-odd", topic=topic.name, policy_data="{")
storage.BucketAccessControl("acl-named", bucket=kept.name, role="READER", entity="user-eve@example.com")
storage.BucketAccessControl("acl-bucket", bucket=kept.name, role="READER", entity="allUsers")
storage.DefaultObjectAccessControl("acl-default", bucket=kept.name, role="READER", entity="allAuthenticatedUsers")
storage.ObjectAccessControl("acl-object", bucket=kept.name, object="o", role="READER", entity="allUsers")
storage.BucketACL("acl-list", bucket=kept.name, role_entities=["OWNER:user-eve@example.com", "READER:allUsers"])
storage.ObjectACL("acl-ready", bucket=kept.name, object="o", predefined_acl="publicRead")
storage.ObjectACL("acl-private", bucket=kept.name, object="o", predefined_acl="private")

# Public endpoints, without and with the label that declares them.
for name, labels in {"secret": LABELS, "declared": DECLARED}.items():
    opened = function(f"{name}-function", labels)
    invoker(f"{name}-invoker", opened.name, "allUsers")
    cloudrunv2.Service(
        f"{name}-service",
        location="europe-west1",
        invoker_iam_disabled=True,
        template={"service_account": APP, "scaling": {"max_instance_count": 1}},
        labels=labels,
    )
invoker("foreign-invoker", "another", "allUsers")
invoker("asking-invoker", "another", EVE)

# A secret, a function with its value in clear, and one with its id.
secret = secretmanager.Secret("kept", secret_id="kept", replication={"auto": {}}, labels=LABELS)
password = pulumi.Output.secret("correct horse battery")
secretmanager.SecretVersion("kept-version", secret=secret.id, secret_data=password)
function("spilt", environment_variables={"DATABASE": pulumi.Output.format("postgres://me:{}@host/db", password)})
function("referring", environment_variables={"PASSWORD": secret.id})

# Roles, accounts, caps, logs and labels.
projects.IAMMember("owner", project="my-project", role="roles/owner", member=EVE)
projects.IAMMember("logger", project="my-project", role="roles/logging.logWriter", member=EVE)
function("nobody", service_account_email=None)
function("default", service_account_email=COMPUTE)
function("built-by-nobody", builder=None)
function("built-by-default", builder=f"projects/my-project/serviceAccounts/{COMPUTE}")
cloudfunctions.Function(
    "old", runtime="python313", service_account_email="my-project@appspot.gserviceaccount.com", labels=LABELS
)
CAP = "autoscaling.knative.dev/maxScale"
service("capped-service", APP, {CAP: "3"})
service("default-service", COMPUTE, {CAP: "3"})
service("endless-service", APP, {"autoscaling.knative.dev/minScale": "0"})
function("endless", max_instance_count=None)
logging.ProjectBucketConfig("forever", project="my-project", location="europe-west1", bucket_id="forever")
logging.ProjectBucketConfig("a-while", project="my-project", location="europe-west1", bucket_id="a", retention_days=9)
pubsub.Topic("unlabelled")
pubsub.Topic("mislabelled", labels={**LABELS, "stack": "another"})
