"""Recommendations: the body of a request as checked histories, and the items of the answer."""

from __future__ import annotations

from function_code.history_checks import HISTORY
from function_code.scoring.neighbours import TOP, Neighbours
from function_code.serving.predictions import checked, max_instances, parse_flag, parse_top, with_ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from function_code.schema import Row
    from function_code.scoring.loaded_model import LoadedModel

RECOMMENDATION_KEYS = frozenset(("items", "ids", "unseen"))
SOURCES = REQUEST, KEPT, NONE = "request", "kept", "none"  # of the history that an answer is for


def recommend(loaded: LoadedModel, content: object, query: str) -> list[dict[str, Any]]:
    """The recommendations for a body of {"instances": [...]}, by the query the `top` items, TOP without it.

    With `because` each has the item of the history that adds most to its score, null if none adds anything; with
    `unseen` an answer has the items of the history that training never saw. Where histories are kept, an answer has the
    one of SOURCES that its history is from. Raises as `checked` does.
    """
    top = parse_top(query) or TOP
    gives_reasons, names_unseen = parse_flag(query, "because"), parse_flag(query, "unseen")
    instances, rows = checked(loaded, content, max_instances(loaded.schema))
    answers = [_answer(loaded, row, top, gives_reasons, names_unseen) for row in rows]
    if "histories" in loaded.manifest:
        sent: list[Any] = content["instances"]  # type: ignore[index]
        for answer, before, after in zip(answers, sent, instances, strict=True):
            answer[HISTORY] = _source(before, after)
    return with_ids(loaded.schema, instances, answers, RECOMMENDATION_KEYS)


def _source(sent: dict[str, Any], filled: dict[str, Any]) -> str:
    """The source of the history of an instance, as it was sent and as it was filled."""
    if sent.get(HISTORY) is not None:
        return REQUEST
    return NONE if filled.get(HISTORY) is None else KEPT


def _answer(loaded: LoadedModel, row: Row, top: int, gives_reasons: bool, names_unseen: bool) -> dict[str, Any]:
    scorer, labels = loaded.scorer, loaded.schema.classes
    assert isinstance(scorer, Neighbours)  # noqa: S101 - no other recommends
    steps, excluded, unknown = row
    best = scorer.recommend(steps, excluded, top)
    items: list[dict[str, Any]] = [{"item": labels[number], "score": score} for number, score in best]
    if gives_reasons:
        reasons = scorer.because(steps, [number for number, _ in best])
        for item, reason in zip(items, reasons, strict=True):
            item["because"] = None if reason is None else labels[reason]
    return {"items": items, **({"unseen": unknown} if names_unseen else {})}
