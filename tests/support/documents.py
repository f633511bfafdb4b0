"""Commands and code that the documents show to copy and run."""

import re

from tests.support.paths import ROOT


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language, in a document named by its path from the project."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
