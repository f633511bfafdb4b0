"""The readings of a table's columns, each in the light of the others."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from function_code.dialects.missing import says_missing
from function_code.errors import Refused
from function_code.training.kinds.infer import infer
from function_code.training.kinds.reading import Conventions, Reading, setting
from function_code.training.settings import Settings

MAX_LISTED_TEXTS, MAX_LISTED_LENGTH = 3, 60


def read_columns(table: pd.DataFrame, settings: Settings) -> dict[str, Reading]:
    """The reading of every column that is not left out. Raises Refused if one is nothing of the kind that was set.

    What a column alone leaves open is decided as the others do, at a second look.
    """
    left_out = {*settings.drop, *settings.id, settings.owned} - {settings.target, settings.time}
    known = Conventions(delimiter=table.attrs.get("delimiter", ","))
    typed = table.attrs.get("typed", ())

    def look(name: str, conventions: Conventions) -> Reading:
        return infer(table[name], replace(conventions, is_typed=name in typed), *settings.kind(name))

    readings = {name: look(name, known) for name in table.columns if name not in left_out}
    conventions = replace(known, **_proven(readings.values()))
    for name, reading in readings.items():
        if reading.notes and conventions != known:
            readings[name] = look(name, conventions)
    target = readings.get(settings.target)
    if target and target.kind == "date":  # as numbers, dates can be predicted
        number = infer(table[settings.target], conventions, "number")
        readings[settings.target] = target if number.odd else number
    for name, reading in readings.items():
        is_set = settings.kind(name)[0] and reading.odd
        if is_set and all(text in reading.odd or says_missing(text) for text in table[name].str.strip().unique()):
            of = f"{reading.kind} of the form {settings.kind(name)[1]!r}" if settings.kind(name)[1] else reading.kind
            raise Refused(f"column {name!r} is of no {of}: it has {shortened(next(iter(reading.odd)))!r}")
    return readings


def without_odd(table: pd.DataFrame, readings: dict[str, Reading]) -> pd.DataFrame:
    """The table with nothing where a text counts as missing."""
    odd = {name: reading.odd for name, reading in readings.items() if reading.odd}
    return table.assign(**{name: table[name].mask(table[name].str.strip().isin(odd[name]), "") for name in odd})


def notes(table: pd.DataFrame, name: str, reading: Reading, may_be_category: bool = True) -> list[str]:
    """Notes on the reading of a column, a sentence each, with the setting that keeps its odd values as categories."""
    sentences = list(reading.notes)
    if reading.odd:
        texts = table[name].str.strip()
        first = list(reading.odd)[:MAX_LISTED_TEXTS]
        listed = ", ".join(f"{shortened(text)!r} (row {int((texts == text).argmax()) + 1})" for text in first)
        more = f" and {len(reading.odd) - len(first)} more" if len(reading.odd) > len(first) else ""
        share = f"{sum(reading.odd.values()):,} of {len(table):,} rows"
        otherwise = f"; {setting(name, 'category')} keeps them" if may_be_category else ""
        sentences.append(
            f"column {name!r} is read as {reading.kind}; in {share} it is none, and missing: {listed}{more}{otherwise}"
        )
    return sentences


def case_note(texts: Iterable[object], what: str, values: str) -> list[str]:
    """A sentence on distinct texts that are the same but for capitals, if some are; `values` says what they are."""
    spellings: dict[str, dict[str, None]] = {}
    for text in texts:
        spellings.setdefault(str(text).strip().casefold(), {}).setdefault(str(text).strip())
    several = [list(each) for each in spellings.values() if len(each) > 1]
    if not several:
        return []
    first, second, *_ = several[0]
    alone = f"such as {first!r} and {second!r}; each is one of its own"
    return [f"{what} has {values} that differ in capitals alone, {alone}"]


def shortened(text: str) -> str:
    """The text, or its beginning: a cell can be a whole document."""
    return text if len(text) <= MAX_LISTED_LENGTH else text[:MAX_LISTED_LENGTH] + "..."


def _proven(readings: Iterable[Reading]) -> dict[str, Any]:
    """The conventions that most columns prove."""
    proofs = Counter(reading.proof for reading in readings if reading.proof)

    def most(first: str, second: str) -> str:
        return "" if proofs[first] == proofs[second] else max(first, second, key=lambda each: proofs[each])

    return {"marks": most("us", "eu"), "order": most("dmy", "mdy")}
