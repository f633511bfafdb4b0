"""From a table of texts to a problem that can be fitted: typed features, a target, a schema, and what was left out."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from function_code.errors import Refused
from function_code.schema import Column
from function_code.training.already_owned import OwnedLabels, read_owned
from function_code.training.column_kinds import infer_kind, values
from function_code.training.column_typer import ColumnTyper
from function_code.training.settings import Settings
from function_code.training.table import Array
from function_code.training.target import read_target


@dataclass
class PreparedDataset:
    """Rows with a target. `raw` has the texts of all columns, `typed` what the models see (see `ColumnTyper`).

    `owned` has for each row the labels that are not to be recommended again; None if no column has them.
    """

    raw: pd.DataFrame
    typed: pd.DataFrame
    kinds: dict[str, str]
    target: Array
    task: str
    classes: list[str | int]
    ignored: list[str]
    keys: pd.DataFrame
    groups: pd.Series | None
    times: Array | None
    owned: OwnedLabels | None
    warnings: list[str] = field(default_factory=list)

    def columns(self, known: dict[str, list[str]]) -> list[Column]:
        """The features for the schema; `known` has the categories that the encoder tells apart."""
        return [self._column(name, kind, known.get(name, [])) for name, kind in self.kinds.items()]

    def _column(self, name: str, kind: str, known: list[str]) -> Column:
        typed = self.typed[name]
        if kind == "category":
            filled = typed[typed != ""]
            return Column(name, kind, bool((typed == "").any()), str(filled.mode().iloc[0]), known)
        filled = typed.dropna()
        nullable = bool(typed.isna().any())
        if kind == "number":
            middle = float(np.quantile(filled, 0.5, method="lower"))
            return Column(name, kind, nullable, int(middle) if middle.is_integer() and abs(middle) < 2**53 else middle)
        if kind == "boolean":
            return Column(name, kind, nullable, bool(filled.mean() >= 0.5))
        latest = self.raw[name].iloc[int(np.nanargmax(typed))]
        return Column(name, kind, nullable, str(latest).strip())


def prepare(table: pd.DataFrame, settings: Settings, name: str) -> PreparedDataset:
    """Raises Refused if the table cannot be learned from, saying which column or how many rows are the reason."""
    settings.check(list(table.columns), name)
    warnings: list[str] = []
    table, target, task, classes = read_target(table, settings, name, warnings)
    owned = read_owned(table, settings, task, classes, warnings)
    kinds, ignored = _features(table, settings, warnings)
    if not kinds:
        raise Refused(
            f"{name} has no column to learn from beside the target {settings.target!r}, ids and dropped columns"
        )
    typed = ColumnTyper(kinds).fit(table).transform(table)
    keys = table[list(settings.id or kinds)]
    return PreparedDataset(
        table, typed, kinds, target, task, classes, ignored, keys,
        _groups(table, settings), _times(table, settings, name), owned, warnings,
    )  # fmt: skip


def _features(table: pd.DataFrame, settings: Settings, warnings: list[str]) -> tuple[dict[str, str], list[str]]:
    kinds: dict[str, str] = {}
    ignored: list[str] = []
    for column in table.columns:
        if column in (settings.target, settings.owned) or column in settings.id:
            continue
        if column in settings.drop:
            ignored.append(column)
            continue
        kind = settings.kinds.get(column) or infer_kind(table[column])
        if kind == "id":
            warnings.append(f"column {column!r} is not used: its texts hardly ever repeat")
        elif not kind:
            warnings.append(f"column {column!r} is not used: it is empty")
        elif _constant(table[column], kind):
            warnings.append(f"column {column!r} is not used: it is the same in every row")
        else:
            kinds[column] = kind
            continue
        ignored.append(column)
    return kinds, ignored


def _constant(texts: pd.Series, kind: str) -> bool:
    # The first rows mostly show that it is not, in no time.
    return all(values(part, kind).nunique(dropna=False) < 2 for part in (texts.head(1000), texts))


def _groups(table: pd.DataFrame, settings: Settings) -> pd.Series | None:
    """Groups that must stay on one side of the split: the configured group, or else ids that occur in several rows."""
    if settings.group:
        return table[settings.group]
    if settings.id and not settings.time:
        entity = table[list(settings.id)].agg("\x1f".join, axis=1)
        if entity.duplicated().any():
            return entity
    return None


def _times(table: pd.DataFrame, settings: Settings, name: str) -> Array | None:
    if not settings.time:
        return None
    kind = infer_kind(table[settings.time])
    if kind not in ("date", "number"):
        raise Refused(f"time names the column {settings.time!r} of {name}, which holds neither dates nor numbers")
    times = values(table[settings.time], kind).fillna(-np.inf).to_numpy()
    if len(np.unique(times)) < 2:
        raise Refused(f"time names the column {settings.time!r} of {name}, which is the same in every row")
    return times
