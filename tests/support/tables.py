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


def mixed(task: str) -> Callable[[random.Random], list[Any]]:
    """Rows of every kind of column with blanks in most, and a target for the task that follows from them.

    Codes are few whole numbers, whose order means nothing; balances are never missing, often 0, and what matters is
    their sign; stamps are of the size of unix times, of which float32 tells apart every 256th only.
    """

    def make(chance: random.Random) -> list[Any]:
        code, money, stamp = chance.randrange(12), chance.lognormvariate(3, 2), 2_700_000_000 + chance.randrange(4000)
        balance = chance.choice([0, 0, *range(-50, 51)])
        member, plan = chance.choice(["true", "false", ""]), chance.choice(["basic", "pro", "", "NA"])
        since = f"202{chance.randint(1, 4)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
        score = 0.5 * (code in (1, 4, 5, 9)) + 0.5 * (stamp > 2_700_002_000) + 0.4 * (plan == "pro")
        score += 0.3 * (balance < 0) + 0.2 * (member == "true") + 0.2 * (since > "2023") + chance.gauss(0, 0.1)
        target = {"binary": "yes" if score > 0.9 else "no", "multiclass": "abc"[sum(score > x for x in (0.7, 1.2))]}
        blank = chance.random()
        return [
            "" if blank < 0.1 else code,
            "" if 0.1 <= blank < 0.2 else f"{money:.2f}",
            balance,
            stamp,
            member,
            plan,
            "" if 0.2 <= blank < 0.3 else since,
            target.get(task, f"{200 + 100 * score:.3f}"),
        ]

    return make


def mixed_csv(task: str, count: int = 400) -> bytes:
    return csv_bytes(MIXED, rows(count, mixed(task)))


def briefly(target: str, **settings: Any) -> Settings:
    """Settings with no time to search: the first candidate, a linear model, is taken as it comes."""
    return Settings(target, **{"budget": 1e-9, **settings})


YES_NO = ["number", "member", "status", "target"]
MIXED = ["code", "money", "balance", "stamp", "member", "plan", "since", "target"]
