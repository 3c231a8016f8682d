"""What trafilatura asks of a page's tree, answered the same at less cost. Two questions took 6 of the 16 ms that a page of 40 KB took.

Both answers are put in the place of its own in this process, once, before the first tree is made. `tests/extractors/test_tree_questions.py`
holds them against trafilatura's. A version that asks otherwise than the one pinned keeps its own answers, which are only slower; the tests then fail.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lxml.html import HtmlElement


@cache
def answer_cheaply() -> None:
    """Put the answers in their place. Does nothing when it was done."""
    import trafilatura.baseline  # noqa: F401  (the package's own name `baseline` is a function of it)
    from trafilatura import settings
    from trafilatura.utils import HTML_PARSER

    HTML_PARSER.set_element_class_lookup(element_classes())
    module = sys.modules["trafilatura.baseline"]
    whole, consent = getattr(module, "BASIC_CLEAN_XPATH", None), getattr(settings, "_COOKIE_CONSENT_RE", None)
    if whole is not None and consent is not None and (names := names_of_unwanted(whole, consent)):
        module.BASIC_CLEAN_XPATH = Unwanted(whole, names, consent)  # type: ignore[attr-defined]  # it is imported there


def names_of_unwanted(whole: Any, consent: str) -> str | None:
    """The part of trafilatura's expression that goes by names of elements; None when the rest of it is not about consent banners alone."""
    by_name, found, _ = str(whole.path).partition(f"|.//*[re:test(@class, '{consent}', 'i')")
    return by_name if found else None


def element_classes() -> Any:
    """The class of each element by its name, as lxml.html gives it, but looked up by lxml itself: Python was asked 1,300 times a page."""
    from lxml import etree, html

    otherwise = etree.ElementDefaultClassLookup(
        element=html.HtmlElement, comment=html.HtmlComment, pi=html.HtmlProcessingInstruction, entity=html.HtmlEntity
    )
    lookup = etree.ElementNamespaceClassLookup(otherwise)
    lookup.get_namespace(None).update(html.HtmlElementClassLookup._default_element_classes)
    return lookup


class Unwanted:
    """The elements that trafilatura leaves out when it measures how much a page says: by their names, and by a consent banner's class or id.

    For the second it matches two regular expressions for each element, from XPath. Here one is matched once, in all classes and ids
    together, and only a page where it is found is asked as before.
    """

    def __init__(self, whole: Any, by_name: str, consent: str) -> None:
        from lxml.etree import XPath

        self._whole = whole
        self._by_name: Any = XPath(by_name)
        self._marks: Any = XPath(".//@class|.//@id", smart_strings=False)
        self._consent = re.compile(consent, re.IGNORECASE)

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        marked = self._consent.search("\n".join(set(self._marks(tree))))
        found: list[HtmlElement] = (self._whole if marked else self._by_name)(tree)
        return found
