"""The check of requests for recommendations: a user's history, and what is not to be recommended.

Standard library only: serving imports this.
"""

from __future__ import annotations

from function_code.column import MAX_WHOLE_NUMBER, category, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from function_code.schema import Row, Schema

    Problem = dict[str, Any]

HISTORY, EXCLUDE, ITEM, WHEN, AMOUNT = "history", "exclude", "item", "when", "amount"
SHAPE = f'{{"{HISTORY}": [{{"{ITEM}": ..., "{WHEN}": ...}}, ...], "{EXCLUDE}": [...]}}'


def check_histories(schema: Schema, instances: list[Any]) -> tuple[list[Row], list[Problem]]:
    """Rows of steps, exclusions and unknown items, and the problems of instances, as `check_instances` has both.

    Steps are lists of the numbers of items, the latest step last; what is excluded is a set of them; unknown items, of
    the history alone, are texts.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    for index, instance in enumerate(instances):
        if type(instance) is not dict:
            text = f"an object is wanted, {SHAPE}, not {describe(instance)}"
            problems.append({"instance": index, "field": None, "problem": text})
            continue
        steps: list[list[str]] = []
        excluded: list[str] = []
        try:
            steps = read_steps(schema, instance.get(HISTORY))
        except ValueError as error:
            problems.append({"instance": index, "field": HISTORY, "problem": str(error)})
        try:
            excluded = [read_item(item) for item in listed(instance.get(EXCLUDE))]
        except ValueError as error:
            problems.append({"instance": index, "field": EXCLUDE, "problem": str(error)})
        problems += _other_problems(schema, index, instance)
        rows.append(numbered(schema, steps, excluded))
    return rows, problems


def numbered(schema: Schema, steps: list[list[str]], excluded: list[str]) -> Row:
    """The row of a history and of what is excluded, both as items."""
    numbers = schema.class_numbers
    known = [[numbers[item] for item in step if item in numbers] for step in steps]
    unknown = dict.fromkeys(item for step in steps for item in step if item not in numbers)
    return [known, {numbers[item] for item in excluded if item in numbers}, list(unknown)]


def read_steps(schema: Schema, history: object) -> list[list[str]]:
    """The items of each step, the latest last; of events without a time each is a step. Raises ValueError."""
    events = [event if type(event) is dict else {ITEM: event} for event in listed(history)]
    names = {ITEM, WHEN}
    for event in events:
        if not event.keys() <= names or ITEM not in event:
            raise ValueError(f'an event is an item, or {{"{ITEM}": ..., "{WHEN}": ...}}, not {_described(event)}')
    items = [read_item(event[ITEM]) for event in events]
    texts = [event.get(WHEN) for event in events]
    if not any(texts):
        return [[item] for item in items]
    if not all(texts):
        raise ValueError(f'either all events have a "{WHEN}" or none, where the latest stands last')
    _, convert, _, _ = schema.plan[0]
    return in_steps(map(convert, texts), items)


def in_steps(times: Iterable[float], items: Iterable[str]) -> list[list[str]]:
    """The items of each time, the latest last."""
    steps: dict[float, list[str]] = {}
    for when, item in zip(times, items, strict=True):
        steps.setdefault(when, []).append(item)
    return [steps[when] for when in sorted(steps)]


def _described(event: dict[str, Any]) -> str:
    return f"one with {', '.join(map(str, event))}" if event else "an empty object"


def listed(value: object) -> list[Any]:
    """A list, or none for None. Raises ValueError for all else."""
    if value is None:
        return []
    if type(value) is not list:
        raise ValueError(f"a list is wanted, not {describe(value)}")
    return value


def read_item(value: object) -> str:
    """An item as text. Raises ValueError for what no file could have named so."""
    if type(value) is int or (type(value) is float and abs(value) < MAX_WHOLE_NUMBER and value == int(value)):
        return str(int(value))
    if type(value) is not str:
        raise ValueError(f"an item is a text or a whole number, not {describe(value)}")
    item = category(value)
    if not item:
        raise ValueError("an item is a text or a whole number, not an empty text")
    return item


def _other_problems(schema: Schema, index: int, instance: dict[str, Any]) -> list[Problem]:
    known = (HISTORY, EXCLUDE, *schema.ids)
    of_event = f"a column of events, which go into {HISTORY!r}: {SHAPE}; a file of them is scored as a whole"
    unknown = f"unknown field; there are: {', '.join(known)}"
    names = [name for name in instance if name not in known]
    texts = [(name, of_event if name in schema.known_names else unknown) for name in names]
    structures = [name for name in schema.ids if isinstance(instance.get(name), dict | list)]
    texts += [(name, "an id is a text or a number, not a structure") for name in structures]
    return [{"instance": index, "field": name, "problem": text} for name, text in texts]
