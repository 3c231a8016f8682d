"""Opening the ledger's database: SQLite in WAL mode by default, brought to the newest schema before anything reads it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from extractors.errors import LedgerError

MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(address: str) -> Engine:
    """An engine on a migrated database. Raises LedgerError with the remedy when it cannot be opened or is newer than this program."""
    try:
        url = make_url(address)
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise LedgerError(f"KEOSON_LEDGER_URL is no usable database address: {error}") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    try:
        migrate(engine)
    except CommandError as error:
        raise LedgerError(f"the ledger {url.render_as_string()} was written by a newer Keoson: upgrade this one ({error})") from error
    except (DBAPIError, OSError) as error:
        raise LedgerError(f"the ledger {url.render_as_string()} cannot be opened: {error}; check the path and its rights") from error
    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to `revision`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _set_up_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    # WAL lets `keoson status` read while an ingest writes. NORMAL may lose the last commit at a power cut, never the database,
    # and what was lost is done again: every step is repeatable.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()
