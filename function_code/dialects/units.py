"""Units that are multiples of each other: 300 MB and 1.2 GB, 500 g and 1.5 kg, $900 K and $1.2 M."""

LETTERS = {"k": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "b": 1e9, "bn": 1e9, "mrd": 1e9}
WORDS = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
INDIAN = {"lakh": 1e5, "lac": 1e5, "crore": 1e7, "cr": 1e7}
RUPEES = frozenset(("₹", "rs", "inr", "rp", "pkr", "npr"))  # of which there are crores; beside others CR is a credit
MAGNITUDES = LETTERS | WORDS | INDIAN
# In small letters and without a plural's s. A thousand bytes are a kilobyte, as storage is sold.
FAMILIES = (
    {"b": 1.0, "byte": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12},
    {"kib": 1.0, "mib": 1024.0, "gib": 1024.0**2, "tib": 1024.0**3},
    {"mg": 1e-3, "g": 1.0, "kg": 1e3, "t": 1e6, "oz": 28.349523125, "lb": 453.59237},
    {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3, "in": 0.0254, "ft": 0.3048, "mi": 1609.344},
    {"ml": 1e-3, "cl": 1e-2, "l": 1.0},
    {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    {"wh": 1.0, "kwh": 1e3, "mwh": 1e6, "gwh": 1e9},
    {"n": 1.0, "s": -1.0},  # of a latitude
    {"e": 1.0, "w": -1.0},  # of a longitude
    {"cr": 1.0, "dr": -1.0},  # credit and debit
    LETTERS, WORDS, INDIAN,
)  # fmt: skip


def factor(unit: str, own: str) -> float | None:
    """The factor that makes a number in a unit one in another one; None if they are no multiples of each other.

    What stands beside such a unit, as the currency does in `$ m` and `$`, must be the same.
    """
    words, own_words = unit.split(), own.split()
    if "cr" in words and len(words) > 1 and RUPEES.isdisjoint(words):
        return -1.0 if [word for word in words if word != "cr"] == own_words else None
    (rest, magnitude), (own_rest, own_magnitude) = _split(words), _split(own_words)
    if rest and rest == own_rest:
        return magnitude / own_magnitude
    if len(words) != len(own_words):
        return None
    (first, own_first), *more = [pair for pair in zip(words, own_words, strict=True) if pair[0] != pair[1]]
    families = [family for family in FAMILIES if first in family and own_first in family]
    return families[0][first] / families[0][own_first] if families and not more else None


def _split(words: list[str]) -> tuple[list[str], float]:
    """The words of a unit without the one that says how many of it, and that number."""
    named = [word for word in words if word in MAGNITUDES]
    return ([word for word in words if word not in named], MAGNITUDES[named[0]]) if len(named) == 1 else (words, 1.0)
