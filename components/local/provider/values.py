"""Pulumi's property values as plain Python, and back."""

from typing import Any

from google.protobuf.struct_pb2 import Struct, Value

Values = dict[str, Any]

# How the engine writes a value that is not known before `up`. It differs from every known value.
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def to_python(struct: Struct) -> Values:
    """Properties as a dict; whole numbers become ints, which the protocol does not tell from floats."""
    return {key: _plain(value) for key, value in struct.fields.items()}


def to_struct(values: Values) -> Struct:
    """A dict as properties: the inverse of to_python."""
    struct = Struct()
    struct.update(values)
    return struct


def _plain(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return to_python(value.struct_value)
    if kind == "list_value":
        return [_plain(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None if kind in (None, "null_value") else getattr(value, kind)
