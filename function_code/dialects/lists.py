"""Lists in one text: red;blue, or ['red', 'blue'] as programs write them."""

SEPARATORS = (";", "|", ",", "/")  # the likelier first
AROUND_ELEMENTS = " \t\r\n[]{}()'\""


def elements(text: str, separator: str) -> list[str]:
    """The elements of a list, without the spaces, quotes and brackets around them."""
    return [element for part in text.split(separator) if (element := part.strip(AROUND_ELEMENTS))]
