"""`keoson search`, `events`, `show` on the demo's index: shapes, filters, and queries that nobody expects."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Ran, RunCli, run_process

LAO = "ຕຳຫຼວດ"


def test_search_prints_one_object_of_the_documented_shape(cli: RunCli) -> None:
    found = cli("search", "ma tuy", "--facets", "--json").json
    assert set(found) == {"total", "hits", "facets"}
    assert found["total"] >= len(found["hits"]) > 0
    for hit in found["hits"]:
        assert set(hit) == {"id", "title", "url", "outlet", "published", "score", "snippet"}
    assert set(found["facets"]) == {"outlet", "event_types", "countries", "admin1", "persons", "topics", "year"}
    assert all(set(value) == {"value", "count"} for values in found["facets"].values() for value in values)
    assert sum(one["count"] for one in found["facets"]["outlet"]) == found["total"]


def test_events_and_show_print_what_was_found(cli: RunCli) -> None:
    found = cli("events", "--json", "--limit", "100").json
    assert found["total"] == len(found["hits"]) > 10
    told = max(found["hits"], key=lambda hit: hit["report_count"])
    event = cli("show", told["id"], "--json").json
    assert (event["kind"], event["id"], event["report_count"]) == ("event", told["id"], told["report_count"])
    article = cli("show", event["article_ids"][0][:12], "--json").json
    assert (article["kind"], article["id"]) == ("article", event["article_ids"][0])
    for report in event["reports"]:
        text = cli("show", report["article_id"], "--json").json["text"]
        assert all(text[one["start"] : one["end"]] == one["quote"] for one in report["evidence"])


@pytest.mark.parametrize("kind", ["search", "events"])
def test_every_result_can_be_shown(cli: RunCli, kind: str) -> None:
    arguments = ["search", "", "--all"] if kind == "search" else ["events"]
    hits = cli(*arguments, "--limit", "100", "--json").json["hits"]
    assert hits
    for hit in hits:
        shown = cli("show", hit["id"][:12])
        assert shown.code == 0, shown.err
        assert " ".join(hit["title"].split()[:3]) in " ".join(shown.out.split())


def test_relevant_articles_are_shown_unless_all_are_asked_for(cli: RunCli) -> None:
    relevant, everything = cli("search", "", "--json").json["total"], cli("search", "", "--all", "--json").json["total"]
    assert 0 < relevant < everything


def test_words_are_marked_as_written_and_spellings_find_the_same(cli: RunCli) -> None:
    found = [
        {hit["id"]: hit["snippet"] for hit in cli("search", query, "--json").json["hits"]}
        for query in ("se kong ma tuy", "Sê Kông ma túy", "Xekong ma tuý")
    ]
    assert found[0].keys() == found[1].keys() == found[2].keys()
    assert found[0]
    assert any("<mark>Sê Kông</mark>" in snippet for snippet in found[2].values())


def test_a_province_of_today_takes_in_those_merged_into_it(cli: RunCli) -> None:
    def ids(place: str) -> set[str]:
        return {hit["id"] for hit in cli("search", "", "--place", place, "--limit", "100", "--json").json["hits"]}

    assert ids("Quảng Nam") < ids("Đà Nẵng")
    assert ids("quang nam") == ids("Quảng Nam") != set()


def test_dates_and_types_filter(cli: RunCli) -> None:
    everything = cli("events", "--limit", "200", "--json").json["hits"]
    of_2024 = cli("events", "--since", "2024", "--until", "2024", "--limit", "200", "--json").json["hits"]
    assert {hit["id"] for hit in of_2024} == {hit["id"] for hit in everything if (hit["date_start"] or "").startswith("2024")}
    aid = cli("events", "--type", "aid", "--type", "patrol", "--limit", "200", "--json").json["hits"]
    assert {hit["id"] for hit in aid} == {hit["id"] for hit in everything if hit["type"] in ("aid", "patrol")} != set()


def test_a_person_is_found_in_any_spelling(cli: RunCli) -> None:
    found = {name: cli("search", "", "--person", name, "--json").json["total"] for name in ("Sisouphanh Keomany", "xi xu phan keo ma ni")}
    assert set(found.values()) == {3}


@pytest.mark.parametrize("query", ["?!", "«…»", "-" * 40, '"', "…"])
def test_a_query_without_letters_is_refused_with_what_to_type(cli: RunCli, query: str) -> None:
    ran = cli("search", "--", query)
    assert ran.code == 2
    assert "type a word to look for" in ran.complaint


def test_a_query_of_ten_thousand_characters_is_refused(cli: RunCli) -> None:
    ran = cli("search", "ma túy " * 1429)
    assert ran.code == 2
    assert "at most 500" in ran.complaint


@pytest.mark.parametrize("query", ['"ma túy', 'ma túy"', '"hội đàm" "', "ma AND (túy", "ma túy*", "outlet:x ma tuy"])
def test_unbalanced_and_foreign_syntax_is_words(cli: RunCli, query: str) -> None:
    ran = cli("search", query, "--all", "--json")
    assert ran.code == 0, ran.err


def test_lao_script_finds_lao_articles(cli: RunCli) -> None:
    found = cli("search", LAO, "--all", "--json").json
    assert found["total"] > 0
    assert {hit["outlet"] for hit in found["hits"]} == {"saikhong"}
    assert all(f"<mark>{LAO}</mark>" in hit["snippet"] for hit in found["hits"])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["search", "x", "--type", "party"], "unknown event type 'party': use one of meeting"),
        (["search", "x", "--since", "2024-13"], "is no date"),
        (["search", "x", "--since", "2025", "--until", "2024"], "exchange them"),
        (["search", "x", "--sort", "price"], "use relevance or date"),
        (["search", "x", "--place", "Nowhere-at-all"], "Nowhere-at-all"),
        (["search", "x", "--country", "Atlantis"], "Atlantis"),
        (["search", "x", "--person", "Không Có Ai"], "no person called Không Có Ai"),
        (["search", "x", "--limit", "10", "--offset", "9999"], "0 to 10000"),
        (["show", "abc"], "at least its first 6 characters"),
        (["show", "ffffffffffff"], "no article or event has the id"),
        (["show", "no/such id"], "is no id"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_to_do(cli: RunCli, arguments: list[str], complaint: str) -> None:
    ran = cli(*arguments)
    assert ran.code == 2
    assert complaint in ran.complaint


def test_an_unknown_option_is_wrong_usage(cli: RunCli) -> None:
    assert cli("search", "x", "--colour").code == 2
    assert cli("search").code == 2
    assert cli("serach", "x").code == 2


def test_without_an_index_search_says_what_to_run(cli: RunCli, tmp_path: Path) -> None:
    ran = cli("search", "x", home=tmp_path / "empty")
    assert ran.code == 1
    assert "keoson ingest" in ran.complaint
    assert not (tmp_path / "empty").exists()


@pytest.mark.parametrize("file", ["schema.json", "articles/meta.json", "articles"])
def test_a_half_written_index_says_how_to_make_it_again(cli: RunCli, demo: tuple[Path, Ran], tmp_path: Path, file: str) -> None:
    home = tmp_path / "home"
    shutil.copytree(demo[0], home)
    path = home / "index" / file
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.write_bytes(path.read_bytes()[:7])
    ran = cli("search", "ma tuy", home=home)
    assert ran.code == 1
    assert "keoson index rebuild" in ran.complaint


def test_an_unreachable_elasticsearch_is_one_line(tmp_path: Path) -> None:
    where = {"KEOSON_HOME": str(tmp_path / "home"), "KEOSON_ELASTICSEARCH_URL": "http://127.0.0.1:9"}
    for arguments in (["search", "x"], ["index", "status"], ["index", "init"]):
        ran = run_process(*arguments, cwd=tmp_path, **where)
        assert ran.code == 1
        assert "http://127.0.0.1:9 cannot be reached" in ran.complaint
