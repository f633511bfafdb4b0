"""From a table of texts to a problem that can be fitted: typed features, a target, a schema, and what was left out."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from function_code.column import MAX_WHOLE_NUMBER, TEXT_KINDS, WHOLE, Column, are_whole
from function_code.data.header import UNNAMED
from function_code.dialects.hours import DOTTED
from function_code.errors import Refused
from function_code.training.already_owned import OwnedLabels, read_owned
from function_code.training.column_typer import ColumnTyper
from function_code.training.kinds.columns import case_note, notes, read_columns, without_odd
from function_code.training.kinds.reading import Reading, setting
from function_code.training.kinds.stand_ins import (
    blank_stand_ins,
    blanked_note,
    far_date_note,
    stand_in_note,
    without_named,
)
from function_code.training.kinds.values import values, written_plainly
from function_code.training.positive_class import PositiveClass, positive_class
from function_code.training.settings import Settings
from function_code.training.table import Array
from function_code.training.target import read_target

MIN_CONTINUOUS_SHARE = 0.1  # of the rows: so many distinct values of a number, from which equal rows are no chance
MAX_CHANCE_RATIO = 3.0  # of pairs of equal rows to those that there would be if the features were independent
MIN_REPEATED_SHARE = 0.05  # of the rows, from which repetitions are mentioned
EXAMPLE_ROWS = 20  # of which the shortest text is the example


@dataclass
class PreparedDataset:
    """Rows with a target. `raw` has the texts of all columns, `typed` what the models see (see `ColumnTyper`).

    `kinds` has the features, `readings` how the columns are written.

    `classes` are the target's, empty for a regression, and `positive` the positive one of two.

    `contents` numbers the rows by what they have in all features, where rows are repeated and not by chance; None if
    they aren't. `owned` has for each row the labels that are not to be recommended again; None if no column has them.
    """

    raw: pd.DataFrame
    typed: pd.DataFrame
    kinds: dict[str, str]
    readings: dict[str, Reading]
    target: Array
    task: str
    classes: list[str | int]
    positive: PositiveClass | None
    ignored: list[str]
    keys: pd.DataFrame
    groups: pd.Series | None
    contents: Array | None
    times: Array | None
    owned: OwnedLabels | None
    warnings: list[str] = field(default_factory=list)

    @property
    def positive_number(self) -> int | None:
        """The number of the positive one of two classes, None for other tasks."""
        return self.positive.number if self.positive else None

    @property
    def forms(self) -> dict[str, str]:
        """The forms of the features whose texts are not written as programs write them."""
        return {name: self.readings[name].form for name in self.kinds if self.readings[name].form}

    def features(self, rows: Array) -> pd.DataFrame:
        """The typed columns of some rows; rows that belong together have the same index."""
        together = self.groups if self.groups is not None else self.contents
        return self.typed.iloc[rows].set_axis(rows if together is None else np.asarray(together)[rows])

    def columns(self, known: dict[str, list[str]]) -> list[Column]:
        """The features for the schema; `known` has the categories, and elements of lists, that are told apart."""
        return [self._column(name, kind, known.get(name, [])) for name, kind in self.kinds.items()]

    def _column(self, name: str, kind: str, known: list[str]) -> Column:
        typed, reading = self.typed[name], self.readings[name]
        odd = reading.kept_odd
        if kind in TEXT_KINDS:
            filled = typed[typed != ""]
            usual = min(filled.head(EXAMPLE_ROWS), key=len) if kind == "text" else filled.mode().iloc[0]
            form = WHOLE if kind == "category" and are_whole(filled.unique()) else reading.form
            return Column(name, kind, bool((typed == "").any()), str(usual), known, form, odd, reading.stand_ins)
        example: float | str
        if kind == "number":
            middle = float(np.quantile(typed.dropna(), 0.5, method="lower"))
            example = int(middle) if middle.is_integer() and abs(middle) < MAX_WHOLE_NUMBER else middle
            if reading.form == "hours":  # a text where a decimal could be hours and minutes: see `WrittenForm`
                example = next(filter(DOTTED.fullmatch, map(str.strip, self.raw[name])), example)
        elif kind == "boolean":
            example = bool(typed.mean() >= 0.5)
        else:
            example = str(self.raw[name].iloc[int(np.nanargmax(typed))]).strip()
        return Column(name, kind, bool(typed.isna().any()), example, (), reading.form, odd, reading.stand_ins)


def prepare(
    table: pd.DataFrame, settings: Settings, name: str, left_out: frozenset[str | int] = frozenset()
) -> PreparedDataset:
    """The table, typed, without the rows of classes that are `left_out`, as the split leaves none to learn from.

    Raises Refused if it cannot be learned from, saying which column or how many rows are the reason.
    """
    settings.check(list(table.columns), name)
    warnings: list[str] = list(table.attrs.get("notes", []))
    written, table = table, without_named(table, settings)
    readings = read_columns(table, settings)
    of_columns = {
        column: notes(table, column, reading, not settings.kind(column)[0]) for column, reading in readings.items()
    }
    table, readings, stand_ins = blank_stand_ins(without_odd(table, readings), written, settings, readings)
    warnings += [blanked_note(column, texts, settings.missing[column]) for column, texts in stand_ins.items()]
    for column in filter(None, (settings.target, settings.time)):
        warnings += of_columns.pop(column, [])
    table, target, task, classes = read_target(table, settings, readings[settings.target], name, warnings, left_out)
    positive = positive_class(target, classes, readings[settings.target], settings)
    owned = read_owned(table, settings, task, classes, warnings)
    kinds, ignored = _features(table, settings, readings, warnings)
    for column in (*kinds, *ignored):
        warnings += of_columns.get(column, [])
    if not kinds:
        raise Refused(
            f"{name} has no column to learn from beside the target {settings.target!r}, ids and dropped columns"
        )
    forms = {column: readings[column].form for column in kinds}
    typed = ColumnTyper(kinds, forms).fit(table).transform(table)
    numbers = {column: typed[column].to_numpy() for column, kind in kinds.items() if kind == "number"}
    doubtful = {**numbers, **({} if classes else {settings.target: target})}
    for column, of_column in ({} if table.attrs.get("computed") else doubtful).items():
        warnings += stand_in_note(column, of_column, table[column])
    for column in (column for column, kind in kinds.items() if kind == "date"):
        warnings += far_date_note(column, typed[column].to_numpy(), table[column])
    keys = table[list(settings.id)] if settings.id else _contents(table, kinds, forms)
    groups, times = _groups(table, settings, warnings), _times(table, settings, readings, name, warnings)
    contents = None if groups is not None or times is not None else _repeated_contents(typed[list(kinds)], warnings)
    return PreparedDataset(
        table,
        typed,
        kinds,
        readings,
        target,
        task,
        classes,
        positive,
        ignored,
        keys,
        groups,
        contents,
        times,
        owned,
        warnings,
    )


def _contents(table: pd.DataFrame, kinds: dict[str, str], forms: dict[str, str]) -> pd.DataFrame:
    """The contents by which a row is known where it has no id: the same in whichever form a file writes them."""
    written = {name: written_plainly(table[name], kind, forms[name]) for name, kind in kinds.items() if forms[name]}
    return table[list(kinds)].assign(**written)


def _features(
    table: pd.DataFrame, settings: Settings, readings: dict[str, Reading], warnings: list[str]
) -> tuple[dict[str, str], list[str]]:
    kinds: dict[str, str] = {}
    ignored: list[str] = []
    for column in table.columns:
        if column in (settings.target, settings.owned) or column in settings.id:
            continue
        if column in settings.drop:
            ignored.append(column)
            continue
        kind = readings[column].kind
        if column == settings.group and column not in settings.kinds:
            otherwise = setting(column, kind if kind not in ("", "id") else "category", readings[column].form)
            warnings.append(f"column {column!r} is not used: its groups are held out as wholes; {otherwise} uses it")
        elif column.startswith(UNNAMED) and column not in settings.kinds:
            otherwise = setting(column, kind or "category", readings[column].form)
            warnings.append(f"column {column!r} is not used: it has no name (a row index?); {otherwise} uses it")
        elif kind == "id":
            # What it nearly is has a note of its own, and is better advice.
            advice = "" if readings[column].nearly else f"; {setting(column, 'text')} learns from parts of them"
            what = f"its texts hardly ever repeat{advice}"
            warnings.append(f"column {column!r} is not used: {what}")
        elif not kind:
            warnings.append(f"column {column!r} is not used: it is empty")
        elif _constant(table[column], readings[column]):
            warnings.append(f"column {column!r} is not used: it is the same in every row")
        else:
            kinds[column] = kind
            if kind == "category":
                warnings += case_note(table[column].unique(), f"column {column!r}", "categories")
            continue
        ignored.append(column)
    return kinds, ignored


def _constant(texts: pd.Series, reading: Reading) -> bool:
    # The first rows mostly show that it is not, in no time.
    return all(values(part, reading.kind, reading.form).nunique(dropna=False) < 2 for part in (texts.head(1000), texts))


def _repeated_contents(typed: pd.DataFrame, warnings: list[str]) -> Array | None:
    """Numbers of the rows by what they have in all features; None if no rows are equal but by chance.

    Rows without a value of a continuous feature are all different.
    """
    numbers = typed.select_dtypes("number")
    continuous = [name for name in numbers if numbers[name].nunique() >= MIN_CONTINUOUS_SHARE * len(typed)]
    if not continuous:
        return None
    contents = pd.util.hash_pandas_object(typed, index=False)
    contents = contents.where(typed[continuous].notna().any(axis=1), pd.Series(typed.index, dtype="uint64"))
    numbered, distinct = pd.factorize(contents)
    if len(distinct) == len(typed):
        return None
    by_chance = np.prod([_equal_share(typed[name]) for name in typed])
    if _equal_share(pd.Series(numbered)) <= MAX_CHANCE_RATIO * by_chance:
        return None
    repeated = 1 - len(distinct) / len(typed)
    if repeated >= MIN_REPEATED_SHARE:
        warnings.append(
            f"{repeated:.0%} of the rows are repetitions of others in all features; none is held out without the rows "
            "that it repeats"
        )
    return np.asarray(numbered)


def _equal_share(column: pd.Series) -> float:
    """The share of all pairs of rows that have the same value."""
    counts = column.value_counts(dropna=False).to_numpy()
    return float((counts * (counts - 1.0)).sum() / max(1.0, len(column) * (len(column) - 1.0)))


def _groups(table: pd.DataFrame, settings: Settings, warnings: list[str]) -> pd.Series | None:
    """Groups that must stay on one side of the split: the configured group, or else ids that occur in several rows."""
    if settings.group:
        groups = table[settings.group].str.strip()
        if (empty := groups == "").any():
            warnings.append(f"rows without a {settings.group!r} are one group: {int(empty.sum()):,} of {len(table):,}")
        return groups
    if settings.id and not settings.time:
        entity = table[list(settings.id)].agg("\x1f".join, axis=1)
        empty = (table[list(settings.id)] == "").all(axis=1)
        entity = entity.mask(empty, "\x1f\x1f" + pd.Series(range(len(table)), table.index).astype(str))
        if entity.duplicated().any():
            rows, names = int(entity.duplicated(keep=False).sum()), ", ".join(map(repr, settings.id))
            warnings.append(
                f"{rows:,} rows have the id ({names}) of another; the rows of an id are held out together, or none is"
            )
            return entity
    return None


def _times(
    table: pd.DataFrame, settings: Settings, readings: dict[str, Reading], name: str, warnings: list[str]
) -> Array | None:
    if not settings.time:
        return None
    reading = readings[settings.time]
    if reading.kind not in ("date", "number"):
        raise Refused(f"time names the column {settings.time!r} of {name}, which holds neither dates nor numbers")
    times = values(table[settings.time], reading.kind, reading.form).fillna(-np.inf).to_numpy()
    if (unknown := np.isinf(times)).any():
        rows = f"{int(unknown.sum()):,} of {len(times):,}"
        warnings.append(f"rows without a {settings.time!r} count as the oldest, and none is held out: {rows}")
    if len(np.unique(times)) < 2:
        raise Refused(f"time names the column {settings.time!r} of {name}, which is the same in every row")
    return times
