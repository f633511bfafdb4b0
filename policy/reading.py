"""The properties of resources, as plain values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy.proxy import UnknownValueError


class Unknown:
    """A value that a preview can't know yet: no policy objects to it, because it is neither empty nor a known value."""


UNKNOWN = Unknown()


def plain(value: Any) -> Any:
    """The value as dicts, lists and scalars, with UNKNOWN for each part that a preview can't know.

    The SDK gives up on a whole policy at the first unknown value that is read; the known ones are worth judging.
    """
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, place) for place in range(len(value))]
    return value


def _item(holder: Any, key: Any) -> Any:
    try:
        return plain(holder[key])
    except UnknownValueError:
        return UNKNOWN


def as_list(value: Any) -> list[Any]:
    """The items of a list, or the one that stands alone; none if there is nothing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, at whatever depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def at(props: Any, path: tuple[str, ...]) -> Any:
    """The value at that path; UNKNOWN as soon as a part of the path is, None if there is none."""
    for name in path:
        if props is UNKNOWN:
            return UNKNOWN
        props = props.get(name) if isinstance(props, dict) else None
    return props
