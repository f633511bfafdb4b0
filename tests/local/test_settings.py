"""Settings and datasets that cannot be: named in one line, and what serves goes on serving."""

from pathlib import Path

import pytest

from tests.support.project import Project
from tests.support.tables import csv_bytes, rows
from tests.support.updates import brought_back, configured, errors


# The other settings are checked in the same place; tests of the components go through them one by one.
@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("target", "traget", "target names the column 'traget'"),
        ("tagret", "target", "tagret is no setting; did you mean target?"),
        ("dataset", "none", "dataset is 'none', but here nothing arrives by itself"),
        ("source", "oracle", "source is 'oracle'; it can be airtable, or nothing for a dataset"),
        ("source", "airtable", "source is airtable and dataset '"),
        ("framework", "jax", "framework is 'jax'; it can be one of sklearn, pytorch, tensorflow"),
        ("cloud", "moon", "cloud is 'moon'; it can be local"),
    ],
)
def test_a_setting_that_cannot_be_is_named_before_anything_happens(
    project: Project, setting: str, value: str, words: str
) -> None:
    before = project.servers(), project.resources(), project.stack_file.read_bytes()
    with configured(project, **{setting: value}):
        done = project.pulumi("up", "--yes", "--skip-preview", code=None)
    assert done.returncode != 0
    (error,) = errors(done.stdout + done.stderr)
    assert words in error
    assert "pulumi config " in error
    assert "Traceback" not in done.stdout + done.stderr
    assert (project.servers(), project.resources(), project.stack_file.read_bytes()) == before


def test_what_is_refused_leaves_a_settled_stack(project: Project) -> None:
    with configured(project, target="traget"):
        assert project.pulumi("up", "--yes", "--skip-preview", code=None).returncode != 0
    assert project.is_settled()


def test_a_training_that_fails_changes_nothing_that_serves(project: Project, tmp_path: Path) -> None:
    before = project.predict()
    constant = tmp_path / "constant.csv"
    constant.write_bytes(csv_bytes(["number", "target"], [[number, "yes"] for number in range(100)]))
    with brought_back(project):
        with configured(project, dataset=str(constant)):
            done = project.pulumi("up", "--yes", "--skip-preview", code=None)
        assert done.returncode != 0
        printed = done.stdout + done.stderr
        (error,) = errors(printed)
        assert error == (
            "training failed: the target 'target' of constant.csv is 'yes' in every row; there is nothing to predict"
        )
        assert "Traceback" not in printed
        assert project.predict()["predictions"] == before["predictions"]
        assert not project.state().get("pending_operations")


def test_a_version_that_does_not_pass_is_kept_but_does_not_serve(project: Project, tmp_path: Path) -> None:
    before = project.predict()["model_version"]
    noise = tmp_path / "noise.csv"
    noise.write_bytes(
        csv_bytes(["number", "target"], rows(300, lambda chance: [chance.random(), chance.randint(0, 1)], 3))
    )
    with brought_back(project):
        with configured(project, dataset=str(noise)):
            printed = project.up()
        assert "is kept, but it does not serve" in printed
        outputs = project.outputs()
        assert outputs["promoted"] is False
        assert (project.home / "store" / "models" / "model" / "versions" / outputs["version"]).is_dir()
        assert project.predict()["model_version"] == before != outputs["version"]
