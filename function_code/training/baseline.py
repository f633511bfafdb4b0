"""The baseline that a model must be better than: the same for everybody or, of users' snapshots, recency alone."""

from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from function_code.history_features import DAYS_SINCE_LAST
from function_code.training import evaluate
from function_code.training.dataset import PreparedDataset
from function_code.training.table import Array

TRIVIAL, RECENCY = "the trivial baseline", "recency alone"


def baseline(dataset: PreparedDataset, learn: Array, held_out: Array, of_users: bool) -> tuple[Array, str]:
    """The baseline's prediction for the rows `held_out`, learned from the rows `learn`, and its name.

    Of users' snapshots (`of_users`) it is recency alone.

    Shape (rows, classes), or (rows, 1) for a regression.
    """
    target, classes = dataset.target[learn], dataset.classes
    if not of_users or DAYS_SINCE_LAST not in dataset.kinds:
        return evaluate.baseline(target, classes, len(held_out)), TRIVIAL
    days = dataset.typed[[DAYS_SINCE_LAST]]
    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    model = kind(max_iter=50, max_leaf_nodes=8, early_stopping=False, random_state=0)
    return evaluate.predict(model.fit(days.iloc[learn], target), days.iloc[held_out]), RECENCY
