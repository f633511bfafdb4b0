"""The positive class: the one of two that metrics, the threshold and explanations are about."""

import re
import shlex
from dataclasses import dataclass

import numpy as np
import pandas as pd

from function_code.dialects import booleans
from function_code.errors import Refused
from function_code.training.kinds.reading import Reading
from function_code.training.kinds.values import values
from function_code.training.settings import Settings
from function_code.training.table import Array

MIN_COMMON_LETTERS = 5  # at the beginning of two words that are forms of one, as in attrition and attrited
NEGATIONS = frozenset((
    "no", "not", "non", "never", "without", "nein", "nicht", "kein", "keine", "ohne", "nie", "pas", "sans", "sin",
    "senza", "não", "nao", "sem", "nej", "nee", "niet", "geen", "bez", "нет", "не", "без",
))  # fmt: skip

Labels = list[str | int]


@dataclass(frozen=True)
class PositiveClass:
    """The positive class: its number among the two, its label, why it is that one, and a warning if it was guessed."""

    number: int
    label: str | int
    reason: str
    warnings: tuple[str, ...] = ()


def positive_class(labels: Array, classes: Labels, reading: Reading, settings: Settings) -> PositiveClass | None:
    """The positive one of two classes; None for more.

    It is the one that is set, or else the one that says yes, or that the target's name speaks of, or the rarer one.
    Raises Refused if what is set is none of the classes.
    """
    if settings.positive:
        number = _set_class(classes, reading, settings)
        return PositiveClass(number, classes[number], "as POSITIVE says")
    if len(classes) != 2:
        return None
    yes, named = _says_yes(classes, reading), _named_class(classes, settings.target)
    if yes is not None:
        return PositiveClass(yes, classes[yes], "which says yes")
    share = float(np.mean(labels == classes[0]))
    number = named if named is not None else int(share > 0.5)
    rarer = "the rarer one" if share != 0.5 else "neither is rarer"
    reason = "which the name of the target speaks of" if named is not None else rarer
    warning = (
        f"the positive class of {settings.target!r} is {classes[number]!r}, {reason}; metrics, threshold and "
        f"explanations are about the other one with POSITIVE={shlex.quote(str(classes[1 - number]))}"
    )
    return PositiveClass(number, classes[number], reason, (warning,))


def _set_class(classes: Labels, reading: Reading, settings: Settings) -> int:
    """The number of the class that is set, read as a cell of the target is. Raises Refused."""
    target, text = settings.target, settings.positive
    if len(classes) != 2:
        task = f"has {len(classes)} classes" if classes else "is predicted as a number"
        raise Refused(f"positive is {text!r}, but the target {target!r} {task}; one of two classes can be positive")
    matches = [number for number, label in enumerate(classes) if _key(label, reading) == _key(text, reading)]
    matches = [number for number in matches if str(classes[number]) == text.strip()] or matches
    if len(matches) != 1:
        raise Refused(f"positive is {text!r}, which is no class of {target!r}; they are {classes[0]!r}, {classes[1]!r}")
    return matches[0]


def _key(label: str | int, reading: Reading) -> float | str:
    """The value of a label, which is the same however that is spelled."""
    if isinstance(label, int):
        return float(label)
    kind = reading.kind if reading.kind in ("number", "boolean") else "category"
    try:
        (value,) = values(pd.Series([label], dtype="str"), kind, reading.form)
    except Refused:
        return label
    return value.casefold() if kind == "category" else float(value)


def _says_yes(classes: Labels, reading: Reading) -> int | None:
    """The number of the class that says yes where the other says no: yes and no, 1 and 0, churned and not churned."""
    if reading.kind == "number":
        first, second = (float(_key(label, reading)) for label in classes)
        return int(second > first) if min(first, second) <= 0 < max(first, second) else None
    texts = [str(label) for label in classes]
    if reading.kind == "boolean":
        return _true_one(texts, reading.form)
    texts = _differing_words(texts)
    form = booleans.infer_form(texts)
    if form is not None or booleans.DIGITS.keys() >= {*texts}:
        return _true_one(texts, form or "")
    negated = [not NEGATIONS.isdisjoint(text.split()) for text in texts]
    return negated.index(False) if len({*negated}) == 2 else None


def _true_one(texts: list[str], form: str) -> int:
    first, second = map(booleans.reader(form), texts)
    return int(second > first)


def _named_class(classes: Labels, target: str) -> int | None:
    """The number of the class that the target's name speaks of, if it is one: attrited in attrition_flag."""
    names = _words(target)
    texts = _differing_words([str(label) for label in classes])
    named = [any(_are_related(word, name) for word in text.split() for name in names) for text in texts]
    return named.index(True) if len({*named}) == 2 else None


def _are_related(word: str, name: str) -> bool:
    begin = word[:MIN_COMMON_LETTERS]
    return word.isalpha() and (word == name or (len(begin) == MIN_COMMON_LETTERS and name.startswith(begin)))


def _differing_words(labels: list[str]) -> list[str]:
    """The words of each label without those that all begin or end with."""
    words = [_words(label) for label in labels]
    for end in (0, -1):
        while all(words) and len({each[end] for each in words}) == 1:
            words = [each[1:] if end == 0 else each[:-1] for each in words]
    return [" ".join(each) for each in words]


def _words(text: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)  # isFraud
    return re.findall(r"[^\W_]+", apart.casefold())
