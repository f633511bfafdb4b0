"""The columns of a dataset as a model knows them, and the check of one instance against them.

Standard library only: training writes a schema, serving reads it.
"""

from __future__ import annotations

from math import isfinite

from function_code.column import MISSING, TEXT_KINDS, Column, WrittenForm, category, describe, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Row = list[Any]
    Problem = dict[str, Any]

TASKS = ("binary", "multiclass", "regression")
SEPARATORS = ";|,"  # between labels in one text
MIN_BATCH_INSTANCES = 32  # from which it is faster to go through columns
REQUIRED = "a value is wanted: it was never missing in training"
MAX_LISTED_NAMES = 20  # in a message, before it says how many more there are


def owned_labels(value: object) -> frozenset[str]:
    """Labels as texts, from a list or from one text with any of SEPARATORS between them; none for None.

    Raises ValueError.
    """
    if value is None:
        return frozenset()
    if type(value) is str:
        for separator in SEPARATORS:
            value = value.replace(separator, SEPARATORS[0])
        value = value.split(SEPARATORS[0])
    if type(value) is not list:
        raise ValueError(f"a list of labels is wanted, or a text with ; between them, not {describe(value)}")
    for label in value:
        if type(label) is not str and type(label) is not int:
            raise ValueError(f"a label is a text or a whole number, not {describe(label)}")
    return frozenset([category(str(label)) for label in value]) - {""}


class Schema:
    """Features, id columns (echoed), ignored columns (allowed, unused), and the target with its task and classes.

    `classes` are the target's labels in the order of the probabilities: texts or integers; empty for regression.
    `owned` is the column of the classes that are not to be answered (see `owned_labels`), "" if there is none;
    `encoding` the one of files that are none of Unicode's, "" if it is to be guessed; `sheet` the one of workbooks.
    """

    def __init__(
        self,
        features: Iterable[Column],
        target: str,
        task: str,
        classes: Iterable[str | int] = (),
        ids: Iterable[str] = (),
        ignored: Iterable[str] = (),
        owned: str = "",
        encoding: str = "",
        sheet: str = "",
    ) -> None:
        self.features, self.target, self.task, self.owned = tuple(features), target, task, owned
        self.encoding, self.sheet = encoding, sheet
        self.classes, self.ids, self.ignored = tuple(classes), tuple(ids), tuple(ignored)
        self.plan: list[tuple[str, Callable[[object], Any], bool, Any]] = [
            (c.name, c.converter(), c.nullable, "" if c.kind in TEXT_KINDS else MISSING) for c in self.features
        ]
        """The plan of a check, by feature: name, converter, whether it may be missing, and what stands for that."""
        names = [c.name for c in self.features]
        self._known = frozenset((*names, *self.ids, *self.ignored, target, *([owned] if owned else [])))

    def to_json(self) -> dict[str, Any]:
        """The schema as it stands in a manifest."""
        return {
            "target": self.target,
            "task": self.task,
            "classes": list(self.classes),
            "features": [column.to_json() for column in self.features],
            "ids": list(self.ids),
            "ignored": list(self.ignored),
            "owned": self.owned,
            "encoding": self.encoding,
            "sheet": self.sheet,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Schema:
        """The schema that `to_json` wrote."""
        columns = map(Column.from_json, content["features"])
        of_file = content.get("encoding", ""), content.get("sheet", "")
        names = content["ids"], content["ignored"], content.get("owned", "")
        return cls(columns, content["target"], content["task"], content["classes"], *names, *of_file)

    def example(self) -> dict[str, Any]:
        """An instance that the model accepts: the most usual value of every feature."""
        return {column.name: column.example for column in self.features}

    def check(self, instances: list[Any]) -> tuple[list[Row], list[Problem]]:
        """Rows, one for each instance (a value per feature, NaN or "" where missing), and the problems of instances.

        Rows are complete only if there is no problem. A problem is {"instance": index, "field": name or None,
        "problem": text}.
        """
        rows, problems = (
            self._check_columns(instances) if len(instances) >= MIN_BATCH_INSTANCES else self._check_rows(instances)
        )
        return rows, problems + self._owned_problems(instances) if self.owned else problems

    def _check_rows(self, instances: list[Any]) -> tuple[list[Row], list[Problem]]:
        rows: list[Row] = []
        problems: list[Problem] = []
        for index, instance in enumerate(instances):
            if type(instance) is not dict:
                problems.append(
                    _problem(index, None, f"an object with the features is wanted, not {describe(instance)}")
                )
                continue
            row: Row = []
            for name, convert, nullable, missing in self.plan:
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
            if not instance.keys() <= self._known:
                problems += self._unknown(index, instance)
            for name in self.ids:
                if isinstance(instance.get(name), dict | list):
                    problems.append(_problem(index, name, "an id is a text or a number, not a structure"))
        return rows, problems

    def _check_columns(self, instances: list[Any]) -> tuple[list[Row], list[Problem]]:
        """Checks as `_check_rows` does, faster for batches of which nearly all instances are as they should be."""
        if set(map(type, instances)) != {dict}:
            return self._check_rows(instances)
        ids = {type(instance.get(name)) for name in self.ids for instance in instances}
        if not ids.isdisjoint((dict, list)) or not all(map(self._known.issuperset, set(map(tuple, instances)))):
            return self._check_rows(instances)
        try:
            columns = [
                _column([instance.get(name) for instance in instances], convert, nullable, missing)
                for name, convert, nullable, missing in self.plan
            ]
        except (ValueError, TypeError, OverflowError):
            return self._check_rows(instances)  # which says what is wrong
        return list(map(list, zip(*columns, strict=True))), []

    def eligible_classes(self, instance: dict[str, Any]) -> Sequence[int]:
        """The numbers of the classes that may be answered to a checked instance."""
        if not self.owned:
            return range(len(self.classes))
        owned = owned_labels(instance.get(self.owned))
        return [number for number, label in enumerate(self.classes) if str(label) not in owned]

    def _owned_problems(self, instances: list[Any]) -> list[Problem]:
        problems = []
        for index, instance in enumerate(instances):
            try:
                owned_labels(instance.get(self.owned) if type(instance) is dict else None)
            except ValueError as error:
                problems.append(_problem(index, self.owned, str(error)))
        return problems

    def _unknown(self, index: int, instance: dict[str, Any]) -> list[Problem]:
        names = [column.name for column in self.features]
        omitted = len(names) - MAX_LISTED_NAMES
        names_text = ", ".join(names[:MAX_LISTED_NAMES]) + (f" and {omitted} more" if omitted > 0 else "")
        unknown = [name for name in instance if name not in self._known]
        return [_problem(index, name, f"unknown field; the features are: {names_text}") for name in unknown]


def _column(column: list[Any], convert: Callable[[object], Any], nullable: bool, missing: Any) -> list[Any]:
    """A feature's values, converted. Raises ValueError, TypeError or OverflowError if one of them is wrong."""
    types = set(map(type, column))
    if not nullable and (type(None) in types or (str in types and "" in column)):
        raise ValueError
    gaps = type(None) in types
    types.discard(type(None))
    is_number = convert is number or (type(convert) is WrittenForm and convert.column.kind == "number")
    if is_number and str not in types:
        values = list(map(float, [value for value in column if value is not None] if gaps else column))
        if not types <= {float, int} or not all(map(isfinite, values)):
            raise ValueError
        if not gaps:
            return values
        present = iter(values)
        return [missing if value is None else next(present) for value in column]
    if len(types) > 1 or not types <= {str, bool}:  # 1, 1.0 and True would be the same key
        raise ValueError
    converted = {value: missing if value is None or value == "" else convert(value) for value in set(column)}
    return list(map(converted.__getitem__, column))


def _problem(index: int, field: str | None, text: str) -> Problem:
    return {"instance": index, "field": field, "problem": text}
