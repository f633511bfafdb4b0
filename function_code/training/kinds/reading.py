"""The reading of a column: its kind, its form, and how much of it is of them."""

from collections import Counter
from collections.abc import Iterable, Sized
from dataclasses import dataclass, field, replace

from function_code.dialects import Reader

STAND_IN_SEPARATOR = "|"  # which dates, fractions and words such as N/A don't have in them
SAMPLE_TEXTS = 300  # distinct texts that show which readings are worth a look at all of them
MAX_NUMBER = 1e100  # the square of a number must still be one
MAX_ODD_TEXTS, MAX_ODD_LENGTH = 100, 200  # by which files to be scored are read as the one that was learned from
MIN_DISTINCT_SHARE, MIN_FILLED_SHARE = 0.95, 0.9  # of a kind, from which a column is of it and the rest is missing


@dataclass(frozen=True)
class Conventions:
    """Conventions by which a file's columns write numbers and dates, beyond doubt: us or eu, dmy or mdy; or "".

    `is_typed` says of a column that its file has numbers in it, whose texts leave nothing open.
    """

    marks: str = ""
    order: str = ""
    delimiter: str = ","
    is_typed: bool = False


@dataclass(frozen=True)
class Reading:
    """The kind and the form of a column. `odd` has the texts that count as missing, with the rows of each.

    `stand_ins` are the texts that a person has named as missing, whether or not a row has them; `proof` is the
    convention that its texts prove, see `Conventions`; `notes` say what was assumed, a sentence each; `nearly` is the
    setting that reads it as of another kind, which many of its texts are of.
    """

    kind: str
    form: str = ""
    odd: dict[str, int] = field(default_factory=dict)
    stand_ins: tuple[str, ...] = ()
    proof: str = ""
    notes: tuple[str, ...] = ()
    nearly: str = ""

    @property
    def kept_odd(self) -> list[str]:
        """The first MAX_ODD_TEXTS of the texts that count as missing, without documents, for a schema to keep."""
        return [text for text in self.odd if len(text) <= MAX_ODD_LENGTH][:MAX_ODD_TEXTS]


def setting(column: str, kind: str, form: str = "") -> str:
    """The setting that reads a column as of a kind and form, as it is typed."""
    return _typed("KINDS", f"{column}={kind}{':' if form else ''}{form}")


def missing_setting(column: str, texts: Iterable[str]) -> str:
    """The setting by which texts of a column stand for missing values, as it is typed."""
    return _typed("MISSING", f"{column}={STAND_IN_SEPARATOR.join(texts)}")


def named_texts(named: str) -> tuple[str, ...]:
    """The texts that the setting for missing values names for a column."""
    return tuple(filter(None, map(str.strip, named.split(STAND_IN_SEPARATOR))))


def _typed(name: str, item: str) -> str:
    if "," in item or '"' in item:
        item = '"' + item.replace('"', '""') + '"'
    return f"{name}='{item}'"


@dataclass(frozen=True)
class Candidate:
    """A possible reading, and the shares of a column's distinct texts and of its filled fields that are of it."""

    reading: Reading
    distinct_share: float
    filled_share: float

    @property
    def is_enough(self) -> bool:
        """True if the column is of this kind and the rest can count as missing."""
        return self.distinct_share >= MIN_DISTINCT_SHARE and self.filled_share >= MIN_FILLED_SHARE

    def noted(self, *notes: str, proof: str = "") -> "Candidate":
        """The same with what its texts prove and what should be said."""
        return replace(self, reading=replace(self.reading, proof=proof, notes=notes))


def candidate(counts: Counter[str], kind: str, form: str, read: Reader) -> Candidate:
    """The reading of texts, given with their counts, by a reader of a kind and form."""
    odd = Counter({text: count for text, count in counts.items() if not is_read(text, read)})
    shares = 1 - len(odd) / len(counts), 1 - odd.total() / counts.total()
    return Candidate(Reading(kind, form, dict(odd.most_common())), *shares)


def sample_step(texts: Sized) -> int:
    """The step by which to go through texts to see about SAMPLE_TEXTS of them."""
    return len(texts) // SAMPLE_TEXTS + 1


def is_read(text: str, read: Reader) -> bool:
    """Says whether a reader reads a text as a finite number."""
    try:
        value = read(text)
    except (ValueError, OverflowError):
        return False
    return abs(value) <= MAX_NUMBER
