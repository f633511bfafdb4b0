"""Settings in a stack's file, written as `pulumi config set --path` would, without a process for each."""

import re
from pathlib import Path
from typing import Any

import yaml

PROJECT = "serverless-ml"
PATH = re.compile(r"(?P<name>[^.\[]+)(\.(?P<key>\w+)|\[(?P<index>\d+)\])?")  # name, name.key or name[index]


def write_settings(file: Path, settings: dict[str, str]) -> None:
    """Adds settings to a stack's file, by their paths."""
    document = yaml.safe_load(file.read_text())
    for path, text in settings.items():
        _put(document["config"], path, _typed(text))
    file.write_text(yaml.safe_dump(document, sort_keys=False))


def _put(config: dict[str, Any], path: str, value: Any) -> None:
    match = PATH.fullmatch(path)
    assert match, path
    name, key, index = match["name"], match["key"], match["index"]
    full_name = name if ":" in name else f"{PROJECT}:{name}"
    if key:
        config.setdefault(full_name, {})[key] = value
    elif index:
        assert int(index) == len(config.setdefault(full_name, [])), path
        config[full_name].append(value)
    else:
        config[full_name] = value


def _typed(text: str) -> bool | int | str:
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() else text
