"""Predictions: the body of a request as checked instances, and their scores as the predictions of the answer."""

from __future__ import annotations

from function_code.errors import NotFound
from function_code.request_checks import check_instances
from function_code.schema import RECOMMENDATION
from function_code.scoring.scorer import Unscorable
from function_code.serving.problem_details import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.schema import Row, Schema
    from function_code.scoring.loaded_model import LoadedModel

MAX_INSTANCES = 5_000
MAX_NUMBERS = 1_000_000  # of probabilities in one answer: a model of thousands of classes takes smaller batches
FLAGS = {
    "unseen": "name the features, or the items of a history, whose value training never saw",
    "because": "name the item of the history that adds most to each recommendation",
}
PREDICTION_KEYS = frozenset(("label", "probabilities", "value", "ids", "unseen"))


def answers(loaded: LoadedModel, content: object, query: str) -> list[dict[str, Any]]:
    """The predictions for a body of {"instances": [...]} and a query, or what a model of events recommends.

    Raises Problem 413 or 422.
    """
    if loaded.schema.task == RECOMMENDATION:
        from function_code.serving.recommendations import recommend  # which other models do without

        return recommend(loaded, content, query)
    return predict(loaded, content, parse_top(query), parse_flag(query, "unseen"))


def predict(loaded: LoadedModel, content: object, top: int | None, names_unseen: bool = False) -> list[dict[str, Any]]:
    """The predictions for a body of {"instances": [...]}, if wanted with the features whose value is unseen.

    Raises Problem 413 or 422.
    """
    schema = loaded.schema
    if top is not None and not schema.classes:
        raise Problem(422, f'"top" is for models that choose among classes; {loaded.name!r} predicts a value')
    instances, rows, scores = score(loaded, content, max_instances(schema))
    if schema.classes:
        predictions = _labelled(loaded, instances, scores, top)
    else:
        predictions = [{"value": value} for (value,) in scores]
    if names_unseen:
        name_unseen(loaded, rows, predictions)
    return with_ids(schema, instances, predictions, PREDICTION_KEYS)


def checked(loaded: LoadedModel, content: object, limit: int) -> tuple[list[Any], list[Row]]:
    """The instances of a body, with the histories kept of their users where they have none, and their rows.

    Raises Problem 413, 422 or 503, and as `LoadedModel.with_kept_histories` does.
    """
    instances = _instances(content, limit)
    try:
        instances = loaded.with_kept_histories(instances)
    except NotFound:
        gone = f"the histories that were kept with version {loaded.version} are gone"
        raise Problem(503, f"{gone}: send the history with the request, or [] for a new user") from None
    rows, problems = check_instances(loaded.schema, instances)
    problems = problems or _infinite_ids(loaded.schema, instances)
    if problems:
        raise Problem(422, _count(len(problems), "problem") + " in the instances", problems)
    return instances, rows


def score(loaded: LoadedModel, content: object, limit: int) -> tuple[list[Any], list[Row], list[list[float]]]:
    """The instances of a body, their rows, and the scores of those. Raises Problem 413 or 422."""
    instances, rows = checked(loaded, content, limit)
    try:
        return instances, rows, loaded.scorer.score(rows)
    except Unscorable as error:
        problem = {"instance": error.index, "field": None, "problem": str(error)}
        raise Problem(422, "an instance cannot be scored", [problem]) from None


def max_instances(schema: Schema) -> int:
    """The number of instances that one request may hold."""
    return min(MAX_INSTANCES, max(1, MAX_NUMBERS // max(1, len(schema.classes))))


def parse_top(query: str) -> int | None:
    """Reads the N of `?top=N`; None without it. Raises Problem 422 if it is not a whole number from 1 on."""
    if not query:
        return None
    values = [parameter[4:] for parameter in query.split("&") if parameter.startswith("top=")]
    if not values:
        return None
    text = values[-1]
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0 and len(values) == 1):
        raise Problem(422, '"top" wants one whole number from 1 on: how many of the most probable classes to keep')
    return int(text)


def parse_flag(query: str, flag: str) -> bool:
    """Reads one of FLAGS, as in `?unseen=true`; false without it. Raises Problem 422 for all but true and false."""
    if not query:
        return False
    values = [value for name, _, value in (part.partition("=") for part in query.split("&")) if name == flag]
    if not values:
        return False
    if values not in (["true"], ["false"]):
        raise Problem(422, f'"{flag}" wants true or false: whether to {FLAGS[flag]}')
    return values == ["true"]


def name_unseen(loaded: LoadedModel, rows: list[Row], answers: list[dict[str, Any]]) -> None:
    """Adds to each answer the features whose value training never saw."""
    seen = loaded.seen_values()
    for answer, row in zip(answers, rows, strict=True):
        answer["unseen"] = seen.unseen_in_row(row)


def _instances(content: object, limit: int) -> list[Any]:
    if not isinstance(content, dict):
        raise Problem(422, 'the body must be an object: {"instances": [{...}, ...]}')
    if "instances" not in content:
        keys = ", ".join(list(content)[:5])[:200] or "nothing"
        raise Problem(422, f'the body has no "instances": {{"instances": [{{...}}, ...]}} is wanted; it has: {keys}')
    if len(content) > 1:
        keys = ", ".join(name for name in list(content)[:6] if name != "instances")[:200]
        raise Problem(422, f'the body has more than "instances", which this endpoint does not know: {keys}')
    instances = content["instances"]
    if not isinstance(instances, list):
        raise Problem(422, '"instances" must be a list of objects, one for each prediction wanted')
    if not instances:
        raise Problem(422, '"instances" is empty: at least one instance is wanted')
    if len(instances) > limit:
        raise Problem(413, f"{len(instances)} instances are too many: one request may hold {limit}")
    return instances


def _labelled(
    loaded: LoadedModel, instances: list[Any], scores: list[list[float]], top: int | None
) -> list[dict[str, Any]]:
    schema, choose = loaded.schema, loaded.scorer.choose
    labels, names = schema.classes, [str(label) for label in schema.classes]
    predictions = []
    for instance, p in zip(instances, scores, strict=True):
        eligible = schema.eligible_classes(instance)
        chosen = choose(p, eligible)
        if top is not None:
            # A stable sort: of equally probable classes the first comes first, as it does in `label`.
            eligible = sorted(eligible, key=p.__getitem__, reverse=True)[:top]
        label = None if chosen is None else labels[chosen]
        predictions.append({"label": label, "probabilities": {names[i]: p[i] for i in eligible}})
    return predictions


def with_ids(
    schema: Schema, instances: list[Any], answers: list[dict[str, Any]], reserved: frozenset[str]
) -> list[dict[str, Any]]:
    """Each answer with the ids that its instance came with, under their own names.

    If any id column is named like a key of ours, all of them go into one object under "ids": the shape depends on the
    model alone, not on what a request happens to hold.
    """
    if not schema.ids:
        return answers
    ids_of_each = [{name: instance[name] for name in schema.ids if name in instance} for instance in instances]
    if reserved.isdisjoint(schema.ids):
        return [{**ids, **answer} for ids, answer in zip(ids_of_each, answers, strict=True)]
    return [{"ids": ids, **answer} for ids, answer in zip(ids_of_each, answers, strict=True)]


def _infinite_ids(schema: Schema, instances: list[Any]) -> list[dict[str, Any]]:
    """Problems of ids, which are echoed: 1e999, which JSON allows, would come back as Infinity, which it does not."""
    return [
        {"instance": index, "field": name, "problem": "the number is too large"}
        for name in schema.ids
        for index, instance in enumerate(instances)
        if type(value := instance.get(name)) is float and value - value != 0.0
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
