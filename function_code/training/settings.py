"""What a training is asked to do."""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches

from function_code.errors import Refused
from function_code.schema import KINDS, TASKS

MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Settings:
    """The target and, where the dataset needs it, how to read its columns and how to split it."""

    target: str
    ids: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    kinds: dict[str, str] = field(default_factory=dict)
    group: str = ""
    time: str = ""
    task: str = ""
    synthetic: bool = False

    def check(self, header: list[str], dataset: str) -> None:
        """Raises Refused, naming setting, value and what is allowed, if this does not fit the dataset's columns."""
        named = {
            "target": [self.target],
            "id": self.ids,
            "drop": self.drop,
            "kinds": self.kinds,
            "group": [self.group] if self.group else [],
            "time": [self.time] if self.time else [],
        }
        for setting, columns in named.items():
            for column in columns:
                if column not in header:
                    close = get_close_matches(column, header, 1, 0.6)
                    hint = f"did you mean {close[0]!r}?" if close else f"its columns are {', '.join(header)}"
                    raise Refused(f"{setting} names the column {column!r}, which {dataset} does not have; {hint}")
        for column in (*self.ids, *self.drop):
            if column == self.target:
                raise Refused(f"the column {column!r} is the target, so it can be neither an id nor dropped")
        for column, kind in self.kinds.items():
            if kind not in KINDS:
                raise Refused(f"the kind of column {column!r} is {kind!r}; it can be one of {', '.join(KINDS)}")
        if self.task and self.task not in TASKS:
            raise Refused(f"task is {self.task!r}; it can be one of {', '.join(TASKS)}")
        if self.group and self.time:
            raise Refused("group and time are both set; the held-out rows are chosen by one of them")


def check_model_name(name: str) -> str:
    """The name, if it can stand in a URL and an object key. Raises Refused."""
    if not MODEL_NAME.fullmatch(name):
        raise Refused(f"model is {name!r}; it is 1 to 63 of a-z, 0-9, - and _, and begins with a letter or a digit")
    return name
