"""The AWS components in somebody's own program, with inputs that nobody knows before the update."""

import json
from typing import Any

from tests.support.cloud_project import AwsProject

# What comes from a key that is not there yet is unknown at a preview.
PROGRAM = """
import pulumi
from pulumi_aws import kms

from components.aws.endpoint import Endpoint
from components.aws.monitoring import Monitoring
from components.aws.store import ModelStore
from components.aws.trainer import Trainer

key = kms.Key("key", enable_key_rotation=True)


def later(value):
    return key.arn.apply(lambda _: value)


tags = {"team": later("growth")}
store = ModelStore("mine", {"kms_key": key.arn, "disposable": later(True), "tags": tags})
shared = {"store": store.url, "model": later("churn"), "kms_key": key.arn, "log_days": later(90), "tags": tags}
trainer = Trainer("train", {
    **shared, "target": later("purchase_intent"), "id": [later("user_id")], "drop": later(["recommendation"]),
    "kinds": {"user_status": later("category")}, "budget": later(5.0), "schedule": later("rate(7 days)"),
    "memory": later(2048), "disposable": True,
})
endpoint = Endpoint("ask", {**shared, "memory": later(256), "throttle": {"rate": later(5), "burst": later(9)}})
Monitoring("watch", {
    "model": later("churn"), "endpoint_function": endpoint.resources.function.name,
    "trainer_function": trainer.resources.function.name, "trainer_logs": trainer.resources.log_group.name,
    "dead_letters": trainer.dead_letters.name, "api": endpoint.api.id, "monthly_limit": later(7),
    "alarm_email": later("ops@example.com"), "tags": tags,
})
pulumi.export("train", trainer.start)
pulumi.export("dataset", trainer.dataset)
"""


def test_inputs_may_be_unknown_at_a_preview(project: AwsProject) -> None:
    cloud = project.cloud
    (project.root / "__main__.py").write_text(PROGRAM)
    project.pulumi("preview")
    assert cloud.resources() == []
    project.up()
    assert project.is_settled()

    def inputs(kind: str, name: str) -> Any:
        (resource,) = [each for each in cloud.resources(kind) if name in json.dumps(each["outputs"])]
        return resource["inputs"]

    assert inputs("aws:lambda/function:Function", "ask-function")["environment"]["variables"]["MODEL"] == "churn"
    assert inputs("aws:lambda/function:Function", "train-function")["memorySize"] == 2048
    assert inputs("aws:apigatewayv2/stage:Stage", "$default")["defaultRouteSettings"]["throttlingRateLimit"] == 5
    assert inputs("aws:s3/bucketObjectv2:BucketObjectv2", "datasets/")["key"] == "datasets/churn/synthetic.csv"
    detail = json.loads(inputs("aws:cloudwatch/eventRule:EventRule", "train-events")["eventPattern"])["detail"]
    assert detail["object"]["key"] == [{"prefix": "datasets/churn/"}, {"prefix": "batch/churn/in/"}]
    settings = json.loads(
        inputs("aws:lambda/function:Function", "train-function")["environment"]["variables"]["TRAINING"]
    )
    assert settings["target"] == "purchase_intent"
    assert settings["id"] == ["user_id"]
    assert inputs("aws:budgets/budget:Budget", "watch-budget")["limitAmount"] == "7"
    assert {r["inputs"]["tags"]["team"] for r in cloud.resources() if "tags" in r["inputs"]} == {"growth"}
    outputs = project.outputs()
    assert outputs["dataset"] == "datasets/churn/synthetic.csv"
    assert "--message-group-id churn" in outputs["train"]
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert cloud.resources() == []
