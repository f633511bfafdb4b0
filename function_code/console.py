"""Exit codes, progress lines and the reading of options that all commands of the command line share."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from function_code.errors import Refused
from function_code.registry import Registry

UNEXPECTED, REFUSED, NOT_FOUND, NOT_PROMOTED, INTERRUPTED = 1, 3, 4, 5, 130

# Makes a command of a name, a function, a help text and parents.
AddCommand = Callable[..., argparse.ArgumentParser]


def log(line: str) -> None:
    """Print a line about what goes on, apart from the result on standard output."""
    print(line, file=sys.stderr, flush=True)


def registry_of(options: argparse.Namespace) -> Registry:
    """The registry of the model that --model names, in the store that --store names. Raises Refused."""
    from function_code.store import Store

    return Registry(Store(options.store), options.model)


def read_file(path: str) -> bytes:
    """The content of a file. Raises Refused if it cannot be read."""
    if "://" in path:
        raise Refused(f"{path} is a URL, and no file: download it, and name the file")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from None


def read_document(text: str, what: str) -> dict[str, Any]:
    """The JSON object in a file, or in the text itself if that begins with {. Raises Refused, which calls it `what`."""
    try:
        document: Any = json.loads(text if text.startswith("{") else read_file(text))
    except ValueError as error:
        raise Refused(f"{what} in {text} are not JSON: {error}") from None
    if not isinstance(document, dict):
        raise Refused(f"{what} in {text} are no object, such as {{...}}")
    return document
