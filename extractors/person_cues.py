"""The words that tell a person (`lexicons/persons.toml`), compiled for look-up at a token."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from extractors.lexicons import load_lexicon
from extractors.normalise import name_key
from extractors.organization_words import organization_heads
from extractors.tokens import PhraseTable

# In this order: a word that two lists have belongs to the first.
_CUES = {
    "ranks": "rank",
    "honorifics": "honorific",
    "suspect_cues": "suspect",
    "victim_cues": "victim",
    "counterparts": "counterpart",
    "people": "people",
}


@dataclass(frozen=True, slots=True)
class PersonCues:
    """`cues` (value: rank, honorific, suspect, victim, counterpart, people), `roles` (role, several) and `behind` by phrase; the rest are sets of single
    words in lower case, or of honorifics and titles as they are in the lexicon.
    """

    cues: PhraseTable
    roles: PhraseTable
    cue_words: frozenset[str]
    role_words: frozenset[str]
    openers: frozenset[str]
    verbs: frozenset[str]
    never_open: frozenset[str]
    body_words: frozenset[str]
    official: frozenset[str]
    doubtful: frozenset[str]
    titles: frozenset[str]
    plurals: frozenset[str]
    together: frozenset[str]
    namesakes: frozenset[str]
    historical: frozenset[str]
    behind: PhraseTable
    speech: frozenset[str]
    nationalities: dict[str, str]
    middle_names: frozenset[str]
    foreign_offices: tuple[str, ...]
    joined_fields: PhraseTable


@lru_cache(maxsize=4)
def person_cues(language: str) -> PersonCues:
    """The compiled cues of `language` (vi or en)."""
    lexicon = load_lexicon("persons")[language]
    cues = PhraseTable({phrase: kind for key, kind in reversed(_CUES.items()) for phrase in lexicon[key]})
    roles = [*lexicon["roles"], *(f"{prefix} {role}" for prefix in lexicon["role_prefixes"] for role in lexicon["roles"])]
    # "Defence Ministers A and B": Vietnamese tells the plural by a word in front (`plurals`)
    several = [f"{role}s" for role in roles] if language == "en" else []
    offices = PhraseTable(dict.fromkeys(roles, "role") | dict.fromkeys(several, "several"))
    # a body's name opens like a person's, with capitals: "Chủ tịch Hội Nông dân", "Bí thư Trung ương Đoàn"
    heads = organization_heads()[0].first_words if language == "vi" else frozenset()

    def words(key: str) -> frozenset[str]:
        return frozenset(lexicon[key])

    return PersonCues(
        cues=cues, roles=offices, cue_words=cues.first_words, role_words=offices.first_words, openers=cues.first_words | offices.first_words, verbs=words("verbs"),
        never_open=words("never_open"), body_words=heads | words("body_words"), official=words("official_honorifics"),
        doubtful=words("doubtful_honorifics"), titles=words("titles"), plurals=words("plurals"), together=words("together"),
        namesakes=words("namesakes"), historical=frozenset(map(name_key, load_lexicon("persons")["vi"]["historical"])),
        behind=PhraseTable(dict.fromkeys(lexicon["behind"], "behind")),
        speech=words("speech"), nationalities=dict(lexicon["nationalities"]), middle_names=words("middle_names"),
        foreign_offices=tuple(lexicon["foreign_offices"]), joined_fields=PhraseTable(dict.fromkeys(lexicon["joined_fields"], "field")),
    )  # fmt: skip
