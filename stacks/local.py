"""The whole stack on this machine: no cloud, no account."""

from typing import Any

import pulumi

from components.inputs.checks import check_framework
from components.inputs.dataset import NONE
from components.local.endpoint import Endpoint
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
common: Any = {"store": store.url, "model": settings.model, "folder": home}

trainer = Trainer("trainer", common | settings.training)

# The endpoint follows the pointer in the store, not the trainer: both start at once.
endpoint = Endpoint("endpoint", common | ({"port": settings.port} if settings.port else {}))

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
