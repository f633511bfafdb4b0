"""The columns of a dataset as a model knows them, with the target, its task and its classes.

Standard library only: training writes a schema, serving reads it.
"""

from __future__ import annotations

from function_code.column import CONVERTERS, MISSING, TEXT_KINDS, Column, category, describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Row = list[Any]

TASKS = ("binary", "multiclass", "regression")
RECOMMENDATION = "recommendation"  # the task that follows from events: the classes are items, a row is a history
SEPARATORS = ";|,"  # between labels in one text


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
    For a recommendation the features are those of an event: its time and perhaps its amount; the target is its item.
    `owned` is the column of the classes that are not to be answered (see `owned_labels`), "" if there is none;
    `encoding` the one of files that are none of Unicode's, "" if it is to be guessed; `sheet` the one of workbooks.
    `history`, where features are those of a user's events: the schema of these (`events`), as of a recommendation, the
    `horizon`, the definition of the `features`, and an `example` of a request; None elsewhere.
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
        history: dict[str, Any] | None = None,
    ) -> None:
        self.features, self.target, self.task, self.owned = tuple(features), target, task, owned
        self.encoding, self.sheet, self.history = encoding, sheet, history
        self.classes, self.ids, self.ignored = tuple(classes), tuple(ids), tuple(ignored)
        self.plan: list[tuple[str, Callable[[object], Any], bool, Any]] = [
            (c.name, _converter(c), c.nullable, "" if c.kind in TEXT_KINDS else MISSING) for c in self.features
        ]
        """The plan of a check, by feature: name, converter, whether it may be missing, and what stands for that."""
        names = [c.name for c in self.features]
        self.known_names = frozenset((*names, *self.ids, *self.ignored, target, *([owned] if owned else [])))
        """The names that an instance or a file may have."""
        self._class_numbers: dict[str, int] = {}

    @property
    def class_numbers(self) -> dict[str, int]:
        """The number of each class, by its label as text."""
        if not self._class_numbers:
            self._class_numbers = {str(label): number for number, label in enumerate(self.classes)}
        return self._class_numbers

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
            "history": self.history,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Schema:
        """The schema that `to_json` wrote."""
        columns = map(Column.from_json, content["features"])
        of_file = content.get("encoding", ""), content.get("sheet", ""), content.get("history")
        names = content["ids"], content["ignored"], content.get("owned", "")
        return cls(columns, content["target"], content["task"], content["classes"], *names, *of_file)

    def example(self) -> dict[str, Any]:
        """An instance that the model accepts: the most usual value of every feature, or a history of one event."""
        if self.task == RECOMMENDATION:
            return {"history": [{"item": self.classes[0], "when": self.features[0].example}]}
        if self.history:
            example: dict[str, Any] = self.history["example"]
            return example
        return {column.name: column.example for column in self.features}

    def eligible_classes(self, instance: dict[str, Any]) -> Sequence[int]:
        """The numbers of the classes that may be answered to a checked instance."""
        if not self.owned:
            return range(len(self.classes))
        owned = owned_labels(instance.get(self.owned))
        return [number for number, label in enumerate(self.classes) if str(label) not in owned]


def _converter(column: Column) -> Callable[[object], Any]:
    if not column.form and not column.stand_ins:
        return CONVERTERS[column.kind]
    from function_code.column_converters import converter  # which most models do without when they start

    return converter(column)
