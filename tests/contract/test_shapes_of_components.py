"""The components of every cloud have the same names, inputs and outputs."""

import importlib
import inspect
from pathlib import Path
from typing import Any

import pulumi
import pytest

from components.inputs import training_settings
from tests.support.paths import ROOT

CLOUDS = sorted(path.parent.name for path in (ROOT / "components").glob("*/endpoint.py"))
# The outputs that the stack programs, `make up` and `make predict` need in each cloud.
OUTPUTS = {"ModelStore": {"url"}, "Trainer": {"dataset"}, "Endpoint": {"url", "curl"}, "Monitoring": {"dashboard"}}
MODULES = {"ModelStore": "store", "Trainer": "trainer", "Endpoint": "endpoint", "Monitoring": "monitoring"}
# Inputs that only make sense in one cloud, listed so that none is there by accident. A training of this machine is over
# when the update is; elsewhere data that arrives starts it, and nobody waits.
OWN_INPUTS = {
    "local": {"folder", "port"},
    "aws": {
        "api", "architecture", "callers", "code_canary", "cors", "dead_letters", "disposable", "domain",
        "endpoint_function", "image", "jwt", "kms_key", "log_days", "memory", "provisioned_concurrency", "public",
        "reserved_concurrency", "schedule", "snap_start", "tags", "throttle", "trainer_function", "trainer_logs",
        "xray",
    },
    "gcp": {
        "callers", "cors", "disposable", "domain", "endpoint_function", "image", "kms_key", "labels", "log_days",
        "memory", "provisioned_concurrency", "public", "reserved_concurrency", "schedule", "trainer_function",
        "trainer_job",
    },
    "azure": {
        "account", "scheduler_job", "callers", "connection", "cors", "disposable", "endpoint_app", "entra_client_id",
        "image", "insights", "memory", "provisioned_concurrency", "public", "reserved_concurrency", "resource_group",
        "schedule", "scope", "tags", "trainer_app", "trainer_job", "workspace",
    },
}  # fmt: skip
OWN_OUTPUTS = {
    "local": {"version", "promoted", "metrics", "token", "certificate"},
    "aws": {"start"},
    "gcp": {"start"},
    "azure": {"start"},
}
# This machine has no Monitoring: its user sees what happens.
PAIRS = [
    (cloud, component) for cloud in CLOUDS for component in MODULES if (cloud, component) != ("local", "Monitoring")
]


def test_there_are_clouds_to_compare() -> None:
    assert "local" in CLOUDS


def module_of(cloud: str, component: str) -> Any:
    return importlib.import_module(f"components.{cloud}.{MODULES[component]}")


def inputs_of(cloud: str, component: str) -> dict[str, Any]:
    return inspect.get_annotations(getattr(module_of(cloud, component), f"{component}Args"))


@pytest.mark.parametrize(("cloud", "component"), PAIRS)
def test_the_constructor_is_that_of_every_component(cloud: str, component: str) -> None:
    component_class = getattr(module_of(cloud, component), component)
    assert issubclass(component_class, pulumi.ComponentResource)
    assert list(inspect.signature(component_class.__init__).parameters) == ["self", "name", "args", "opts"]


@pytest.mark.parametrize(("cloud", "component"), PAIRS)
def test_the_outputs_are_declared(cloud: str, component: str) -> None:
    hints = inspect.get_annotations(getattr(module_of(cloud, component), component))
    outputs = {name for name, hint in hints.items() if getattr(hint, "__origin__", None) is pulumi.Output}
    assert outputs - OWN_OUTPUTS[cloud] == OUTPUTS[component]


@pytest.mark.parametrize(("cloud", "component"), PAIRS)
def test_the_inputs_are_those_of_the_first_cloud(cloud: str, component: str) -> None:
    own = OWN_INPUTS.get(cloud, set()) | OWN_INPUTS.get(CLOUDS[0], set())
    inputs, first = inputs_of(cloud, component), inputs_of(CLOUDS[0], component)
    assert set(inputs) - own == set(first) - own
    for name in set(inputs) - own:
        assert inputs[name] == first[name], name


@pytest.mark.parametrize(("cloud", "component"), PAIRS)
def test_each_input_is_explained(cloud: str, component: str) -> None:
    files = [module_of(cloud, component).__file__, training_settings.__file__]  # the latter for what Trainers inherit
    lines = [line for file in files for line in Path(file).read_text().splitlines()]
    for name in inputs_of(cloud, component):
        (number,) = [number for number, line in enumerate(lines) if line.startswith(f"    {name}: ")][:1]
        assert lines[number + 1].startswith('    """'), name


@pytest.mark.parametrize("cloud", CLOUDS)
def test_no_component_imports_another_clouds(cloud: str) -> None:
    others = [other for other in CLOUDS if other != cloud]
    for path in (ROOT / "components" / cloud).rglob("*.py"):
        assert not [other for other in others if f"components.{other}" in path.read_text()], path
