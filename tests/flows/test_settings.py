from __future__ import annotations

from pathlib import Path

import pytest

from extractors.errors import SettingsError
from extractors.outlets import load_outlets, packaged_outlets
from extractors.records import Outlet
from flows.settings import Settings, claim_home, claim_home_for, default_home


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KEOSON_CONFIG", raising=False)
    monkeypatch.delenv("KEOSON_HOME", raising=False)


def outlet(name: str, *hosts: str) -> Outlet:
    return Outlet(name, name, "vi", "VN", f"http://{hosts[0]}/", hosts, "Asia/Ho_Chi_Minh", ())


def test_environment_wins_over_the_file_and_the_file_over_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keoson.toml").write_text('batch_size = 7\nhost_delay_seconds = 2\nhost_overrides = {"*.press.test" = "127.0.0.1:99"}\n')
    monkeypatch.setenv("KEOSON_BATCH_SIZE", "9")
    settings = Settings.load()
    assert (settings.batch_size, settings.host_delay_seconds, settings.host_overrides) == (9, 2.0, {"*.press.test": "127.0.0.1:99"})
    assert settings.home == default_home()
    assert Settings.load(batch_size=11).batch_size == 11


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KEOSON_BATCH_SIZE", "many", "KEOSON_BATCH_SIZE: Input should be a valid integer"),
        ("KEOSON_BATCH_SIZE", "0", "greater than or equal to 1"),
        ("KEOSON_ELASTICSEARCH_URL", "localhost:9200", "KEOSON_ELASTICSEARCH_URL must begin with http"),
        ("KEOSON_ELASTICSEARCH_USERNAME", "elastic", "KEOSON_ELASTICSEARCH_PASSWORD go together"),
        ("KEOSON_ELASTICSEARCH_CA", "nowhere.pem", "KEOSON_ELASTICSEARCH_CA names nowhere.pem"),
        ("KEOSON_HOST_OVERRIDES", '{"a.test": "here"}', "ADDRESS:PORT"),
        ("KEOSON_HOST_OVERRIDES", "a.test", "JSON"),
        ("KEOSON_INDEX_PREFIX", "Upper", "KEOSON_INDEX_PREFIX"),
        ("KEOSON_CONFIG", "missing.toml", "missing.toml"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert said in str(caught.value)


def test_an_unknown_key_or_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "keoson.toml").write_text("batchsize = 7\n")
    with pytest.raises(SettingsError, match="KEOSON_BATCHSIZE"):
        Settings.load()
    (tmp_path / "keoson.toml").write_text("batch_size =\n")
    with pytest.raises(SettingsError, match=r"keoson\.toml is not valid TOML"):
        Settings.load()


def test_the_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEOSON_ELASTICSEARCH_USERNAME", "elastic")
    monkeypatch.setenv("KEOSON_ELASTICSEARCH_PASSWORD", "opensesame")
    settings = Settings.load()
    assert settings.elasticsearch_auth == ("elastic", "opensesame")
    assert "opensesame" not in repr(settings)


def test_demo_and_real_data_never_share_a_home(tmp_path: Path) -> None:
    demo, real = tmp_path / "demo-home", tmp_path / "real-home"
    claim_home(demo, demo=True)
    claim_home(demo, demo=True)
    with pytest.raises(SettingsError, match="KEOSON_HOME"):
        claim_home(demo, demo=False)
    claim_home(real, demo=False)
    (real / "ledger.sqlite").touch()
    with pytest.raises(SettingsError, match="not empty"):
        claim_home(real, demo=True)


def test_the_outlets_decide_which_kind_of_home_it_is(tmp_path: Path) -> None:
    invented, real = outlet("bien-gioi", "bien-gioi.press.test"), outlet("real", "news.example")
    with pytest.raises(SettingsError, match="bien-gioi"):
        claim_home_for(tmp_path / "both", [invented, real])
    claim_home_for(tmp_path / "demo-home", [invented])
    with pytest.raises(SettingsError, match="demo data"):
        claim_home_for(tmp_path / "demo-home", [real])


def test_an_operators_outlets_lie_over_the_others(tmp_path: Path) -> None:
    settings = Settings.load(home=tmp_path / "home")
    assert settings.outlet_sources == (packaged_outlets(),)
    own = tmp_path / "home" / "outlets"
    own.mkdir(parents=True)
    assert settings.outlet_sources == (packaged_outlets(),), "an empty folder is no mistake"
    (own / "vnexpress.toml").write_text(
        'id = "vnexpress"\nname = "Ours"\nlanguage = "vi"\ncountry = "VN"\nhomepage = "https://vnexpress.net"\n'
        'hosts = ["vnexpress.net"]\ntime_zone = "Asia/Ho_Chi_Minh"\n'
        '[[feeds]]\nid = "ours"\nkind = "rss"\nurl = "https://vnexpress.net/rss/thoi-su.rss"\n'
    )
    outlets = load_outlets(*settings.outlet_sources)
    assert outlets.keys() == load_outlets().keys()
    assert [feed.id for feed in outlets["vnexpress"].feeds] == ["ours"]
    elsewhere = Settings.load(home=tmp_path / "home", outlet_folders=(tmp_path / "press",))
    assert elsewhere.outlet_sources == (tmp_path / "press", own)
