"""The tables: public ones that packages carry, and real customers where REAL_DATA names their folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.automl.environments import python_of
from function_code.training.dataset import prepare
from function_code.training.settings import Settings
from function_code.training.split import Split
from function_code.training.table import read_table

ROOT = Path(__file__).resolve().parents[2]
HELD_OUT_SHARE = 0.2
MIN_SCORED_ROWS = 20_000  # to time a scoring: held-out rows again and again


@dataclass(frozen=True)
class Table:
    """A table and what is predicted from it. `source` is `package/item`, or empty for the real customers."""

    name: str
    source: str
    target: str
    id: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    task: str = ""  # where the target's values leave it open

    def settings(self, budget: float) -> Settings:
        """The settings of our training."""
        return Settings(self.target, id=self.id, drop=self.drop, task=self.task, budget=budget)


PUBLIC = (
    Table("attrition", "modeldata/attrition", "Attrition"),
    Table("credit_data", "modeldata/credit_data", "Status"),
    Table("mlc_churn", "modeldata/mlc_churn", "churn"),
    Table("ames", "modeldata/ames", "Sale_Price"),
    Table("hotel_rates", "modeldata/hotel_rates", "avg_price_per_room"),
    Table("diamonds", "ggplot2/diamonds", "price"),
    Table("digits", "sklearn/digits", "target", task="multiclass"),
    Table("breast_cancer", "sklearn/breast_cancer", "target"),
)
CUSTOMERS = Table("customers", "", "purchase_intent", id=("user_id",), drop=("recommendation",))


def tables() -> Iterator[Table]:
    """All tables that there are here."""
    yield from PUBLIC
    if os.environ.get("REAL_DATA"):
        yield CUSTOMERS


@dataclass(frozen=True)
class Files:
    """The files of one table: `trained` is what our training gets, `learned` the rows of it that our models learn from.

    `scored` has the features of the held-out rows, repeated; `truth` their targets, once. `trained` has none of these.
    """

    table: Table
    task: str
    rows: int
    features: int
    trained: Path
    learned: Path
    scored: Path
    truth: pd.Series


def files(table: Table, seed: int, folder: Path) -> Files:
    """Writes the files of a table into a folder; `seed` chooses the held-out rows, unless it comes with its own.

    Our training keeps a fifth of the rows it is given for its report and its gates, so the others are given the rows
    that it learns from.
    """
    trained, held_out = _customers() if not table.source else _divided(_public(table, folder), seed)
    trained_path, learned_path, scored_path = (folder / f"{name}.csv" for name in ("trained", "learned", "scored"))
    trained.to_csv(trained_path, index=False)
    settings = table.settings(1.0)
    dataset = prepare(read_table(trained_path.read_bytes(), table.name), settings, table.name)
    left_out = [*table.id, *table.drop]
    dataset.raw.iloc[Split.of(dataset).learn].drop(columns=left_out).to_csv(learned_path, index=False)
    held_out = held_out[held_out[table.target] != ""]
    features = held_out.drop(columns=[table.target, *left_out])
    pd.concat([features] * -(-MIN_SCORED_ROWS // len(features))).to_csv(scored_path, index=False)
    return Files(
        table,
        dataset.task,
        len(trained),
        len(features.columns),
        trained_path,
        learned_path,
        scored_path,
        held_out[table.target],
    )


def _public(table: Table, folder: Path) -> pd.DataFrame:
    path = folder / f"{table.name}.csv"
    program = [str(python_of("tables")), "-m", "bench.automl.programs.public_table"]
    subprocess.run([*program, table.source, str(path)], cwd=ROOT, check=True)
    return _texts(path)


def _divided(frame: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    order = np.random.default_rng(seed).permutation(len(frame))
    count = round(HELD_OUT_SHARE * len(frame))
    return frame.iloc[np.sort(order[count:])], frame.iloc[np.sort(order[:count])]


def _customers() -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = Path(os.environ["REAL_DATA"])
    return _texts(folder / "user_data_train.csv"), _texts(folder / "user_data_holdout.csv")


def _texts(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)
