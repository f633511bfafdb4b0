"""Small tables for the tests, deterministic by seed."""

import random
from collections.abc import Callable, Iterable
from typing import Any

from function_code.training.settings import Settings


def csv_bytes(header: list[str], rows: Iterable[Iterable[Any]], delimiter: str = ",") -> bytes:
    lines = [delimiter.join(header), *(delimiter.join(str(value) for value in row) for row in rows)]
    return "".join(line + "\n" for line in lines).encode()


def rows(count: int, make: Callable[[random.Random], list[Any]], seed: int = 1) -> list[list[Any]]:
    chance = random.Random(seed)
    return [make(chance) for _ in range(count)]


def yes_no(chance: random.Random) -> list[Any]:
    """A number and a boolean with blanks, a category with blanks and NA, and a yes/no target that follows from them."""
    number, member = chance.random(), chance.choice(["true", "false", ""])
    status = chance.choice(["new", "old", "lost", "", "NA"])
    likely = number + 0.3 * (member == "true") + 0.2 * (status == "new") + chance.gauss(0, 0.2)
    return [f"{number:.4f}" if chance.random() > 0.1 else "", member, status, "yes" if likely > 0.7 else "no"]


def briefly(target: str, **given: Any) -> Settings:
    """Settings with no time to search: the first candidate, a linear model, is taken as it comes."""
    return Settings(target, **{"budget": 1e-9, **given})


YES_NO = ["number", "member", "status", "target"]
