"""An ensemble of some kinds of models as a candidate, for tests that fit candidates of each kind."""

from collections.abc import Sequence

from function_code.training.candidates.candidate import Candidate, Fitted, Rows, Setting
from function_code.training.candidates.linear import Linear
from function_code.training.candidates.scikit import Forest, Network, Trees
from function_code.training.encoders import Columns
from function_code.training.ensemble import Ensemble
from function_code.training.trial import Trial


class Combined(Candidate):
    """Models of these kinds, each with its first setting and what `fit` is given of it, and these weights."""

    name = "ensemble"
    settings = ({},)

    def __init__(
        self,
        columns: Columns,
        task: str,
        kinds: Sequence[type[Candidate]] = (Linear, Trees, Forest, Network),
        weights: Sequence[float] = (0.4, 0.3, 0.2, 0.1),
    ) -> None:
        super().__init__(columns, task)
        self.kinds, self.weights = kinds, weights

    def fit(self, setting: Setting, rows: Rows, valid: Rows | None = None) -> Fitted:
        trials = [Trial(kind(self.columns, self.task), {**kind.settings[0], **setting}) for kind in self.kinds]
        return Ensemble(list(zip(self.weights, trials, strict=True))).fit(setting, rows, valid)
