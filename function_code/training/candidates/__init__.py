"""The models that compete."""

from function_code.training.candidates.candidate import Candidate
from function_code.training.candidates.custom import CustomEstimator
from function_code.training.candidates.linear import Linear
from function_code.training.candidates.multiplicative import suits, with_both
from function_code.training.candidates.scikit import Forest, Network, Trees
from function_code.training.dataset import PreparedDataset
from function_code.training.encoders import Columns
from function_code.training.settings import Settings
from function_code.training.split import MIN_LARGE_ROWS

# Every round of boosting grows a tree for each class, and every leaf of a forest has a share of each.
MAX_TREE_CLASSES = 30


def candidates(dataset: PreparedDataset, settings: Settings) -> list[Candidate]:
    """The candidates that the settings ask for, for features like these. Raises Refused as `CustomEstimator` does."""
    columns = Columns.of(dataset.typed, dataset.kinds, dataset.forms, len(dataset.classes))
    if settings.estimator:
        return [CustomEstimator(columns, dataset.task, settings.estimator)]
    without_trees = len(dataset.classes) > MAX_TREE_CLASSES
    listed = [kind(columns, dataset.task) for kind in _kinds(settings.framework, without_trees)]
    for candidate in listed:
        if len(dataset.target) >= MIN_LARGE_ROWS and candidate.large_settings:
            candidate.settings = candidate.large_settings
        if candidate.multiplies and suits(dataset.target, dataset.task):
            candidate.settings = with_both(candidate.settings)
    return listed


def _kinds(framework: str, without_trees: bool) -> list[type[Candidate]]:
    # Either takes seconds to import, and is an optional installation.
    if framework == "pytorch":
        from function_code.training.candidates.pytorch import PyTorch

        return [PyTorch]
    if framework == "tensorflow":
        from function_code.training.candidates.tensorflow import TensorFlow

        return [TensorFlow]
    # From the fewest numbers to the most: some dozens, some hundreds, thousands, hundreds of thousands.
    return [Linear, Network] if without_trees else [Linear, Network, Trees, Forest]
