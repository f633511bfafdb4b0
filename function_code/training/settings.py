"""The settings of a training: a JSON document, the same for every runtime."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Any

from function_code.column import KINDS
from function_code.dialects import check_form
from function_code.errors import Refused
from function_code.history_checks import EXCLUDE, HISTORY
from function_code.history_features import milliseconds
from function_code.schema import TASKS

OBJECTIVES = ("balanced_accuracy", "f1", "accuracy")
FRAMEWORKS = {"sklearn": "sklearn", "pytorch": "torch", "tensorflow": "tensorflow"}  # their modules
EVENT_COLUMNS = ("user", "item", "when", "amount")
BOUGHT, SPENT, BOUGHT_ITEM = INTENTS = ("bought", "spent", "bought_ITEM")  # the targets of users' snapshots
OF_BOUGHT = f"{BOUGHT}_"
MAX_KEPT_EVENTS = 10_000  # of a user: some 250 kB of JSON, to be read for a request
# Settings that say nothing about recommendations, of which snapshots of users know some.
OF_ROWS = ("target", "id", "group", "time", "task", "framework", "estimator", "owned", "objective", "positive")
OF_SNAPSHOTS = ("target", "framework", "estimator", "objective", "positive")
ESTIMATOR = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Settings:
    """The target and, where the dataset needs it, how to read its columns and how to split it.

    A name here is the name of the setting everywhere: in Pulumi.yaml, of a Trainer's input, in the document, of the
    command line's option, whose help is the one given here.
    """

    target: str = field(default="", metadata={"help": "the column to predict"})
    id: tuple[str, ...] = field(
        default=(), metadata={"help": "columns that name a row; never features, echoed in answers"}
    )
    drop: tuple[str, ...] = field(default=(), metadata={"help": "columns to leave out, written like a CSV header line"})
    kinds: dict[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "number, boolean, category, date, list, text or id, with a form where need be (date:dmy); "
            "once for each column"
        },
    )
    missing: dict[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "values that stand for missing in a column, as in age=-999 or age=-999|9999; once for each column"
        },
    )
    group: str = field(default="", metadata={"help": "the column whose groups are held out as wholes"})
    time: str = field(default="", metadata={"help": "the column by which the latest rows are held out"})
    task: str = field(
        default="", metadata={"help": "binary, multiclass or regression (default: by the target's values)"}
    )
    synthetic: bool = field(default=False, metadata={"help": "label the model as trained on synthetic data"})
    framework: str = field(default="sklearn", metadata={"help": "sklearn, pytorch or tensorflow (default: sklearn)"})
    estimator: str = field(
        default="", metadata={"help": "a function that returns an estimator of your own, as module:function"}
    )
    owned: str = field(
        default="",
        metadata={"help": "the column of what a row has already, and is not to be recommended again"},
    )
    user: str = field(default="", metadata={"help": "the column of an event's user, in a file of events"})
    item: str = field(default="", metadata={"help": "the column of what the user took, which is to be recommended"})
    when: str = field(default="", metadata={"help": "the column of the time of an event"})
    amount: str = field(
        default="", metadata={"help": "the column of how much of it; events of 0 or less, such as returns, don't count"}
    )
    horizon: str = field(
        default="",
        metadata={
            "help": "how far to look ahead, as in 30d: learns from events who will buy, or spend how much, by then"
        },
    )
    keep_events: int = field(
        default=0,
        metadata={
            "help": "how many of the latest events of each user to keep in the store, for requests without a history "
            "(default: 0)"
        },
    )
    budget: float = field(default=60.0, metadata={"help": "how many seconds to look for the best model (default: 60)"})
    objective: str = field(
        default="balanced_accuracy",
        metadata={"help": "what the threshold of two classes is chosen for: balanced_accuracy, f1 or accuracy"},
    )
    positive: str = field(
        default="",
        metadata={
            "help": "the one of two classes that metrics, threshold and explanations are about "
            "(default: the one that says yes, or the rarer one)"
        },
    )
    encoding: str = field(
        default="", metadata={"help": "the encoding of a file that is no Unicode, as in cp1250 (default: guessed)"}
    )
    sheet: str = field(
        default="", metadata={"help": "the sheet of an Excel workbook (default: the only one that is filled)"}
    )

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Settings":
        """The settings of a decoded JSON document. Raises Refused, as `check_values` does too."""
        known = {setting.name: setting.type for setting in fields(cls)}
        for name, value in document.items():
            _one_of(known, name, "a setting of the training")
            allowed, is_allowed = _FORMS[known[name]]
            if not is_allowed(value):
                raise Refused(f"{name} is {value!r}; it is {allowed}")
        if not (document.get("target") or document.get("item")):
            raise Refused(
                "the settings of the training name no target, the column to predict (--target COLUMN), and no item of "
                "events, to be recommended (--user COLUMN --item COLUMN --when COLUMN)"
            )
        lists = {name: tuple(value) for name, value in document.items() if isinstance(value, list)}
        settings = cls(**document | lists)
        settings.check_values()
        return settings

    def check(self, header: list[str], dataset: str) -> None:
        """Raises Refused, naming setting, value and what is allowed, if this does not fit the dataset's columns."""
        named = {
            "target": [self.target] if self.target and not self.horizon else [],
            "id": self.id,
            "drop": self.drop,
            "kinds": self.kinds,
            "missing": self.missing,
            "group": [self.group] if self.group else [],
            "time": [self.time] if self.time else [],
            **{name: list(filter(None, [getattr(self, name)])) for name in ("owned", *EVENT_COLUMNS)},
        }
        missing = [(setting, name) for setting, names in named.items() for name in names if name not in header]
        if missing:
            (setting, column), *others = missing
            close = get_close_matches(column, header, 1, 0.6)
            hint = f"did you mean {close[0]!r}?" if close else f"its columns are {', '.join(header)}"
            nor = f" (nor {', '.join(f'{name!r}, named by {of}' for of, name in others)})" if others else ""
            raise Refused(f"{setting} names the column {column!r}, which {dataset} does not have{nor}; {hint}")
        for setting in ("id", "drop", "owned"):
            for role in ("target", *EVENT_COLUMNS):
                if (column := getattr(self, role)) and column in named[setting]:
                    raise Refused(f"the column {column!r} is the {role}, so it cannot be named by {setting}")
        self.check_values()

    @property
    def known_columns(self) -> tuple[str, ...]:
        """The columns by which the header of a file is known: those of a row, or of an event."""
        return (self.user, self.item, self.when) if self.item else (self.target, *self.id)

    @property
    def of_items(self) -> "Settings":
        """The settings of a model that recommends from the same events."""
        own = ("drop", "kinds", "missing", "synthetic", *EVENT_COLUMNS, "keep_events", "budget", "encoding", "sheet")
        return Settings(**{name: getattr(self, name) for name in own})

    @property
    def bought_item(self) -> str:
        """The item of the target `bought_ITEM`, "" for other targets."""
        return self.target.removeprefix(OF_BOUGHT) if self.horizon and self.target.startswith(OF_BOUGHT) else ""

    def kind(self, column: str) -> tuple[str, str]:
        """The kind and the form that a person has set for a column; empty where they are inferred."""
        kind, _, form = self.kinds.get(column, "").partition(":")
        return kind, form

    def check_values(self) -> None:
        """Raises Refused, as `check` does, if this fits no dataset."""
        for column in self.kinds:
            kind, form = self.kind(column)
            _one_of(KINDS, kind, f"the kind of column {column!r}")
            try:
                check_form(kind, form)
            except ValueError as error:
                raise Refused(f"the form of column {column!r} is {error}") from None
        self._check_events()
        self._check_horizon()
        if self.group and self.time:
            raise Refused("group and time are both set; the held-out rows are chosen by one of them")
        if self.task:
            _one_of(TASKS, self.task, "task")
        _one_of(OBJECTIVES, self.objective, "objective")
        if self.estimator and not ESTIMATOR.fullmatch(self.estimator):
            raise Refused(f"estimator is {self.estimator!r}; it is module:function, as in function_code.mine:estimator")
        if self.estimator and self.framework != Settings.framework:
            raise Refused(
                f"framework is {self.framework!r} and estimator {self.estimator!r}; only one of them can train"
            )
        try:
            "".encode(self.encoding or "utf-8")
        except LookupError:
            raise Refused(
                f"encoding is {self.encoding!r}, which is none; it can be cp1252, cp1250, shift_jis..."
            ) from None
        if not 0 < self.budget < float("inf"):
            raise Refused(f"budget is {self.budget:g}; it is a number of seconds above 0")

    def _check_events(self) -> None:
        named = [name for name in EVENT_COLUMNS if getattr(self, name)]
        if not 0 <= self.keep_events <= MAX_KEPT_EVENTS:
            raise Refused(f"keep_events is {self.keep_events}; it is a whole number from 0 to {MAX_KEPT_EVENTS:,}")
        if not named:
            if self.keep_events:
                raise Refused(
                    f"keep_events is {self.keep_events}, and there are no events: user, item and when are not set"
                )
            return
        missing = [name for name in EVENT_COLUMNS if name not in named and name != "amount"]
        if missing:
            raise Refused(f"events take user, item and when, and there is no {' and no '.join(missing)}")
        columns = [getattr(self, name) for name in named]
        if len({*columns}) < len(columns):
            raise Refused(f"{', '.join(named)} are columns of their own, not {', '.join(map(repr, columns))}")
        if self.user in (HISTORY, EXCLUDE):
            raise Refused(f"user names the column {self.user!r}, which is a field of requests; rename the column")
        known = OF_SNAPSHOTS if self.horizon else ()
        of_rows = [name for name in OF_ROWS if name not in known and getattr(self, name) != getattr(Settings, name)]
        if of_rows:
            what = "users' intent is learned" if self.horizon else f"{self.item!r} is recommended"
            first = "horizon" if self.horizon else "item"
            raise Refused(
                f"{first} is set, so {what} from events; {', '.join(of_rows)} is for files with a target in each "
                f"row, and taken back by {' '.join(f'{name.upper()}=' for name in of_rows)}"
            )

    def _check_horizon(self) -> None:
        if not self.horizon:
            return
        try:
            milliseconds(self.horizon)
        except ValueError as error:
            raise Refused(f"horizon: {error}") from None
        if not self.item:
            raise Refused("horizon is for events, which take user, item and when")
        if self.target and not self.bought_item:
            _one_of(INTENTS, self.target, "target, with a horizon,")
        if self.target == SPENT and not self.amount:
            raise Refused(f"target is {SPENT!r}, the sum of amounts; name their column by amount")


# The settings that people choose. Whether data is synthetic follows from where it comes from.
CONFIGURED = tuple(setting for setting in fields(Settings) if setting.name != "synthetic")


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


# What a value of each type is in a document, in words and as a check.
_FORMS: dict[Any, tuple[str, Callable[[Any], bool]]] = {
    str: ("a text", lambda value: isinstance(value, str)),
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int: ("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)),
    float: ("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool)),
    tuple[str, ...]: ("a list of columns", lambda value: isinstance(value, list | tuple) and _are_texts(value)),
    dict[str, str]: (
        "one text for each column named, as in --path kinds.zip category",
        lambda value: isinstance(value, dict) and _are_texts(value.values()),
    ),
}


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
