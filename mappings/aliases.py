"""Other ways to write what a query names: spellings of provinces and countries, and the groups of `synonyms.toml`.

They are looked up when a query is built, never written into the index: a new spelling works at once on everything indexed before.
A spelling that several units share (Vientiane: the capital and the province) stands for all of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from extractors.gazetteer import HERE as GAZETTEER
from extractors.gazetteer import Place, read_places
from mappings.analysis import Token, folded_word, tokens

SYNONYMS = Path(__file__).parent / "synonyms.toml"

Form = Literal["folded", "exact", "abbreviation"]

# A word of up to four letters loses too much with its diacritics: folded, Lào reads as lao (labour, prison), Úc as uc.
_SHORT = 4


@dataclass(frozen=True, slots=True)
class Match:
    """Words that stand next to each other, compared without diacritics (`folded`), with them (`exact`), or in capitals (`abbreviation`)."""

    form: Form
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aliases:
    """`folded` finds groups by folded words, `exact` by one short word with its diacritics, `capitals` by an abbreviation."""

    folded: dict[tuple[str, ...], tuple[Match, ...]] = field(default_factory=dict)
    exact: dict[str, tuple[Match, ...]] = field(default_factory=dict)
    capitals: dict[str, tuple[Match, ...]] = field(default_factory=dict)
    unit_ids: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    longest: int = 1

    def at(self, words: Sequence[Token], start: int, *, diacritics: bool) -> tuple[int, tuple[Match, ...]]:
        """How many words from `start` on are an alias, the longest first, and all that it stands for; (0, ()) if none.

        `diacritics`: the query is written with them, so that a short word must carry its own (`lao động` names no country).
        """
        for length in range(min(self.longest, len(words) - start), 0, -1):
            span = words[start : start + length]
            if length == 1:
                one = span[0]
                found = self.capitals.get(one.surface) or self.exact.get(one.exact)
                if found:
                    return 1, found
                short = self.folded.get((one.folded,), ())
                if not short or (diacritics and _is_short(one)):
                    continue
                # Typed without diacritics, the short word itself is also looked for: `lao` finds Lào, Laos and lao.
                typed = (Match("folded", (one.folded,)),) if _is_short(one) else ()
                return 1, typed + tuple(match for match in short if match not in typed)
            found = self.folded.get(tuple(token.folded for token in span))
            if found:
                return length, found
        return 0, ()

    def units(self, name: str) -> tuple[str, ...]:
        """The gazetteer ids of the provinces and countries spelled like `name`, diacritics aside; empty if none is."""
        return self.unit_ids.get(tuple(token.folded for token in tokens(name)), ())


def _is_short(token: Token) -> bool:
    return not token.unspaced and len(token.folded) <= _SHORT


def _match(spelling: str) -> Match:
    words = list(tokens(spelling))
    if len(words) == 1 and _is_short(words[0]) and words[0].exact != words[0].folded:
        return Match("exact", (words[0].exact,))
    return Match("folded", tuple(token.folded for token in words))


def _within(words: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """Every shorter run of words inside `words`."""
    return (words[at : at + width] for width in range(1, len(words)) for at in range(len(words) - width + 1))


def _without_longer(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Each match once, without those that hold another one: whatever has `tinh sekong` has `sekong`."""
    unique = tuple(dict.fromkeys(matches))
    if len(unique) < 2:
        return unique
    folded = {one.words for one in unique if one.form == "folded"}
    return tuple(one for one in unique if one.form != "folded" or folded.isdisjoint(_within(one.words)))


def compile_aliases(places: Iterable[Place], synonyms: dict[str, list[dict[str, list[str]]]]) -> Aliases:
    """Aliases of the provinces and countries among `places`, and of the groups of `synonyms` (the shape of synonyms.toml)."""
    groups: list[tuple[tuple[str, ...], tuple[str, ...], str | None]] = [
        (tuple(group["words"]), tuple(group.get("abbreviations", ())), None) for group in synonyms["group"]
    ]
    for place in places:
        if place.kind in ("country", "province"):
            former = tuple(name for name, _ in place.former_names)
            groups.append((tuple(dict.fromkeys((place.name, *former, *place.spellings))), (), place.id))

    keyed: dict[tuple[Form, tuple[str, ...]], list[tuple[Match, ...]]] = {}
    units: dict[tuple[str, ...], list[str]] = {}
    for spellings, capitals, unit_id in groups:
        forms = [(spelling, _match(spelling)) for spelling in spellings if spelling]
        # A short spelling that a sibling folds to (Lao beside Lào) is not looked for unless it is typed: it is also labour and prison.
        bare = {folded_word(match.words[0]) for _, match in forms if match.form == "exact"}
        targets = [match for _, match in forms if match.form == "exact" or len(match.words) > 1 or match.words[0] not in bare]
        matches = _without_longer(targets + [Match("abbreviation", (short,)) for short in capitals])
        for spelling, match in forms:
            folded = tuple(token.folded for token in tokens(spelling))
            keys: set[tuple[Form, tuple[str, ...]]] = {("folded", folded), (match.form, match.words)}
            for key in keys:
                keyed.setdefault(key, []).append(matches)
            if unit_id and unit_id not in units.setdefault(folded, []):
                units[folded].append(unit_id)
        for short in capitals:
            keyed.setdefault(("abbreviation", (short,)), []).append(matches)
    # most keys belong to one group, whose matches are cleaned already
    found = {
        key: matches[0] if len(matches) == 1 else _without_longer(one for group in matches for one in group)
        for key, matches in keyed.items()
    }
    return Aliases(
        folded={words: matches for (form, words), matches in found.items() if form == "folded"},
        exact={words[0]: matches for (form, words), matches in found.items() if form == "exact"},
        capitals={words[0]: matches for (form, words), matches in found.items() if form == "abbreviation"},
        unit_ids={words: tuple(ids) for words, ids in units.items()},
        longest=max((len(words) for _, words in found), default=1),
    )


@lru_cache(maxsize=1)
def load_aliases() -> Aliases:
    """The aliases of the packaged gazetteer and synonyms, read once (communes, the big file, are not read)."""
    return compile_aliases(read_places(GAZETTEER / "places.csv"), tomllib.loads(SYNONYMS.read_text(encoding="utf-8")))
