"""Every example of every event type, and what a report says besides its type."""

from typing import Any, get_args

import pytest

from extractors.event_rules import FOLDER, compile_rules, load_rules, read_rules
from extractors.records import EVENT_TYPES, EventType, Report, Tags
from extractors.tagging import LANGUAGES, tag_article
from extractors.textfile import article_from_text

_FILES = read_rules(FOLDER)


def _tags(text: str, language: str = "vi", published: str | None = "2024-06-15") -> Tags:
    return tag_article(article_from_text(text, article_id="example", published=published, language=language))


def _rows(kind: str) -> list[Any]:
    rows = [(type_, row) for type_, file in _FILES.items() for row in file[kind]]
    return [pytest.param(type_, row, id=f"{type_}-{row['language']}-{number}") for number, (type_, row) in enumerate(rows)]


@pytest.mark.parametrize(("type_", "row"), _rows("examples"))
def test_example(type_: str, row: dict[str, Any]) -> None:
    assert (type_, row["status"]) in {(report.type, report.status) for report in _tags(row["text"], row["language"]).reports}


@pytest.mark.parametrize(("type_", "row"), _rows("counterexamples"))
def test_counterexample(type_: str, row: dict[str, Any]) -> None:
    assert type_ not in {report.type for report in _tags(row["text"], row["language"]).reports}


def test_every_type_has_one_file_named_after_it() -> None:
    assert set(_FILES) == set(EVENT_TYPES) == set(get_args(EventType))
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(EVENT_TYPES)


@pytest.mark.parametrize("type_", EVENT_TYPES)
def test_every_type_is_complete(type_: str) -> None:
    file = _FILES[type_]
    assert file["known_gaps"]
    assert file["plover"].isupper()
    assert file["cameo"].isdigit()
    for language in LANGUAGES:
        triggers = file["triggers"][language]
        assert triggers, language
        assert all(trigger == trigger.lower() and trigger.strip() for trigger in triggers)
    for kind in ("examples", "counterexamples"):
        languages = [row["language"] for row in file[kind]]
        assert languages.count("vi") >= 2, kind
        assert languages.count("en") >= 2, kind
    assert "lo" in [row["language"] for row in file["examples"]]


def test_the_longest_trigger_of_a_type_wins_and_words_are_whole() -> None:
    rules = load_rules()
    found = rules.triggers("hai đồn phối hợp tuần tra song phương", "vi")
    assert [trigger.phrase for trigger in found if trigger.type == "patrol"] == ["phối hợp tuần tra", "tuần tra song phương"]
    assert [trigger for trigger in rules.triggers("the trainspotters visitedly", "en") if trigger.type in ("training", "visit")] == []


def test_compiling_needs_plover_and_cameo() -> None:
    broken = {key: value for key, value in _FILES["visit"].items() if key != "cameo"}
    with pytest.raises(KeyError, match="cameo"):
        compile_rules({"visit": broken})


_CONFERENCE = (
    "Ngày 12/6/2024, tại thành phố Vinh, Công an tỉnh Nghệ An và Công an tỉnh Xiêng Khoảng (Lào) tổ chức hội nghị sơ kết công tác phòng, chống ma túy. "
    "Đại tá Lê Văn Mẫu, Giám đốc Công an tỉnh Nghệ An và Đại tá Bun Thăn Xay Nha Vông, Giám đốc Công an tỉnh Xiêng Khoảng chủ trì.\n"
    "Dịp này, Công an tỉnh Nghệ An trao tặng Công an tỉnh Xiêng Khoảng 5 bộ máy vi tính trị giá 100 triệu đồng."
)


def _report(tags: Tags, type_: str) -> Report:
    (report,) = [report for report in tags.reports if report.type == type_]
    return report


def test_a_report_says_when_where_who_and_what() -> None:
    tags = _tags(_CONFERENCE)
    assert tags.relevant
    meeting, aid = _report(tags, "meeting"), _report(tags, "aid")
    assert tags.reports[0] == meeting
    for report in (meeting, aid):
        assert (report.status, report.date_start, report.date_end, report.date_precision) == ("occurred", "2024-06-12", "2024-06-12", "day")
        assert {(party.country, party.admin1) for party in report.parties} == {("VN", "Nghệ An"), ("LA", "Xieng Khouang")}
    assert meeting.location is not None
    assert (meeting.location.name, meeting.location.admin1) == ("thành phố Vinh", "Nghệ An")
    assert {"Lê Văn Mẫu", "Bun Thăn Xay Nha Vông"} <= set(meeting.persons)
    assert "drugs" in meeting.topics
    assert {(amount.value, amount.unit) for amount in aid.amounts} == {(5, "item"), (100_000_000, "VND")}
    assert not meeting.amounts
    assert (aid.plover, aid.cameo) == ("AID", "070")
    assert all(evidence.quote in _CONFERENCE for report in (meeting, aid) for evidence in report.evidence)


def test_an_agreement_names_its_document() -> None:
    tags = _tags("Công an tỉnh Sơn La và Công an tỉnh Hủa Phăn (Lào) ký biên bản ghi nhớ hợp tác năm 2024 tại Mộc Châu.")
    assert [name.startswith("biên bản ghi nhớ") for name in _report(tags, "agreement").documents] == [True]


def test_a_photographers_initial_is_no_part_of_a_document() -> None:
    tags = _tags(
        "Công an tỉnh Sơn La và Công an tỉnh Hủa Phăn (Lào) ký kết biên bản hợp tác bảo đảm an ninh năm 2024 N.X\n\nTại buổi lễ, hai bên trao đổi."
    )
    assert _report(tags, "agreement").documents == ("biên bản hợp tác bảo đảm an ninh năm 2024",)


def test_a_plan_is_coded_as_a_statement_of_intent() -> None:
    report = _tags("Công an tỉnh Sơn La và Công an tỉnh Hủa Phăn (Lào) sẽ tổ chức hội nghị vào ngày 20/7.").reports[0]
    assert (report.status, report.date_start, report.plover, report.cameo) == ("planned", "2024-07-20", "AGREE", "030")


def test_a_cancelled_event_alone_is_not_relevant() -> None:
    tags = _tags("Công an tỉnh Sơn La và Công an tỉnh Hủa Phăn (Lào) hoãn hội nghị do mưa lũ.")
    assert {report.status for report in tags.reports} <= {"cancelled"}
    assert not tags.relevant


def test_day_and_month_without_a_year_stay_text() -> None:
    report = _tags("Ngày 12/6, Công an tỉnh Sơn La và Công an tỉnh Hủa Phăn (Lào) tổ chức hội nghị.", published=None).reports[0]
    assert (report.date_start, report.date_end, report.date_precision, report.date_source) == (None, None, None, None)
    assert report.date_text is not None
    assert "12/6" in report.date_text


def test_souvenirs_teasers_and_legal_bases_are_no_events() -> None:
    text = (
        "Công an tỉnh Sơn La và Công an tỉnh Hủa Phăn (Lào) tổ chức hội nghị. Hai bên tặng quà lưu niệm cho nhau.\n"
        "Tin liên quan\nCông an tỉnh Sơn La trao tặng Công an tỉnh Hủa Phăn (Lào) 10 xe máy"
    )
    assert {report.type for report in _tags(text).reports} == {"meeting"}
    assert _tags("Tin liên quan\nCông an tỉnh Sơn La trao tặng Công an tỉnh Hủa Phăn (Lào) 10 xe máy").reports == ()


def test_the_province_of_a_party_is_that_of_its_time() -> None:
    text = "Công an thành phố Đà Nẵng và Công an tỉnh Sê Kông (Lào) tổ chức hội nghị."
    ids = [{party.admin1_id for party in _tags(text, published=date).reports[0].parties} for date in ("2025-06-15", "2025-07-15")]
    assert ids == [{"VN-DN", "LA-XE"}, {"VN-48-2025", "LA-XE"}]


def test_a_text_about_one_country_gives_nothing_and_says_that_it_was_read() -> None:
    tags = _tags("Công an tỉnh Sơn La tổ chức hội nghị với Công an tỉnh Lai Châu.")
    assert (tags.relevant, tags.reports) == (False, ())
    assert tags.organizations
