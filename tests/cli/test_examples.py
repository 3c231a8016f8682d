"""Every command has help with an example, and every example is run here as it is printed (ids and file names put in)."""

from __future__ import annotations

import json
import shlex
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import typer.main

from keoson.cli import app
from keoson.press.server import PressServer
from tests.cli.conftest import Ran, RunCli, press_settings, run_process


def commands() -> Iterator[tuple[str, ...]]:
    """Every command, groups entered."""

    def walk(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        inside = getattr(command, "commands", None)
        if inside is None:
            yield path
            return
        for name, child in inside.items():
            yield from walk(child, (*path, name))

    return walk(typer.main.get_command(app), ())


COMMANDS = sorted(commands())


def examples(printed: str) -> list[str]:
    """The example lines of a help text."""
    return [line.strip()[2:] for line in printed.splitlines() if line.strip().startswith("$ keoson ")]


def test_all_commands_of_the_specification_are_there() -> None:
    wanted = {"demo", "ingest", "tag", "search", "events", "show", "outlets", "index", "status", "quarantine", "backfill", "coverage"}
    assert wanted <= {path[0] for path in COMMANDS}
    assert {("index", "status"), ("index", "init"), ("index", "rebuild")} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example_that_runs(
    command: tuple[str, ...], cli: RunCli, demo: tuple[Path, Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helped = cli(*command, "--help")
    assert helped.code == 0
    found = examples(helped.out)
    assert found, helped.out
    for example in found:
        words = shlex.split(example)[1:]
        assert tuple(words[: len(command)]) == command
        ran = run_example(command, words, cli, demo, tmp_path)
        assert ran.code == 0, f"{example}: {ran.err}"
        assert ran.out.strip()


def run_example(command: tuple[str, ...], words: list[str], cli: RunCli, demo: tuple[Path, Ran], folder: Path) -> Ran:
    if command == ("ingest",):
        with PressServer() as press:
            words = ["truongson" if word == "vnexpress" else word for word in words]
            return run_process(*words, cwd=folder, **press_settings(press, folder / "home"))
    if command == ("backfill",):
        with PressServer() as press:
            words = ["truongson" if word == "baoquangnam" else word for word in words]
            return run_process(*words, cwd=folder, **press_settings(press, folder / "home"))
    if command in {("outlets", "check"), ("outlets", "add")}:
        with PressServer() as press:
            invented = {"baonghean": "truongson", "https://baomau.vn/": "http://truongson.press.test/"}
            settings = press_settings(press, folder / "home")
            if command[1] == "add":  # beside the outlets of Keoson, of which it is none; the domain .test is of no country
                del settings["KEOSON_OUTLET_FOLDERS"]
                words = [*words, "--country", "VN"]
            return run_process(*(invented.get(word, word) for word in words), cwd=folder, **settings)
    if command == ("demo",):
        return run_process(*words, cwd=folder, KEOSON_HOME=str(demo[0]))
    if command == ("index", "rebuild"):
        return run_process(*words, cwd=folder, KEOSON_HOME=str(demo[0]))
    if command[0] == "quarantine":
        words = [str(_quarantined(folder / "home", demo[0])) if word == "17" else word for word in words]
        return cli(*words, home=folder / "home" if (folder / "home").exists() else demo[0])
    if command == ("evaluate",):
        # a fifth of a minute on the whole development part: three of its texts show that the line works
        words = [
            str(_few_texts(folder)) if word == "tests/gold/development" else str(folder / word) if word.endswith(".html") else word
            for word in words
        ]
    if command == ("show",):
        words[-1] = cli("search", "ma tuy", "--json", "--limit", "1").json["hits"][0]["id"][:10]
    if command == ("tag",):
        (folder / "article.txt").write_text(
            "Sáng 24/12, tại thị trấn Thạnh Mỹ, Công an tỉnh Quảng Nam và Công an tỉnh Sê Kông (Lào) tổ chức hội đàm.\n", encoding="utf-8"
        )
    return cli(*words)


def _few_texts(folder: Path) -> Path:
    source, target = Path(__file__).parents[1] / "gold" / "development", folder / "development"
    (target / "texts").mkdir(parents=True)
    for name in ("gold.jsonl", "index.jsonl"):
        lines = (source / name).read_text(encoding="utf-8").splitlines()[:3]
        (target / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for line in (target / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        name = f"{json.loads(line)['id']}.txt"
        (target / "texts" / name).write_bytes((source / "texts" / name).read_bytes())
    return target


def _quarantined(home: Path, demo: Path) -> int:
    """A copy of the demo's ledger with an entry in quarantine; the entry's number."""
    home.mkdir()
    shutil.copy(demo / "ledger.sqlite", home)
    with closing(sqlite3.connect(home / "ledger.sqlite")) as db, db:
        (number,) = db.execute("SELECT min(id) FROM entries").fetchone()
        db.execute("UPDATE entries SET outcome = 'quarantined', reason = 'timeout', quarantines = 1 WHERE id = ?", (number,))
    return int(number)
