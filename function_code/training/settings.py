"""The settings of a training."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any

from function_code.errors import Refused
from function_code.schema import KINDS, TASKS

# What the threshold of a model of two classes is chosen for, on validation rows.
OBJECTIVES = ("balanced_accuracy", "f1", "accuracy")
FRAMEWORKS = {"sklearn": "sklearn", "pytorch": "torch", "tensorflow": "tensorflow"}  # their modules
ESTIMATOR = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Settings:
    """The target and, where the dataset needs it, how to read its columns and how to split it.

    `framework` is what trains; `estimator`, instead, names a function of yours as `module:function`; `owned` the column
    of what is not to be recommended again; `budget` the seconds to look for the best model; `objective` what the
    threshold of two classes is chosen for.
    """

    target: str
    ids: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    kinds: dict[str, str] = field(default_factory=dict)
    group: str = ""
    time: str = ""
    task: str = ""
    synthetic: bool = False
    framework: str = "sklearn"
    estimator: str = ""
    owned: str = ""
    budget: float = 60.0
    objective: str = "balanced_accuracy"

    @classmethod
    def of(cls, content: dict[str, Any]) -> "Settings":
        """The settings that a JSON object of the same names gives. Raises Refused."""
        known = [setting.name for setting in fields(cls)]
        for name in content:
            _one_of(known, name, "a setting of the training")
        if "target" not in content:
            raise Refused("the settings of the training name no target")
        values: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in content.items()}
        return cls(**values)

    def check(self, header: list[str], dataset: str) -> None:
        """Raises Refused, naming setting, value and what is allowed, if this does not fit the dataset's columns."""
        named = {
            "target": [self.target],
            "id": self.ids,
            "drop": self.drop,
            "kinds": self.kinds,
            "group": [self.group] if self.group else [],
            "time": [self.time] if self.time else [],
            "owned": [self.owned] if self.owned else [],
        }
        missing = [(setting, name) for setting, names in named.items() for name in names if name not in header]
        if missing:
            (setting, column), *others = missing
            close = get_close_matches(column, header, 1, 0.6)
            hint = f"did you mean {close[0]!r}?" if close else f"its columns are {', '.join(header)}"
            nor = f" (nor {', '.join(f'{name!r}, named by {of}' for of, name in others)})" if others else ""
            raise Refused(f"{setting} names the column {column!r}, which {dataset} does not have{nor}; {hint}")
        for setting in ("id", "drop", "owned"):
            if self.target in named[setting]:
                raise Refused(f"the column {self.target!r} is the target, so it cannot be named by {setting}")
        for column, kind in self.kinds.items():
            _one_of(KINDS, kind, f"the kind of column {column!r}")
        if self.group and self.time:
            raise Refused("group and time are both set; the held-out rows are chosen by one of them")
        self.check_values()

    def check_values(self) -> None:
        """Raises Refused, as `check` does, if this fits no dataset."""
        if self.task:
            _one_of(TASKS, self.task, "task")
        _one_of(OBJECTIVES, self.objective, "objective")
        if self.estimator and not ESTIMATOR.fullmatch(self.estimator):
            raise Refused(f"estimator is {self.estimator!r}; it is module:function, as in function_code.mine:estimator")
        if self.estimator and self.framework != Settings.framework:
            raise Refused(
                f"framework is {self.framework!r} and estimator {self.estimator!r}; only one of them can train"
            )
        if not 0 < self.budget < float("inf"):
            raise Refused(f"budget is {self.budget:g}; it is a number of seconds above 0")


def _one_of(allowed: Iterable[str], value: str, what: str) -> None:
    if value not in allowed:
        raise Refused(f"{what} is {value!r}; it can be one of {', '.join(allowed)}")


def check_framework_name(name: str) -> None:
    """Raises Refused if there is no such framework, installed or not."""
    _one_of(FRAMEWORKS, name, "framework")


def check_framework(name: str) -> str:
    """The module of the framework, if it is installed. Raises Refused with the command that installs it."""
    check_framework_name(name)
    if not find_spec(FRAMEWORKS[name]):
        command = f"tools/venv requirements.txt requirements/{name}.txt"
        raise Refused(f"framework is {name!r}, which is not installed; install it by: {command}")
    return FRAMEWORKS[name]


def check_model_name(name: str) -> str:
    """The name, if it can stand in a URL and an object key. Raises Refused."""
    if not MODEL_NAME.fullmatch(name):
        raise Refused(f"model is {name!r}; it is 1 to 63 of a-z, 0-9, - and _, and begins with a letter or a digit")
    return name
