"""Values with types of their own as the texts that a CSV file has for them, by which all files are read alike."""

import json
from collections.abc import Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from function_code.column import MAX_WHOLE_NUMBER

LIST_SEPARATOR = ";"


def texts_of(values: Sequence[Any], separator: str = LIST_SEPARATOR) -> list[str]:
    """The texts of a column's values."""
    types = set(map(type, values))
    if types <= {str}:
        return list(values)
    if types == {int}:
        return list(map(str, values))
    if types == {float}:
        return list(map(_of_float, values))
    return [text_of(value, separator) for value in values]


def text_of(value: Any, separator: str = LIST_SEPARATOR) -> str:
    """The text of a value: plain digits, true and false, ISO 8601, a;b for a list; "" where it is missing."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _of_float(value)
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else ""
    if isinstance(value, date | time):  # a datetime is a date, too
        return value.isoformat()
    if isinstance(value, timedelta):
        return _of_duration(value)
    if isinstance(value, list | tuple):
        return _of_list(list(value), separator)
    if isinstance(value, bytes):
        return _of_bytes(value)
    return json.dumps(value, ensure_ascii=False, default=text_of) if isinstance(value, dict) else str(value)


def _of_float(value: float) -> str:
    if value != value:
        return ""
    if value.is_integer() and abs(value) < MAX_WHOLE_NUMBER:  # programs write 1.0 for the 1 of a column with gaps
        return str(int(value))
    return repr(value)


def _of_duration(value: timedelta) -> str:
    sign, length = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(length.seconds, 60)
    fraction = f".{length.microseconds:06}" if length.microseconds else ""
    clock = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}{fraction}"
    return f"{sign}{length.days} days {clock}" if length.days else f"{sign}{clock}"


def _of_list(values: list[Any], separator: str) -> str:
    """Elements with a mark between them; JSON where they have that mark, or parts of their own."""
    elements = [text_of(value) for value in values if value is not None]
    has_parts = any(isinstance(value, list | tuple | dict) for value in values)
    if has_parts or any(separator in element for element in elements):
        return json.dumps(values, ensure_ascii=False, default=text_of)
    return separator.join(elements)


def _of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()
