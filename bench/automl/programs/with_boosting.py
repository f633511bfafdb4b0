"""Gradient boosting by default: scikit-learn's, categories as ordinal numbers, no search."""

from pathlib import Path

import joblib
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from bench.automl.programs import commands


def train(rows: pd.DataFrame, target: str, task: str, budget: float, folder: Path) -> None:
    """Fits once: there is nothing to spend a budget on."""
    features = rows.drop(columns=target)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=float("nan"))
    texts = features.select_dtypes(exclude=["number", "bool"]).columns.tolist()
    columns = make_column_transformer((encoder, texts), remainder="passthrough")
    model = HistGradientBoostingRegressor() if task == "regression" else HistGradientBoostingClassifier()
    folder.mkdir(parents=True)
    joblib.dump(make_pipeline(columns, model).fit(features, rows[target]), folder / "model.joblib")


def load(folder: Path) -> commands.Predict:
    """The fitted pipeline's probabilities or values."""
    pipeline = joblib.load(folder / "model.joblib")
    classes = list(getattr(pipeline, "classes_", []))
    predict = pipeline.predict_proba if classes else pipeline.predict
    return lambda rows: commands.table_of(classes, predict(rows))


if __name__ == "__main__":
    commands.run(train, load)
