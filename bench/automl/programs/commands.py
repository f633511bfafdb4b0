"""The commands of a program that trains and answers: `train`, `score` and `answer`, the same for every framework.

    train ROWS.csv TARGET TASK BUDGET FOLDER    fits a model on the rows and saves it in the folder
    score FOLDER ROWS.csv PREDICTIONS.csv       predicts; prints the seconds from file to file, imports not counted
    answer FOLDER REQUEST.json                  predicts the instances of a request, as a function would that starts

Predictions are a column of probabilities for each class, named by it, or the column `value`. This runs in the
framework's own environment, and imports nothing of the project.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

REPETITIONS = 3  # of a scoring, the fastest of which counts

Predict = Callable[[pd.DataFrame], pd.DataFrame]


def run(train: Callable[[pd.DataFrame, str, str, float, Path], None], load: Callable[[Path], Predict]) -> None:
    """Runs the command in `sys.argv`.

    `train` gets the rows, the target's name, the task, the seconds and the folder; `load` gets the folder.
    """
    match sys.argv[1:]:
        case ["train", rows, target, task, budget, folder]:
            # Classes are texts everywhere, so that 1, 1.0 and True mean the same to all.
            dtype = None if task == "regression" else {target: str}
            train(pd.read_csv(rows, dtype=dtype), target, task, float(budget), Path(folder))
        case ["score", folder, rows, predictions]:
            predict = load(Path(folder))
            print(json.dumps(min(_seconds(predict, rows, predictions) for _ in range(REPETITIONS))))
        case ["answer", folder, request]:
            instances = json.loads(Path(request).read_text())["instances"]
            print(json.dumps(load(Path(folder))(pd.DataFrame(instances)).to_dict("records")))
        case arguments:
            raise SystemExit(f"unknown command: {arguments}")


def _seconds(predict: Predict, rows: str, predictions: str) -> float:
    started = time.perf_counter()
    predict(pd.read_csv(rows)).to_csv(predictions, index=False)
    return time.perf_counter() - started


def table_of(classes: list[Any], predicted: Any) -> pd.DataFrame:
    """Probabilities, shape (rows, classes), as a frame; for no classes values, shape (rows,)."""
    return pd.DataFrame(predicted, columns=[str(label) for label in classes] or ["value"])
