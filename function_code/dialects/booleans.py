"""Words for true and false, as a column uses them: one for each side."""

from collections.abc import Iterable

from function_code.dialects import Reader

PAIRS = (
    *(("true", "false"), ("t", "f"), ("yes", "no"), ("y", "n"), ("on", "off")),
    *(("ja", "nein"), ("j", "n"), ("wahr", "falsch"), ("oui", "non"), ("o", "n"), ("vrai", "faux")),
    *(("sí", "no"), ("si", "no"), ("s", "n"), ("verdadero", "falso"), ("vero", "falso")),
    *(("sim", "não"), ("sim", "nao"), ("verdadeiro", "falso"), ("да", "нет"), ("tak", "nie")),
    *(("ja", "nej"), ("ja", "nee")),
)  # fmt: skip
ENGLISH = PAIRS[:4]  # what every column and every request may hold
DIGITS = {"1": 1.0, "1.0": 1.0, "0": 0.0, "0.0": 0.0}
_ENGLISH_WORDS = {word: 1.0 - side for pair in ENGLISH for side, word in enumerate(pair)}


def infer_form(texts: Iterable[str]) -> str | None:
    """The form of a column whose distinct texts are the words of one pair, or a 1 or 0 for them; None for others."""
    folded = {text.casefold() for text in texts}
    words = folded - DIGITS.keys()
    for pair in PAIRS:
        if words and words <= set(pair) and (words == folded or len(words) == 2):
            return "" if pair in ENGLISH else "/".join(pair)
    return None


def reader(form: str) -> Reader:
    """The reader of true and false in a form, see `function_code.dialects`."""
    own = {word.casefold(): 1.0 - side for side, word in enumerate(form.split("/"))} if form else {}
    values = {**DIGITS, **_ENGLISH_WORDS, **own}

    def read(text: str) -> float:
        try:
            return values[text.strip().casefold()]
        except KeyError:
            raise ValueError(text) from None

    return read
