"""AutoGluon, as its documentation begins, but for the metric: what is compared is the loss."""

from pathlib import Path

import pandas as pd
from autogluon.tabular import TabularPredictor

from bench.automl.programs import commands

METRICS = {"regression": "root_mean_squared_error"}


def train(rows: pd.DataFrame, target: str, task: str, budget: float, folder: Path) -> None:
    """Trains for `budget` seconds and keeps what an answer needs."""
    training = folder.with_name(f"{folder.name}-training")
    predictor = TabularPredictor(
        target, problem_type=task, eval_metric=METRICS.get(task, "log_loss"), path=training, verbosity=1
    )
    predictor.fit(rows, time_limit=budget)
    predictor.clone_for_deployment(folder)


def load(folder: Path) -> commands.Predict:
    """The weighted ensemble's probabilities or values, its members in memory."""
    predictor = TabularPredictor.load(str(folder))
    predictor.persist()
    if predictor.problem_type == "regression":
        return lambda rows: commands.table_of([], predictor.predict(rows, as_pandas=False))
    return lambda rows: commands.table_of(predictor.class_labels, predictor.predict_proba(rows, as_pandas=False))


if __name__ == "__main__":
    commands.run(train, load)
