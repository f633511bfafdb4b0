"""The whole stack on this machine: no cloud, no account."""

import pulumi

from components.inputs.checks import check_framework
from components.inputs.dataset import NONE
from components.local.endpoint import Endpoint, EndpointArgs
from components.local.store import ModelStore
from components.local.trainer import Trainer
from components.packaging.source_files import ROOT
from stacks.settings import read_settings

# Before anything is created: what is configured must make sense.
settings = read_settings(pulumi.Config(), ROOT)
check_framework(settings.training["framework"])
if settings.training.get("dataset") == NONE and "airtable" not in settings.training:
    raise pulumi.RunError("dataset is 'none', but here nothing arrives by itself: pulumi config set dataset FILE.csv")
home = f".local/{pulumi.get_stack()}"

store = ModelStore("store", {"folder": home})

trainer = Trainer(
    "trainer",
    {"store": store.url, "model": settings.model, "folder": home, **settings.training},
)

# The endpoint follows the pointer in the store, not the trainer: both start at once.
serving: EndpointArgs = {"store": store.url, "model": settings.model, "folder": home}
if settings.port:
    serving["port"] = settings.port
endpoint = Endpoint("endpoint", serving)

pulumi.export("url", endpoint.url)
pulumi.export("token", endpoint.token)
pulumi.export("certificate", endpoint.certificate)
pulumi.export("curl", endpoint.curl)
pulumi.export("store", store.url)
pulumi.export("model", settings.model)
pulumi.export("version", trainer.version)
pulumi.export("promoted", trainer.promoted)
pulumi.export("metrics", trainer.metrics)
pulumi.export("dataset", settings.dataset)
