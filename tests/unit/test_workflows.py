"""The workflows that deploy do it alike on each cloud: what differs is how GitHub is let in."""

from typing import Any

import pytest
import yaml

from tests.support.paths import ROOT

CLOUDS = ("aws", "gcp", "azure")


def jobs(cloud: str) -> dict[str, Any]:
    """The jobs of a cloud's workflow without who signs in and how, and with CLOUD for its name."""
    text = (ROOT / f".github/workflows/{cloud}.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text.replace(f"{cloud}-dev", "CLOUD-dev").replace(f"/{cloud}.txt", "/CLOUD.txt"))
    assert "concurrency" not in workflow  # of previews and deployments together, where one takes the other's place
    assert workflow["env"]["STACK"] == "CLOUD-dev"
    for job in workflow["jobs"].values():
        condition, who = job["if"].rsplit(" && ", 1)
        assert who.endswith(" != ''")
        job.update({"if": condition, "env": None})
        signs_in = [
            step for step in job["steps"] if any("vars." in str(value) for value in step.get("with", {}).values())
        ]
        assert len(signs_in) == 1
        job["steps"].remove(signs_in[0])
    return dict(workflow["jobs"])


@pytest.mark.parametrize("cloud", CLOUDS[1:])
def test_each_cloud_is_deployed_to_as_the_others_are(cloud: str) -> None:
    assert jobs(cloud) == jobs(CLOUDS[0])


@pytest.mark.parametrize("job", ["preview", "up"])
def test_policies_are_asked_of_what_is_shown_and_of_what_is_deployed(job: str) -> None:
    last = jobs(CLOUDS[0])[job]["steps"][-1]["run"]
    assert f"tools/pulumi {job} " in last
    assert "--policy-pack policy/run" in last
    assert "--skip-preview" not in last
