"""Explanations of answers: a number for each feature, which together with a base make the score of the answer.

The score is the model's output before its link: for two classes the log-odds of the positive one; for more, the output
of the class that is answered, of which softmax makes its probability; for regression the value, or its logarithm where
the value is the exponential function of the output. Forests and ensembles give a probability itself. A calibration is
part of the score, but for these, where it would not be linear. How features are credited: `contributions`,
`vector_contributions`.
"""

from __future__ import annotations

from function_code.schema import RECOMMENDATION
from function_code.serving.contributions import LINEAR_LINKS, has_one_output, method
from function_code.serving.predictions import MAX_NUMBERS, PREDICTION_KEYS, name_unseen, score, with_ids
from function_code.serving.problem_details import Problem
from function_code.serving.vector_contributions import Unexplainable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.schema import Schema
    from function_code.scoring.loaded_model import LoadedModel
    from function_code.scoring.scorer import Scorer

MAX_EXPLAINED_INSTANCES = 500  # in one request; through a large forest each takes some milliseconds
EXPLANATION_KEYS = PREDICTION_KEYS | {"class", "scale", "base", "contributions", "score"}
MAX_ROUNDING_ERROR = 1e-9  # by which base and contributions may miss the score, relative to the largest of them


def explain(loaded: LoadedModel, content: object, names_unseen: bool = False) -> list[dict[str, Any]]:
    """The explanations for a body of {"instances": [...]}, if wanted with the features whose value is unseen.

    Raises Problem 413, 422 or 501.
    """
    schema, scorer = loaded.schema, loaded.scorer
    if schema.task == RECOMMENDATION:
        raise Problem(501, "recommendations are explained by the items of the history: :predict?because=true")
    try:
        contributions_of = method(scorer, len(schema.features))
    except Unexplainable as error:
        raise Problem(501, f"model {loaded.name!r} cannot be explained: {error}") from None
    instances, rows, scores = score(loaded, content, max_explained_instances(schema))
    names = [column.name for column in schema.features]
    explanations = []
    for index, (instance, row, row_scores) in enumerate(zip(instances, rows, scores, strict=True)):
        answer, output = _answer(schema, scorer, instance, row_scores)
        explanation = {**answer, "scale": _scale(scorer, schema), "base": None, "contributions": {}, "score": None}
        if output is not None:
            base, parts, total = contributions_of(row, output)
            if not _adds_up(base, parts, total):
                problem = "no explanation: a value is too far outside of what the model was trained on"
                problems = [{"instance": index, "field": None, "problem": problem}]
                raise Problem(422, "an instance cannot be explained", problems)
            explanation |= {"base": base, "contributions": dict(zip(names, parts, strict=True)), "score": total}
        explanations.append(explanation)
    if names_unseen:
        name_unseen(loaded, rows, explanations)
    return with_ids(schema, instances, explanations, EXPLANATION_KEYS)


def max_explained_instances(schema: Schema) -> int:
    """The number of instances that one request may hold."""
    return min(MAX_EXPLAINED_INSTANCES, max(1, MAX_NUMBERS // len(schema.features)))


def _answer(
    schema: Schema, scorer: Scorer, instance: dict[str, Any], scores: list[float]
) -> tuple[dict[str, Any], int | None]:
    """The answer, and the number of the output that explains it; None if there is no answer."""
    if not schema.classes:
        return {"value": scores[0]}, 0
    chosen = scorer.choose(scores, schema.eligible_classes(instance))
    if chosen is None:
        return {"label": None, "class": None}, None
    label = schema.classes[chosen]
    if has_one_output(scorer):
        return {"label": label, "class": schema.classes[scorer.positive]}, 0
    return {"label": label, "class": label}, chosen


def _adds_up(base: float, parts: list[float], total: float) -> bool:
    """Says whether they are finite and add up; on the way to the score, numbers may have become too large for that."""
    largest = max(1.0, abs(base), abs(total), *map(abs, parts))
    return abs(base + sum(parts) - total) <= MAX_ROUNDING_ERROR * largest < float("inf")


def _scale(scorer: Scorer, schema: Schema) -> str:
    link = getattr(scorer, "link", "")  # an ensemble has none
    if not schema.classes:
        return "logarithm of the value" if link == "exp" else "value"
    if link in LINEAR_LINKS:
        return "log-odds" if link == "logistic" else "logit"
    return "probability before calibration" if scorer.calibration else "probability"
