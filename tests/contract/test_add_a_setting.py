"""A setting of the training stands in the places that CONTRIBUTING lists; from there it arrives in every runtime."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.inputs.training_settings import TrainingInputs
from function_code.training.settings import CONFIGURED
from tests.support import orders
from tests.support.cloud_project import AwsProject, AzureProject, CloudProject, GcpProject
from tests.support.paths import ROOT
from tests.support.project import Project
from tests.support.tables import YES_NO, csv_bytes, rows, yes_no
from tools import settings

NAMES = [setting.name for setting in CONFIGURED]
# By file, the text before which a setting called flavor is added, and the addition.
ADDITIONS = {
    "function_code/training/settings.py": (
        "\n    @classmethod\n    def of(",
        '    flavor: str = field(default="plain", metadata={"help": "plain or sweet"})\n',
    ),
    "components/inputs/training_settings.py": (
        "\n\ndef training_settings(",
        '    flavor: NotRequired[pulumi.Input[str]]\n    """plain or sweet. Default: plain."""\n',
    ),
    "Pulumi.yaml": (
        "  model:\n    type: string\n",
        "  flavor:\n    type: string\n    default: plain\n    description: plain or sweet.\n",
    ),
    "Makefile": (" MODEL PORT\n", " FLAVOR"),
    "README.md": ("| `MODEL` |", "| `FLAVOR` | `plain` or `sweet` | `plain` |\n"),
}
# The code that the setting is for.
USE = ("        table = read_table(data", '        log(f"the flavor is {settings.flavor}")\n')
READ = """
import json
from function_code.entrypoints.run_job import _settings
settings = _settings()
print(json.dumps({name: getattr(settings, name) for name in ("flavor", "user", "item", "when", "amount", "target")}))
"""


def add_setting(root: Path) -> None:
    for path, (after, addition) in {**ADDITIONS, "function_code/training/run.py": USE}.items():
        text = (root / path).read_text(encoding="utf-8")
        assert text.count(after) == 1, path
        (root / path).write_text(text.replace(after, addition + after), encoding="utf-8")


def document_in(inputs: Any) -> Iterator[str]:
    """The variable TRAINING in the inputs of a resource, which each cloud has in a place of its own."""
    if isinstance(inputs, list):
        for item in inputs:
            yield from document_in(item)
    elif isinstance(inputs, dict):
        if inputs.get("name") == "TRAINING":
            yield inputs["value"]
        if "TRAINING" in inputs:
            yield inputs["TRAINING"]
        yield from document_in(list(inputs.values()))


@pytest.mark.parametrize("kind", [AwsProject, GcpProject, AzureProject], ids=lambda kind: kind.name)
def test_a_new_setting_and_those_of_events_arrive_in_the_function_of_a_cloud(
    kind: type[CloudProject], tmp_path: Path
) -> None:
    for project in kind.create(tmp_path):
        add_setting(project.root)
        (tmp_path / "orders.csv").write_bytes(orders.orders_csv())
        project.set({**orders.COLUMNS, "dataset": str(tmp_path / "orders.csv"), "flavor": "sweet"})
        steps = json.loads(project.pulumi("preview", "--json").stdout)["steps"]
        documents = set(document_in([step.get("newState", {}).get("inputs") for step in steps]))
        assert len(documents) == 1
        project.environment["TRAINING"] = documents.pop()
        arrived = json.loads(project.run(".venv/bin/python", "-c", READ).stdout)
        assert arrived == {**orders.COLUMNS, "target": "", "flavor": "sweet"}


def test_a_new_setting_arrives_in_the_training_on_this_machine(fresh: Project, tmp_path: Path) -> None:
    add_setting(fresh.root)
    table = tmp_path / "table.csv"
    table.write_bytes(csv_bytes(YES_NO, rows(300, yes_no)))
    printed = fresh.run("make", "up", f"DATASET={table}", "TARGET=target", "BUDGET=1", "FLAVOR=sweet").stdout
    assert "the flavor is sweet" in printed


def test_a_new_setting_is_an_option_of_the_command_line(tmp_path: Path) -> None:
    fresh = Project(tmp_path)
    add_setting(fresh.root)
    shown = fresh.run(".venv/bin/python", "-m", "function_code", "train", "--help").stdout
    assert re.search(r"--flavor FLAVOR\s+plain or sweet", shown)


def test_contributing_lists_the_places_and_no_other() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("## Add a setting\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\d+\. `?([\w./]+)`?", section, re.MULTILINE) == list(ADDITIONS)


@pytest.mark.parametrize("setting", CONFIGURED, ids=lambda setting: setting.name)
def test_each_setting_is_declared_offered_and_described(setting: Any) -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))["config"][setting.name]
    assert declared["description"]
    if isinstance(setting.default, str | float | int) and setting.name != "target":
        assert declared["default"] == setting.default  # the defaults are the same
    listed = re.search(r"^settings := (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed
    assert setting.name.upper() in listed[1].split()
    assert listed[1].lower().split() == list(settings.NAMES)
    assert (ROOT / "README.md").read_text(encoding="utf-8").count(f"\n| `{setting.name.upper()}` | ") == 1
    assert setting.metadata["help"]


def test_a_trainer_takes_each_setting() -> None:
    where = {"store", "model", "dataset", "airtable", "airtable_token"}
    assert set(inspect.get_annotations(TrainingInputs)) == where | set(NAMES)
