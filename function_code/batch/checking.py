"""The check of a block's rows: those that suit a model's schema, and the problems of the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from math import isfinite, isinf
from typing import Any

from function_code.column import MISSING, REQUIRED, Column
from function_code.data.blocks import Block, Blocks
from function_code.data.header import UNNAMED
from function_code.data.json_value import json_value
from function_code.data.typed_values import LIST_SEPARATOR, texts_of
from function_code.errors import Refused
from function_code.schema import RECOMMENDATION, Schema, owned_labels

# Columns of a rejects file beside those of the file itself: mended, it can be put in again as it is.
ROW_COLUMN, REASON_COLUMN = "rejected_row", "rejected_because"


@dataclass
class CheckedRows:
    """The rows of a block that can be scored, as a column for each feature, and the problems of the others."""

    features: list[list[Any]]
    indices: list[int]
    """The indices of those rows in the block."""
    problems: dict[int, str]
    """The reason why a row cannot be scored, by its index in the block."""


def check_header(blocks: Blocks, schema: Schema, name: str) -> None:
    """Raises Refused if the file has columns that the model does not know, or lacks those that it cannot do without."""
    known = schema.known_names | {ROW_COLUMN, REASON_COLUMN}
    unknown = [column for column in blocks.header if column not in known and not column.startswith(UNNAMED)]
    needed = [column.name for column in schema.features if not column.nullable]
    if schema.task == RECOMMENDATION:
        needed += [*schema.ids, schema.target]
    missing = [name for name in needed if name not in blocks.header]
    if unknown or missing:
        unknown_text = f"has columns that the model does not know: {', '.join(unknown)}" if unknown else ""
        missing_text = f"lacks columns that it was never without in training: {', '.join(missing)}" if missing else ""
        raise Refused(f"{name} {' and '.join(filter(None, (unknown_text, missing_text)))}; rename, add or remove them")


def check_block(block: Block, schema: Schema, decimal_comma: bool) -> CheckedRows:
    """Checks the rows of a block. `decimal_comma` says whether 3,14 is a number."""
    problems: dict[int, list[str]] = {
        index: [reason] for index, reason in (block.repeated_headers() | block.broken).items()
    }
    features = []
    for column, plan in zip(schema.features, schema.plan, strict=True):
        if column.name in block.columns:
            features.append(
                _convert(_hashable(block.columns[column.name], column), column, plan, decimal_comma, problems)
            )
        else:
            features.append([plan[-1]] * block.count)
    if schema.owned in block.columns:
        for index, value in enumerate(block.columns[schema.owned]):
            try:
                owned_labels(value or None)
            except ValueError as error:
                problems.setdefault(index, []).append(f"{schema.owned}: {error}")
    indices = [index for index in range(block.count) if index not in problems]
    if problems:
        flags = [index not in problems for index in range(block.count)]
        features = [list(compress(values, flags)) for values in features]
    return CheckedRows(features, indices, {index: "; ".join(reasons) for index, reasons in problems.items()})


def _hashable(values: Sequence[Any], column: Column) -> Sequence[Any]:
    """The values of a feature, with texts for lists."""
    if list not in set(map(type, values)):
        return values
    return texts_of(values, column.form if column.kind == "list" else LIST_SEPARATOR)


def _convert(
    values: Sequence[Any],
    column: Column,
    plan: tuple[str, Callable[[object], Any], bool, Any],
    decimal_comma: bool,
    problems: dict[int, list[str]],
) -> list[Any]:
    """Converts the values of a feature; those that are wrong become None, and `problems` gets the reasons by index."""
    name, convert, nullable, missing = plan
    if column.is_plain_number and (numbers := _to_numbers(values, nullable)):
        return numbers
    # 1 and True are the same, but for their type.
    keys = values if len(set(map(type, values))) == 1 else list(zip(map(type, values), values, strict=True))
    converted: dict[Any, Any] = {}
    reasons: dict[Any, str] = {}
    for key in set(keys):
        value = json_value(key[1] if keys is not values else key, column, decimal_comma)
        try:
            if value is None or value == "":
                if not nullable:
                    raise ValueError(REQUIRED)
                converted[key] = missing
            else:
                converted[key] = convert(value)
        except ValueError as error:
            converted[key], reasons[key] = None, f"{name}: {error}"
    if reasons:
        for index, key in enumerate(keys):
            if key in reasons:
                problems.setdefault(index, []).append(reasons[key])
    return list(map(converted.__getitem__, keys))


def _to_numbers(values: Sequence[Any], nullable: bool) -> list[float]:
    """Converts the usual values fast: all are numbers, or missing where they may be. Gives nothing for others."""
    types = set(map(type, values))
    if types == {str} and "_" in "".join(values):
        return []  # which is for Python, and nobody else, a spelling of numbers
    try:
        try:
            numbers = list(values if types == {float} else map(float, values))
        except (ValueError, TypeError):
            numbers = [MISSING if value is None or value == "" else float(value) for value in values if nullable]
    except (ValueError, TypeError, OverflowError):
        return []
    return numbers if all(map(isfinite, numbers)) or (nullable and not any(map(isinf, numbers))) else []
