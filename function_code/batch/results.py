"""Results: the columns that are written for each row that was scored."""

from collections import Counter
from collections.abc import Sequence
from itertools import compress
from math import fsum
from typing import Any

from function_code.batch.checking import CheckedRows
from function_code.batch.unseen import UnseenValues
from function_code.data.blocks import Block
from function_code.data.typed_values import texts_of
from function_code.schema import Schema
from function_code.scoring.loaded_model import LoadedModel
from function_code.scoring.scorer import Unscorable

MAX_LABEL_COLUMNS = 20  # up to so many classes each has a column of its own
TOP_LABELS = 5  # of more classes, the most probable ones


class Results:
    """The scores, as columns, of one block after the other. `summary` counts them."""

    def __init__(self, loaded: LoadedModel, header: list[str]) -> None:
        self._loaded = loaded
        schema = loaded.schema
        self._ids = [name for name in schema.ids if name in header]
        own = ["row", *_columns(schema), "model_version"]
        ids = [f"id_{name}" if name in own else name for name in self._ids]
        self.header = [own[0], *ids, *own[1:]]
        self._unseen = UnseenValues(loaded.seen_values(), schema)
        self._labels: Counter[str] = Counter()
        self._values: list[float] = []  # the sums of blocks
        self._count = 0

    def columns(self, block: Block, checked: CheckedRows) -> list[Sequence[Any]]:
        """The columns of the rows that could be scored; the others are added to `checked.problems`."""
        scores = self._scores(checked)
        answers = self._answers(block, checked.indices, scores) if checked.indices else []
        ids = [texts_of(list(map(block.columns[name].__getitem__, checked.indices))) for name in self._ids]
        self._unseen.update(checked.features)
        numbers = [block.first + index for index in checked.indices]
        return [numbers, *ids, *answers, [self._loaded.version] * len(numbers)]

    def last(self) -> list[list[Any]]:
        """The rows that come when all blocks have been seen: none."""
        return []

    def summary(self) -> dict[str, Any]:
        """The number of rows of each label, or the mean value; and the values that training never saw."""
        if self._loaded.schema.classes:
            return {"labels": dict(self._labels.most_common()), **self._unseen.summary()}
        return {"mean": fsum(self._values) / self._count if self._count else None, **self._unseen.summary()}

    def _scores(self, checked: CheckedRows) -> list[list[float]]:
        """A column for each class, or that of the values."""
        if not checked.indices:
            return []
        try:
            return self._loaded.scorer.score_columns(checked.features)
        except Unscorable:
            return self._one_by_one(checked)

    def _one_by_one(self, checked: CheckedRows) -> list[list[float]]:
        scores: list[list[float]] = []
        flags = []  # of the rows that have a finite answer
        for index, row in zip(checked.indices, map(list, zip(*checked.features, strict=True)), strict=True):
            try:
                scores += self._loaded.scorer.score([row])
            except Unscorable as error:
                checked.problems[index] = str(error)
            flags.append(index not in checked.problems)
        checked.features = [list(compress(values, flags)) for values in checked.features]
        checked.indices = list(compress(checked.indices, flags))
        return list(map(list, zip(*scores, strict=True)))

    def _answers(self, block: Block, indices: list[int], scores: list[list[float]]) -> list[list[Any]]:
        """The columns between the ids and the version."""
        schema = self._loaded.schema
        if not schema.classes:
            self._values.append(fsum(scores[0]))
            self._count += len(scores[0])
            return scores
        owned = block.columns.get(schema.owned, None)
        if owned is None and len(schema.classes) <= MAX_LABEL_COLUMNS:
            answers: list[list[Any]] = [self._predicted_labels(scores), *scores]
        else:
            owned_values = [owned[index] or None if owned else None for index in indices]
            rows = map(self._label_and_probabilities, zip(*scores, strict=True), owned_values)
            answers = list(map(list, zip(*rows, strict=True)))
        self._labels.update(map(str, answers[0]))
        return answers

    def _predicted_labels(self, scores: list[list[float]]) -> list[Any]:
        labels, scorer = self._loaded.schema.classes, self._loaded.scorer
        if scorer.threshold is not None:
            positive, negative = labels[scorer.positive], labels[1 - scorer.positive]
            return [positive if p >= scorer.threshold else negative for p in scores[scorer.positive]]
        eligible = range(len(labels))
        return [labels[max(eligible, key=p.__getitem__)] for p in zip(*scores, strict=True)]

    def _label_and_probabilities(self, p: Sequence[float], owned: Any) -> list[Any]:
        """The label and the probabilities of one row, without what is owned."""
        schema = self._loaded.schema
        labels, eligible = schema.classes, schema.eligible_classes({schema.owned: owned})
        chosen = self._loaded.scorer.choose(p, eligible)
        if len(labels) <= MAX_LABEL_COLUMNS:
            label = "" if chosen is None else labels[chosen]
            return [label, *(value if k in eligible else "" for k, value in enumerate(p))]
        best = sorted(eligible, key=p.__getitem__, reverse=True)[:TOP_LABELS]
        pairs = [(labels[k], p[k]) for k in best] + [("", "")] * (TOP_LABELS - len(best))
        return [cell for pair in pairs for cell in pair]


def _columns(schema: Schema) -> list[str]:
    if not schema.classes:
        return ["value"]
    if len(schema.classes) <= MAX_LABEL_COLUMNS:
        return ["label", *(f"probability_{label}" for label in schema.classes)]
    others = [name for rank in range(2, TOP_LABELS + 1) for name in (f"label_{rank}", f"probability_{rank}")]
    return ["label", "probability", *others]
