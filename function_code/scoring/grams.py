"""Grams of a text: its words, its pairs of words, and the groups of letters that its words are made of."""

import re
from itertools import pairwise

WORD = re.compile(r"\w+")
MAX_LETTERS = 5_000  # of a text that are looked at
GROUP_LENGTHS = 3, 4
GROUP_MARK, END_MARK = "~", "_"  # before a group of letters; before and after the letters of a word


def grams(text: str) -> dict[str, None]:
    """The different grams of a text, in the order in which they come."""
    words = WORD.findall(text[:MAX_LETTERS].casefold())
    listed = dict.fromkeys(words)
    listed |= dict.fromkeys(map(" ".join, pairwise(words)))
    for word in list(dict.fromkeys(words)):
        marked = END_MARK + word + END_MARK
        for length in GROUP_LENGTHS:
            for start in range(len(marked) - length + 1):
                listed[GROUP_MARK + marked[start : start + length]] = None
    return listed
