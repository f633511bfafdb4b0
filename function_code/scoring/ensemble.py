"""Ensembles: the weighted sum of several models' scores."""

from __future__ import annotations

from function_code.scoring.scorer import Scorer, transpose
from function_code.scoring.summation import ordered_dot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from function_code.schema import Row
    from function_code.scoring.scorer import ModelScorer


class EnsembleScorer(Scorer):
    """Scores rows by its members, each a weight and a scorer without calibration; the weights add up to 1."""

    def __init__(
        self,
        members: list[tuple[float, ModelScorer]],
        calibration: dict[str, Any] | None = None,
        decision: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(calibration, decision)
        self.members = members
        self._weights = [weight for weight, _ in members]

    def score(self, rows: list[Row]) -> list[list[float]]:
        """Scores as `Scorer.score` does."""
        by_member = [member.score(rows) for _, member in self.members]
        return self.apply_steps([self._sum(scores) for scores in zip(*by_member, strict=True)])

    def score_columns(self, columns: Sequence[Sequence[Any]]) -> list[list[float]]:
        """Scores as `Scorer.score_columns` does."""
        by_member = [member.score_columns(columns) for _, member in self.members]
        rows = zip(*[zip(*scores, strict=True) for scores in by_member], strict=True)
        return transpose(self.apply_steps([self._sum(scores) for scores in rows]))

    def _sum(self, by_member: Sequence[Sequence[float]]) -> list[float]:
        """One row's scores from those of each member."""
        return [ordered_dot(self._weights, scores) for scores in zip(*by_member, strict=True)]
