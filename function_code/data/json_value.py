"""Fields of files as the values of a request."""

from decimal import Decimal
from typing import Any

from function_code.column import TEXT_KINDS, Column
from function_code.data.typed_values import LIST_SEPARATOR, text_of
from function_code.dialects.booleans import DIGITS
from function_code.dialects.missing import says_missing

# Pandas and databases write such words, and pandas reads them in a column of numbers.
BOOLEAN_NUMBERS = {"true": 1.0, "false": 0.0}


def json_value(value: Any, column: Column, decimal_comma: bool = False) -> Any:
    """The value of a file's field as an instance of a request has it: None where it is missing.

    `decimal_comma` says whether 3,14 is a number. A text that is nothing of the column's kind stays what it is.
    """
    kind = column.kind
    if value is None or value != value:
        return None
    if kind == "number" and isinstance(value, int | float | Decimal):  # or a boolean, which is an int
        return float(value) if type(value) in (bool, Decimal) else value
    if type(value) is bool and kind == "boolean":
        return value
    if type(value) in (int, float) and column.is_counted_date:
        return value
    text = text_of(value, column.form if kind == "list" else LIST_SEPARATOR).strip()
    if text == "" or text in column.odd or text in column.stand_ins or (kind not in TEXT_KINDS and says_missing(text)):
        return None
    if kind == "boolean":
        return bool(DIGITS[text]) if text in DIGITS else text
    return _number(text, decimal_comma) if kind == "number" and not column.form else text


def _number(text: str, decimal_comma: bool) -> Any:
    if "_" in text:
        return text
    if text.casefold() in BOOLEAN_NUMBERS:
        return BOOLEAN_NUMBERS[text.casefold()]
    for spelling in (text, text.replace(",", ".", 1)) if decimal_comma else (text,):
        try:
            return float(spelling)
        except ValueError:
            continue
    return text  # the schema's own message says that it is none
