"""Numbers as people write them: marks for thousands and decimals, currencies, units, percent, accounting brackets."""

import re
import unicodedata
from functools import cache

from function_code.dialects import Reader
from function_code.dialects.units import MAGNITUDES, factor

MINUS = "-\N{MINUS SIGN}\N{EN DASH}\N{FIGURE DASH}"
GROUPING = " '\N{NO-BREAK SPACE}\N{FIGURE SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}\N{RIGHT SINGLE QUOTATION MARK}"
NO_CENTS = re.compile(r"[.,:/][-\N{EN DASH}\N{EM DASH}]{1,2}(?=\D*$)")  # 4.229,- and Rs. 1,685/-
# What leads to a footnote (54,590[2], 8,359*, 8,359²), or says the same in another unit (85 kW (116 hp)).
REMARK = re.compile(
    r"(?<=\d)(?:\[\w+\]|\s?\*+|[†‡¹²³]|\s?\([a-z]\))$|(?<=[^\W\d_])\s?\((?=[^()]*\d)[^()]*\)$", re.IGNORECASE
)
BOUND_MARKS = "<>≤≥~≈c"
BOUND = re.compile(r"^(?:[<>≤≥~≈]=?|ca?\.(?=\s?\d))\s*(?=\S)")  # <0.01, >= 20, ~500
AT_LEAST = re.compile(r"\d\+(?!\d)")  # 40+, 10+ years
DECIMAL_MARKS = {"us": ".", "eu": ","}
MAX_TEXT_LENGTH = 60  # of a number: longer texts are prose, and would take long to look at
ANY_UNIT = "*"  # of a form whose numbers have flags behind them, and no units
COUNT = "#"  # of a form whose numbers have magnitudes behind them, and no units: 742, 1.2K, 3M
MAX_UNIT_LENGTH = 20
# The codes of ISO 4217 that money is written with today, and the letters that people write before amounts instead.
CURRENCIES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD "
    "HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD "
    "MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN "
    "PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY "
    "TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL "
    "Rs Rp RM Kr Fr TL Sh".casefold().split()
)


def reader(form: str) -> Reader:
    """The reader of numbers in a form, see `function_code.dialects`.

    A number without the form's unit is read, too, and one in a multiple of it is converted.
    """
    mark, _, unit = form.partition(" ")
    own = normalised_unit(unit)

    def read(text: str) -> float:
        parsed = parse(text, mark or "us")
        if parsed is None:
            raise ValueError(text)
        value, unit = parsed
        if not unit or own == ANY_UNIT or (unit := normalised_unit(unit)) == own:
            return value
        by = MAGNITUDES.get(unit) if own == COUNT else factor(unit, own)
        if by is None:
            raise ValueError(text)
        return value * by

    return plain if not form else read


def plain(text: str) -> float:
    """A number as programs write it. Raises ValueError."""
    result = float(text)
    if "_" in text:  # Python's spelling, nobody else's
        raise ValueError(text)
    return result


def parse(text: str, form: str) -> tuple[float, str] | None:
    """The number that a text writes with the marks of `us` or `eu`, and its unit as it stands there; None if none."""
    parts = split(text, form)
    return (float(parts[0]), parts[1]) if parts else None


def split(text: str, form: str) -> tuple[str, str] | None:
    """The number of a text as a program would write it, and its unit as it stands there; None if there is none."""
    text = text.strip()
    if len(text) > MAX_TEXT_LENGTH:
        return None
    if is_bound(text):
        text = BOUND.sub("", text)
    cents = None
    if not text[-1:].isdecimal():
        text = REMARK.sub("", text)
        cents = NO_CENTS.search(text)
    match = _pattern(DECIMAL_MARKS[form]).fullmatch(NO_CENTS.sub("", text) if cents else text)
    if match is None or (cents and cents[0][0] in DECIMAL_MARKS.values() and cents[0][0] != DECIMAL_MARKS[form]):
        return None
    before, after = match["before"] or "", match["after"] or ""
    is_bracketed = bool(match["open"] or match["open_behind"])
    signs = [mark for mark in match.group("sign", "sign_behind", "sign_inner", "sign_last") if mark]
    if is_bracketed != bool(match["close"]) or is_bracketed + len(signs) > 1:
        return None
    if (before and not may_stand_before(before)) or len(after) > MAX_UNIT_LENGTH:
        return None
    if before and before.isalpha() and match["sign_behind"] and not match["space"]:  # CUP-317 is a code
        return None
    minus = "-" if is_bracketed or (signs and signs[0] in MINUS) else ""
    digits = "".join(filter(str.isdigit, match["whole"] or ""))
    fraction = "" if match["fraction"] is None else f".{match['fraction']}"
    return f"{minus}{digits}{fraction}{match['exponent'] or ''}", f"{before} {after}".strip()


def is_bound(text: str) -> bool:
    """Says whether a text is a bound or an estimate, and not a number itself: <0.01, ~500, 40+."""
    if "+" in text and AT_LEAST.search(text):
        return True
    return text[:1] in BOUND_MARKS and BOUND.match(text) is not None


def has_remark(text: str) -> bool:
    """Says whether behind a number there is a footnote, or the same again in another unit."""
    return not text[-1:].isdecimal() and REMARK.search(text) is not None


def may_stand_before(text: str) -> bool:
    """Says whether a text may stand before a number: a currency ($, US$, Rs., EUR), or % as in Turkish."""
    is_sign = text == "%" or any(unicodedata.category(mark) == "Sc" for mark in text)
    return is_sign or text.strip(".").casefold() in CURRENCIES


def normalised_unit(unit: str) -> str:
    """The unit in small letters, without a plural's s: 1 year and 2 Years are of one unit."""
    unit = unit.strip().strip(".").casefold()
    return unit[:-1] if len(unit) > 2 and unit.endswith("s") and unit[-2].isalpha() else unit


@cache
def _pattern(mark: str) -> re.Pattern[str]:
    """The pattern of numbers whose decimal mark is `mark`."""
    thousands = re.escape("," if mark == "." else ".")
    grouping = f"[{thousands}{re.escape(GROUPING)}]"
    decimal, signs = re.escape(mark), f"[+{re.escape(MINUS)}]"
    return re.compile(
        rf"""
        (?P<sign>{signs})?\s*
        (?P<open>\()?\s*
        (?P<before>(?:[A-Z]{{1,3}}\s(?=\$))?[^\d\s.,()'+{re.escape(MINUS)}]{{1,4}}\.?)?(?P<space>\s*)
        (?P<open_behind>\()?\s*
        (?P<sign_behind>{signs})?\s*
        (?={decimal}?\d)
        (?P<whole>
            [1-9]\d{{0,2}}(?P<mark>{grouping})\d{{3}}(?:(?P=mark)\d{{3}})*
            |[1-9]\d?(?:{thousands}\d\d)+{thousands}\d{{3}}  # 12,34,567 as in India
            |\d+
        )?
        (?:{decimal}(?P<fraction>\d*))?
        (?P<exponent>[eE][-+]?\d+)?\+?
        (?P<sign_inner>[{re.escape(MINUS)}](?=\s?(?:[A-Z]{{3}}|[^\w\s.,()'\-])$))?\s*  # 1.234,56- EUR
        (?P<after>
            (?:/|out\ of|von|sur|de|su)\s?\d{{1,3}}(?:\s[^\W\d_]+)?
            |(?:[^\W\d_]|[^\w\s.,()'\-:;/<>=]|/(?=[^\W\d_]))(?:[^\d()]|(?<=[a-zA-Z])[23]|/\s?10{{1,3}}(?=\s?[^\W\d_]))*?
            (?:\s?\([^\d()]*\))?
        )?\s*
        (?P<close>\))?\s*
        (?P<sign_last>[{re.escape(MINUS)}])?
        """,
        re.VERBOSE,
    )
