"""The check of a request's instances against a schema, and the texts that name a missing, unknown or wrong feature.

Trainings, whole files and the command line check as a request is checked. The texts about a value that is not of its
column's kind are in function_code.column and function_code.column_converters. Standard library only: serving imports
this.
"""

from __future__ import annotations

from math import isfinite

from function_code.column import REQUIRED, describe, number
from function_code.schema import RECOMMENDATION, owned_labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from function_code.column import Column
    from function_code.schema import Row, Schema

    Problem = dict[str, Any]

MIN_BATCH_INSTANCES = 32  # from which it is faster to go through columns
MAX_LISTED_NAMES = 20  # in a message, before it says how many more there are


def check_instances(schema: Schema, instances: list[Any]) -> tuple[list[Row], list[Problem]]:
    """Rows, one for each instance (a value per feature, NaN or "" where missing), and the problems of instances.

    Rows are complete only if there is no problem. A problem is {"instance": index, "field": name or None,
    "problem": text}.
    """
    if schema.task == RECOMMENDATION:
        from function_code.history_checks import check_histories  # which other models do without when they start

        return check_histories(schema, instances)
    if schema.history:
        from function_code.snapshot_checks import snapshots_of  # which other models do without, too

        instances, of_histories = snapshots_of(schema).instances(instances)
        if of_histories:
            return [], of_histories
    rows, problems = (
        _check_columns(schema, instances) if len(instances) >= MIN_BATCH_INSTANCES else _check_rows(schema, instances)
    )
    return rows, problems + _owned_problems(schema, instances) if schema.owned else problems


def _check_rows(schema: Schema, instances: list[Any]) -> tuple[list[Row], list[Problem]]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for index, instance in enumerate(instances):
        if type(instance) is not dict:
            problems.append(_problem(index, None, f"an object with the features is wanted, not {describe(instance)}"))
            continue
        row: Row = []
        for name, convert, nullable, missing in schema.plan:
            value = instance.get(name)
            if value is None or value == "":
                if not nullable:
                    problems.append(_problem(index, name, REQUIRED))
                row.append(missing)
                continue
            try:
                row.append(convert(value))
            except ValueError as error:
                problems.append(_problem(index, name, str(error)))
        rows.append(row)
        if not instance.keys() <= schema.known_names:
            problems += _unknown_names(schema, index, instance)
        for name in schema.ids:
            if isinstance(instance.get(name), dict | list):
                problems.append(_problem(index, name, "an id is a text or a number, not a structure"))
    return rows, problems


def _check_columns(schema: Schema, instances: list[Any]) -> tuple[list[Row], list[Problem]]:
    """Checks as `_check_rows` does, faster for batches of which nearly all instances are as they should be."""
    if set(map(type, instances)) != {dict}:
        return _check_rows(schema, instances)
    ids = {type(instance.get(name)) for name in schema.ids for instance in instances}
    if not ids.isdisjoint((dict, list)) or not all(map(schema.known_names.issuperset, set(map(tuple, instances)))):
        return _check_rows(schema, instances)
    try:
        columns = [
            _column([instance.get(name) for instance in instances], convert, nullable, missing)
            for name, convert, nullable, missing in schema.plan
        ]
    except (ValueError, TypeError, OverflowError):
        return _check_rows(schema, instances)  # which says what is wrong
    return list(map(list, zip(*columns, strict=True))), []


def _column(column: list[Any], convert: Callable[[object], Any], nullable: bool, missing: Any) -> list[Any]:
    """A feature's values, converted. Raises ValueError, TypeError or OverflowError if one of them is wrong."""
    types = set(map(type, column))
    if not nullable and (type(None) in types or (str in types and "" in column)):
        raise ValueError
    gaps = type(None) in types
    types.discard(type(None))
    is_number = convert is number
    written: Column | None = getattr(convert, "column", None)  # which has a form of its own in files, or stand-ins
    if written:
        is_number = written.kind == "number" and not written.has_dotted_times
    if is_number and str not in types:
        values = list(map(float, [value for value in column if value is not None] if gaps else column))
        if not types <= {float, int} or not all(map(isfinite, values)):
            raise ValueError
        if written and written.stand_ins:
            values = convert.without(values)  # type: ignore[attr-defined]
        if not gaps:
            return values
        present = iter(values)
        return [missing if value is None else next(present) for value in column]
    if len(types) > 1 or not types <= {str, bool}:  # 1, 1.0 and True would be the same key
        raise ValueError
    converted = {value: missing if value is None or value == "" else convert(value) for value in set(column)}
    return list(map(converted.__getitem__, column))


def _owned_problems(schema: Schema, instances: list[Any]) -> list[Problem]:
    problems = []
    for index, instance in enumerate(instances):
        try:
            owned_labels(instance.get(schema.owned) if type(instance) is dict else None)
        except ValueError as error:
            problems.append(_problem(index, schema.owned, str(error)))
    return problems


def _unknown_names(schema: Schema, index: int, instance: dict[str, Any]) -> list[Problem]:
    names = [column.name for column in schema.features]
    omitted = len(names) - MAX_LISTED_NAMES
    names_text = ", ".join(names[:MAX_LISTED_NAMES]) + (f" and {omitted} more" if omitted > 0 else "")
    unknown = [name for name in instance if name not in schema.known_names]
    of_history = f"there are: {', '.join((*schema.ids, 'history', 'at'))}; " if schema.history else ""
    return [_problem(index, name, f"unknown field; {of_history}the features are: {names_text}") for name in unknown]


def _problem(index: int, field: str | None, text: str) -> Problem:
    return {"instance": index, "field": field, "problem": text}
