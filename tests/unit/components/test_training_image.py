"""The Dockerfile of the training image, as far as that can be tried without Docker: everything but the base image."""

import json
import re
import subprocess
import sys
import venv
from importlib import import_module
from pathlib import Path
from shutil import copy, copytree
from string import Template
from typing import Any, NamedTuple

import pytest
from packaging.utils import canonicalize_name

from components.aws.trainer import HANDLER
from components.gcp.function import PYTHON
from components.packaging.image import DOCKERFILE
from components.packaging.platforms import LAMBDA, LAMBDA_PYTHON
from components.packaging.wheels import pins
from function_code.training.settings import FRAMEWORKS
from tests.support.paths import ROOT

# The entry point of each cloud's image.
CLOUDS = {
    "aws": [HANDLER],
    "gcp": ["python", "-m", "function_code.entrypoints.gcp.train_job"],
    "azure": ["python", "-m", "function_code.entrypoints.azure.train_job"],
}
# What a RUN finds as `pip`: one that finds out what it would install, but from the index that tests can't count on.
PIP = """#!/bin/sh
case $* in
*--index-url*) echo "$*" >>"{log}" ;;
*) exec "{python}" -m pip "$@" --dry-run --quiet --disable-pip-version-check --report "{log}.$$.json" ;;
esac
"""

DRY_RUN = (
    "-m pip install --dry-run --quiet --disable-pip-version-check --ignore-installed --ignore-requires-python "
    "--no-deps --only-binary :all: --require-hashes --target none --implementation cp"
)


class Step(NamedTuple):
    """An instruction, and the stage that it belongs to; "" before the first and in the last."""

    stage: str
    name: str
    text: str


def steps() -> list[Step]:
    lines = [line for line in DOCKERFILE.read_text().splitlines() if line and not line.startswith("#")]
    parsed, stage = list[Step](), ""
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        name, text = line.split(None, 1)
        if name == "FROM":
            stage = text.partition(" AS ")[2]
        if name != "ARG":
            parsed.append(Step(stage, name, text))
    return parsed


def of(cloud: str, framework: str) -> list[Step]:
    """The steps of an image but for the start, in their order."""
    arguments = {"CLOUD": cloud, "FRAMEWORK": framework}
    begins = {
        step.stage: Template(step.text.split()[0]).substitute(arguments) for step in steps() if step.name == "FROM"
    }
    chain = [""]
    while chain[-1] in begins:
        chain.append(begins[chain[-1]])
    return [step for step in steps() if step.stage in chain and step.name != "FROM"]


def based_on(cloud: str) -> str:
    (base,) = [step.text for step in steps() if step.name == "FROM" and step.stage == f"on-{cloud}"]
    return base.split()[0]


def copied(step: Step) -> list[str]:
    return [word for word in step.text.split() if not word.startswith("--")][:-1]


def test_docker_is_sent_what_is_copied_and_nothing_else() -> None:
    patterns = DOCKERFILE.with_name(f"{DOCKERFILE.name}.dockerignore").read_text().splitlines()
    comment, everything, *kept, compiled = patterns
    assert (comment[0], everything, compiled) == ("#", "*", "**/__pycache__")
    sources = {source for step in steps() if step.name == "COPY" for source in copied(step)}
    assert {f"!{source}" for source in sources} == set(kept)
    assert all((ROOT / source).exists() for source in sources)


def test_it_is_based_on_the_python_that_archives_are_made_for() -> None:
    assert based_on("aws") == f"public.ecr.aws/lambda/python:{LAMBDA_PYTHON}"
    assert based_on("gcp") == f"python:{PYTHON}-slim"
    assert based_on("azure") == "on-gcp"


def test_each_cloud_and_each_framework_has_a_stage() -> None:
    shared = {"", "code", *(f"on-{cloud}" for cloud in CLOUDS)}
    assert {step.stage for step in steps()} - shared == {*CLOUDS, *FRAMEWORKS}
    assert all(f"ARG {default}\n" in DOCKERFILE.read_text() for default in ("CLOUD=aws", "FRAMEWORK=sklearn"))
    assert steps()[-1].text == "${CLOUD}"


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("cloud", CLOUDS)
def test_what_runs_is_the_clouds_entry_point_and_there(cloud: str, framework: str) -> None:
    image_steps = of(cloud, framework)
    (code,) = [step for step in image_steps if step.name == "COPY" and "function_code" in step.text]
    assert code.text.endswith(" function_code /var/task/function_code")
    (folder,) = [step.text for step in image_steps if step.name == "WORKDIR"]
    assert folder == "/var/task"
    (command,) = [json.loads(step.text) for step in image_steps if step.name == "CMD"]
    assert command == CLOUDS[cloud]
    module, _, function = (HANDLER if cloud == "aws" else f"{command[-1]}.main").rpartition(".")
    assert callable(getattr(import_module(module), function))


def test_it_is_not_root_that_runs() -> None:
    for cloud in ("gcp", "azure"):
        assert [step.text for step in of(cloud, "sklearn") if step.name == "USER"] == ["65534"]
    # Lambda has a user of its own, and asks for none in the image.
    assert not [step for step in of("aws", "sklearn") if step.name == "USER"]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing in it but pip."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, with_pip=True)
    return folder / "bin" / "python"


class Installed(NamedTuple):
    names: frozenset[str]
    """The distributions that pip would install, all with hashes."""
    elsewhere: list[str]
    """The commands that go to another index than PyPI."""
    folder: Path


@pytest.fixture(scope="module")
def reports() -> dict[str, list[Any]]:
    """Distributions that pip would install, by the text of a RUN. Images share their first one."""
    return {}


@pytest.fixture(scope="module", params=FRAMEWORKS)
def installed(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    python: Path,
    reports: dict[str, list[Any]],
) -> Installed:
    """The result of the COPY and RUN of an image, with a pip that only says what it would do."""
    base = tmp_path_factory.mktemp(request.param)
    log, task, own = base / "pip", base / "task", list[Any]()
    (base / "bin").mkdir()
    (base / "bin" / "pip").write_text(PIP.format(python=python, log=log))
    (base / "bin" / "pip").chmod(0o755)
    for step in of("gcp", request.param):
        if step.name == "COPY":
            for source in copied(step):
                (task / "requirements").mkdir(parents=True, exist_ok=True)
                (copytree if (ROOT / source).is_dir() else copy)(ROOT / source, task / source)
        elif step.name == "RUN":
            assert "--require-hashes" in step.text
            if step.text in reports:
                own += reports[step.text]
                continue
            environment = {"PATH": f"{base / 'bin'}:/usr/bin:/bin", "HOME": str(base)}
            done = subprocess.run(["sh", "-ec", step.text], cwd=task, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            paths = list(base.glob("pip.*.json"))
            reports[step.text] = [each for path in paths for each in json.loads(path.read_text())["install"]]
            own += reports[step.text]
            for path in paths:
                path.unlink()
    names = frozenset(canonicalize_name(each["metadata"]["name"]) for each in own)
    assert all(each["download_info"]["archive_info"]["hashes"] for each in own)
    return Installed(names, log.read_text().splitlines() if log.exists() else [], task)


def test_what_is_installed_resolves_with_hashes(installed: Installed, request: pytest.FixtureRequest) -> None:
    framework = request.node.callspec.params["installed"]
    assert installed.names >= {"scikit-learn", "pandas", "obstore"}
    assert not [name for name in installed.names if name.startswith(("nvidia", "cuda", "triton"))]
    assert bool(installed.names & {"tensorflow-cpu", "tensorflow"}) == (framework == "tensorflow")
    if framework == "pytorch":
        assert "sympy" in installed.names
        (command,) = installed.elsewhere
        (release,) = re.findall(r"^torch==\S+", (ROOT / "requirements/pytorch.txt").read_text(), re.MULTILINE)
        assert command.endswith(f"--no-deps --index-url https://download.pytorch.org/whl/cpu {release}")
    else:
        assert not installed.elsewhere


@pytest.fixture(scope="module")
def has_wheels() -> dict[str, set[str]]:
    """Pins that have a wheel, by platform. Frameworks share most of them."""
    return {platform.name: set() for platform in LAMBDA.values()}


def test_there_are_wheels_for_each_processor_in_one_release_each(
    installed: Installed, has_wheels: dict[str, set[str]], tmp_path: Path
) -> None:
    locks = sorted((installed.folder / "requirements").glob("*.txt"))
    for platform in LAMBDA.values():
        locked = {pin.line(): pin for lock in locks for pin in pins(lock, platform) if lock.stem != "pytorch"}.values()
        assert len({pin.name for pin in locked}) == len(locked)
        others = {pin.line() for pin in locked} - has_wheels[platform.name]
        if not others:
            continue
        lines = tmp_path / "lines.txt"
        lines.write_text("\n".join(sorted(others)))
        tags = [option for tag in platform.tags for option in ("--platform", tag)]
        place = ["--python-version", platform.python, *tags]
        command = [sys.executable, *DRY_RUN.split(), *place, "--requirement", str(lines)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, (platform.name, done.stderr)
        has_wheels[platform.name] |= others
