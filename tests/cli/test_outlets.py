"""`keoson outlets`: the catalogue, the health of feeds, live checks against the sample press, and drafts of new outlets."""

import json
from pathlib import Path

import pytest

from extractors.outlets import load_outlets, read_outlet
from keoson.press.server import PressServer
from keoson.press.sites import press_folder
from tests.bad_press import HOST
from tests.cli.conftest import Ran, RunCli, press_settings, run_process

OPML = """<opml version="2.0"><head><title>Tin</title></head><body><outline text="Báo">
<outline type="rss" text="Báo Mẫu" xmlUrl="https://baomau.vn/rss/home.rss" htmlUrl="https://www.baomau.vn/"/>
<outline type="rss" text="Pháp luật &quot;nóng&quot;" xmlUrl="https://baomau.vn/rss/phap-luat.rss" htmlUrl="https://baomau.vn/"/>
<outline type="rss" title="ຂ່າວ" xmlUrl="https://khaomai.la/feed/"/></outline></body></opml>"""


def draft_settings(press: PressServer, home: Path) -> dict[str, str]:
    """The sample press is on the network, and not in the catalogue."""
    return {name: value for name, value in press_settings(press, home).items() if name != "KEOSON_OUTLET_FOLDERS"}


def test_list_is_what_outlets_does_without_a_command(cli: RunCli) -> None:
    assert cli("outlets", "truongson").out == cli("outlets", "list", "truongson").out
    assert cli("outlets", "--json").json == cli("outlets", "list", "--json").json
    assert cli("outlets", "chek").code == 2


def test_health_of_the_demos_feeds(demo: tuple[Path, Ran], tmp_path: Path) -> None:
    settings = {"KEOSON_HOME": str(demo[0]), "KEOSON_OUTLET_FOLDERS": json.dumps([str(press_folder())])}
    figures = run_process("outlets", "--health", "--json", cwd=tmp_path, **settings).json
    assert {"truongson", "champapost"} <= {one["outlet_id"] for one in figures}
    assert all(one["last_success"] and one["verdict"] in {"new", "well"} and not one["alarm"] for one in figures)
    shown = run_process("outlets", "--health", cwd=tmp_path, **settings)
    assert shown.code == 0
    assert "truongson_rss" in shown.out
    assert "needs a look" in shown.out


def test_health_before_anything_ran(cli: RunCli, tmp_path: Path) -> None:
    home = tmp_path / "none"
    assert "keoson ingest" in cli("outlets", "--health", home=home).out
    assert cli("outlets", "--health", "--json", home=home).json == []
    assert not home.exists()


def test_check_says_what_works(press: PressServer, tmp_path: Path) -> None:
    settings = press_settings(press, tmp_path / "home")
    found = run_process("outlets", "check", "truongson", "champapost", "--json", cwd=tmp_path, **settings).json
    assert {one["outlet_id"] for one in found} == {"truongson", "champapost"}
    for one in found:
        assert one["ok"], one
        assert (one["status"], one["problem"]) == (200, None)
        assert one["found"] == one["kind"]
        assert one["entries"] > 0
        assert one["article"]["characters"] > 100
    assert not (tmp_path / "home" / "ledger.sqlite").exists(), "nothing is stored"
    shown = run_process("outlets", "check", "truongson", cwd=tmp_path, **settings)
    assert shown.code == 0
    assert "truongson_rss" in shown.out


BAD = f"""id = "loi"
name = "Báo Lỗi"
language = "vi"
country = "VN"
homepage = "http://{HOST}"
hosts = ["{HOST}"]
time_zone = "Asia/Ho_Chi_Minh"
""" + "".join(
    f'[[feeds]]\nid = "loi_{name}"\nkind = "rss"\nurl = "http://truongson.press.test{path}"\nenabled = {enabled}\n'
    for name, path, enabled in [("home", "/", "true"), ("missing", "/nothing.rss", "false"), ("foreign", "/rss/home.rss", "true")]
)


def test_check_says_what_does_not_work(press: PressServer, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "outlets"
    folder.mkdir(parents=True)
    (folder / "loi.toml").write_text(BAD, encoding="utf-8")
    ran = run_process("outlets", "check", "loi", "--json", cwd=tmp_path, **draft_settings(press, tmp_path / "home"))
    assert ran.code == 1
    home, missing, foreign = Ran(0, ran.out, ran.err).json
    assert (home["found"], home["entries"]) == (None, 0)
    assert "HTML page" in home["problem"]
    assert (missing["status"], missing["enabled"], missing["ok"]) == (404, False, False)
    assert (foreign["entries"] > 0, foreign["foreign"]) == (True, 1.0)
    assert "no entry is on a host of loi" in foreign["problem"]


def test_add_drafts_an_outlet_that_works(press: PressServer, tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = draft_settings(press, home)
    ran = run_process("outlets", "add", "http://truongson.press.test/", "--country", "VN", cwd=tmp_path, **settings)
    assert ran.code == 0, ran.err
    path = home / "outlets" / "truongson_press.toml"
    assert str(path) in ran.out
    outlet = read_outlet(path)
    assert (outlet.country, outlet.language, outlet.time_zone, outlet.hosts) == ("VN", "vi", "Asia/Ho_Chi_Minh", ("truongson.press.test",))
    assert [(feed.kind, feed.url) for feed in outlet.feeds] == [("rss", "http://truongson.press.test/rss/home.rss")]
    assert outlet.sitemaps == ("http://truongson.press.test/sitemap.xml",)
    assert run_process("outlets", "check", outlet.id, cwd=tmp_path, **settings).code == 0
    again = run_process("outlets", "add", "http://truongson.press.test/", "--country", "VN", cwd=tmp_path, **settings)
    assert again.code == 2
    assert "--force" in again.err.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "--opml"),
        (("http://truongson.press.test/", "--opml", "x.opml"), "--opml"),
        (("http://truongson.press.test/",), "--country"),
        (("http://truongson.press.test/", "--country", "XX"), "VN, LA"),
        (("truongson",), "no http or https address"),
        (("http://nobody.press.test/", "--country", "VN"), "cannot be read"),
        (("--opml", "missing.opml"), "missing.opml cannot be read"),
    ],
)
def test_add_says_what_is_missing(press: PressServer, tmp_path: Path, arguments: tuple[str, ...], complaint: str) -> None:
    ran = run_process("outlets", "add", *arguments, cwd=tmp_path, **draft_settings(press, tmp_path / "home"))
    assert ran.code == 2
    assert complaint in ran.err.strip().splitlines()[-1]
    assert not (tmp_path / "home" / "outlets").exists()


def test_opml_becomes_one_draft_a_site(cli: RunCli, tmp_path: Path) -> None:
    (tmp_path / "feeds.opml").write_text(OPML, encoding="utf-8")
    home = tmp_path / "home"
    ran = cli("outlets", "add", "--opml", "feeds.opml", home=home)
    assert ran.code == 0, ran.err
    outlets = load_outlets(home / "outlets")
    assert list(outlets) == ["baomau", "khaomai"]
    assert [(feed.url, feed.section) for feed in outlets["baomau"].feeds] == [
        ("https://baomau.vn/rss/home.rss", "Báo Mẫu"),
        ("https://baomau.vn/rss/phap-luat.rss", 'Pháp luật "nóng"'),
    ]
    assert (outlets["khaomai"].country, outlets["khaomai"].language) == ("LA", "lo")


@pytest.mark.parametrize("text", ["<html></html>", "", "<opml><body/></opml>", '{"a": 1}', "<opml><body><outline text='a'/></body></opml>"])
def test_what_is_no_opml_is_refused(cli: RunCli, tmp_path: Path, text: str) -> None:
    (tmp_path / "feeds.opml").write_text(text, encoding="utf-8")
    ran = cli("outlets", "add", "--opml", "feeds.opml", home=tmp_path / "home")
    assert ran.code == 2
    assert "feeds.opml" in ran.complaint
