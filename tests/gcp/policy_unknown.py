"""A program for the engine in which every value that a policy checks is unknown before the first update."""

from typing import Any

from pulumi_gcp import cloudfunctionsv2, cloudrunv2, logging, projects, pubsub, storage

# Its outputs are unknown until it exists. All values that a policy checks are made of one of them.
source = pubsub.Topic("source", labels={"project": "serverless-ml", "stack": "gcp-dev"})


def later(value: Any) -> Any:
    """The value, unknown until there is an id."""
    return source.id.apply(lambda _: value)


storage.Bucket(
    "bucket",
    location="EU",
    public_access_prevention=later("inherited"),
    uniform_bucket_level_access=later(False),
    labels=later({}),
)
storage.BucketIAMMember("member", bucket="b", role=later("roles/viewer"), member=later("allUsers"))
storage.BucketACL("list", bucket="b", role_entities=later(["READER:allUsers"]), predefined_acl=later("publicRead"))
storage.BucketAccessControl("entry", bucket="b", role="READER", entity=later("allUsers"))
pubsub.TopicIAMPolicy("policy", topic="t", policy_data=later("{}"))
projects.IAMMember("role", project="p", role=later("roles/owner"), member="user:eve@example.com")
logging.ProjectBucketConfig("logs", project="p", location="l", bucket_id="b", retention_days=later(0))
function = cloudfunctionsv2.Function(
    "function", location="l", build_config=later({}), service_config=later({}), labels=later({})
)
cloudrunv2.ServiceIamMember("invoker", location="l", name=function.name, role="r", member=later("allUsers"))
