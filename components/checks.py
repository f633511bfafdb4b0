"""Checks of inputs, so far as they are known when a component is constructed; each names the input in one line."""

from pathlib import Path

import pulumi

from function_code.errors import Refused
from function_code.training import settings

LOWEST_PORT, HIGHEST_PORT = 1024, 65535


def check_model(model: pulumi.Input[str]) -> None:
    """Raises RunError if the name could not stand in a URL and in an object's key."""
    if isinstance(model, str):
        try:
            settings.check_model_name(model)
        except Refused as problem:
            raise pulumi.RunError(f"{problem}: pulumi config set model NAME") from None


def check_framework(framework: pulumi.Input[str]) -> None:
    """Raises RunError if this machine could not train with it."""
    if isinstance(framework, str):
        try:
            settings.check_framework(framework)
        except Refused as problem:
            raise pulumi.RunError(f"{problem} (or: pulumi config set framework sklearn)") from None


def check_port(port: pulumi.Input[int]) -> None:
    """Raises RunError for a port that needs privileges, or that there is not."""
    if isinstance(port, int) and not LOWEST_PORT <= port <= HIGHEST_PORT:
        raise pulumi.RunError(
            f"port is {port}; it can be {LOWEST_PORT} to {HIGHEST_PORT}: pulumi config set port NUMBER"
        )


def check_dataset(dataset: str) -> Path:
    """The file's absolute path. Raises RunError if there is no such file."""
    path = Path(dataset).absolute()
    if not path.is_file():
        raise pulumi.RunError(f"dataset is {dataset!r}, which is not a file: pulumi config set dataset FILE.csv")
    return path
