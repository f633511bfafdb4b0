"""Objects within rows as columns of their own: {"address": {"city": "Ulm"}} has a column address.city."""

from collections.abc import Iterator
from typing import Any

from function_code.errors import Refused

MARK = "."  # between the name of an object and that of its part


def flatten(record: dict[str, Any], where: str) -> dict[str, Any]:
    """A row without objects in it. Raises Refused, naming the row by `where`, if two columns would have one name."""
    if dict not in map(type, record.values()):
        return record
    flat: dict[str, Any] = {}
    try:
        for name, value in _parts(record):
            if name in flat:
                raise Refused(f"{where} has the column {name!r} twice: as a name, and within an object; rename one")
            flat[name] = value
    except RecursionError:
        raise Refused(f"{where} has objects in objects, too deep to be columns") from None
    return flat


def _parts(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        if type(value) is dict:
            yield from ((f"{name}{MARK}{part}", each) for part, each in _parts(value))
        else:
            yield name, value
