"""The converters of columns that files write in a form of their own, or that have values which stand for missing ones.

Standard library only. Serving imports this for models that have such columns, and not for others.
"""

from __future__ import annotations

from function_code.column import CONVERTERS, MAX_WHOLE_NUMBER, MISSING, REQUIRED, TEXT_KINDS, category, describe, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from function_code.column import Column

DAY_DIGITS = 9  # of the days by which dates are compared: the forms that count them differ in the last ones


def converter(column: Column) -> Callable[[object], Any]:
    """The function that makes a feature of a JSON value. It raises ValueError."""
    return StandIns(column) if column.stand_ins else _converter(column)


def _converter(column: Column) -> Callable[[object], Any]:
    """The same without regard to what stands for missing values."""
    if column.kind == "list":
        return lambda value: list_text(value, column.form)
    if column.has_whole_categories:
        return whole_category
    return WrittenForm(column) if column.form else CONVERTERS[column.kind]


def whole_category(value: object) -> str:
    """A category of those that all are whole numbers, as text or number: 2, 2.0 and "2" are one. Raises ValueError."""
    if type(value) is int or (type(value) is float and value.is_integer()):
        if abs(value) > MAX_WHOLE_NUMBER:
            raise ValueError("of a number beyond 2^53 programs lose digits: write it as a text")
        return str(int(value))
    return category(value)


def list_text(value: object, separator: str) -> str:
    """The text of a list, from one or from a list of texts and numbers. Raises ValueError."""
    if type(value) is str:
        return value.strip()
    if type(value) is list and {type(element) for element in value} <= {str, int, float}:
        return separator.join(map(str, value))
    raise ValueError(f"a list of texts is wanted, or a text with {separator} between them, not {describe(value)}")


class WrittenForm:
    """The converter of a column whose texts may be as its file writes them, beside what all of its kind may be."""

    __slots__ = ("column", "read")

    def __init__(self, column: Column) -> None:
        self.column = column
        self.read: Callable[[str], float] | None = None

    def __call__(self, value: object) -> float:
        """The feature. Raises ValueError."""
        column = self.column
        try:
            if type(value) is str:
                if self.read is None:
                    from function_code.dialects import reader

                    self.read = reader(column.kind, column.form)
                return number(self.read(value))
            if column.has_dotted_times and type(value) is float and not value.is_integer():
                raise ValueError(value)
            if column.is_counted_date:
                from function_code.dialects.day_counts import to_days

                return to_days(number(value), column.form)
        except ValueError:
            example = column.example if type(column.example) is str else f"{column.example}, or a text as in the file,"
            if column.has_dotted_times:
                example = f'the text "{example}"'
            missing = "; null is a missing value" if column.nullable else ""
            raise ValueError(f"a {column.kind} like {example} is wanted, not {describe(value)}{missing}") from None
        return CONVERTERS[column.kind](value)  # type: ignore[no-any-return]


class StandIns:
    """The converter of a column some of whose values stand for missing ones: as texts, or as what is made of these.

    Booleans have two values, and none to spare: of them stand-ins are texts alone.
    """

    __slots__ = ("_features", "column", "convert", "missing")

    def __init__(self, column: Column) -> None:
        self.column, self.convert = column, _converter(column)
        self.missing: Any = "" if column.kind in TEXT_KINDS else MISSING
        self._features: set[Any] | None = None

    def __call__(self, value: object) -> Any:
        """The feature. Raises ValueError, also for a stand-in where nothing was missing."""
        if type(value) is not str or value.strip() not in self.column.stand_ins:
            feature = self.convert(value)
            if self._comparable(feature) not in self.features:
                return feature
        if not self.column.nullable:
            raise ValueError(REQUIRED)
        return self.missing

    @property
    def features(self) -> set[Any]:
        """The features that the stand-ins would be."""
        if self._features is None:
            self._features = {self._read(text) for text in self.column.stand_ins} - {None}
        return self._features

    def has(self, text: str) -> bool:
        """Says whether a text of a file is a stand-in."""
        return text in self.column.stand_ins or (bool(self.features) and self._read(text) in self.features)

    def without(self, numbers: list[float]) -> list[float]:
        """Numbers with NaN for the stand-ins. Raises ValueError where nothing was missing."""
        if self.features.isdisjoint(numbers):
            return numbers
        if not self.column.nullable:
            raise ValueError(REQUIRED)
        return [MISSING if number in self.features else number for number in numbers]

    def _comparable(self, feature: Any) -> Any:
        return round(feature, DAY_DIGITS) if self.column.kind == "date" else feature

    def _read(self, text: str) -> Any:
        if self.column.kind == "boolean":
            return None
        try:
            if self.convert is number:
                return number(float(text.replace("_", "?")))  # the spelling with _ is Python's, and nobody else's
            return self._comparable(self.convert(text))
        except (ValueError, OverflowError):
            return None
