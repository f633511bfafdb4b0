"""The events of a file's users, gathered from one block after the other: all events of a user are a history."""

from dataclasses import dataclass, field

from function_code.batch.checking import CheckedRows
from function_code.column import category
from function_code.data.blocks import Block
from function_code.dialects.missing import says_missing
from function_code.schema import Schema


@dataclass
class UserEvents:
    """One user's events as columns: days since 1970-01-01 UTC, items, and amounts where they are known at all."""

    times: list[float] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)


class FileOfEvents:
    """The users of a file, by name, in the order of their first events; `returns` counts events that are left out."""

    def __init__(self, schema: Schema) -> None:
        (self.user,) = schema.ids
        self.when = schema.features[0].name
        self._item = schema.target
        self.users: dict[str, UserEvents] = {}
        self.returns = 0

    def add(self, block: Block, checked: CheckedRows) -> None:
        """Adds the events of a block. Those without a user or an item join `checked.problems`."""
        users, items = ([_name(text) for text in block.texts(column)] for column in (self.user, self._item))
        times, *amounts = checked.features
        for place, index in enumerate(checked.indices):
            if not (users[index] and items[index]):
                missing = self.user if not users[index] else self._item
                checked.problems[index] = f"{missing}: a value is wanted"
            elif amounts and amounts[0][place] <= 0:
                self.returns += 1
            else:
                own = self.users.setdefault(users[index], UserEvents())
                own.times.append(times[place])
                own.items.append(items[index])
                own.amounts += [amounts[0][place]] if amounts else []


def _name(text: str) -> str:
    return "" if says_missing(text) else category(text)
