"""The rows of a block as a model's schema wants them, and what is wrong with those that are not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import compress
from math import isfinite, isinf
from typing import Any

from function_code.batch.blocks import REASON, ROW, Block, Blocks
from function_code.data.csv_file import MISSING_WORDS
from function_code.errors import Refused
from function_code.schema import MISSING, REQUIRED, Schema, owned_labels

FLAGS = {"true": 1.0, "false": 0.0}  # which pandas and databases write, and pandas reads in a column of numbers


@dataclass
class Checked:
    """What is left of a block: for each feature a column, and beside it whatever of the block belongs to those rows."""

    features: list[list[Any]]
    places: list[int]
    """The rows' indices in the block."""
    wrong: dict[int, str]
    """By index in the block, why a row cannot be scored."""


def check_header(blocks: Blocks, schema: Schema, name: str) -> None:
    """Raises Refused if the file has columns that the model does not know, or lacks those that it cannot do without."""
    known = {column.name for column in schema.features} | {*schema.ids, *schema.ignored, schema.target, ROW, REASON}
    if schema.owned:
        known.add(schema.owned)
    unknown = [column for column in blocks.header if column not in known]
    missing = [column.name for column in schema.features if not column.nullable and column.name not in blocks.header]
    if unknown or missing:
        has = f"has columns that the model does not know: {', '.join(unknown)}" if unknown else ""
        lacks = f"lacks columns that it was never without in training: {', '.join(missing)}" if missing else ""
        raise Refused(f"{name} {' and '.join(filter(None, (has, lacks)))}; rename, add or remove them")


def checked(block: Block, schema: Schema, decimal_comma: bool) -> Checked:
    """The rows that can be scored. `decimal_comma` says whether 3,14 is a number."""
    wrong: dict[int, list[str]] = {index: [why] for index, why in block.broken.items()}
    features = []
    for column, plan in zip(schema.features, schema.plan, strict=True):
        if column.name in block.columns:
            features.append(_converted(block.columns[column.name], column.kind, plan, decimal_comma, wrong))
        else:
            features.append([plan[-1]] * block.count)
    if schema.owned in block.columns:
        for index, value in enumerate(block.columns[schema.owned]):
            try:
                owned_labels(value or None)
            except ValueError as error:
                wrong.setdefault(index, []).append(f"{schema.owned}: {error}")
    places = [index for index in range(block.count) if index not in wrong]
    if wrong:
        flags = [index not in wrong for index in range(block.count)]
        features = [list(compress(values, flags)) for values in features]
    return Checked(features, places, {index: "; ".join(why) for index, why in wrong.items()})


def _converted(
    given: Sequence[Any],
    kind: str,
    plan: tuple[str, Callable[[object], Any], bool, Any],
    decimal_comma: bool,
    wrong: dict[int, list[str]],
) -> list[Any]:
    """The values of a feature; those that are wrong stay None, and `wrong` says why."""
    name, convert, nullable, missing = plan
    if kind == "number" and (numbers := _numbers(given, nullable)):
        return numbers
    # 1 and True are the same, but for their type.
    keys = given if len(set(map(type, given))) == 1 else list(zip(map(type, given), given, strict=True))
    known: dict[Any, Any] = {}
    problems: dict[Any, str] = {}
    for key in set(keys):
        value = _value(key[1] if keys is not given else key, kind, decimal_comma)
        try:
            if value is None or value == "":
                if not nullable:
                    raise ValueError(REQUIRED)
                known[key] = missing
            else:
                known[key] = convert(value)
        except ValueError as error:
            known[key], problems[key] = None, f"{name}: {error}"
    if problems:
        for index, key in enumerate(keys):
            if key in problems:
                wrong.setdefault(index, []).append(problems[key])
    return list(map(known.__getitem__, keys))


def _numbers(given: Sequence[Any], nullable: bool) -> list[float]:
    """The usual case, and the fast one: all are numbers, or missing where they may be. Otherwise nothing."""
    types = set(map(type, given))
    if types == {str} and "_" in "".join(given):
        return []  # which is for Python, and nobody else, a spelling of numbers
    try:
        try:
            found = list(given if types == {float} else map(float, given))
        except (ValueError, TypeError):
            found = [MISSING if value is None or value == "" else float(value) for value in given if nullable]
    except (ValueError, TypeError, OverflowError):
        return []
    return found if all(map(isfinite, found)) or (nullable and not any(map(isinf, found))) else []


def _value(given: Any, kind: str, decimal_comma: bool) -> Any:
    """What a JSON instance would have for a value: None where it is missing."""
    if isinstance(given, str):
        text = given.strip()
        if text == "" or (kind != "category" and text.casefold() in MISSING_WORDS):
            return None
        return _number(text, decimal_comma) if kind == "number" else text
    if given is None or given != given:
        return None
    if isinstance(given, date):  # or a datetime, which is one, too
        return given.isoformat()
    if isinstance(given, Decimal):
        given = float(given)
    if kind == "number" and type(given) is bool:
        return float(given)
    if kind == "category" and type(given) in (int, float):
        return str(int(given)) if given == int(given) else str(given)
    return given


def _number(text: str, decimal_comma: bool) -> Any:
    if "_" in text:
        return text
    if text.casefold() in FLAGS:
        return FLAGS[text.casefold()]
    for spelling in (text, text.replace(",", ".", 1)) if decimal_comma else (text,):
        try:
            return float(spelling)
        except ValueError:
            continue
    return text  # the schema's own message says that it is none
