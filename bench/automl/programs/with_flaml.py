"""FLAML, as its documentation begins, but for the metric: what is compared is the loss."""

import pickle
from pathlib import Path

import pandas as pd
from flaml import AutoML

from bench.automl.programs import commands

SEED = 0


def train(rows: pd.DataFrame, target: str, task: str, budget: float, folder: Path) -> None:
    """Searches for `budget` seconds."""
    regression = task == "regression"
    automl = AutoML()
    automl.fit(
        dataframe=rows,
        label=target,
        task="regression" if regression else "classification",
        metric="rmse" if regression else "log_loss",
        time_budget=budget,
        seed=SEED,
        verbose=0,
    )
    folder.mkdir(parents=True)
    (folder / "model.pickle").write_bytes(pickle.dumps(automl))


def load(folder: Path) -> commands.Predict:
    """The best model's probabilities or values."""
    automl = pickle.loads((folder / "model.pickle").read_bytes())  # noqa: S301 (written by the lines above)
    labels = getattr(automl, "classes_", None)  # some regressors lack it
    classes = [] if labels is None else list(labels)
    predict = automl.predict_proba if classes else automl.predict
    return lambda rows: commands.table_of(classes, predict(rows))


if __name__ == "__main__":
    commands.run(train, load)
