"""The whole tagger on anything: it never raises, every evidence is exact, and its answer is the same each time."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.records import EVENT_TYPES, Article, PublishDate, Tags
from extractors.tag_json import tags_to_json
from extractors.tagging import LANGUAGES, tag_article
from extractors.textfile import article_from_text
from keoson.press.sites import press_folder, read_sites

_PARAGRAPHS = sorted(
    {
        paragraph
        for site in read_sites(press_folder())
        for article in site.articles.values()
        for paragraph in (article.title, article.lead, *article.paragraphs)
    }
)
_PUBLISHED = st.sampled_from([None, "2023", "2024-06", "2025-06-30", "2025-07-01"])


def _tag(text: str, language: str | None, published: str | None) -> tuple[Article, Tags]:
    article = article_from_text(text, article_id="x", published=published, language=language)
    return article, tag_article(article)


def _check(article: Article, tags: Tags) -> None:
    tags.verify(article.text)
    for starts in ([place.evidence.start for place in tags.places], [body.evidence.start for body in tags.organizations]):
        assert starts == sorted(starts)
    said = [
        (item.rule, item.confidence)
        for group in (tags.places, tags.persons, tags.organizations, tags.amounts, tags.reports)
        for item in group
    ]
    assert all(rule and 0 < confidence <= 1 for rule, confidence in said)
    for report in tags.reports:
        assert report.type in EVENT_TYPES
        assert report.evidence
        assert report.topics
        assert len({party.country for party in report.parties}) >= 2
        assert (report.date_start is None) == (report.date_precision is None)
        assert {name.strip() for name in report.persons} <= {person.name.strip() for person in tags.persons}
    assert tags.relevant == any(report.status != "cancelled" for report in tags.reports)


def test_the_press_gives_paragraphs_in_every_language() -> None:
    assert len(_PARAGRAPHS) > 100
    assert any("\u0e80" <= char <= "\u0eff" for paragraph in _PARAGRAPHS for char in paragraph)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(_PARAGRAPHS), min_size=1, max_size=8), st.sampled_from([None, *LANGUAGES]), _PUBLISHED)
def test_evidence_is_exact_on_mixtures_of_paragraphs(paragraphs: list[str], language: str | None, published: str | None) -> None:
    _check(*_tag("\n".join(paragraphs), language, published))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_PARAGRAPHS), min_size=1, max_size=3), st.data())
def test_evidence_is_exact_on_paragraphs_cut_anywhere(paragraphs: list[str], data: st.DataObject) -> None:
    text = " ".join(paragraphs)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start, min(len(text), start + 400)))
    _check(*_tag(text[start:end], data.draw(st.sampled_from(LANGUAGES)), "2024-06-15"))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.sampled_from([*LANGUAGES, "th", "zh", "und"]), _PUBLISHED)
def test_any_text_is_tagged(text: str, language: str, published: str | None) -> None:
    _check(*_tag(text, language, published))


_PIECES = [
    "Công an ", "tỉnh ", "Sê Kông", "Lào", "Quảng Nam", "(", ")", ", ", ". ", "\n", "và ", "Đại tá ", "Lê Văn Mẫu", "Bun-thăn ", "Giám đốc ", "- ", "ký kết ", "biên bản ",
    "trao tặng ", "2 ", "bộ máy tính ", "50 triệu đồng", "ngày 5/9", "sẽ ", "hoãn ", "hội nghị ", "tuần tra ", "các Đồn Biên phòng ", "A, B và C ", "Lào-Việt ", "; ", "đồng chí: ",
    "Police ", "of ", "Laos ", "met ", "Vietnamese ", "ແຂວງ", "ເຊກອງ", "ກອງປະຊຸມ", "Ảnh: ", "Tin liên quan\n", "\u0300", "İ", "TP. ",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join), st.sampled_from(LANGUAGES), _PUBLISHED)
def test_any_mixture_of_cues_is_tagged(text: str, language: str, published: str | None) -> None:
    _check(*_tag(text, language, published))


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "(", "\u0301", "Đ", "ngày", "Công an", "Đại tá", "các đồng chí:", "ດ", "5/", "Lào-", "-Lào", "TP."]
)
@pytest.mark.parametrize("language", [*LANGUAGES, "th"])
def test_scraps(text: str, language: str) -> None:
    _check(*_tag(text, language, None))


def test_the_same_text_gives_the_same_tags() -> None:
    for paragraph in _PARAGRAPHS[::9]:
        assert _tag(paragraph, None, "2024-06-15")[1] == _tag(paragraph, None, "2024-06-15")[1]


def test_other_languages_get_places_only_and_are_never_relevant() -> None:
    article, tags = _tag("การประชุมที่ Vientiane จังหวัด Nakhon Phanom", "th", "2024-06-15")
    _check(article, tags)
    assert (tags.relevant, tags.reports, tags.persons, tags.organizations, tags.amounts) == (False, (), (), (), ())
    assert tags.places


def test_the_publish_date_decides_the_unit() -> None:
    article = Article("x", "", "o", "", "Công an thành phố Đà Nẵng họp.", "vi")
    for value, place_id in (("2025-06-30", "VN-DN"), ("2025-07-01", "VN-48-2025")):
        tags = tag_article(dataclasses.replace(article, published=PublishDate(value, "day", "feed")))
        assert [place.place_id for place in tags.places] == [place_id]


def test_the_printed_object_carries_every_tag_once() -> None:
    text = "Công an tỉnh Sê Kông (Lào) và Công an tỉnh Quảng Nam họp. Công an tỉnh Sê Kông trao tặng Công an tỉnh Quảng Nam 2 bộ máy tính."
    article, tags = _tag(text, "vi", "2024-06-15")
    printed = tags_to_json(article.id, tags)
    assert [o["name"] for o in printed["organizations"]] == ["Công an tỉnh Sê Kông", "Công an tỉnh Quảng Nam"]
    assert len(printed["events"]) == len(tags.reports) > 0
    for item in (*printed["places"], *printed["organizations"], *printed["events"][0]["parties"]):
        evidence = item["evidence"]
        assert text[evidence["start"] : evidence["end"]] == evidence["quote"]
