"""What the repository as a whole promises: its layout, what its files may not name, and that rule files say what they cover."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def project_files() -> list[Path]:
    """The files of the project: those that git has or would take; outside a checkout, all but environments and caches."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)]


FILES = project_files()

# Written in pieces: this file must not name what it forbids.
_REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs", "org"), ("repo1", "maven", "org"), ("repo", "maven", "apache", "org"),
        ("crates", "io"), ("proxy", "golang", "org"), ("rubygems", "org"),
    )
]  # fmt: skip
_OF_ONE_MACHINE = re.compile(r"(?<![\w.$}*~-])/(?:root|home|Users|work|workspace|mnt|media)/[\w.-]+")


def text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:  # not a text
        return None


@pytest.mark.parametrize(
    "name", ["flows", "extractors", "mappings", "tests", "keoson", "docker-compose.yml", "pyproject.toml", "README.md", "Makefile"]
)
def test_the_top_level_has_its_parts(name: str) -> None:
    assert (ROOT / name).exists()


def test_no_file_names_a_package_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {host}" for path in FILES if (text := text_of(path)) is not None for host in _REGISTRIES if host in text
    ]
    assert not found


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in FILES
        if (text := text_of(path)) is not None
        for match in [_OF_ONE_MACHINE.search(text)]
        if match
    ]
    assert not found


def test_no_module_has_two_subjects() -> None:
    long = {
        str(path.relative_to(ROOT)): lines for path in FILES if path.suffix == ".py" and (lines := path.read_bytes().count(b"\n")) > 400
    }
    assert not long


# The seeds lie beside the repository and may be used, never copied: nothing here holds a stretch of their text.
# Shorter ones are formulas: who held what with whom.
_STRETCH = 100


@pytest.mark.skipif(
    not (ROOT.parent / "shared" / "seeds").is_dir(), reason="the five seeds are not beside the repository (../shared/seeds)"
)
def test_no_file_holds_sentences_of_the_seeds() -> None:
    stretches: set[str] = set()
    for seed in (ROOT.parent / "shared" / "seeds").glob("*.txt"):
        words = " ".join(seed.read_text(encoding="utf-8").split())
        stretches |= {words[at : at + _STRETCH] for at in range(len(words) - _STRETCH)}
    assert len(stretches) > 10_000
    copied = []
    for path in FILES:
        if path.suffix not in (".toml", ".py", ".json", ".md", ".html", ".txt", ".jsonl") or (text := text_of(path)) is None:
            continue
        words = " ".join(text.split())
        hit = next((words[at : at + _STRETCH] for at in range(len(words) - _STRETCH) if words[at : at + _STRETCH] in stretches), None)
        if hit:
            copied.append(f"{path.relative_to(ROOT)}: {hit!r}")
    assert not copied


RULE_FILES = sorted([*(ROOT / "extractors" / "event_types").glob("*.toml"), *(ROOT / "extractors" / "lexicons").glob("*.toml")])
# Lists of words that other files' rules use; what they do in a text is shown by the examples of the event types.
_WORDS_ONLY = {"status.toml", "topics.toml"}


def test_there_is_a_file_for_every_event_type() -> None:
    from extractors.records import EVENT_TYPES

    assert {path.stem for path in RULE_FILES if path.parent.name == "event_types"} == set(EVENT_TYPES)


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.name)
def test_a_rule_file_has_examples_counterexamples_and_known_gaps(path: Path) -> None:
    rules = tomllib.loads(path.read_text(encoding="utf-8"))
    assert rules["known_gaps"], "say what it does not find"
    assert all(isinstance(gap, str) and gap for gap in rules["known_gaps"])
    if path.name in _WORDS_ONLY:
        return
    assert rules["examples"], "say what it finds"
    assert rules["counterexamples"], "say what looks alike and is not found"
