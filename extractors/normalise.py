"""One way to write text: NFC, no control characters, and a folded key for comparing names."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# C0 controls but tab and newline, DEL, C1 controls, soft hyphen, zero-width space and joiners, byte order mark, bidi marks:
# none is text, and each splits a word for the tokenizer (Lao text in the wild uses U+200B between words: it becomes a plain space).
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200c-\u200f\u202a-\u202e\u2060\ufeff]")
_NEWLINES = re.compile("\r\n?|\u2028|\u2029")
_BLANKS = re.compile("[\u00a0\u2000-\u200b\u202f\u205f\u3000]")


def normalise_text(text: str) -> str:
    """NFC text with plain newlines and spaces. All offsets in Keoson count in text that went through here."""
    text = _NEWLINES.sub("\n", text)
    text = _BLANKS.sub(" ", text)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def lower_case(text: str) -> str:
    """`text` in lower case and of the same length, so that offsets stay."""
    lower = text.lower()
    # the dotted capital İ grows by a character
    return lower if len(lower) == len(text) else text


def lower_letters(text: str) -> str:
    """`text` in lower case letter by letter, as patterns read it that ignore case; of the same length."""
    return text.replace("İ", "i").lower()


def fold(text: str) -> str:
    """Lower case without Latin diacritics, đ as d; other scripts keep their marks (stripping them deletes Lao vowels)."""
    lower = text.lower()
    if lower.isascii():
        return lower
    # Composed Latin letters by table, which nearly every name consists of; whatever else there is goes letter by letter.
    known = "".join(map(_FOLDED_LETTERS.get, lower, lower))
    return known if known.isascii() else _fold_by_letter(lower)


def _fold_by_letter(lower: str) -> str:
    out: list[str] = []
    latin = True
    for char in unicodedata.normalize("NFD", lower):
        if unicodedata.combining(char):
            if not latin:
                out.append(char)
            continue
        latin = char < "\u0250" or "\u1e00" <= char <= "\u1eff"
        out.append("d" if char == "đ" else char)
    return unicodedata.normalize("NFC", "".join(out))


_FOLDED_LETTERS = {
    letter: folded
    for letter in map(chr, [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)])
    if (folded := _fold_by_letter(letter)).isascii()
}  # fmt: skip
_NEITHER_LETTER_NOR_DIGIT = {code: None for code in range(128) if not chr(code).isalnum()}


@lru_cache(maxsize=2048)  # the persons and parties of a text are compared again and again
def name_key(name: str) -> str:
    """Letters and digits of the folded name only, so that `Khăm-ban Phôm-mạ` and `Khăm Ban Phôm Mạ` compare equal."""
    folded = fold(name)
    if folded.isascii():
        return folded.translate(_NEITHER_LETTER_NOR_DIGIT)
    return "".join(char for char in folded if char.isalnum() or unicodedata.category(char).startswith("M"))
