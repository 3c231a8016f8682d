"""`keoson tag`: the taggers on text or HTML files, without an index."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keoson.cli.options import Json, existing_files, load_settings

if TYPE_CHECKING:
    from extractors.records import Article


def tag_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Text files (UTF-8) or HTML files.")],
    published: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="When they were published: YYYY[-MM[-DD]]. Otherwise a date at the head of a file is taken."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tag texts: events, parties, persons, places, each with its evidence.

    Example:

    $ keoson tag --published 2024-12-25 --json article.txt
    """
    from extractors.tag_json import tags_to_json
    from extractors.tagging import tag_article

    load_settings()  # the operator's spellings
    for path in existing_files(files):
        article = _article(path, published)
        tags = tag_article(article)
        if as_json:
            print(json.dumps(tags_to_json(article.id, tags), ensure_ascii=False))
        else:
            from keoson.screen import show_tags

            show_tags(path.name, article, tags)


def _article(path: Path, published: str | None) -> Article:
    from extractors.textfile import article_from_html, article_from_text, decode_text

    data = path.read_bytes()
    if path.suffix.lower() in (".html", ".htm", ".xhtml"):
        return article_from_html(data, article_id=path.stem, name=str(path), published=published)
    return article_from_text(decode_text(data, str(path)), article_id=path.stem, published=published)
