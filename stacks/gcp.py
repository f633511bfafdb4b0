"""The whole stack on Google Cloud: datasets and models in Cloud Storage, training and prediction on Cloud Run."""

from typing import Any

import pulumi

from components.gcp.apis import Apis
from components.gcp.endpoint import Endpoint
from components.gcp.monitoring import Monitoring
from components.gcp.names import label
from components.gcp.store import ModelStore
from components.gcp.trainer import Trainer
from components.packaging.source_files import ROOT
from stacks.gcp_settings import read_gcp_settings
from stacks.settings import read_settings

# Before anything is created: what is configured must make sense.
settings = read_settings(pulumi.Config(), ROOT)
gcp = read_gcp_settings(pulumi.Config())
labels = {"project": label(pulumi.get_project()), "stack": label(pulumi.get_stack())}

enabled = pulumi.ResourceOptions(depends_on=[Apis("apis", {"more": gcp.apis})])

store = ModelStore("store", {"labels": labels} | gcp.store, enabled)
common: Any = {"store": store.url, "model": settings.model, "labels": labels}

trainer = Trainer("trainer", common | settings.training | gcp.trainer, enabled)

# The endpoint follows the pointer in the store, not the trainer.
endpoint = Endpoint("endpoint", common | gcp.endpoint, enabled)

watched: Any = {
    "model": settings.model,
    "endpoint_function": endpoint.function.name,
    "trainer_function": trainer.function.name,
    "labels": labels,
}
if trainer.job:
    watched["trainer_job"] = trainer.job.name
monitoring = Monitoring("monitoring", watched | gcp.monitoring, enabled)

pulumi.export("url", endpoint.url)
pulumi.export("curl", endpoint.curl)
pulumi.export("store", store.url)
pulumi.export("model", settings.model)
pulumi.export("train", trainer.start)
pulumi.export("dashboard", monitoring.dashboard)
pulumi.export("dataset", settings.dataset)
