"""The two backends, and a corpus that both are asked about."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from mappings import Index, open_index, rebuilt_index

ELASTIC = pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)


@dataclass
class Store:
    """A place for an index that can be opened several times. `name` is the backend's."""

    name: str
    _open: Callable[[], Index]
    rebuild: Callable[[], AbstractContextManager[Index]]
    _opened: list[Index] = field(default_factory=list)

    def open(self) -> Index:
        """The index, not yet ensured."""
        index = self._open()
        self._opened.append(index)
        return index

    def close(self) -> None:
        for index in self._opened:
            index.close()


@pytest.fixture(params=["embedded", ELASTIC])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty place of each backend; Elasticsearch's indices are deleted afterwards."""
    if request.param == "embedded":
        here = Store("embedded", lambda: open_index(home=tmp_path), lambda: rebuilt_index(home=tmp_path))
        yield here
        here.close()
        return
    url = request.getfixturevalue("elasticsearch_url")
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    there = Store(
        "elasticsearch",
        lambda: open_index(home=tmp_path, elasticsearch_url=url, prefix=prefix),
        lambda: rebuilt_index(home=tmp_path, elasticsearch_url=url, prefix=prefix),
    )
    yield there
    there.close()
    with Elasticsearch(url) as client:
        names = ",".join(f"{prefix}-{kind}" for kind in ("articles", "reports", "events"))
        client.indices.delete(index=names, ignore_unavailable=True)


@pytest.fixture
def index(store: Store) -> Index:
    """An empty index of each backend."""
    opened = store.open()
    opened.ensure()
    return opened


def article(id: str, title: str, text: str, **fields: Any) -> dict[str, Any]:
    """An article with what a test does not care about filled in."""
    return {"id": id, "title": title, "text": text, "relevant": True, **fields}


def write(index: Index, *documents: dict[str, Any]) -> None:
    """Write articles and make them visible."""
    index.upsert("articles", documents)
    index.refresh()
