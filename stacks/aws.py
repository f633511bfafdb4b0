"""The whole stack on AWS: datasets and models in S3, training and prediction on Lambda, HTTPS by API Gateway."""

from typing import Any

import pulumi

from components.aws.endpoint import Endpoint
from components.aws.monitoring import Monitoring
from components.aws.store import ModelStore
from components.aws.trainer import Trainer
from components.packaging.source_files import ROOT
from stacks.aws_settings import read_aws_settings
from stacks.settings import read_settings

# Before anything is created: what is configured must make sense.
settings = read_settings(pulumi.Config(), ROOT)
aws = read_aws_settings(pulumi.Config())
tags = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}

store = ModelStore("store", {"tags": tags} | aws.store)
common: Any = {"store": store.url, "model": settings.model, "tags": tags}

trainer = Trainer("trainer", common | settings.training | aws.trainer)

# The endpoint follows the pointer in the store, not the trainer.
endpoint = Endpoint("endpoint", common | aws.endpoint)

watched: Any = {
    "model": settings.model,
    "endpoint_function": endpoint.resources.function.name,
    "trainer_function": trainer.resources.function.name,
    "trainer_logs": trainer.resources.log_group.name,
    "dead_letters": trainer.dead_letters.name,
    "api": endpoint.api.id,
    "tags": tags,
}
monitoring = Monitoring("monitoring", watched | aws.monitoring)

pulumi.export("url", endpoint.url)
pulumi.export("curl", endpoint.curl)
pulumi.export("store", store.url)
pulumi.export("model", settings.model)
pulumi.export("train", trainer.start)
pulumi.export("dashboard", monitoring.dashboard)
pulumi.export("dataset", settings.dataset)
