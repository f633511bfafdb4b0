"""JSON in and out, strictly: what RFC 8259 does not know is refused, and never sent."""

from __future__ import annotations

import json

from function_code.serving.problem_details import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _refuse_constant(name: str) -> None:
    raise Problem(400, f"{name} is not JSON; send null for a missing value")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        # Most parsers keep the last one silently; a prediction made from a part of what was meant is worse than none.
        names = [name for name, _ in pairs]
        repeated = next(name for name in content if names.count(name) > 1)
        raise Problem(400, f"an object in the body has the key {json.dumps(repeated)[:80]} more than once")
    return content


def _keys(content: Any) -> int:
    """The number of keys in an object and in the objects of its lists: all there are, in a request that is right."""
    if type(content) is not dict:
        return 0
    lists = [value for value in content.values() if type(value) is list]
    return len(content) + sum([len(item) for items in lists for item in items if type(item) is dict])


# Made once: json.loads and json.dumps build these anew for every call that gives them an option.
_decode = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_object).decode
_decode_fast = json.JSONDecoder(parse_constant=_refuse_constant).decode
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def decode(body: bytes) -> Any:
    """Decodes the JSON value of a body. Raises Problem 400 with the place of the fault."""
    try:
        text = body.decode("utf-8")
        if text.startswith("\ufeff"):
            raise Problem(400, "the body begins with a byte order mark, which JSON must not have")
        content = _decode_fast(text)
        # A colon follows every key, so as many colons as keys are left says that no key came twice.
        return content if _keys(content) == text.count(":") else _decode(text)
    except UnicodeDecodeError as error:
        raise Problem(400, f"the body is not UTF-8: byte {error.start} is not part of any character") from None
    except json.JSONDecodeError as error:
        reason = "it is empty" if not body else f"{error.msg} at line {error.lineno}, column {error.colno}"
        raise Problem(400, f"the body is not JSON: {reason}") from None
    except RecursionError:
        raise Problem(400, "the body is nested too deeply") from None
    except ValueError:
        # Python's own guard: converting an integer of thousands of digits takes quadratic time.
        raise Problem(400, "a number in the body has too many digits") from None


def encode(content: Any) -> bytes:
    """Encodes the same content as the same bytes. Raises ValueError for NaN and infinities."""
    return _encode(content).encode("ascii")
