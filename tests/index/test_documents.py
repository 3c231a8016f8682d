"""From records to documents, and documents into the index."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from extractors.errors import EvidenceError, InputError
from extractors.gazetteer import load_gazetteer
from extractors.records import (
    Article,
    Event,
    Evidence,
    Location,
    Outlet,
    Party,
    PersonMention,
    PlaceMention,
    PublishDate,
    Report,
    ReportOfArticle,
    Tags,
    report_id,
)
from mappings import Index, SearchRequest
from mappings.documents import article_document, covered_days, event_document, evidence_sentences, report_documents

TEXT = (
    "Sáng 24/12, tại TP. Tam Kỳ, Công an tỉnh Quảng Nam hội đàm với Công an tỉnh Sê Kông. Hai bên ký biên bản.\n"
    "Trời mưa to. Thiếu tướng Trần Văn Ba dự lễ.\nTin: P.V"
)
OUTLET = Outlet("mau", "Báo Mẫu", "vi", "VN", "https://mau.press.test/", ("mau.press.test",), "Asia/Ho_Chi_Minh", ())
FETCHED = datetime(2024, 12, 25, 3, tzinfo=UTC)
GAZETTEER = load_gazetteer()


def cut(quote: str) -> Evidence:
    start = TEXT.index(quote)
    return Evidence(start, start + len(quote), quote)


PARTIES = (
    Party("Công an tỉnh Quảng Nam", "Quảng Nam", "VN-27", "VN", cut("Công an tỉnh Quảng Nam")),
    Party("Công an tỉnh Sê Kông", "Sekong", "LA-XE", "LA", cut("Công an tỉnh Sê Kông")),
)
LOCATION = Location("TP. Tam Kỳ", None, "Quảng Nam", "VN-27", "VN", cut("TP. Tam Kỳ"))
MEETING = Report(
    "meeting", "occurred", "2024-12-24", None, "day", "text", "24/12", LOCATION, PARTIES, ("Trần Văn Ba",), (), (), ("crime",),
    "CONSULT", "040", (cut("hội đàm"), cut("Công an tỉnh Sê Kông")), "meeting.hoi_dam", 0.9,
)  # fmt: skip
SIGNING = dataclasses.replace(
    MEETING, type="agreement", location=None, date_start="2024-12", date_precision="month", evidence=(cut("ký biên bản"),), persons=()
)
TAGS = Tags(
    "vi", True, (MEETING, SIGNING),
    places=(PlaceMention("Quảng Nam", "VN-27", "province", "Quảng Nam", "VN-27", "VN", cut("Quảng Nam"), "gazetteer", 1.0),),
    persons=(PersonMention("Trần Văn Ba", "Thiếu tướng", None, None, "VN", "official", cut("Trần Văn Ba"), "rank", 1.0),),
)  # fmt: skip
ARTICLE = Article(
    "a" * 64,
    "https://mau.press.test/tin?b=2&a=1",
    "mau",
    "Hội đàm hai tỉnh",
    TEXT,
    "vi",
    PublishDate("2024-12-24T23:30:00+00:00", "time", "feed"),
)


def documents(article: Article = ARTICLE, tags: Tags = TAGS) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return (
        article_document(article, tags, OUTLET, GAZETTEER, fetched_at=FETCHED, version=1, feed_id="mau-rss"),
        report_documents(article, tags, OUTLET, GAZETTEER, fetched_at=FETCHED, version=1, feed_id="mau-rss"),
    )


def test_an_article_has_flat_facets_and_its_tags() -> None:
    document, _ = documents()
    assert document["event_types"] == ["meeting", "agreement"]
    assert (document["countries"], document["admin1"]) == (["VN", "LA"], ["Quảng Nam", "Sekong"])
    assert (document["admin1_id"], document["admin1_today_id"]) == (["VN-27", "LA-XE"], ["VN-48-2025", "LA-XE"])
    assert document["report_ids"] == [report_id(ARTICLE.id, report) for report in TAGS.reports]
    assert document["canonical"] == "https://mau.press.test/tin?a=1&b=2"
    assert document["tags"]["reports"][0]["evidence"][0] == {
        "start": MEETING.evidence[0].start,
        "end": MEETING.evidence[0].end,
        "quote": "hội đàm",
    }
    assert document["fetched_at"] == "2024-12-25T03:00:00+00:00"


def test_the_day_of_an_article_is_the_one_at_its_outlet() -> None:
    document, _ = documents()
    assert (document["date"], document["date_until"], document["date_time"]) == ("2024-12-25", "2024-12-26", "2024-12-25T06:30:00")
    assert (document["published"], document["year"], document["month"]) == ("2024-12-24T23:30:00+00:00", 2024, 202412)
    undated, _ = documents(dataclasses.replace(ARTICLE, published=None))
    assert "date" not in undated
    assert undated["published"] is None
    (month, _) = documents(dataclasses.replace(ARTICLE, published=PublishDate("2024-12", "month", "argument")))
    assert (month["date"], month["date_until"], month["month"]) == ("2024-12-01", "2025-01-01", 202412)


def test_reports_carry_their_article_and_their_sentences() -> None:
    _, (meeting, signing) = documents()
    assert (meeting["main"], signing["main"]) == (True, False)
    assert meeting["text"] == TEXT.split("\n")[0].removesuffix(" Hai bên ký biên bản.")
    assert signing["text"] == "Hai bên ký biên bản."
    assert (meeting["title"], meeting["outlet_name"], meeting["url"]) == (ARTICLE.title, "Báo Mẫu", ARTICLE.url)
    assert (signing["date"], signing["date_until"], signing["month"]) == ("2024-12-01", "2025-01-01", 202412)
    assert meeting["party_names"] == ["Công an tỉnh Quảng Nam", "Công an tỉnh Sê Kông"]
    for sentence in meeting["sentences"]:
        assert TEXT[sentence["start"] : sentence["end"]] == sentence["quote"]


def test_evidence_that_misquotes_is_refused() -> None:
    moved = dataclasses.replace(MEETING, evidence=(Evidence(0, 3, "abc"),))
    for tags in (dataclasses.replace(TAGS, reports=(moved,)), TAGS):
        article = ARTICLE if tags is not TAGS else dataclasses.replace(ARTICLE, text=" " + TEXT)
        with pytest.raises(EvidenceError):
            article_document(article, tags, OUTLET, GAZETTEER, fetched_at=FETCHED, version=1, feed_id=None)
        with pytest.raises(EvidenceError):
            report_documents(article, tags, OUTLET, GAZETTEER, fetched_at=FETCHED, version=1, feed_id=None)


def event(*reports: Report) -> tuple[Event, list[ReportOfArticle]]:
    members = [ReportOfArticle(f"r{n}", f"a{n}", f"o{n}", f"2024-12-2{n}", report) for n, report in enumerate(reports)]
    return (
        Event("meeting", "occurred", "2024-12-24", "2024-12-26", "day", LOCATION, PARTIES, ("Trần Văn Ba",), (), (), ("crime",),
              tuple(one.id for one in members), {"date_start": {"2024-12-24": ["r0"], "2024-12-25": ["r1"]}}),
        members,
    )  # fmt: skip


def test_an_event_is_titled_by_its_best_report() -> None:
    one, members = event(
        dataclasses.replace(MEETING, status="planned", confidence=1.0), dataclasses.replace(MEETING, confidence=0.5), MEETING
    )
    document = event_document("e1", one, members, GAZETTEER, titles={"a0": "Sắp hội đàm", "a1": "Tin vắn", "a2": "Hội đàm"})
    assert document["title"] == "Hội đàm"
    assert (document["report_count"], document["outlets"], document["article_ids"]) == (3, ["o0", "o1", "o2"], ["a0", "a1", "a2"])
    assert (document["date"], document["date_until"]) == ("2024-12-24", "2024-12-27")
    assert "Tin vắn" in document["text"]
    assert document["disagreements"]["date_start"]["2024-12-25"] == ["r1"]
    assert event_document("e1", one, members, GAZETTEER)["title"] == "hội đàm"
    with pytest.raises(ValueError, match="no reports"):
        event_document("e1", one, [], GAZETTEER)


def test_documents_are_written_found_and_given_back(index: Index) -> None:
    article, reports = documents()
    one, members = event(MEETING)
    assert index.upsert("articles", [article]) == 1
    assert index.upsert("reports", reports) == 2
    assert index.upsert("events", [event_document("e1", one, members, GAZETTEER, titles={"a0": "Hội đàm"})]) == 1
    index.refresh()
    assert index.get("articles", ARTICLE.id) == json.loads(
        json.dumps({name: value for name, value in article.items() if value is not None})
    )
    (hit,) = index.search(SearchRequest("articles", "xekong", filters={"admin1_today_id": ("VN-48-2025",)})).hits
    assert "<mark>Sê Kông</mark>" in hit.snippet
    assert index.search(SearchRequest("reports", "ky bien ban", filters={"type": ("agreement",)})).total == 1
    found = index.search(
        SearchRequest("events", filters={"persons": ("tran van ba",)}, date_from=date(2024, 12, 26), date_to=date(2025, 1, 1))
    )
    assert [hit.id for hit in found.hits] == ["e1"]


@pytest.mark.parametrize(
    ("value", "first", "until"),
    [
        ("2024", date(2024, 1, 1), date(2025, 1, 1)),
        ("2024-12", date(2024, 12, 1), date(2025, 1, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2024-12-31", date(2024, 12, 31), date(2025, 1, 1)),
    ],
)
def test_covered_days(value: str, first: date, until: date) -> None:
    assert covered_days(value) == (first, until)


@pytest.mark.parametrize("value", ["", "2024-13", "2024-02-30", "24/12/2024", "2024-1-1-1", "soon"])
def test_what_is_no_date_is_refused(value: str) -> None:
    with pytest.raises(InputError, match="is no date"):
        covered_days(value)


def test_sentences_keep_abbreviations_whole() -> None:
    (sentence,) = evidence_sentences(TEXT, [cut("Tam Kỳ")])
    assert sentence.quote.startswith("Sáng 24/12, tại TP. Tam Kỳ")
    assert [one.quote for one in evidence_sentences(TEXT, [cut("P.V"), cut("mưa"), cut("Trời")])] == ["Trời mưa to.", "Tin: P.V"]
