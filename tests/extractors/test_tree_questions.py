"""The cheap answers to trafilatura's questions are those that it would have given itself."""

from __future__ import annotations

import sys

import pytest
import trafilatura
from lxml import html
from trafilatura import settings
from trafilatura.utils import HTML_PARSER, load_html

from extractors.tree_questions import Unwanted, answer_cheaply, element_classes, names_of_unwanted
from keoson.press.rendering import render_site
from keoson.press.sites import press_folder, read_sites

_TAGS = ("a", "article", "button", "form", "fieldset", "input", "label", "option", "p", "select", "svg", "textarea", "x-new")
_PLAIN = "<html><body><aside>a</aside><div id='footer-1'>b</div><p class='lead'>c</p><script>d</script><svg><g/></svg></body></html>"
_CONSENT = {
    "by class": "<div class='top Cookie-Banner'>e</div>",
    "by id": "<section id='onetrust-sdk'><p>f</p></section>",
    "in a name": "<div class='borlabsbox'>g</div>",
    "of the body itself": "",
}


def test_elements_have_the_classes_that_lxml_html_gives_them() -> None:
    answer_cheaply()
    page = "<html><body>" + "".join(f"<{tag}></{tag}>" for tag in _TAGS) + "</body></html>"
    ours, theirs = html.fromstring(page, parser=HTML_PARSER), html.fromstring(page, parser=html.HTMLParser())
    assert [(one.tag, type(one)) for one in ours.iter()] == [(one.tag, type(one)) for one in theirs.iter()]
    assert {type(one) for one in ours.iter()} > {html.HtmlElement, html.FormElement, html.InputElement, html.SelectElement}


@pytest.mark.parametrize("banner", _CONSENT.values(), ids=_CONSENT)
def test_what_is_left_out_is_what_trafilatura_leaves_out(banner: str) -> None:
    page = _PLAIN.replace("</body>", f"{banner}</body>")
    if not banner:
        page = page.replace("<body>", "<body class='cookie-consent'>")
    tree = load_html(page)
    assert tree is not None
    names = names_of_unwanted(settings.BASIC_CLEAN_XPATH, settings._COOKIE_CONSENT_RE)
    assert names
    found = Unwanted(settings.BASIC_CLEAN_XPATH, names, settings._COOKIE_CONSENT_RE)(tree)
    assert found == settings.BASIC_CLEAN_XPATH(tree)
    assert {"a", "b", "d"} <= {one.text for one in found}
    # Beside four by their names: the banner.
    assert len(found) == 5


def test_texts_of_the_press_are_the_same_with_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [
        resource.body
        for site in read_sites(press_folder())
        for address, resource in render_site(site)
        if address in {site.address(slug) for slug in site.articles}
    ]
    answer_cheaply()
    module = sys.modules["trafilatura.baseline"]
    assert isinstance(module.BASIC_CLEAN_XPATH, Unwanted)
    ours = [trafilatura.extract(page, fast=True) for page in pages]
    monkeypatch.setattr(module, "BASIC_CLEAN_XPATH", settings.BASIC_CLEAN_XPATH)
    HTML_PARSER.set_element_class_lookup(html.HtmlElementClassLookup())
    try:
        theirs = [trafilatura.extract(page, fast=True) for page in pages]
    finally:
        HTML_PARSER.set_element_class_lookup(element_classes())
    assert len(pages) > 20
    assert ours == theirs


def test_another_expression_keeps_its_own_answer() -> None:
    assert names_of_unwanted(settings.XPath(".//aside"), settings._COOKIE_CONSENT_RE) is None
