"""Errors of native readers are one line, whatever text they have."""

import pytest

from function_code.data.native_errors import refuse_damage
from function_code.errors import Refused


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no table\nat byte 7"), "no table"),
        (MemoryError(), "MemoryError"),
        (OSError("cut off"), "cut off"),
        (AssertionError(""), "AssertionError"),
    ],
)
def test_it_is_the_first_line_or_the_name_of_the_error(error: Exception, line: str) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(Refused, match=f"^damaged: {line}$"):
        refuse_damage(fail, "damaged: {}".format)


def test_an_interruption_is_none() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refuse_damage(interrupt, "damaged: {}".format)
