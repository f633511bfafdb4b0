"""The intent of the users in a file of events, at the time of its last event: each user gets a row."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from function_code.batch.checking import CheckedRows
from function_code.batch.results import Results
from function_code.batch.user_events import FileOfEvents, UserEvents
from function_code.data.blocks import BLOCK_ROWS, Block
from function_code.dialects.iso_dates import write_iso
from function_code.errors import Refused
from function_code.request_checks import check_instances
from function_code.schema import Schema
from function_code.scoring.loaded_model import LoadedModel
from function_code.snapshot_checks import lies_ahead, snapshots_of, today


class Intents:
    """The scores of a file's users, from one block of events after the other; `schema` is that of the events."""

    def __init__(self, loaded: LoadedModel, schema: Schema) -> None:
        self._loaded = loaded
        self._events = FileOfEvents(schema)
        self._results = Results(loaded, [self._events.user])
        self.header = self._results.header[1:]  # without the number of a row
        self._moment = float("-inf")

    def columns(self, block: Block, checked: CheckedRows) -> list[list[Any]]:
        """None yet: adds the events of a block. Those without a user or an item join `checked.problems`."""
        self._events.add(block, checked)
        return []

    def last(self) -> Iterator[list[Any]]:
        """A row for each user, in the order of their first events.

        Raises Refused if one cannot be scored, or if an event lies in the future: all users would seem long gone.
        """
        self._moment = max((max(user.times) for user in self._events.users.values()), default=self._moment)
        if lies_ahead(self._moment, today()):
            name, day = self._events.when, write_iso(self._moment)
            raise Refused(f"{name}: an event of {day} lies in the future, and all users are seen from the last event")
        users = iter(self._events.users.items())
        while some := list(islice(users, BLOCK_ROWS)):
            yield from self._rows(some)

    def summary(self) -> dict[str, Any]:
        """The number of users, of returns that were left out, the moment, and the summary of their scores."""
        at = write_iso(self._moment) if self._events.users else None
        return {"users": len(self._events.users), "returns": self._events.returns, "at": at, **self._results.summary()}

    def _rows(self, users: list[tuple[str, UserEvents]]) -> Iterator[list[Any]]:
        rows, problems = check_instances(self._loaded.schema, [self._instance(events) for _, events in users])
        if problems:
            user, _ = users[problems[0]["instance"]]
            raise Refused(f"{self._events.user} {user!r}: {problems[0]['field']}: {problems[0]['problem']}")
        block = Block(1, len(users), {self._events.user: [name for name, _ in users]})
        checked = CheckedRows(list(map(list, zip(*rows, strict=True))), list(range(len(users))), {})
        _, *columns = self._results.columns(block, checked)
        for index, problem in checked.problems.items():
            raise Refused(f"{self._events.user} {users[index][0]!r}: {problem}")
        return map(list, zip(*columns, strict=True))

    def _instance(self, user: UserEvents) -> dict[str, Any]:
        known = [None if amount != amount else amount for amount in user.amounts] or [None] * len(user.times)
        events = list(zip(user.times, user.items, known, strict=True))
        return dict(snapshots_of(self._loaded.schema).features(events, self._moment))
