"""Events: which user took which item when, as numbers."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from function_code.training.table import Array


@dataclass(frozen=True)
class Events:
    """Events in the order of their users, then of time.

    `user` and `item` are numbers of `users` and `items`, which are texts, the items with the most users first; `when`
    are days since 1970-01-01 UTC. All three have the shape (events,).
    """

    users: list[str]
    items: list[str]
    user: Array
    item: Array
    when: Array

    @classmethod
    def of(cls, users: pd.Series, items: pd.Series, when: Array) -> Self:
        """The events of rows, in whatever order."""
        user, user_names = pd.factorize(users)
        item, item_names = pd.factorize(items)
        pairs = np.unique(np.stack([user, item]), axis=1)
        takers = np.bincount(pairs[1], minlength=len(item_names))
        order = np.lexsort((np.arange(len(takers)), -takers))
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        rows = np.lexsort((place[item], when, user))
        names = [str(item_names[number]) for number in order]
        return cls(list(map(str, user_names)), names, user[rows], place[item][rows], np.asarray(when)[rows])

    def __len__(self) -> int:
        return len(self.user)

    @property
    def steps(self) -> Array:
        """The number of each event's moment among those of its user, from 0 on."""
        is_new = np.r_[True, (self.user[1:] != self.user[:-1]) | (self.when[1:] != self.when[:-1])][: len(self)]
        number = np.cumsum(is_new) - 1
        first = np.r_[True, self.user[1:] != self.user[:-1]][: len(self)]
        return np.asarray(number - np.repeat(number[first], np.diff(np.r_[np.flatnonzero(first), len(self)])))

    def frame(self) -> pd.DataFrame:
        """The events as a table of `user` and `item`, texts, and `when`."""
        users, items = (np.array(names, dtype=object) for names in (self.users, self.items))
        return pd.DataFrame({"user": users[self.user], "item": items[self.item], "when": self.when})

    def where(self, kept: Array) -> "Events":
        """The events that `kept` marks, with the same numbers."""
        return Events(self.users, self.items, self.user[kept], self.item[kept], self.when[kept])
