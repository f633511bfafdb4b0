"""Errors of readers that are not written in Python."""

from collections.abc import Callable
from typing import Any

from function_code.errors import Refused

PANIC = "PanicException"  # of Rust's readers for a file that is damaged; it is no Exception


def refuse_damage(call: Callable[[], Any], refusal: Callable[[str], str]) -> Any:
    """The result of a call of a reader. Raises Refused, with what `refusal` makes of the error's first line."""
    try:
        return call()
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != PANIC:
            raise
        (line, *_) = str(error).splitlines() or [type(error).__name__]  # a MemoryError has no text
        raise Refused(refusal(line)) from None
