"""Every outlet with rules or habits in its file: an invented page in its template, and the article that must come of it."""

import tomllib
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from extractors.addresses import address_host
from extractors.article import extract_article
from extractors.outlets import load_outlets
from extractors.records import ContentRule, Outlet, Page

PAGES = Path(__file__).with_name("outlet_pages")
OUTLETS = load_outlets()


def has_rules(outlet: Outlet) -> bool:
    return bool(outlet.content_rules or outlet.crawl_clock or outlet.prefixes or outlet.credits or outlet.signatures)


def load_page(outlet_id: str) -> tuple[Page, dict[str, object]]:
    expected = tomllib.loads((PAGES / outlet_id / "expected.toml").read_text(encoding="utf-8"))
    fetched_at = expected["fetched_at"]
    assert isinstance(fetched_at, datetime)
    body = (PAGES / outlet_id / "page.html").read_bytes()
    return Page(expected["url"], expected["url"], 200, (("content-type", "text/html"),), body, fetched_at), expected


def test_each_outlet_with_rules_has_a_page_and_no_other() -> None:
    assert {path.name for path in PAGES.iterdir()} == {name for name, outlet in OUTLETS.items() if has_rules(outlet)}


@pytest.mark.parametrize("outlet_id", sorted(path.name for path in PAGES.iterdir()))
def test_the_article_of_an_outlets_page(outlet_id: str) -> None:
    outlet = OUTLETS[outlet_id]
    page, expected = load_page(outlet_id)
    assert address_host(page.url) in outlet.hosts
    article = extract_article(page, outlet, None)
    assert article.text.split("\n") == expected["lines"]
    assert [[span.kind, article.text[span.start : span.end]] for span in article.spans] == expected["spans"]
    assert (article.title, article.language) == (expected["title"], expected["language"])
    assert (article.published and article.published.value) == expected.get("published")


@pytest.mark.parametrize("outlet_id", sorted(name for name, outlet in OUTLETS.items() if outlet.content_rules))
def test_a_rule_is_needed_for_its_page(outlet_id: str) -> None:
    page, expected = load_page(outlet_id)
    assert extract_article(page, replace(OUTLETS[outlet_id], content_rules=()), None).text.split("\n") != expected["lines"]


@pytest.mark.parametrize("outlet_id", sorted(name for name, outlet in OUTLETS.items() if outlet.crawl_clock))
def test_a_clock_of_the_crawl_would_be_believed_without_its_mark(outlet_id: str) -> None:
    page, _ = load_page(outlet_id)
    believed = extract_article(page, replace(OUTLETS[outlet_id], crawl_clock=False), None).published
    assert believed is not None
    assert believed.value == page.fetched_at.date().isoformat()


OLD = ContentRule(body="//div[@id='cu']", valid_until="2025-06-30")
NEW = ContentRule(body="//div[@id='moi']", remove=("//div[@id='moi']/p[last()]",))


@pytest.mark.parametrize(("day", "first"), [("2025-06-29", "Bài cũ"), ("2025-06-30", "Bài cũ"), ("2025-07-01", "Bài mới")])
def test_the_rule_of_the_day_of_the_fetch_counts(day: str, first: str) -> None:
    story = "kể rằng năm ngoái nước lớn làm trôi cầu gỗ, trẻ con phải nghỉ học nửa tháng vì không sang sông được."
    body = f"<html><body><div id='cu'><p>Bài cũ {story}</p></div><div id='moi'><p>Bài mới {story}</p><p>Tin khác {story}</p></div></body></html>"
    address = "https://vnexpress.net/bai-1001.html"
    page = Page(address, address, 200, (), body.encode(), datetime.fromisoformat(f"{day}T10:00:00+07:00"))
    outlet = replace(OUTLETS["vnexpress"], content_rules=(NEW, OLD))
    assert extract_article(page, outlet, None).text == f"{first} {story}"


def test_a_page_of_another_template_is_read_as_any_page() -> None:
    page, expected = load_page("antv")
    outlet = replace(OUTLETS["antv"], content_rules=(ContentRule(body="//div[@id='khong-co']"),))
    assert extract_article(page, outlet, None).text.split("\n") == expected["lines"]
