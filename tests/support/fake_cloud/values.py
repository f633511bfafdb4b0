"""Inputs and outputs of resources: filled in, compared, and as a preview shows them."""

from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime.rpc import UNKNOWN

ASSET = "4dabf18193072939515e22adb298388d"  # the key by which the engine marks an asset or an archive
Values = dict[str, Any]


class Fields(dict[str, Any]):
    """The fields of a text: plain values, and other templates, each filled in at its first use."""

    def __init__(self, values: Values, templates: Values, inputs: Values) -> None:
        super().__init__({key: value for key, value in {**values, **inputs}.items() if key not in templates})
        self.templates, self.inputs = templates, inputs

    def __missing__(self, key: str) -> Any:
        self[key] = merge(self.inputs.get(key), self.fill(self.templates[key]))
        return self[key]

    def fill(self, template: Any) -> Any:
        if isinstance(template, dict):
            return {key: self.fill(value) for key, value in template.items()}
        return [self.fill(value) for value in template] if isinstance(template, list) else template.format_map(self)


def merge(value: Any, addition: Any) -> Any:
    """An output: the program's value, with the cloud's addition."""
    if isinstance(addition, dict) and isinstance(value, dict):
        return value | {key: merge(value.get(key), item) for key, item in addition.items()}
    return addition if value is None else value


def veil(value: Any, known: Any, old: Any) -> Any:
    """The output in a preview: the program's own values, and those that stay; the others are unknown."""
    if value == old and old is not None:
        return value
    if isinstance(value, dict) and value:
        known, old = (each if isinstance(each, dict) else {} for each in (known, old))
        return {key: veil(item, known.get(key), old.get(key)) for key, item in value.items()}
    return UNKNOWN if known is None else known


def comparable(value: Any) -> Any:
    """Assets compare by hash: the engine leaves their content out when it asks for a diff."""
    if isinstance(value, dict):
        return value["hash"] if ASSET in value else {key: comparable(item) for key, item in value.items()}
    return [comparable(item) for item in value] if isinstance(value, list) else value


def unpack(struct: Any) -> Values:
    return json_format.MessageToDict(struct)


def pack(values: Values) -> Any:
    return json_format.ParseDict(values, struct_pb2.Struct())
