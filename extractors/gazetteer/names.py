"""Finding gazetteer names in a text: one automaton over spellings as printed, one over folded spellings."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz.distance import JaroWinkler

from extractors.gazetteer import Place, load_gazetteer
from extractors.gazetteer.transliteration import SAME_NAME, transliteration_key
from extractors.lexicons import phrase_automaton
from extractors.normalise import fold, lower_case

# Hyphens and dashes inside names come and go (Sê-kông, Sê Kông): both texts and patterns see spaces.
_HYPHENS = "-‐‑–—"
# Names that are common words, person names, or parts of them: only with a cue before or after.
_COUNTRY_NEEDS_CONTEXT = {"mỹ", "nga", "đức", "ý", "úc", "pháp"}
# "Lao" is an adjective in English and part of words in Vietnamese (Lao Bảo, lao động), as are "Thai" and "VN".
_ENGLISH_ONLY = {"lao", "thai"}
_CAPITALS = {"LA-VT", "KH-12", "TH-10"}
_FOLDED_MINIMUM = 6  # letters: below that a folded name meets too many other words
_FOLDED_PAIR = 3  # of Vietnamese names of two syllables, which only English texts have without marks: "Bo Y", "La Lay", "Ky Son"
# Without its marks "Ý" is the Y of Bo Y.
_SHORTEST_COUNTRY = 2


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A gazetteer name found at `start:end`; `exact` when spelled as a known spelling, else by its folded form."""

    start: int
    end: int
    places: tuple[Place, ...]
    exact: bool


def surface(text: str) -> str:
    """The form in which exact spellings are compared: lower case, hyphens as spaces; same length as `text`."""
    lower = lower_case(text)
    for hyphen in _HYPHENS:  # str.translate takes six times as long on Vietnamese text
        lower = lower.replace(hyphen, " ")
    return lower


_FOLD_TABLE = {
    code: folded
    for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]
    if len(folded := fold(chr(code))) == 1 and folded != chr(code)
}  # fmt: skip


class _FoldedWords(dict[str, str]):
    """Words without Latin diacritics, by word: str.translate is slow, and texts have most of their words in common."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _MOST_WORDS:
            self.clear()  # the words of months of news are too many to be kept
        folded = self[word] = word.translate(_FOLD_TABLE)
        return folded


_MOST_WORDS = 50_000  # about 8 MB
_folded_words = _FoldedWords()


def folded_surface(text: str) -> str:
    """`surface` without Latin diacritics, letter by letter, so that offsets stay."""
    return _folded(surface(text))


def _folded(printed: str) -> str:
    return " ".join(map(_folded_words.__getitem__, printed.split(" ")))


@lru_cache(maxsize=1)
def _automata() -> tuple[Any, Any, Any]:
    """Spellings as printed, folded ones, and of these the ones that are looked for in texts that write their own names with diacritics."""
    exact: dict[str, list[Place]] = {}
    folded: dict[str, list[Place]] = {}
    for place in load_gazetteer():
        if place.kind == "commune":
            continue
        for spelling in place.spellings:
            exact.setdefault(surface(spelling), []).append(place)
            if place.country == "LA" and " " in spelling:  # "Phoong - Sa - Lỳ", as papers of the north-west write
                exact.setdefault(surface(spelling.replace(" ", " - ")), []).append(place)
            key = folded_surface(spelling)
            long = len(key.replace(" ", "")) >= (_FOLDED_MINIMUM if place.country != "VN" or " " not in key else _FOLDED_PAIR)
            if long or place.kind == "province" or (place.kind == "country" and (len(key) > _SHORTEST_COUNTRY or spelling.isascii())):
                folded.setdefault(key, []).append(place)
    foreign = {
        key: kept
        for key, places in folded.items()
        if len(key) >= _FOLDED_MINIMUM and (kept := [place for place in places if place.country != "VN" and place.kind != "country"])
    }
    built = [
        phrase_automaton({name: (len(name), tuple(dict.fromkeys(places))) for name, places in names.items()})
        for names in (exact, folded, foreign)
    ]
    return built[0], built[1], built[2]


# Lao spellings of foreign names differ in tone marks, length of vowels and letters that sound alike.
_TONES = frozenset("\u0ec8\u0ec9\u0eca\u0ecb")
_ALIKE = {"ີ": "ິ", "ື": "ຶ", "ູ": "ຸ", "ໃ": "ໄ", "ຣ": "ລ", "ຼ": "ລ", "ໜ": "ນ", "ໝ": "ມ", "ຢ": "ຍ"}
_SILENT, _BEFORE_IT = "ຫ", frozenset("ງຍລຼນມຣ")
_LAO_MINIMUM = 5


def _lao_sounds(text: str) -> tuple[str, list[tuple[int, int]]]:
    """`text` by its Lao sounds, and the span of `text` that each of them is written in."""
    sounds: list[str] = []
    spans: list[tuple[int, int]] = []
    start = 0
    for index, letter in enumerate(text):
        following = text[index + 1 : index + 2]
        if letter in _TONES and spans:
            spans[-1] = spans[-1][0], index + 1
        elif (letter == "ໍ" and following == "າ") or (letter == _SILENT and following in _BEFORE_IT and following):
            continue  # written in two letters; the next one has its span
        else:
            whole = "ຳ" if letter == "າ" and text[index - 1 : index] == "ໍ" else _ALIKE.get(letter, letter)
            sounds.append(whole)
            spans.append((start, index + 1))
        start = index + 1
    return "".join(sounds), spans


@lru_cache(maxsize=1)
def _lao_automaton() -> Any:
    """Spellings in Lao script by their sounds; those that sound like another place's are left out."""
    by_sound: dict[str, list[Place]] = {}
    for place in load_gazetteer():
        for spelling in place.spellings if place.kind != "commune" else ():
            sounds = _lao_sounds(spelling)[0]
            if "\u0e80" <= sounds[:1] <= "\u0eff" and len(sounds) >= _LAO_MINIMUM:
                by_sound.setdefault(sounds, []).append(place)
    alone = {sounds: places for sounds, places in by_sound.items() if len({place.name for place in places}) == 1}
    return phrase_automaton({sounds: (len(sounds), tuple(dict.fromkeys(places))) for sounds, places in alone.items()})


def _find_lao(text: str) -> list[NameMatch]:
    sounds, spans = _lao_sounds(text)
    return [
        NameMatch(spans[last - length + 1][0], spans[last][1], places, False) for last, (length, places) in _lao_automaton().iter(sounds)
    ]


def find_names(text: str, language: str) -> list[NameMatch]:
    """Names in `text` in order, the longest at each place. English texts are read without diacritics throughout; Vietnamese ones only for foreign names."""
    exact, folded, foreign = _automata()
    found: list[NameMatch] = []
    printed = surface(text)
    for automaton, is_exact, haystack in ((exact, True, printed), (folded if language == "en" else foreign, False, _folded(printed))):
        for last, (length, places) in automaton.iter(haystack):
            start, end = last - length + 1, last + 1
            if not _is_word(text, haystack, start, end):
                continue
            name = haystack[start:end]
            if language != "en" and name in _ENGLISH_ONLY:
                continue
            if name in _COUNTRY_NEEDS_CONTEXT and _inside_name(text, start, end):
                continue
            found.append(NameMatch(start, end, places, is_exact))
    if language == "lo":
        found += _find_lao(text)
    if not found:
        return found
    # "Tỉnh Tây Ninh" holds the folded name of Tĩnh Tây in China: a name as spelled is not cut in two by a folded one
    spelled = _longest_first([match for match in found if match.exact])
    starts = [match.start for match in spelled]
    return _longest_first([match for match in found if match.exact or not _cuts(match, spelled, starts)])


def _longest_first(found: list[NameMatch]) -> list[NameMatch]:
    chosen: list[NameMatch] = []
    for match in sorted(found, key=lambda match: (match.start, -match.end, not match.exact)):
        if not chosen or match.start >= chosen[-1].end:
            chosen.append(match)
    return chosen


def _cuts(match: NameMatch, others: list[NameMatch], starts: list[int]) -> bool:
    """Whether `match` begins or ends inside one of `others` (in order, without overlaps) and lies outside it with its other part."""
    index = bisect_left(starts, match.end) - 1
    after = others[index] if index >= 0 else None
    before = others[bisect_left(starts, match.start) - 1] if bisect_left(starts, match.start) > 0 else None
    return bool(
        (after and match.start < after.start < match.end < after.end) or (before and before.start < match.start < before.end < match.end)
    )


def _is_word(text: str, haystack: str, start: int, end: int) -> bool:
    first = text[start]
    # "tỉnh Viêng Chăn" is a spelling of its own, because "thủ đô Viêng Chăn" is another unit
    if not first.isupper() and not haystack.startswith(("tỉnh ", "thủ đô "), start, end):
        # scripts without spaces between words
        return "\u0e80" <= first <= "\u0eff" or "\u1780" <= first <= "\u17ff" or "\u4e00" <= first <= "\u9fff"
    return not (start and haystack[start - 1].isalnum()) and not (end < len(text) and haystack[end].isalnum())


def _inside_name(text: str, start: int, end: int) -> bool:
    """Whether a capitalised word stands directly before or behind: then "Mỹ", "Đức", "Nga" is part of a person's or street's name."""
    before = text[max(0, start - 60) : start].rstrip(" ")
    word = before[before.rfind(" ") + 1 :] if before else ""
    after = text[end : end + 2]
    return (word[:1].isupper() and start > 1 and text[start - 1] == " ") or (after[:1] == " " and after[1:2].isupper())


@lru_cache(maxsize=1)
def _keys() -> list[tuple[str, Place]]:
    return [
        (key, place)
        for place in load_gazetteer()
        if place.country in ("LA", "KH", "TH") and place.kind in ("province", "district")
        for key in {transliteration_key(spelling) for spelling in place.spellings}
        if len(key) >= 4
    ]


@lru_cache(maxsize=4096)
def resolve_unseen(name: str, kind: str, *, capital: bool = False) -> Place | None:
    """The Lao, Khmer or Thai unit whose spellings are nearest to an unseen `name` of `kind`, if one is near enough and no other unit is as near.

    `capital`: only capitals are asked for ("thủ đô Vientaine").
    """
    key = transliteration_key(name)
    if len(key) < 4:
        return None
    best: dict[str, tuple[float, Place]] = {}
    for other, place in _keys():
        if place.kind == kind and (not capital or place.id in _CAPITALS):
            score = JaroWinkler.similarity(key, other, score_cutoff=SAME_NAME)
            if score and score > best.get(place.id, (0.0, place))[0]:
                best[place.id] = (score, place)
    ranked = sorted(best.values(), key=lambda pair: -pair[0])
    if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 0.02):
        return None
    return ranked[0][1]


def forget_names() -> None:
    """Build the tables of names anew at the next text: the gazetteer has other spellings."""
    for built in (_automata, _lao_automaton, _keys, resolve_unseen):
        built.cache_clear()
