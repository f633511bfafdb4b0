"""The models that compete."""

from function_code.training.candidates.candidate import Candidate
from function_code.training.candidates.custom import Own
from function_code.training.candidates.scikit import Forest, Linear, Network, Trees
from function_code.training.dataset import Dataset
from function_code.training.encoders import Columns
from function_code.training.settings import Settings

# Every round of boosting grows a tree for each class, and every leaf of a forest has a share of each.
MOST_TREE_CLASSES = 30


def candidates(dataset: Dataset, settings: Settings) -> list[Candidate]:
    """The candidates that the settings ask for, for features like these. Raises Refused as `Own` does."""
    if settings.estimator:
        return [Own(Columns.of(dataset.typed), dataset.task, settings.estimator)]
    many = len(dataset.classes) > MOST_TREE_CLASSES
    return [kind(Columns.of(dataset.typed), dataset.task) for kind in _kinds(settings.framework, many)]


def _kinds(framework: str, many: bool) -> list[type[Candidate]]:
    # Either takes seconds to import, and is an optional installation.
    if framework == "pytorch":
        from function_code.training.candidates.pytorch import PyTorch

        return [PyTorch]
    if framework == "tensorflow":
        from function_code.training.candidates.tensorflow import TensorFlow

        return [TensorFlow]
    # From the fewest numbers to the most: some dozens, some hundreds, thousands, hundreds of thousands.
    return [Linear, Network] if many else [Linear, Network, Trees, Forest]
