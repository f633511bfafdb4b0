"""Columns of texts: lists, ids and categories are told apart by what stands in them."""

import random
from collections import Counter

import pytest

from function_code.data.text_kinds import kind_of_texts

COLOURS = ["red", "blue", "green", "dark grey", "yellow", "black"]
TOWNS = [("Austin", "TX"), ("Dallas", "TX"), ("Salem", "OR"), ("Reno", "NV"), ("Portland", "OR"), ("Elko", "NV")]
FIRST_NAMES, LAST_NAMES = ["Ann", "Ben", "Cleo", "Dan"], [f"Name{number}" for number in range(90)]


def some(chance: random.Random, most: int = 4) -> list[str]:
    return chance.sample(COLOURS, chance.randint(1, most))


def in_order(chance: random.Random) -> list[str]:
    return [colour for colour in COLOURS if chance.random() < 0.5]


LISTS = {
    ";": lambda chance: ";".join(some(chance)),
    "|": lambda chance: " | ".join(in_order(chance)),
    ",": lambda chance: str(some(chance)),
    "/": lambda chance: "/".join(some(chance)),
    "; of codes": lambda chance: ";".join(str(number) for number in chance.sample(range(10, 30), chance.randint(1, 5))),
    ", always two": lambda chance: ", ".join(chance.sample(COLOURS, 2)),
}
OTHERS = {
    "a town and its state": lambda chance: ", ".join(chance.choice(TOWNS)),
    "blood pressures": lambda chance: f"{chance.randrange(100, 130)}/{chance.randrange(60, 90)}",
    "paths": lambda chance: "/".join(
        chance.choice([("home", "kitchen", "pots"), ("home", "garden"), ("toys", "cars")])
    ),
    "few categories": lambda chance: chance.choice(["M/F", "N/A", "km/h"]),
    "now and then a list": lambda chance: "red;blue" if chance.random() < 0.2 else chance.choice(COLOURS),
    "names": lambda chance: f"{chance.choice(LAST_NAMES)}, {chance.choice(FIRST_NAMES)}",
}


def kind(make: object, rows: int = 400) -> tuple[str, str]:
    chance = random.Random(1)
    return kind_of_texts(Counter(filter(None, (make(chance) for _ in range(rows)))))  # type: ignore[operator]


@pytest.mark.parametrize("name", LISTS)
def test_lists(name: str) -> None:
    assert kind(LISTS[name]) == ("list", name[0])


@pytest.mark.parametrize("name", OTHERS)
def test_what_looks_like_lists(name: str) -> None:
    assert kind(OTHERS[name])[0] != "list"
