"""The answers of the fake Google Cloud. Fields in texts are as in aws.py."""

import uuid
from collections.abc import Callable
from typing import Any

PROJECT, NUMBER, REGION = "my-project", "123456789012", "europe-west1"

# The input that holds a resource's own name, where that is not "name".
NAME_INPUT = {
    "gcp:artifactregistry/repository:Repository": "repositoryId",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": "bucketId",
    "gcp:secretmanager/secret:Secret": "secretId",
    "gcp:serviceaccount/account:Account": "accountId",
}
NAMES_WITHOUT_DASH: set[str] = set()  # whose names Pulumi makes without a dash
OUTPUT_CONVERTERS: dict[str, Any] = {}  # functions that give outputs another shape than inputs have
VALIDATORS: dict[str, Any] = {}  # functions that say what is wrong with inputs, or ""
DELETED_WITH: dict[str, str] = {}  # kinds that nobody can delete, and the kind that each of them goes with
# Inputs that cannot change in place, besides the name.
REPLACES = {
    "gcp:artifactregistry/repository:Repository": {"format", "location"},
    "gcp:cloudfunctionsv2/function:Function": {"location"},
    "gcp:cloudrunv2/job:Job": {"location"},
    "gcp:cloudrunv2/jobIamMember:JobIamMember": {"location", "member", "role"},
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": {"location", "member", "role"},
    "gcp:cloudscheduler/job:Job": {"region"},
    "gcp:projects/iAMMember:IAMMember": {"condition", "member", "project", "role"},
    "gcp:projects/service:Service": {"project", "service"},
    "gcp:pubsub/topicIAMMember:TopicIAMMember": {"member", "role", "topic"},
    "gcp:secretmanager/secret:Secret": {"replication"},
    "gcp:secretmanager/secretIamMember:SecretIamMember": {"member", "role", "secretId"},
    "gcp:secretmanager/secretVersion:SecretVersion": {"secret", "secretData"},
    "gcp:storage/bucket:Bucket": {"location"},
    "gcp:storage/bucketIAMMember:BucketIAMMember": {"bucket", "condition", "member", "role"},
    "gcp:storage/bucketObject:BucketObject": {"bucket", "source"},
    "gcp:storage/notification:Notification": {"bucket", "eventTypes", "objectNamePrefix", "payloadFormat", "topic"},
}
# Inputs whose change makes no difference.
IGNORED_CHANGES: dict[str, set[str]] = {}

HERE = f"projects/{PROJECT}/locations/{{region}}"
OUTPUTS: dict[str, dict[str, Any]] = {
    "gcp": {"id": f"projects/{PROJECT}/{{kind}}s/{{name}}"},
    "gcp:artifactregistry/repository:Repository": {
        "id": f"{HERE}/repositories/{{repositoryId}}",
        "name": "{repositoryId}",
    },
    "gcp:cloudfunctionsv2/function:Function": {
        "id": f"{HERE}/functions/{{name}}",
        "url": f"https://{{region}}-{PROJECT}.cloudfunctions.net/{{name}}",
        "serviceConfig": {"uri": "https://{name}-3k5gx7dqpa-ew.a.run.app", "service": f"{HERE}/services/{{name}}"},
    },
    "gcp:cloudrunv2/job:Job": {"id": f"{HERE}/jobs/{{name}}"},
    "gcp:cloudrunv2/jobIamMember:JobIamMember": {"id": f"{HERE}/jobs/{{name}}/{{role}}/{{member}}"},
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": {"id": f"{HERE}/services/{{name}}/{{role}}/{{member}}"},
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": {"id": f"{HERE}/buckets/{{bucketId}}"},
    "gcp:projects/service:Service": {"id": f"{PROJECT}/{{service}}"},
    "gcp:projects/serviceIdentity:ServiceIdentity": {
        "id": f"{PROJECT}/{{service}}",
        "member": f"serviceAccount:service-{NUMBER}@gcp-sa-{{service}}",
    },
    "gcp:pubsub/topic:Topic": {"id": f"projects/{PROJECT}/topics/{{name}}"},
    "gcp:secretmanager/secret:Secret": {"id": f"projects/{PROJECT}/secrets/{{secretId}}"},
    "gcp:secretmanager/secretVersion:SecretVersion": {"id": "{secret}/versions/{content}"},
    "gcp:serviceaccount/account:Account": {
        "id": "{name}",
        "name": f"projects/{PROJECT}/serviceAccounts/{{email}}",
        "email": f"{{accountId}}@{PROJECT}.iam.gserviceaccount.com",
        "member": "serviceAccount:{email}",
    },
    "gcp:storage/bucket:Bucket": {"id": "{name}"},
    "gcp:storage/bucketObject:BucketObject": {"id": "{bucket}-{name}"},
}


def client() -> dict[str, Any]:
    """The client's configuration, with another token each time."""
    return {
        "id": PROJECT,
        "accessToken": f"token-{uuid.uuid4().hex}",
        "defaultLabels": {},
        "project": PROJECT,
        "region": REGION,
        "zone": "",
    }


INVOKES: dict[str, dict[str, Any] | Callable[[], dict[str, Any]]] = {
    "gcp:organizations/getClientConfig:getClientConfig": client,
    "gcp:organizations/getProject:getProject": {
        "id": f"projects/{PROJECT}",
        "number": NUMBER,
        "projectId": PROJECT,
        "billingAccount": "000000-111111-222222",
    },
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {
        "id": "agent",
        "emailAddress": f"service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com",
        "member": f"serviceAccount:service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com",
        "project": PROJECT,
    },
}
