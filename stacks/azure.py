"""The whole stack on Azure: datasets and models in Blob Storage, training and prediction on Functions."""

from typing import Any

import pulumi
from pulumi_azure_native import resources

from components.azure.endpoint import Endpoint
from components.azure.monitoring import Monitoring
from components.azure.store import ModelStore
from components.azure.telemetry import Telemetry
from components.azure.trainer import Trainer
from components.packaging.source_files import ROOT
from stacks.azure_settings import read_azure_settings
from stacks.settings import read_settings

# Before anything is created: what is configured must make sense.
settings = read_settings(pulumi.Config(), ROOT)
azure = read_azure_settings(pulumi.Config())
tags = {"project": pulumi.get_project(), "stack": pulumi.get_stack()}

# Whatever Azure makes behind our backs, such as rules of its smart detection, it makes in there; and goes with it.
group = resources.ResourceGroup(f"{pulumi.get_project()}-{pulumi.get_stack()}", tags=tags)
inside: Any = {"resource_group": group.name, "tags": tags}

telemetry = Telemetry("telemetry", inside | azure.telemetry)
store = ModelStore("store", inside | azure.store)
common: Any = inside | {
    "insights": telemetry.insights.id,
    "connection": telemetry.insights.connection_string,
    "account": store.account.id,
    "store": store.url,
    "model": settings.model,
}

logs = {"workspace": telemetry.workspace.id}
trainer = Trainer("trainer", common | logs | settings.training | azure.trainer)

# The endpoint follows the pointer in the store, not the trainer.
endpoint = Endpoint("endpoint", common | azure.endpoint)

watched: Any = inside | {
    "scope": group.id,
    "model": settings.model,
    "endpoint_app": endpoint.app.name,
}
if trainer.job:
    watched["trainer_job"] = trainer.job.name
if trainer.scheduler:
    watched["scheduler_job"] = trainer.scheduler.name
if trainer.app:
    watched["trainer_app"] = trainer.app.name
monitoring = Monitoring("monitoring", watched | logs | azure.monitoring)

pulumi.export("url", endpoint.url)
pulumi.export("curl", endpoint.curl)
pulumi.export("store", store.url)
pulumi.export("model", settings.model)
pulumi.export("train", trainer.start)
pulumi.export("dashboard", monitoring.dashboard)
pulumi.export("dataset", settings.dataset)
