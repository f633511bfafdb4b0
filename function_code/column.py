"""A feature of a model: its kind, and the conversion of a JSON value to the number or the text that a model sees.

Standard library only: training writes columns, serving reads them. Columns that files write in a form of their own, or
that have values which stand for missing ones, have converters in `function_code.column_converters`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

KINDS = ("number", "boolean", "category", "date", "list", "text", "id")
TEXT_KINDS = frozenset(("category", "list", "text"))  # whose values are texts, "" where missing
TRUE_WORDS = frozenset(("true", "yes", "y", "t"))
FALSE_WORDS = frozenset(("false", "no", "n", "f"))
MISSING = float("nan")
REQUIRED = "a value is wanted: it was never missing in training"
WHOLE = "whole"  # the form of such categories
MAX_WHOLE_NUMBER = 2**53  # beyond which a float is another whole number
FIRST_COMBINING = "\u0300"  # of the marks that stand behind their letter


def number(value: object) -> float:
    """A JSON number as a float. Raises ValueError."""
    if type(value) is not float and type(value) is not int:
        raise ValueError(f"a number is wanted, not {describe(value)}")
    try:
        result = float(value)
    except OverflowError:
        result = float("inf")
    if result - result != 0.0:
        raise ValueError("the number is too large")
    return result


def boolean(value: object) -> float:
    """True, false or a word for them, as 1.0 or 0.0. Raises ValueError."""
    if value is True or value is False:
        return float(value)
    if type(value) is str:
        word = value.strip().casefold()
        if word in TRUE_WORDS:
            return 1.0
        if word in FALSE_WORDS:
            return 0.0
    raise ValueError(f"true or false is wanted, not {describe(value)}")


def category(value: object) -> str:
    """Text, without the spaces around it. Raises ValueError.

    2.0 is 2, as programs write whole numbers beside gaps, and ="007" is 007, as it is written to stay a text in Excel.
    Letters with marks are one letter each, which macOS writes as two.
    """
    if type(value) is not str:
        raise ValueError(f"text is wanted, not {describe(value)}")
    text = value.strip()
    if text[:1] == "=" and text[1:2] == text[-1:] == '"' and len(text) > 3:
        text = text[2:-1].strip()
    if not text.isascii() and max(text) >= FIRST_COMBINING:
        from unicodedata import normalize

        text = normalize("NFC", text)
    if text.endswith("0") and "." in text:
        whole, _, fraction = text.partition(".")
        if not fraction.strip("0") and whole.removeprefix("-").isdecimal():
            return whole
    return text


def are_whole(categories: Iterable[str]) -> bool:
    """Says whether categories, of which there are some, all are whole numbers, and no codes such as 007."""
    digits = [text.removeprefix("-") for text in categories]
    return bool(digits) and all(text.isdecimal() and (text == "0" or text[0] != "0") for text in digits)


def date(value: object) -> float:
    """An ISO 8601 date or time as days since 1970-01-01 UTC; without an offset it counts as UTC. Raises ValueError."""
    from function_code.plain_dates import read_plain

    if type(value) is str:
        days = read_plain(value)
        if days is not None:
            return days
        from function_code.dialects.iso_dates import read_iso

        try:
            return read_iso(value)
        except ValueError:
            pass
    raise ValueError(f"a date like 2025-12-31 or 2025-12-31T23:59:59Z is wanted, not {describe(value)}")


def text(value: object) -> str:
    """Text, without the spaces around it. Raises ValueError."""
    if type(value) is not str:
        raise ValueError(f"text is wanted, not {describe(value)}")
    return value.strip()


CONVERTERS: dict[str, Callable[[object], Any]] = {
    "number": number,
    "boolean": boolean,
    "category": category,
    "date": date,
    "text": text,
}


class Column:
    """A feature: its name, kind, whether it may be missing, an example, and the known values of a category or list.

    `form` is how its file writes values, see `function_code.dialects`; `odd` are the texts there that could not be
    read, and are missing in other files, too; `stand_ins` those that a person has named as missing, wherever they come.
    """

    __slots__ = ("example", "form", "kind", "name", "nullable", "odd", "stand_ins", "values")

    def __init__(
        self,
        name: str,
        kind: str,
        nullable: bool,
        example: Any,
        values: Iterable[str] = (),
        form: str = "",
        odd: Iterable[str] = (),
        stand_ins: Iterable[str] = (),
    ) -> None:
        self.name, self.kind, self.nullable, self.example = name, kind, nullable, example
        self.values, self.form, self.odd, self.stand_ins = tuple(values), form, tuple(odd), tuple(stand_ins)

    def to_json(self) -> dict[str, Any]:
        """The column as it stands in a manifest."""
        content = {"name": self.name, "kind": self.kind, "nullable": self.nullable, "example": self.example}
        if self.kind in ("category", "list"):
            content["values"] = list(self.values)
        if self.form:
            content["form"] = self.form
        if self.odd:
            content["odd"] = list(self.odd)
        if self.stand_ins:
            content["stand_ins"] = list(self.stand_ins)
        return content

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Column:
        """The column that `to_json` wrote."""
        more = content.get("values", ()), content.get("form", ""), content.get("odd", ()), content.get("stand_ins", ())
        return cls(content["name"], content["kind"], content["nullable"], content["example"], *more)

    @property
    def is_plain_number(self) -> bool:
        """True for a number that files write as programs do, with no words of its own for missing values."""
        return self.kind == "number" and not (self.form or self.odd or self.stand_ins)

    @property
    def is_counted_date(self) -> bool:
        """True for a date that files write as a number: of seconds since 1970, or of days."""
        return self.kind == "date" and self.form.startswith(("epoch", "excel"))

    @property
    def has_dotted_times(self) -> bool:
        """True for times of day that files write as 9.30: the number 9.3 may be that or 9.3 hours, and is refused."""
        return self.kind == "number" and type(self.example) is str

    @property
    def has_whole_categories(self) -> bool:
        """True for a category whose values in training all are whole numbers, none of them a code such as 007."""
        return self.kind == "category" and self.form == WHOLE


def describe(value: object) -> str:
    """Describes a JSON value for a message, by its type and its beginning."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = str(value) if not isinstance(value, str) else f'the text "{value}"'
    return text if len(text) <= 60 else text[:57] + "..."
