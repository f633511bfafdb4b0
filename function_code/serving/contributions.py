"""The methods behind explanations: what each feature adds to a base, so that together they make a score.

A feature has the sum of what the positions of the input vector have that come of it (`vector_contributions`). An
ensemble has the weighted sum of what its members have; of classes on the scale of probabilities, to which the rescale
rule takes log-odds, and of values on their own scale, to which it takes logarithms. Of more than two classes, the
log-odds are those of the class that is answered, to which a gradient between base and score leads.
"""

from __future__ import annotations

from math import exp, inf, log

from function_code.scoring.linear import logistic
from function_code.scoring.scorer import MIN_PROBABILITY, ModelScorer, softmax
from function_code.scoring.summation import ordered_dot, ordered_sum
from function_code.serving.vector_contributions import Unexplainable, vector_method

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from function_code.schema import Row
    from function_code.scoring.scorer import Scorer

    # From a row and the number of an output: the base, a part for each feature, and the score that they make.
    Method = Callable[[Row, int], tuple[float, list[float], float]]

MAX_LOG_ODDS = log((1 - MIN_PROBABILITY) / MIN_PROBABILITY)  # that a calibration sees
BISECTIONS = 40  # of the way from base to score
MIN_CHANGE = 1e-6  # of log-odds, below which their slope is that at a point
LINEAR_LINKS = "logistic", "softmax"  # before which a calibration is linear
ONE_OUTPUT = "logistic", "share"  # the links of two classes, whose one output is of the second


def method(scorer: Scorer, features: int) -> Method:
    """The method for a scorer of rows with so many features. Raises Unexplainable.

    Where two classes have one output, base, contributions and score are of the positive one.
    """
    explain = _method(scorer, features)
    if scorer.positive == 1 or not has_one_output(scorer):
        return explain
    is_log_odds = isinstance(scorer, ModelScorer) and scorer.link == "logistic"
    whole = 0.0 if is_log_odds else 1.0  # that the log-odds or the probabilities of both classes make

    def explain_first(row: Row, output: int) -> tuple[float, list[float], float]:
        base, contributions, total = explain(row, output)
        return whole - base, [0.0 - part for part in contributions], whole - total

    return explain_first


def has_one_output(scorer: Scorer) -> bool:
    """Says whether two classes have one output, that of the second."""
    models = [scorer] if isinstance(scorer, ModelScorer) else [member for _, member in _members(scorer)]
    return bool(models) and all(model.link in ONE_OUTPUT for model in models)


def _method(scorer: Scorer, features: int) -> Method:
    if isinstance(scorer, ModelScorer):
        return _of_model(scorer, features)
    if members := _members(scorer):
        return _of_ensemble(members, features)
    raise Unexplainable("it is of a kind whose predictions cannot be explained exactly")


def _members(scorer: Scorer) -> list[tuple[float, ModelScorer]]:
    """Weights and scorers of what an ensemble is of; none if it is none."""
    from function_code.scoring.ensemble import EnsembleScorer

    return scorer.members if isinstance(scorer, EnsembleScorer) else []


def _of_model(scorer: ModelScorer, features: int) -> Method:
    by_vector, origins = vector_method(scorer.output), scorer.encoder.origins(features)

    def explain(row: Row, output: int) -> tuple[float, list[float], float]:
        vector = scorer.encoder.encode(row)
        base, parts, total = _calibrated(scorer, output, *by_vector(vector, output), scorer.output(vector)[output])
        if scorer.link == "exp":
            base, parts, total = _clipped(scorer.max_exponent, base, parts, total)
        contributions = [0.0] * features
        for origin, part in zip(origins, parts, strict=True):
            contributions[origin] += part
        return base, contributions, total

    return explain


def _of_ensemble(weighted: list[tuple[float, ModelScorer]], features: int) -> Method:
    members = [(weight, _of_member(member, features)) for weight, member in weighted]

    def explain(row: Row, output: int) -> tuple[float, list[float], float]:
        base, contributions, total = 0.0, [0.0] * features, 0.0
        for weight, explain_member in members:
            low, parts, high = explain_member(row, output)
            base, total = base + weight * low, total + weight * high
            contributions = [sum_ + weight * part for sum_, part in zip(contributions, parts, strict=True)]
        return base, contributions, total

    return explain


def _of_member(scorer: ModelScorer, features: int) -> Method:
    """The method for the value of a member, or its probability."""
    explain = _of_model(scorer, features)

    def explain_logistic(row: Row, output: int) -> tuple[float, list[float], float]:
        return _as_probabilities(*explain(row, output))

    def explain_softmax(row: Row, output: int) -> tuple[float, list[float], float]:
        outputs = range(len(scorer.output(scorer.encoder.encode(row))))
        bases, parts, totals = zip(*(explain(row, number) for number in outputs), strict=True)
        weights = _weights(bases, totals, output)
        sums = [ordered_dot(weights, of_feature) for of_feature in zip(*parts, strict=True)]
        return _as_probabilities(_log_odds(bases, output), sums, _log_odds(totals, output))

    def explain_exp(row: Row, output: int) -> tuple[float, list[float], float]:
        return _as_values(*explain(row, output))

    return {"logistic": explain_logistic, "softmax": explain_softmax, "exp": explain_exp}.get(scorer.link, explain)


def _as_probabilities(base: float, parts: list[float], total: float) -> tuple[float, list[float], float]:
    """Base, parts and score in log-odds as probabilities, by the rescale rule."""
    low, high = logistic(base), logistic(total)
    factor = (high - low) / (total - base) if abs(total - base) > MIN_CHANGE else high * (1.0 - high)
    return low, [part * factor for part in parts], high


def _as_values(base: float, parts: list[float], total: float) -> tuple[float, list[float], float]:
    """Base, parts and score in logarithms as values, by the rescale rule."""
    low, high = exp(base), exp(total)
    factor = (high - low) / (total - base) if abs(total - base) > MIN_CHANGE else high
    return low, [part * factor for part in parts], high


def _log_odds(outputs: Sequence[float], output: int) -> float:
    """The log-odds of one class against all others, from what softmax takes."""
    others = [z for number, z in enumerate(outputs) if number != output]
    largest = max(others)
    return outputs[output] - largest - log(ordered_sum([exp(z - largest) for z in others]))


def _weights(low: Sequence[float], high: Sequence[float], output: int) -> list[float]:
    """Weights of the outputs' changes, from what softmax takes at `low` to `high`, that sum to that of the log-odds.

    They are the gradient at a point between. By the mean value theorem there is one, and as log-odds are concave, their
    slope falls on the way and bisection finds it.
    """
    changes = [b - a for a, b in zip(low, high, strict=True)]
    difference = _log_odds(high, output) - _log_odds(low, output)

    def gradient(way: float) -> list[float]:
        point = [a + way * change for a, change in zip(low, changes, strict=True)]
        point[output] = -inf
        return [1.0 if number == output else -share for number, share in enumerate(softmax(point))]

    start, end = 0.0, 1.0
    for _ in range(BISECTIONS):
        middle = (start + end) / 2
        if ordered_dot(gradient(middle), changes) >= difference:
            start = middle
        else:
            end = middle
    steep, flat = gradient(start), gradient(end)
    steep_sum, flat_sum = ordered_dot(steep, changes), ordered_dot(flat, changes)
    # Where outputs change by thousands, the slope falls between neighbouring points: what is missing lies between both.
    share = (difference - flat_sum) / (steep_sum - flat_sum) if steep_sum > flat_sum else 0.0
    return [share * a + (1.0 - share) * b for a, b in zip(steep, flat, strict=True)]


def _clipped(most: float, base: float, parts: list[float], total: float) -> tuple[float, list[float], float]:
    """Base, parts and score of at most a number, by the rescale rule."""
    low, high = min(most, base), min(most, total)
    factor = (high - low) / (total - base) if total != base else 1.0
    return low, [part * factor for part in parts], high


def _calibrated(
    scorer: ModelScorer, output: int, base: float, parts: list[float], total: float
) -> tuple[float, list[float], float]:
    """Base, parts and score as the calibration makes them: it is linear in log-odds and in what softmax is taken of."""
    if not scorer.calibration or scorer.link not in LINEAR_LINKS:
        return base, parts, total
    slope, shifts = scorer.calibration["slope"], scorer.calibration["shifts"]
    if scorer.link == "softmax":
        shift, low, high = shifts[output], base, total
    else:
        shift = shifts[1] - shifts[0]
        low, high = (max(-MAX_LOG_ODDS, min(MAX_LOG_ODDS, z)) for z in (base, total))
    factor = slope * ((high - low) / (total - base) if total != base else 1.0)
    return slope * low + shift, [part * factor for part in parts], slope * high + shift
