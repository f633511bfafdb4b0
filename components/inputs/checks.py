"""Checks of inputs, so far as they are known when a component is constructed; each names the input in one line."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.packaging import source_files
from function_code.airtable.settings import AirtableSettings
from function_code.errors import Refused
from function_code.training import settings

LOWEST_PORT, HIGHEST_PORT = 1024, 65535
DOCKER = ("docker", "version", "--format", "{{.Server.Version}}")
DOCKER_TIMEOUT_SECONDS = 30


def check_model(model: pulumi.Input[str]) -> None:
    """Raises RunError if the name could not stand in a URL and in an object's key."""
    if isinstance(model, str):
        try:
            settings.check_model_name(model)
        except Refused as problem:
            raise pulumi.RunError(f"{problem}: pulumi config set model NAME") from None


def check_framework(framework: str) -> None:
    """Raises RunError if this machine could not train with it."""
    try:
        settings.check_framework(framework)
    except Refused as problem:
        raise pulumi.RunError(f"{problem} (or: pulumi config set framework sklearn)") from None


def check_framework_name(framework: str) -> None:
    """Raises RunError if there is no such framework, wherever it would train."""
    try:
        settings.check_framework_name(framework)
    except Refused as problem:
        raise pulumi.RunError(f"{problem}: pulumi config set framework NAME") from None


def check_docker(why: str, instead: str) -> None:
    """Raises RunError if Docker does not answer; `why` an image is to be built, and what to do `instead`."""
    needs = f"{why}, so a container image is to be built, and"
    try:
        done = subprocess.run(DOCKER, capture_output=True, text=True, timeout=DOCKER_TIMEOUT_SECONDS)
    except OSError:
        get = "install it (https://docs.docker.com/get-started/get-docker)"
        raise pulumi.RunError(f"{needs} there is no docker: {get}, or: {instead}") from None
    except subprocess.TimeoutExpired:
        raise pulumi.RunError(
            f"{needs} docker has not answered for {DOCKER_TIMEOUT_SECONDS} s: restart it, or: {instead}"
        ) from None
    if done.returncode:
        problem = " ".join(done.stderr.split())
        raise pulumi.RunError(f"{needs} docker does not work ({problem}): start it, or: {instead}")


def needs_image(framework: str, image: bool) -> bool:
    """Tell whether a training in a cloud runs from a container image.

    Raises RunError if there is no such framework, or if one is needed that this machine can't build.
    """
    check_framework_name(framework)
    if framework != settings.Settings.framework:
        # Larger than an archive may be.
        check_docker(f"framework is {framework!r}", f"pulumi config set framework {settings.Settings.framework}")
    elif image:
        check_docker("image is true", "pulumi config set image false")
    else:
        return False
    return True


def check_estimator(estimator: str) -> None:
    """Raises RunError if a function in a cloud would not have the file of an estimator's module:function."""
    if source_files.estimator_files(estimator):
        raise pulumi.RunError(
            f"estimator is {estimator!r}, whose file a function would not have: move it to function_code/"
        )


def check_airtable(args: Mapping[str, Any]) -> None:
    """Raises RunError if a trainer could not read the table that its inputs name, or has no token for it."""
    if "airtable" in args:
        try:
            AirtableSettings.of(args["airtable"])
        except Refused as problem:
            raise pulumi.RunError(f"{problem}: pulumi config set --path airtable.NAME VALUE") from None
        if "airtable_token" not in args:
            raise pulumi.RunError("airtable_token is not given: pulumi config set --secret airtable_token")


def check_port(port: pulumi.Input[int]) -> None:
    """Raises RunError for a port that needs privileges, or that there is not."""
    if isinstance(port, int) and not LOWEST_PORT <= port <= HIGHEST_PORT:
        raise pulumi.RunError(
            f"port is {port}; it can be {LOWEST_PORT} to {HIGHEST_PORT}: pulumi config set port NUMBER"
        )


def check_dataset(dataset: str) -> Path:
    """The file's absolute path. Raises RunError if there is no such file."""
    path = Path(dataset).absolute()
    if "://" in dataset:
        raise pulumi.RunError(f"dataset is {dataset!r}, which is a URL: download the file, and name that")
    if path.is_dir():
        raise pulumi.RunError(f"dataset is {dataset!r}, which is a folder: name one file in it")
    if not path.is_file():
        raise pulumi.RunError(f"dataset is {dataset!r}, which is not a file: pulumi config set dataset FILE.csv")
    return path
