"""Functions as AWS Lambda runs them, and the bucket they share."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from function_code.registry import Registry
from function_code.store import Store
from tests.support.aws import archives
from tests.support.aws.bucket import bucket
from tests.support.aws.runtime import PREDICT, TRAIN, URL, Function, Start
from tests.support.cloud_project import AwsProject
from tests.support.fault_proxy import Front
from tests.support.libraries import install

# The fixtures of the functions' packages; where libraries are in the store, that of the code alone.
CODE_PACKAGE = "training_code_package"
PACKAGES = {PREDICT: "serving_package", TRAIN: "training_package"}

if sys.platform != "linux":
    collect_ignore_glob = ["test_*"]  # AWS's runtime client is for Linux alone


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("runtime"), archives.RUNTIME)


@pytest.fixture(scope="session")
def serving_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archives.serving(tmp_path_factory.mktemp("packages") / "serving")


@pytest.fixture(scope="session")
def training_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archives.training(tmp_path_factory.mktemp("packages") / "training")


@pytest.fixture(scope="session")
def training_code_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archives.training_code(tmp_path_factory.mktemp("packages") / "training_code")


@pytest.fixture
def surroundings(tmp_path: Path) -> Iterator[tuple[Front, dict[str, str]]]:
    (tmp_path / "empty").mkdir()
    with bucket(tmp_path / "empty") as front_and_environment:
        yield front_and_environment


@pytest.fixture
def front(surroundings: tuple[Front, dict[str, str]]) -> Front:
    return surroundings[0]


@pytest.fixture
def registry(surroundings: tuple[Front, dict[str, str]]) -> Registry:
    """The registry in the bucket, as a user's machine opens it."""
    with patch.dict(os.environ, surroundings[1]):
        return Registry(Store(URL), "model")


@pytest.fixture
def start(
    surroundings: tuple[Front, dict[str, str]], runtime: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Start]:
    """Starts a function: `start(handler)`, with further variables of the environment if need be."""
    numbers = count()
    with ExitStack() as stack:

        def begin(handler: str, **more: str) -> Function:
            package = request.getfixturevalue(CODE_PACKAGE if "LIBRARIES" in more else PACKAGES[handler])
            home = tmp_path / f"function-{next(numbers)}"
            environment: dict[str, Any] = {**surroundings[1], "STORE": URL, "MODEL": "model", **more}
            return stack.enter_context(Function(handler, package, runtime, home, environment))

        yield begin


@pytest.fixture
def project(tmp_path: Path) -> Iterator[AwsProject]:
    """A checkout with a stack that is not up yet, on a fake cloud of its own."""
    yield from AwsProject.create(tmp_path)


@pytest.fixture(scope="session")
def as_it_comes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsProject]:
    """A settled stack with the settings of the checkout. Tests may configure it, but change nothing of it."""
    for project in AwsProject.create(tmp_path_factory.mktemp("as-it-comes")):
        project.up()
        yield project


@pytest.fixture(scope="session")
def with_every_option(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsProject]:
    """A settled stack with every option on, for tests that change nothing."""
    for project in AwsProject.create(tmp_path_factory.mktemp("with-every-option")):
        project.set(project.everything)
        project.up()
        yield project
