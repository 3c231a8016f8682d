"""What only the Elasticsearch backend has: an address, a mapping that others wrote, items refused one by one."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from extractors.errors import SearchIndexError
from mappings import Index, SearchRequest, open_index
from tests.index.conftest import article, write


@pytest.fixture
def prefix(elasticsearch_url: str) -> Iterator[str]:
    name = f"test-{uuid.uuid4().hex[:12]}"
    yield name
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.delete(index=f"{name}-articles,{name}-reports,{name}-events", ignore_unavailable=True)


@pytest.fixture
def elastic(elasticsearch_url: str, prefix: str, tmp_path: Path) -> Iterator[Index]:
    index = open_index(home=tmp_path, elasticsearch_url=elasticsearch_url, prefix=prefix)
    index.ensure()
    yield index
    index.close()


@pytest.mark.elasticsearch
def test_one_refused_document_is_named_and_the_others_are_written(elastic: Index, elasticsearch_url: str) -> None:
    too_long = article("bad", "t", "t", url="x" * 40_000)
    with pytest.raises(SearchIndexError, match=r"1 documents were not written.*2 were: bad .*immense term") as raised:
        elastic.upsert("articles", [article("good", "t", "t"), too_long, article("also", "t", "t")])
    assert elasticsearch_url in str(raised.value)
    elastic.refresh()
    assert [one["id"] for one in elastic.export("articles")] == ["also", "good"]


@pytest.mark.elasticsearch
def test_export_crosses_its_pages_and_bulk_its_chunks(elastic: Index) -> None:
    ids = [f"{n:05}" for n in range(2_345)]
    assert elastic.upsert("reports", ({"id": id, "article_id": "one", "title": "t", "text": "t"} for id in ids)) == len(ids)
    elastic.refresh()
    assert [one["id"] for one in elastic.export("reports")] == ids
    assert elastic.delete_missing_reports("one", ids[:5]) == len(ids) - 5


@pytest.mark.elasticsearch
def test_the_mapping_is_strict_and_stamped(elastic: Index, elasticsearch_url: str, prefix: str) -> None:
    with Elasticsearch(elasticsearch_url) as client:
        for kind in ("articles", "reports", "events"):
            (mapping,) = (found["mappings"] for found in client.indices.get_mapping(index=f"{prefix}-{kind}").values())
            assert mapping["dynamic"] == "strict"
            assert len(mapping["_meta"]["schema"]) == 12


@pytest.mark.elasticsearch
def test_another_schema_version_is_refused_by_name(elastic: Index, elasticsearch_url: str, prefix: str, tmp_path: Path) -> None:
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.put_mapping(index=f"{prefix}-events", meta={"schema": "0123456789ab"})
    other = open_index(home=tmp_path, elasticsearch_url=elasticsearch_url, prefix=prefix)
    for use in (other.ensure, lambda: other.count("events")):
        with pytest.raises(SearchIndexError, match=f"{prefix}-events .*another version .0123456789ab"):
            use()
    other.close()


@pytest.mark.elasticsearch
def test_people_in_kibana_find_text_without_diacritics(elastic: Index, elasticsearch_url: str, prefix: str) -> None:
    write(elastic, article("a", "Đồn biên phòng", "Đường biên giới"))
    with Elasticsearch(elasticsearch_url) as client:
        found = client.search(index=f"{prefix}-articles", query={"match_phrase": {"text": "duong bien"}})
    assert [(hit["_id"], "text_folded" in hit["_source"], "order" in hit["_source"]) for hit in found["hits"]["hits"]] == [
        ("a", False, False)
    ]


def test_nobody_at_the_address(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    index = open_index(home=tmp_path, elasticsearch_url=address)
    for use in (
        index.ensure,
        lambda: index.search(SearchRequest("articles", "x")),
        lambda: index.upsert("articles", [article("a", "t", "t")]),
    ):
        with pytest.raises(SearchIndexError, match=f"{address} cannot be reached"):
            use()
    index.close()


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (200, b"{}"), (401, b"{}"), (503, b"busy")])
def test_something_else_at_the_address(tmp_path: Path, status: int, body: bytes) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_POST = do_PUT = do_GET  # the names that http.server calls

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}"
        index = open_index(home=tmp_path, elasticsearch_url=address)
        try:
            for use in (index.ensure, lambda: index.count("articles")):
                with pytest.raises(SearchIndexError, match=address):
                    use()
        finally:
            index.close()
            server.shutdown()


@pytest.mark.parametrize("address", ["localhost:9200", "nonsense", "ftp//x", "http://host:port"])
def test_an_address_that_is_none(tmp_path: Path, address: str) -> None:
    with pytest.raises(SearchIndexError, match="is no address of an Elasticsearch"):
        open_index(home=tmp_path, elasticsearch_url=address)
