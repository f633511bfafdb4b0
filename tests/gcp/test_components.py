"""The components on Google Cloud in somebody's own program, with inputs that nobody knows before the update."""

import json
import re
from typing import Any

from tests.support.cloud_project import GcpProject

# What comes from a topic that is not there yet is unknown at a preview.
PROGRAM = """
import pulumi
from pulumi_gcp import pubsub

from components.gcp.apis import Apis
from components.gcp.endpoint import Endpoint
from components.gcp.monitoring import Monitoring
from components.gcp.store import ModelStore
from components.gcp.trainer import Trainer

topic = pubsub.Topic("other")


def later(value):
    return topic.id.apply(lambda _: value)


enabled = pulumi.ResourceOptions(depends_on=[Apis("on", {"more": ["cloudscheduler"]})])
labels = {"team": later("growth")}
store = ModelStore("mine", {"kms_key": later("key"), "disposable": later(True), "labels": labels}, enabled)
shared = {"store": store.url, "model": later("churn"), "labels": labels}
trainer = Trainer("train", {
    **shared, "target": later("purchase_intent"), "id": [later("user_id")], "drop": later(["recommendation"]),
    "kinds": {"user_status": later("category")}, "budget": later(5.0), "schedule": later("0 3 * * *"),
    "memory": later(2048),
}, enabled)
endpoint = Endpoint("ask", {
    **shared, "memory": later(6000), "public": True, "cors": [later("https://a.example"), "https://b.example"],
}, enabled)
Monitoring("watch", {
    "model": later("churn"), "endpoint_function": endpoint.function.name, "trainer_function": trainer.function.name,
    "monthly_limit": later(7), "alarm_email": "ops@example.com", "log_days": later(90), "stale_days": 3,
    "labels": labels,
}, enabled)
pulumi.export("train", trainer.start)
pulumi.export("dataset", trainer.dataset)
pulumi.export("curl", endpoint.curl)
"""

NAMES = """
from components.gcp.upload_code import Builder
from components.gcp.store import ModelStore

for name in ("2nd.model", "2nd-model", "the-training-of-a-model-which-has-a-long-name-and-ends-at-last"):
    Builder(name, {"package": "serving", "store": ModelStore(f"{name}-store").url})
"""


def test_inputs_may_be_unknown_at_a_preview(project: GcpProject) -> None:
    cloud = project.cloud
    (project.root / "__main__.py").write_text(PROGRAM)
    project.pulumi("preview")
    assert cloud.resources() == []
    project.up()
    assert project.is_settled()

    def inputs(kind: str, name: str) -> Any:
        (resource,) = [each for each in cloud.resources(f"gcp:{kind}") if name in json.dumps(each["outputs"])]
        return resource["inputs"]

    serving = inputs("cloudfunctionsv2/function:Function", "ask-function")["serviceConfig"]
    assert (serving["availableMemory"], serving["availableCpu"]) == ("6000Mi", "2")
    assert serving["environmentVariables"]["MODEL"] == "churn"
    assert serving["environmentVariables"]["CORS"] == "https://a.example https://b.example"
    training = inputs("cloudfunctionsv2/function:Function", "train-function")["serviceConfig"]
    assert (training["availableMemory"], training["availableCpu"]) == ("2Gi", "2")
    settings = json.loads(training["environmentVariables"]["TRAINING"])
    assert (settings["target"], settings["id"]) == ("purchase_intent", ["user_id"])
    for prefix in ("datasets/churn/", "batch/churn/in/"):
        assert inputs("storage/notification:Notification", prefix)["objectNamePrefix"] == prefix
    assert inputs("billing/budget:Budget", "watch-budget")["amount"] == {"specifiedAmount": {"units": "7"}}
    assert {r["inputs"]["labels"]["team"] for r in cloud.resources() if "team" in r["inputs"].get("labels", {})} == {
        "growth"
    }
    outputs = project.outputs()
    assert outputs["dataset"] == "datasets/churn/synthetic.csv"
    assert outputs["train"].endswith(""" --project my-project --message '{"retrain": true}'""")
    assert outputs["curl"].endswith(".run.app/v1/models/churn")


def test_whatever_a_component_is_called_google_takes_the_names_made_of_it(project: GcpProject) -> None:
    (project.root / "__main__.py").write_text(NAMES)
    project.up()
    for kind, key, longest in (
        ("artifactregistry/repository:Repository", "repositoryId", 63),
        ("serviceaccount/account:Account", "accountId", 30),
    ):
        names = {each["inputs"][key] for each in project.cloud.resources(f"gcp:{kind}")}
        assert len(names) == 3
        for name in names:
            assert re.fullmatch("[a-z][a-z0-9-]*[a-z0-9]", name)
            assert len(name) <= longest
