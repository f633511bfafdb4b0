"""The metric that the gates compare: the loss of each held-out row or, of many classes, how well they are ranked."""

from dataclasses import dataclass
from typing import Any

from function_code.training import evaluate
from function_code.training.table import Array

MIN_RANKED_CLASSES = 31  # of so many the first few are asked for, and no probability of one is
TOP = evaluate.TOP_SIZES[-1]


@dataclass(frozen=True)
class GateMetric:
    """The targets of held-out rows, and how predictions for them are compared.

    A target of at least MIN_RANKED_CLASSES classes, or one with a column of what is owned, is `ranked`: by NDCG@TOP
    without the classes in `excluded`, which must not be answered. Log loss would keep a model that ranks well from
    serving because it is too sure of rare classes.
    """

    target: Array
    classes: list[Any]
    excluded: Array | None = None

    @property
    def ranked(self) -> bool:
        """Says whether rankings are compared, and not losses."""
        return self.excluded is not None or len(self.classes) >= MIN_RANKED_CLASSES

    @property
    def name(self) -> str:
        """The metric's name in a sentence."""
        return f"NDCG@{TOP}" if self.ranked else "loss"

    def losses(self, predicted: Array) -> Array:
        """The loss of each row, shape (rows,): of rankings 1 - NDCG."""
        if not self.ranked:
            return evaluate.losses(predicted, self.target, self.classes)
        allowed = evaluate.mask_excluded(predicted, self.excluded)
        truth = evaluate.positions(self.target, self.classes)
        return 1 - evaluate.ndcg(evaluate.ranks(allowed, truth), TOP)

    def mean(self, losses: Array) -> float:
        """The metric's mean over rows with those losses."""
        return float(1 - losses.mean() if self.ranked else losses.mean())
