"""Evidence refuses everything but the exact span; records cannot be changed."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.errors import EvidenceError
from extractors.records import Amount, Article, EventType, Evidence, Location, Party, Report, Tags, report_id

_TEXT = "Đồn Biên phòng Nậm Cắn gặp đại đội bạn."


def _report(
    evidence: Evidence, *, kind: EventType = "meeting", location: Location | None = None, parties: tuple[Party, ...] = ()
) -> Report:
    return Report(
        type=kind, status="occurred", date_start=None, date_end=None, date_precision=None, date_source=None, date_text=None,
        location=location, parties=parties, persons=(), documents=(), amounts=(), topics=(), plover="CONSULT", cameo="040",
        evidence=(evidence,), rule="test", confidence=0.5,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "quote"),
    [(-1, 3, "Đồn "), (3, 3, ""), (5, 3, "xy"), (0, 3, "Đồ"), (0, 3, "Đồn "), (0, 3, "")],
    ids=["negative start", "empty", "backwards", "quote too short", "quote too long", "no quote"],
)
def test_evidence_refuses_a_span_that_cannot_hold_its_quote(start: int, end: int, quote: str) -> None:
    with pytest.raises(EvidenceError, match="does not fit"):
        Evidence(start, end, quote)


def test_evidence_refuses_another_text() -> None:
    evidence = Evidence(0, 3, "Đồn")
    evidence.verify(_TEXT)
    for other in ("Đôn Biên phòng", " Đồn Biên phòng", "", "Đồ"):
        with pytest.raises(EvidenceError, match="reads"):
            evidence.verify(other)


@given(st.text(min_size=1, max_size=60), st.data())
def test_every_cut_verifies(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    if not text[start:end].strip():
        with pytest.raises(EvidenceError):
            Evidence.cut(text, start, end)
        return
    evidence = Evidence.cut(text, start, end)
    evidence.verify(text)
    assert start <= evidence.start < evidence.end <= end
    assert evidence.quote == text[start:end].strip()


@given(st.text(alphabet="ab ", min_size=3, max_size=30), st.integers(1, 3))
def test_a_shifted_span_is_refused_unless_it_reads_the_same(text: str, shift: int) -> None:
    evidence = Evidence(0, 2, text[:2])
    moved = Evidence(shift, shift + 2, text[:2])
    if text[shift : shift + 2] == evidence.quote:
        moved.verify(text)
        return
    with pytest.raises(EvidenceError):
        moved.verify(text)


_WRONG = Evidence(0, 3, "xyz")
_RIGHT = Evidence(0, 3, "Đồn")
_PLACES: dict[str, Callable[[], Tags]] = {
    "report": lambda: Tags("vi", True, (_report(_WRONG),)),
    "party": lambda: Tags("vi", True, (_report(_RIGHT, parties=(Party("Đồn", None, None, "VN", _WRONG),)),)),
    "location": lambda: Tags("vi", True, (_report(_RIGHT, location=Location("Đồn", None, None, None, "VN", _WRONG)),)),
    "amount of a report": lambda: Tags(
        "vi", True, (dataclasses.replace(_report(_RIGHT), amounts=(Amount(1, "item", "x", False, _WRONG, "r", 1),)),)
    ),
    "amount": lambda: Tags("vi", True, amounts=(Amount(1, "item", "x", False, _WRONG, "r", 1),)),
}


@pytest.mark.parametrize("where", _PLACES)
def test_tags_with_one_wrong_span_are_refused_wherever_it_stands(where: str) -> None:
    with pytest.raises(EvidenceError):
        _PLACES[where]().verify(_TEXT)


def test_tags_with_right_spans_verify() -> None:
    Tags("vi", True, (_report(_RIGHT),), amounts=(Amount(1, "item", "x", False, _RIGHT, "r", 1),)).verify(_TEXT)


def test_records_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        _RIGHT.start = 4  # type: ignore[misc]


def test_report_id_hangs_on_article_type_and_first_evidence_only() -> None:
    report = _report(_RIGHT)
    assert report_id("a", report) == report_id("a", dataclasses.replace(report, confidence=0.1, persons=("X",)))
    others = [report_id("b", report), report_id("a", _report(_RIGHT, kind="visit")), report_id("a", _report(Evidence(4, 8, "Biên")))]
    assert len({report_id("a", report), *others}) == 4


def test_a_changed_text_or_title_is_a_new_version() -> None:
    article = Article("1", "", "o", "Tiêu đề", "Thân bài.", "vi")
    assert article.content_hash == dataclasses.replace(article, id="2", language="en").content_hash
    assert article.content_hash != dataclasses.replace(article, text="Thân bài!").content_hash
    assert article.content_hash != dataclasses.replace(article, title="Tiêu đề!").content_hash
