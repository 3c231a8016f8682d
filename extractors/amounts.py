"""Amounts: a number with its unit, from gifts and money to persons trained and cases solved.

Money is given in ISO 4217, weights in kg or ton, everything counted as item, person or case. Never amounts: numbers of units and markers, ages, codes,
lengths of a border (`known_gaps` and examples in `lexicons/amounts.toml`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from extractors.alternatives import one_of
from extractors.anchored import Ending, matches_at, openings, starts_of
from extractors.lexicons import load_lexicon
from extractors.normalise import lower_letters
from extractors.records import Amount, Evidence

_SCALES = {
    "nghìn": 1e3,
    "ngàn": 1e3,
    "triệu": 1e6,
    "tỷ": 1e9,
    "tỉ": 1e9,
    "trăm": 1e2,
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "ພັນ": 1e3,
    "ລ້ານ": 1e6,
    "ຕື້": 1e9,
}


# Currencies that stand before the number.
_SIGNS = {
    "$": "USD", "us$": "USD", "usd": "USD", "€": "EUR", "eur": "EUR", "vnd": "VND", "lak": "LAK", "lao kip": "LAK", "kip": "LAK", "khr": "KHR", "cny": "CNY",
    "rmb": "CNY", "thb": "THB",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Grammar:
    """What amounts look like in lower-case text, and where one can open: `pattern` is slow and tried there only.

    `units`: code and factor by word; `words`: numbers by word; `in_passing`, `single`: units that a number in words does not count, or may count alone.
    """

    pattern: re.Pattern[str]
    opens: Any
    units: dict[str, tuple[str, float]]
    words: dict[str, int]
    in_passing: frozenset[str]
    single: frozenset[str]


@lru_cache(maxsize=4)
def _grammar(language: str) -> _Grammar:
    lexicon = load_lexicon("amounts")[language]
    units: dict[str, tuple[str, float]] = {}
    for unit, words in lexicon["units"].items():
        code, _, factor = unit.partition("*")
        for word in words:
            units[word.lower()] = (code, float(factor or 1))
    words = {word: number for number, entry in enumerate(lexicon["number_words"], 1) for word in entry.split("|")}
    words |= {"en": _ENGLISH_NUMBERS, "vi": _VIETNAMESE_NUMBERS}.get(language, {})
    number = r"\d+(?:[.,]\d+)*"
    scales = one_of(_SCALES)
    between = one_of(word.lower() for word in lexicon["between"])
    boundary = "" if language == "lo" else r"(?!\w)"
    # Vietnamese numbers by their first word, or each of ninety would be tried at every word of a text
    spelt = _SPELT_VI if language == "vi" else one_of(words)
    signs = one_of(_SIGNS)
    pattern = re.compile(
        rf"(?<![\w/.,-])(?:(?:(?P<currency>{signs})\s?)?(?P<low>{number})\s?(?:-|–|đến|to|tới)\s?)?(?:(?P<sign>{signs})\s?)?(?P<number>{number}|(?:{spelt})(?=\s))"
        rf"(?:\s?(?P<scale>{scales}){boundary})?(?:(?:[^\S\n](?:{between})(?!\w)){{0,3}}?[^\S\n]?(?P<unit>{one_of(units)}){boundary})?"
    )
    opens = openings([*_SIGNS, *(word.split()[0] for word in words)])
    return _Grammar(pattern, opens, units, words, frozenset(lexicon["in_passing"]), frozenset(lexicon["single"]))


_MONEY = frozenset({"VND", "USD", "LAK", "KHR", "CNY", "THB", "EUR"})
# "VND5 billion (US$200,000)": the same sum in another currency.
_REPEATED = re.compile(
    r"\s?(?:\(|,\s)(?:about |around |nearly |over |more than |some |khoảng |hơn |gần |tương đương |tức |equivalent to )*(?:US)?", re.I
)
# Trade between two countries is nobody's gift or seizure, however the sum is written.
_TRADE = r"kim ngạch|thương mại|xuất nhập khẩu|vốn đăng ký|turnover|trade(?<=\btrade)\b|gdp"
_TURNOVER = Ending([_TRADE], rf"(?:{_TRADE})[^.;\n]*$")
# The people of a place are no result ("dân số hơn 350 nghìn người").
_POPULATION = Ending(["dân số|population"], r"(?:dân số|population)[^.;\n]{0,30}$")
_REACH = 90  # characters from the word for trade to its sum: a clause


_UNITS_EN = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS_EN = ("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS_EN = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ENGLISH_NUMBERS = (
    {word: number for number, word in enumerate(_TEENS_EN, 11)}
    | {ten: number * 10 for number, ten in enumerate(_TENS_EN, 2)}
    | {f"{ten}-{unit}": tens * 10 + units for tens, ten in enumerate(_TENS_EN, 2) for units, unit in enumerate(_UNITS_EN, 1)}
)


_UNITS_VI = ("một", "hai", "ba", "bốn", "lăm", "sáu", "bảy", "tám", "chín")
_TENS_VI = ("hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_SPELT_VI = rf"mười(?: (?:{'|'.join(_UNITS_VI)}))?|(?:{'|'.join(_TENS_VI)})(?: mươi(?: (?:{'|'.join(_UNITS_VI)}|mốt|tư))?)?|một"
_VIETNAMESE_NUMBERS = (
    {f"mười {unit}": 10 + number for number, unit in enumerate(_UNITS_VI, 1)}
    | {f"{ten} mươi": number * 10 for number, ten in enumerate(_TENS_VI, 2)}
    | {f"{ten} mươi {unit}": tens * 10 + units for tens, ten in enumerate(_TENS_VI, 2) for units, unit in enumerate(_UNITS_VI, 1)}
    | {f"{ten} mươi {unit}": tens * 10 + units for tens, ten in enumerate(_TENS_VI, 2) for unit, units in (("mốt", 1), ("tư", 4))}
)


_DIGITS = re.compile(r"\d+")


def tag_amounts(text: str, language: str) -> tuple[Amount, ...]:
    """The amounts of `text` in order; `background` is decided by the event they belong to and False here."""
    if language not in ("vi", "en", "lo"):
        return ()
    grammar = _grammar(language)
    units, words = grammar.units, grammar.words
    found: list[Amount] = []
    lower = lower_letters(text)
    starts = sorted([*starts_of(grammar.opens, lower), *(digits.start() for digits in _DIGITS.finditer(lower))])
    for match in matches_at(grammar.pattern, lower, starts):
        unit, number, sign = match["unit"], match["number"], match["sign"] or match["currency"]
        if not unit and not sign:
            continue
        if unit:
            written = text[match.start("unit") : match.end("unit")]
            counted = not match["scale"] and (number in words or (number.isdigit() and len(number) < 3))
            if written != unit and counted and written[0].isupper() and not (written.isupper() and len(written) > 1):
                continue  # "7 Đồn": the unit is a name, but in "7 USD" it is none
        code, factor = units[unit] if unit else (_SIGNS[sign], 1.0)
        in_words = words.get(number) if not match["scale"] else None
        if in_words and unit and (unit in grammar.in_passing or (in_words == 1 and unit not in grammar.single)):
            continue
        if code == "nothing":
            continue
        if code in _MONEY and _TURNOVER.search(lower, max(0, match.start() - _REACH), match.start()):
            continue
        if code in _MONEY and found and found[-1].unit in _MONEY and _REPEATED.fullmatch(text[found[-1].evidence.end : match.start()]):
            continue
        if code == "person" and _POPULATION.search(lower, max(0, match.start() - _REACH), match.start()):
            continue
        value = _value(number, language, words, code)
        if (
            value is None
            or _follows_number_noun(lower, match.start())
            or (code == "km" and "biên giới" in text[match.end() : match.end() + 40])
        ):
            continue
        value = round(value * _SCALES.get(match["scale"] or "", 1.0) * factor, 6)
        evidence = Evidence.cut(text, match.start(), _what_end(text, match.end(), code))
        found.append(Amount(value, code, evidence.quote, False, evidence, "amount.unit", 0.9))
    return tuple(found)


# A number that no sign, letter or other number goes on: no code, no date, no share, no clock time.
_NUMBER = re.compile(rf"(?<![\w/.,:-])(?P<number>\d+(?:[.,]\d+)*)(?![\w/:%]|[.,-]\d|-\w)(?:\s?(?P<scale>{one_of(_SCALES)})(?!\w))?")
_NOUN = re.compile(r"[^\S\n]*[^\W\d_]+")


def numbers_beside(text: str, start: int, end: int, language: str, taken: Sequence[tuple[int, int]]) -> list[Amount]:
    """The numbers in `text[start:end]` that stand in none of the spans `taken`, in order, each as so many items, or persons, of the word behind it.

    What is counted is not looked at: these are candidates for a model, not amounts.
    """
    words = {} if language == "lo" else _grammar(language).words
    people = load_lexicon("amounts")[language]["people"]
    lower = lower_letters(text[start:end])
    matches = [(match.start(), match.end(), match["number"], match["scale"]) for match in _NUMBER.finditer(lower)]
    if words:
        stop = _not_counted(language)
        matches += [(at.start(), at.end(), at[0], None) for at in _spelt(language).finditer(lower) if not stop.match(lower, at.end())]
    found = []
    within = [(left - start, right - start) for left, right in taken]
    for left, right, number, scale in sorted(matches):
        if any(one < right and left < other for one, other in within) or _OF_A_SERIES.search(lower, max(0, left - 12), left):
            continue
        value = _value(number, language, words, "item")
        if value is None:
            continue
        noun = _NOUN.match(text, start + right, end)
        evidence = Evidence.cut(text, start + left, noun.end() if noun else start + right)
        unit = "person" if noun and noun[0].strip().lower() in people else _unit_of(lower[right:], language)
        found.append(Amount(round(value * _SCALES.get(scale or "", 1.0), 6), unit, evidence.quote, False, evidence, "amount.number", 0.5))
    return found


# Words behind a number, up to the noun that is counted: "164 online fraud suspects".
_WORDS_BEHIND = re.compile(r"(?:\s[^\W\d_][\w-]*){1,4}")


def _unit_of(behind: str, language: str) -> str:
    """The unit of a number by the words behind it, which begin with a unit of money or length or end with persons; an item where they say nothing."""
    match = _WORDS_BEHIND.match(behind)
    words = match[0].split() if match else []
    measures, persons = _plain_units(language)
    if words and words[0] in measures:
        return measures[words[0]]
    return "person" if language == "en" and any(word in persons for word in words) else "item"


@lru_cache(maxsize=4)
def _plain_units(language: str) -> tuple[dict[str, str], frozenset[str]]:
    """Units of one word that are neither things nor persons nor cases, and the words for persons."""
    units: dict[str, list[str]] = load_lexicon("amounts")[language]["units"]
    others = ("nothing", "item", "person", "case")
    measures = {word: code for code, words in units.items() if code not in others and "*" not in code for word in words if " " not in word}
    return measures, frozenset(units["person"])


@lru_cache(maxsize=4)
def _spelt(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{one_of(_grammar(language).words)})(?!\w)")


@lru_cache(maxsize=4)
def _not_counted(language: str) -> re.Pattern[str]:
    """Nouns behind a number in words that never make an amount ("hai bên", "the two countries")."""
    return re.compile(rf"\s(?:{one_of(load_lexicon('amounts')[language]['not_counted'])})(?!\w)")


def _value(number: str, language: str, words: dict[str, int], unit: str) -> float | None:
    if number in words:
        return float(words[number])
    thousands, decimal = (",", ".") if language == "en" else (".", ",")
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number) and len(set(re.findall("[.,]", number))) == 1:
        if language == "en" and unit == "kg" and "." in number:
            return float(number)  # "2.787 kg of heroin": a decimal, as weights are written to the gram
        # 154.382 and 154,382 alike: three digits behind each sign; "20,038" kg in Vietnamese is met as rarely as 1.234 in English
        return float(re.sub("[.,]", "", number))
    plain = number.replace(thousands, "").replace(decimal, ".")
    try:
        return float(plain)
    except ValueError:
        return None


_NUMBERED = re.compile(
    r"(?:số|lần thứ|thứ|quân khu|đại đội|tiểu đoàn|trung đoàn|sư đoàn|đoàn|đội|mốc|cột mốc|quận|khóa|khoá|điều|năm|quý|tháng|ngày|giai đoạn|phòng|đường|quốc lộ|no\.?|region|year|article|on|phase|markers?)\s*$",
)


# What has a number and is none of many: "border marker 275", "Đại đội 311".
_OF_A_SERIES = re.compile(
    r"(?<!\w)(?:mốc|quân khu|đại đội|tiểu đoàn|trung đoàn|sư đoàn|lữ đoàn|quốc lộ|markers?|battalion|regiment|company|region|article)\s$"
)


def _follows_number_noun(lower: str, start: int) -> bool:
    return bool(_NUMBERED.search(lower[max(0, start - 12) : start]))


def _what_end(text: str, end: int, code: str) -> int:
    """What is counted: up to four more words, to the next sign or conjunction."""
    if code in ("VND", "USD", "LAK", "KHR", "CNY", "THB", "EUR"):
        return end
    match = re.match(
        r"(?:\s(?!và |cho |của |với |tại |từ |để |trị giá|được |bị |đã |to |for |and |from |in |worth |by )[^\W\d_]+){0,4}", text[end:]
    )
    return end + (match.end() if match else 0)
