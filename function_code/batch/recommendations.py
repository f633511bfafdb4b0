"""Recommendations for a file of events: all events of a user make a history, and each user gets a row."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from function_code.batch.checking import CheckedRows
from function_code.column import category
from function_code.data.blocks import Block
from function_code.dialects.missing import says_missing
from function_code.history_checks import in_steps, numbered
from function_code.scoring.loaded_model import LoadedModel
from function_code.scoring.neighbours import TOP, Neighbours


@dataclass
class _User:
    times: list[float] = field(default_factory=list)
    items: list[str] = field(default_factory=list)

    def steps(self) -> list[list[str]]:
        """The items of each step, the latest last; events without a time come first, each a step."""
        dated = [when == when for when in self.times]
        undated = [[item] for item, is_dated in zip(self.items, dated, strict=True) if not is_dated]
        return [*undated, *in_steps(compress(self.times, dated), compress(self.items, dated))]


class Recommendations:
    """The recommendations for a file's users, from one block of events after the other. `summary` counts them."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        (self._user,) = loaded.schema.ids
        self._users: dict[str, _User] = {}
        self._unseen: dict[str, dict[str, Any]] = {}
        self._returns = 0

    @property
    def header(self) -> list[str]:
        """The columns of the results."""
        of_items = [f"{name}_{rank}" for rank in range(1, TOP + 1) for name in ("item", "score")]
        return [
            f"id_{self._user}" if self._user in (*of_items, "model_version") else self._user,
            *of_items,
            "model_version",
        ]

    def columns(self, block: Block, checked: CheckedRows) -> list[list[Any]]:
        """None yet: adds the events of a block. Those without a user or an item join `checked.problems`."""
        schema = self._loaded.schema
        users, items = ([_name(text) for text in block.texts(column)] for column in (self._user, schema.target))
        times, *amounts = checked.features
        for place, index in enumerate(checked.indices):
            if not (users[index] and items[index]):
                missing = self._user if not users[index] else schema.target
                checked.problems[index] = f"{missing}: a value is wanted"
            elif amounts and amounts[0][place] <= 0:
                self._returns += 1
            else:
                user = self._users.setdefault(users[index], _User())
                user.times.append(times[place])
                user.items.append(items[index])
        return []

    def last(self) -> Iterator[list[Any]]:
        """A row for each user, in the order of their first events."""
        schema, scorer = self._loaded.schema, self._loaded.scorer
        assert isinstance(scorer, Neighbours)  # noqa: S101 - no other recommends
        for name, user in self._users.items():
            steps, excluded, unknown = numbered(schema, user.steps(), [])
            counts = Counter(user.items)
            for item in unknown:
                unseen = self._unseen.setdefault(schema.target, {"rows": 0, "example": item})
                unseen["rows"] += counts[item]
            best = scorer.recommend(steps, excluded, TOP)
            cells = [cell for number, score in best for cell in (schema.classes[number], score)]
            yield [name, *cells, *[""] * (2 * TOP - len(cells)), self._loaded.version]

    def summary(self) -> dict[str, Any]:
        """The number of users, of returns that were left out, and of events with an item that training never saw."""
        return {"users": len(self._users), "returns": self._returns, "unseen": self._unseen}


def _name(text: str) -> str:
    return "" if says_missing(text) else category(text)
