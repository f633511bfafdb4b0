"""Settings of Airtable: the table that is read, the fields that predictions are written to. Standard library only."""

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from function_code.data.csv_file import parse_columns
from function_code.errors import Refused

URL = "https://api.airtable.com"
MAX_REQUESTS_PER_SECOND = 5  # that Airtable answers for one base, whoever sends them
BASE_ID = re.compile(r"app[A-Za-z0-9]{14}")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class AirtableSettings:
    """The configuration of `source: airtable`.

    `table`, `view` and `predictions` are names or ids, all others names of fields. Without `fields` all are read that a
    model can learn from; `modified` is a last-modified-time field, without which every pull is a full one.
    `predictions` is the table that predictions are written to, `key` the field that tells its rows apart; without
    `predictions` it is the same table, where without `key` each goes to the record that it is about. `label`,
    `probability`, `version` and `time` are the fields written; one that is "" is not, and without `label` none is.
    `token` is a reference, as function_code.airtable.token reads it, and never the token itself.
    """

    base: str
    table: str
    view: str = ""
    fields: tuple[str, ...] = ()
    modified: str = ""
    cap: int = 50_000
    """The most records that are read."""
    predictions: str = ""
    key: str = ""
    label: str = "Prediction"
    probability: str = "Probability"
    version: str = "Model version"
    time: str = "Predicted at"
    create_fields: bool = False
    """Creates missing fields and missing choices of a select if true."""
    retrain: float = 0.1
    """The share of the rows that must have changed before there is a new dataset to train on."""
    full_days: float = 7
    """At least so often a pull is a full one, which notices what was deleted."""
    rate: float = MAX_REQUESTS_PER_SECOND
    """The most requests a second."""
    pause: float = 30
    """The seconds of silence after an answer 429."""
    url: str = URL
    token: str = ""

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "AirtableSettings":
        """The settings that an object of the same names gives; texts may stand for numbers, booleans and lists.

        Raises Refused, naming setting, value and what is allowed.
        """
        known = {setting.name: setting for setting in fields(cls)}
        for name in content:
            if name not in known:
                close = get_close_matches(name, known, 1, 0.6)
                hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
                raise Refused(f"airtable.{name} is no setting; {hint}")
        for name, setting in known.items():
            if setting.default is MISSING and not content.get(name):
                raise Refused(f"airtable.{name} is not set; which {name} of Airtable is to be read?")
        settings = cls(**{name: _converted(name, value) for name, value in content.items()})
        settings._check()
        return settings

    @property
    def written(self) -> dict[str, str]:
        """The parts of a prediction that are written back, each with the name of its field."""
        parts = {name: getattr(self, name) for name in ("label", "probability", "version", "time")}
        return {part: field for part, field in parts.items() if field} if self.label else {}

    @property
    def sink(self) -> str:
        """The table that predictions are written to."""
        return self.predictions or self.table

    def _check(self) -> None:
        if not BASE_ID.fullmatch(self.base):
            raise _invalid("base", self.base, "the id in the base's address, airtable.com/appXXXXXXXXXXXXXX/...")
        names = list(self.written.values())
        for name in names:
            if names.count(name) > 1:
                raise Refused(f"airtable names the field {name!r} for two things that are written")
            if name in (*self.fields, self.modified, self.key):
                raise Refused(f"airtable names the field {name!r} both to be read and to be written")
        for name, least, most in (("cap", 1, 1_000_000), ("retrain", 0, 1), ("full_days", 0, 366), ("pause", 0, 600)):
            if not least <= getattr(self, name) <= most:
                raise _invalid(name, getattr(self, name), f"{least:,} to {most:,}")
        if not 0 < self.rate <= (MAX_REQUESTS_PER_SECOND if self.url == URL else 1e6):
            raise _invalid(
                "rate", self.rate, f"above 0 and up to {MAX_REQUESTS_PER_SECOND}, which is all that Airtable answers"
            )
        url = urlsplit(self.url)
        if not (url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)):
            raise _invalid("url", self.url, "an https:// address: the token is sent to it")


def check_training(item: str) -> None:
    """Raises Refused if an item of events is to be recommended: Airtable has a prediction for each record, not user."""
    if item:
        raise Refused(f"item is {item!r}, and recommendations from events are learned from a file, not from Airtable")


def _invalid(name: str, value: object, allowed: str) -> Refused:
    return Refused(f"airtable.{name} is {value!r}; it can be {allowed}")


def _converted(name: str, value: Any) -> Any:
    convert: Callable[[str, Any], Any] = _CONVERT.get(name, _text)
    return convert(name, value)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _invalid(name, value, "a text")
    return value.strip()


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(parse_columns(value))
    if not (isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)):
        raise _invalid(name, value, "a list of names")
    return tuple(value)


def _number(name: str, value: Any) -> float:
    try:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError):
        raise _invalid(name, value, "a number") from None


def _whole(name: str, value: Any) -> int:
    number = _number(name, value)
    if not number.is_integer():
        raise _invalid(name, value, "a whole number")
    return int(number)


def _boolean(name: str, value: Any) -> bool:
    boolean = {"true": True, "false": False}.get(str(value).lower())
    if boolean is None:
        raise _invalid(name, value, "true or false")
    return boolean


_CONVERT: dict[str, Callable[[str, Any], Any]] = {
    "fields": _texts,
    "cap": _whole,
    "create_fields": _boolean,
    "retrain": _number,
    "full_days": _number,
    "rate": _number,
    "pause": _number,
}
