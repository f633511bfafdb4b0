"""The encoding of a text file, recognised by its bytes."""

import codecs

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
UTF16_ENCODINGS = ("utf-16-be", "utf-16-le")  # a NUL at every even byte, or at every odd one
UNICODE = frozenset(("utf-8-sig", "utf-16", *UTF16_ENCODINGS))
MIN_NUL_SHARE = 0.4  # of the bytes of one parity, in a text mostly of Latin letters
SAMPLE_BYTES = 20_000  # of lines that are not ASCII
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MIN_WHOLE_LETTERS = (
    10  # letters that are whole in UTF-8 for each that is broken, in a file that is damaged and not legacy
)
MAX_WESTERN_SHARE = 0.3  # of the letters of Western Europe's languages: those that are not ASCII
# Beyond letters, what Western Europe writes: quotes, dashes, currencies, degrees.
WESTERN_MARKS = frozenset("€£§°²³µ·–—‘’“”„…«»ªº¿¡®©™½¼¾")


def recognise(beginning: bytes, is_whole: bool, otherwise: str = "") -> str:
    """The encoding of a file that begins so, as Python calls it. `is_whole` says that this is all of it.

    `otherwise` is the encoding if it is none of Unicode's; where that is not set, it is guessed.
    """
    for mark, encoding in MARKS.items():
        if beginning.startswith(mark):
            return encoding
    for parity, encoding in enumerate(UTF16_ENCODINGS):
        of_parity = beginning[parity::2]
        others = beginning[1 - parity :: 2]
        if of_parity and of_parity.count(0) > MIN_NUL_SHARE * len(of_parity) and not others.count(0):
            return encoding
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning, final=is_whole)
    except UnicodeDecodeError:
        text = beginning.decode("utf-8", errors="replace")
        broken, whole = text.count(REPLACEMENT), sum(1 for letter in text if not letter.isascii())
        if whole <= MIN_WHOLE_LETTERS * broken:
            return otherwise or _guess(beginning)
    return "utf-8-sig"


def named(encoding: str) -> str:
    """The name of an encoding for people."""
    return encoding.removesuffix("-sig").upper()


def guess_notes(name: str, encoding: str, known: str) -> list[str]:
    """A sentence on the encoding of a file, if it was guessed; `known` is the one that was known before."""
    if encoding in UNICODE or encoding == known:
        return []
    return [f"{name} is no Unicode and is read as {encoding}; if letters look wrong, set ENCODING, as in cp1250"]


def _guess(beginning: bytes) -> str:
    """The likely encoding of a text that is no Unicode: of several that suit it, the one that most people use."""
    from charset_normalizer import from_bytes

    sample = b"\n".join(line for line in beginning.splitlines() if not line.isascii())[:SAMPLE_BYTES]
    western = sample.decode("cp1252", errors="replace")
    others = [letter for letter in western if not letter.isascii()]
    is_sparse = sum(map(str.isalpha, others)) < MAX_WESTERN_SHARE * sum(map(str.isalpha, western))
    if is_sparse and all(letter in WESTERN_MARKS or letter.isalpha() for letter in others):
        return "cp1252"
    best = from_bytes(sample).best()
    return best.encoding if best else "cp1252"
