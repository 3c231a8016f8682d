"""The language of a text: by script where the script tells, by diacritics for Vietnamese, else by py3langid among seven languages."""

from __future__ import annotations

import functools
import re
from typing import Any

LANGUAGES = ("vi", "en", "fr", "lo", "km", "th", "zh")

_SCRIPTS = (
    ("lo", re.compile("[\u0e80-\u0eff]")),
    ("km", re.compile("[\u1780-\u17ff\u19e0-\u19ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("zh", re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")),
)
_ANY_SCRIPT = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u19e0-\u19ff\u3400-\u4dbf\u4e00-\u9fff]")  # a letter of any of these
_LETTERS = re.compile(r"[^\W\d_]+")
# Letters that no other of the seven languages writes: French shares â, ê, ô and the grave and acute vowels, so those do not count.
_VIETNAMESE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_READ = 1200  # characters: enough for every rule here, and py3langid costs 2 ms a kilobyte


def detect_language(text: str) -> str:
    """ISO 639-1 code out of LANGUAGES for NFC text, or `und` when the text has no letters."""
    text = text[:_READ]
    letters = sum(map(len, _LETTERS.findall(text)))
    for code, script in _SCRIPTS if _ANY_SCRIPT.search(text) else ():
        # Their vowel signs are marks, not letters, so a share can pass 1; from a half on, the text is in that script and quotes names.
        if (found := len(script.findall(text))) and found > 0.5 * letters:
            return code
    if letters == 0:
        return "und"
    # Running Vietnamese has 14 to 19 % of these letters, English about Vietnam at most 3 %.
    if len(_VIETNAMESE.findall(text)) > 0.06 * letters:
        return "vi"
    code, _score = _identifier().classify(text)
    return str(code)


@functools.cache
def _identifier() -> Any:
    # An instance of our own: py3langid's module-level functions share one global model that anybody may restrict.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier
