"""An input that can't be meant is refused when a component is constructed, in one line that says what to do."""

from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest

from components.inputs import checks, dataset

NO_DOCKER = "there is no docker: install it"
TABLE = {"base": "app00000000000000", "table": "Customers"}


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        (lambda: checks.check_model("my model/1"), "pulumi config set model NAME"),
        (lambda: checks.check_framework("jax"), "pulumi config set framework sklearn"),
        (lambda: checks.check_framework_name("jax"), "pulumi config set framework NAME"),
        (lambda: checks.needs_image("jax", image=False), "pulumi config set framework NAME"),
        (lambda: checks.check_port(80), "port is 80; it can be 1024 to 65535"),
        (lambda: checks.check_port(65536), "port is 65536; it can be 1024 to 65535"),
        (lambda: checks.check_dataset("no/such.csv"), "dataset is 'no/such.csv', which is not a file"),
        (lambda: checks.check_dataset("https://example.com/t.csv"), "which is a URL: download the file, and name that"),
        (lambda: checks.check_dataset("/"), "dataset is '/', which is a folder: name one file in it"),
        (lambda: dataset.uploaded("no/such.csv"), "dataset is 'no/such.csv', which is not a file"),
        (lambda: checks.check_airtable({"airtable": {"base": "x"}}), "pulumi config set --path airtable.NAME VALUE"),
        (lambda: checks.check_airtable({"airtable": TABLE}), "pulumi config set --secret airtable_token"),
    ],
)
def test_an_input_is_refused(check: Callable[[], object], problem: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        check()
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_inputs_that_can_be_meant_pass() -> None:
    checks.check_model("model-1")
    checks.check_framework("sklearn")
    checks.check_port(8443)
    checks.check_airtable({})
    checks.check_airtable({"airtable": TABLE, "airtable_token": "pat"})
    assert checks.check_dataset(__file__) == Path(__file__)
    assert not checks.needs_image("sklearn", image=False)


def test_what_the_engine_knows_later_is_not_judged_now() -> None:
    checks.check_model(pulumi.Output.from_input("my model/1"))
    checks.check_port(pulumi.Output.from_input(80))


@pytest.mark.parametrize(
    ("docker", "problem"),
    [
        (None, NO_DOCKER),
        ("echo 'Cannot connect to the daemon' >&2; exit 1", "does not work (Cannot connect to the daemon): start it"),
        ("exec sleep 60", "docker has not answered for 0.2 s: restart it"),
    ],
)
def test_an_image_without_docker_is_refused(
    docker: str | None, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_docker(docker, tmp_path, monkeypatch)
    with pytest.raises(pulumi.RunError) as refused:
        checks.needs_image("sklearn", image=True)
    assert problem in str(refused.value)
    assert "pulumi config set image false" in str(refused.value)
    with pytest.raises(pulumi.RunError, match="pulumi config set framework sklearn"):
        checks.needs_image("pytorch", image=False)


def test_an_image_is_built_by_a_docker_that_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_docker("echo 27.0", tmp_path, monkeypatch)
    assert checks.needs_image("sklearn", image=True)
    assert checks.needs_image("pytorch", image=False)


def pretend_docker(script: str | None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if script is not None:
        (folder / "docker").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/bin" if script else str(folder))
    monkeypatch.setattr(checks, "DOCKER_TIMEOUT_SECONDS", 0.2)


def test_a_file_keeps_its_name_in_the_store_as_far_as_a_key_may_have_it() -> None:
    assert dataset.dataset_key("model", "sales 2024 (final).csv") == "datasets/model/sales_2024_final_.csv"
    assert dataset.dataset_key("model", ".hidden.csv") == "datasets/model/hidden.csv"


def test_the_sample_is_written_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    sample = dataset.uploaded("")
    assert sample is not None
    written = sample.stat().st_mtime_ns
    assert dataset.synthetic_sample().stat().st_mtime_ns == written
    assert [path.name for path in sample.parent.iterdir()] == [dataset.SAMPLE]
    assert dataset.uploaded(dataset.NONE) is None


def test_an_estimator_outside_of_the_code_is_refused() -> None:
    with pytest.raises(pulumi.RunError, match="move it to function_code/"):
        checks.check_estimator("tests.support.estimators:make")
    checks.check_estimator("function_code.training.split:folds")
    checks.check_estimator("")
