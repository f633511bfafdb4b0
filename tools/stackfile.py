"""The file with a stack's settings, stacks/Pulumi.<stack>.yaml, in so far as these scripts are concerned with it.

With the project's own backend, Pulumi writes a line `encryptionsalt` into it that belongs to the passphrase in .state.
Where the file holds no secret, that line is worth nothing without the passphrase, and in the way of the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from tools.pulumi_cli import ROOT

_SALT = re.compile(r"^encryptionsalt:.*\n?", re.MULTILINE)
_SECRET = re.compile(r"^\s+(-\s+)?secure:", re.MULTILINE)
_CLOUD = re.compile(r"^\s+[\w-]+:cloud:\s*[\"']?(\w+)", re.MULTILINE)
_SOURCE = re.compile(r"^\s+[\w-]+:source:\s*[\"']?(\w+)", re.MULTILINE)
_TOKEN = re.compile(r"^\s+[\w-]+:airtable_token:\s*\n\s+secure:", re.MULTILINE)
_NOTHING = re.compile(r"\s*(config:\s*(\{\})?\s*)?")


def path_of(stack: str) -> Path:
    """Return the file of a stack, given as `stack` or `organisation/project/stack`."""
    return ROOT / "stacks" / f"Pulumi.{stack.rpartition('/')[2]}.yaml"


def cloud_of(stack: str) -> str:
    """Return where the stack is deployed to, "local" if its settings don't say."""
    match = _CLOUD.search(_text_of(stack))
    return match[1] if match else "local"


def source_of(stack: str) -> str:
    """Return where data comes from instead of a file, "" if it comes from one."""
    match = _SOURCE.search(_text_of(stack))
    return match[1] if match else ""


def objects_of(stack: str, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return those of some settings that have a value for each of several columns."""
    config = (yaml.safe_load(_text_of(stack)) or {}).get("config") or {}
    objects = {name: value for key, value in config.items() if (name := key.rpartition(":")[2]) in names}
    return {name: value for name, value in objects.items() if isinstance(value, dict) and "secure" not in value}


def holds_token(stack: str) -> bool:
    """Tell whether the file has a token of Airtable, encrypted."""
    return _TOKEN.search(_text_of(stack)) is not None


def holds_secret(path: Path) -> bool:
    """Tell whether something in the file can be read with the passphrase only."""
    return _SECRET.search(path.read_text(encoding="utf-8")) is not None


def forget_salt(stack: str) -> None:
    """Remove the salt that protects nothing; and the file, if nothing else is in it."""
    path = path_of(stack)
    if not path.exists() or holds_secret(path):
        return
    before = path.read_text(encoding="utf-8")
    after = _SALT.sub("", before)
    if _NOTHING.fullmatch(after):
        path.unlink()
    elif after != before:
        path.write_text(after, encoding="utf-8")


def _text_of(stack: str) -> str:
    path = path_of(stack)
    return path.read_text(encoding="utf-8") if path.exists() else ""
