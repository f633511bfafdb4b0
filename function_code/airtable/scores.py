"""Predictions of the version that serves, exactly as the endpoint would answer."""

from collections import Counter
from collections.abc import Mapping
from math import isclose
from typing import Any

from function_code.airtable.state import State, Written, csv_of
from function_code.data.instances import read_instances
from function_code.errors import NotFound
from function_code.scoring.loaded_model import LoadedModel
from function_code.serving.predictions import max_instances, predict
from function_code.serving.problem_details import Problem

PROBABILITY_DIGITS = 4  # of a probability; a difference beyond is none
RELATIVE_TOLERANCE = 1e-6  # of a value that is predicted; it differs by more
NO_PREDICTION: Written = (None, None)


def score(model: LoadedModel, state: State) -> tuple[dict[str, Written], Counter[str]]:
    """Label and probability of each record, NO_PREDICTION where the endpoint would refuse; and the reasons, counted.

    Raises NotFound if the model wants a column that the table no longer has.
    """
    schema = model.schema
    known = {column.name for column in schema.features} | {*schema.ids, schema.owned}
    if absent := [column.name for column in schema.features if column.name not in state.columns]:
        raise NotFound(
            f"version {model.version} was trained on the field {absent[0]!r}, which the table has no longer; "
            "it is scored again when a version was trained without it"
        )
    positions = [number for number, name in enumerate(state.columns) if name in known]
    rows = [[cells[number] for number in positions] for cells in state.records.values()]
    instances = read_instances(csv_of([state.columns[number] for number in positions], rows), "Airtable", schema)
    predictions: dict[str, Written] = {}
    refused: Counter[str] = Counter()
    records, limit = list(state.records), max_instances(schema)
    for start in range(0, len(records), limit):
        part = dict(zip(records[start : start + limit], instances[start : start + limit], strict=True))
        predictions |= _part(model, part, refused)
    return predictions, refused


def differs(prediction: Written, written: Written) -> bool:
    """True if a prediction is another one than that which was written."""
    (label, probability), (before, then) = prediction, written
    if isinstance(label, float) and isinstance(before, float):
        return probability != then or not isclose(label, before, rel_tol=RELATIVE_TOLERANCE)
    return prediction != written


def _part(model: LoadedModel, part: Mapping[str, Any], refused: Counter[str]) -> dict[str, Written]:
    """Predicts as many records as one request may have. Those with problems are left out until none has any."""
    predictions = dict.fromkeys(part, NO_PREDICTION)
    good = list(part)
    while good:
        try:
            answers = predict(model, {"instances": [part[record] for record in good]}, None)
        except Problem as problem:
            bad = {int(error["instance"]): error for error in problem.errors or []}
            if not bad:
                raise
            refused.update(f"{error['field'] or 'the row'}: {error['problem']}" for error in bad.values())
            good = [record for number, record in enumerate(good) if number not in bad]
            continue
        return predictions | {record: _written(answer) for record, answer in zip(good, answers, strict=True)}
    return predictions


def _written(answer: dict[str, Any]) -> Written:
    if "value" in answer:
        return float(answer["value"]), None
    label = answer["label"]
    return (label, None) if label is None else (label, round(answer["probabilities"][str(label)], PROBABILITY_DIGITS))
