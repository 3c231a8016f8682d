"""Machines that share a ledger but not the index: told, since each index then holds only what its own machine has brought in.

An entry has one outcome in the ledger, `indexed`, and does not say where. The embedded index lies in the home of one machine.
"""

from __future__ import annotations

import logging

from flows.archive.segments import name_of_archive
from flows.settings import Settings
from flows.workspace import Workspace

_LOG = logging.getLogger("keoson")


def index_of(settings: Settings) -> str | None:
    """Which index runs with these settings write, as others can tell it apart; None when the ledger is nobody else's.

    The embedded index is known by the name of the archive beside it: containers change their host names, and keep their volume. One
    Elasticsearch may have many addresses, so that its prefix must do.
    """
    if settings.elasticsearch_url is not None:
        return f"Elasticsearch, {settings.index_prefix}"
    if settings.ledger_url is None:  # in the home, as the index is
        return None
    settings.archive_folder.mkdir(parents=True, exist_ok=True)
    return f"embedded, {name_of_archive(settings.archive_folder)}"


def warn_of_split_index(work: Workspace, run_id: int) -> None:
    """One warning in the log for each other index that runs of this ledger have written lately."""
    here = index_of(work.settings)
    if here is None:
        return
    mine = f"the embedded index in {work.settings.home / 'index'}" if here.startswith("embedded") else "Elasticsearch"
    for other in work.ledger.runs.other_indexes(run_id):
        machine, place = other.machine.partition(" ")[0] or "another machine", other.index_at.partition(",")[0]
        _LOG.warning(
            "run %s writes %s, but run %s on %s wrote another index (%s) from the same ledger: what one brings in is missing from the "
            "other's searches. Set the same KEOSON_ELASTICSEARCH_URL on all machines that share a ledger, then `keoson index rebuild`",
            *(run_id, mine, other.run_id, machine, place),
        )
