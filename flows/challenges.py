"""Pages that test whether we are a browser, sent instead of the page: `find_challenge(...)`. The signs are data: `challenges.toml`.

Keoson does not pass such tests; it must only never take one for an article or an empty feed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from extractors.errors import SettingsError

_HEAD = 40_000  # signs stand in the first kilobytes; an article is not searched to its end
_SILENT = re.compile(rb"<(script|style|noscript|svg|template|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(rb"<[^>]*>?")
_SPACE = re.compile(rb"(?:\s|&nbsp;)+")


class ChallengeExample(BaseModel):
    """An answer in a TOML file, with only what signs look at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    why: str
    status: int = 200
    headers: dict[str, str] = {}
    body: str = ""


class ChallengeSign(BaseModel):
    """One way to tell a challenge. Everything that is given must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    source: str
    status: tuple[int, ...] = ()
    headers: dict[str, str] = {}
    body_any: tuple[str, ...] = ()
    body_all: tuple[str, ...] = ()
    max_bytes: int | None = None
    max_text: int | None = None
    known_gaps: str = ""
    is_challenge: Annotated[tuple[ChallengeExample, ...], Field(min_length=1)]
    is_none: Annotated[tuple[ChallengeExample, ...], Field(min_length=1)]

    @cached_property
    def _needles(self) -> tuple[list[bytes], list[bytes]]:
        return [needle.encode() for needle in self.body_any], [needle.encode() for needle in self.body_all]

    @property
    def looks_inside(self) -> bool:
        """Whether the body counts."""
        return bool(self.body_any or self.body_all or self.max_text is not None)

    @model_validator(mode="after")
    def _is_cheap(self) -> Self:
        if self.looks_inside and self.max_bytes is None and (not self.status or 200 in self.status):
            raise ValueError(f"sign {self.name} would search every page: give it max_bytes or statuses that are errors")
        if self.max_text is not None and not (self.body_any or self.body_all):
            raise ValueError(f"sign {self.name} has max_text and no strings: every page without text would be one")
        return self

    def holds(self, status: int, headers: Mapping[str, str], body: bytes) -> bool:
        """Whether an answer (headers and the start of the body, in lower case) is one of these. `max_bytes` is the caller's to check."""
        if self.status and status not in self.status:
            return False
        if any(re.search(pattern, headers.get(name, "")) is None for name, pattern in self.headers.items()):
            return False
        any_of, all_of = self._needles
        if any_of and not any(needle in body for needle in any_of):
            return False
        if not all(needle in body for needle in all_of):
            return False
        return self.max_text is None or _text_length(body) <= self.max_text


class _Signs(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    sign: tuple[ChallengeSign, ...]


@cache
def load_signs() -> tuple[ChallengeSign, ...]:
    """The signs of `challenges.toml`. Raises SettingsError when the file is wrong."""
    file = Path(__file__).parent / "challenges.toml"
    try:
        return _Signs.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).sign
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file.name} is not valid: {error}") from error


def find_challenge(status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> str | None:
    """The name of the first sign that an answer shows, or None. `headers` have names in lower case."""
    if 300 <= status < 400:
        return None
    named = {name: value.lower() for name, value in headers}
    head: bytes | None = None
    for sign in load_signs():
        if sign.status and status not in sign.status:
            continue
        if sign.looks_inside:
            if sign.max_bytes is not None and len(body) > sign.max_bytes:
                continue
            if head is None:
                head = body[:_HEAD].lower()
                if b"<" not in head[:500] or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<rss", b"<feed")):
                    head = b""  # neither a web page nor a part of one: no string of a sign is found there
        if sign.holds(status, named, head or b""):
            return sign.name
    return None


def _text_length(body: bytes) -> int:
    """How many bytes a reader sees, roughly: without scripts, tags and white space in a row."""
    return len(_SPACE.sub(b" ", _TAG.sub(b" ", _SILENT.sub(b" ", body))).strip())
