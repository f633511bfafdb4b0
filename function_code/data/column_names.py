"""Column names as people can type them."""

import unicodedata


def clean_name(name: str) -> str:
    """The name with plain single spaces within it, and neither spaces nor invisible marks around it, in NFC."""
    text = unicodedata.normalize("NFC", " ".join(name.split()))
    while text and _is_invisible(text[0]):
        text = text[1:].lstrip()
    while text and _is_invisible(text[-1]):
        text = text[:-1].rstrip()
    return text


def _is_invisible(mark: str) -> bool:
    """Says whether a mark is one of format, such as the byte order mark or a space of no width."""
    return unicodedata.category(mark) == "Cf"


def name_notes(file: str, written: list[str], names: list[str]) -> list[str]:
    """A sentence on the names that a file writes otherwise, if there are any."""
    changed = [name for text, name in zip(written, names, strict=True) if clean_name(text) == name != text.strip()]
    if not changed:
        return []
    listed = ", ".join(map(repr, changed[:3])) + (f" and {len(changed) - 3} more" if len(changed) > 3 else "")
    return [f"{file} has line breaks, unusual spaces or invisible marks in column names; they are read as {listed}"]
