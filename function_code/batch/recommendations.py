"""Recommendations for a file of events: each user gets a row."""

from collections import Counter
from collections.abc import Iterator
from itertools import compress
from typing import Any

from function_code.batch.checking import CheckedRows
from function_code.batch.user_events import FileOfEvents, UserEvents
from function_code.data.blocks import Block
from function_code.history_checks import in_steps, numbered
from function_code.scoring.loaded_model import LoadedModel
from function_code.scoring.neighbours import TOP, Neighbours


class Recommendations:
    """The recommendations for a file's users, from one block of events after the other. `summary` counts them."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._events = FileOfEvents(loaded.schema)
        self._unseen: dict[str, dict[str, Any]] = {}

    @property
    def header(self) -> list[str]:
        """The columns of the results."""
        of_items = [f"{name}_{rank}" for rank in range(1, TOP + 1) for name in ("item", "score")]
        user = self._events.user
        return [f"id_{user}" if user in (*of_items, "model_version") else user, *of_items, "model_version"]

    def columns(self, block: Block, checked: CheckedRows) -> list[list[Any]]:
        """None yet: adds the events of a block. Those without a user or an item join `checked.problems`."""
        self._events.add(block, checked)
        return []

    def last(self) -> Iterator[list[Any]]:
        """A row for each user, in the order of their first events."""
        schema, scorer = self._loaded.schema, self._loaded.scorer
        assert isinstance(scorer, Neighbours)  # noqa: S101 - no other recommends
        for name, user in self._events.users.items():
            steps, excluded, unknown = numbered(schema, _steps(user), [])
            counts = Counter(user.items)
            for item in unknown:
                unseen = self._unseen.setdefault(schema.target, {"rows": 0, "example": item})
                unseen["rows"] += counts[item]
            best = scorer.recommend(steps, excluded, TOP)
            cells = [cell for number, score in best for cell in (schema.classes[number], score)]
            yield [name, *cells, *[""] * (2 * TOP - len(cells)), self._loaded.version]

    def summary(self) -> dict[str, Any]:
        """The number of users, of returns that were left out, and of events with an item that training never saw."""
        return {"users": len(self._events.users), "returns": self._events.returns, "unseen": self._unseen}


def _steps(user: UserEvents) -> list[list[str]]:
    """The items of each step, the latest last; events without a time come first, each a step."""
    dated = [when == when for when in user.times]
    undated = [[item] for item, is_dated in zip(user.items, dated, strict=True) if not is_dated]
    return [*undated, *in_steps(compress(user.times, dated), compress(user.items, dated))]
