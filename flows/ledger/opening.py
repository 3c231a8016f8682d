"""Opening the ledger's database: SQLite in WAL mode by default, or PostgreSQL, brought to the newest schema before anything reads it.

alembic is imported where it is used: a search with dates looks into the ledger as it is, and should not pay 0.2 s for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from extractors.errors import LedgerError

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number that no other program on the same database uses for its advisory locks.
_WRITERS_LOCK = 5_061_746_001


class Database:
    """The database of a ledger. Transactions that write come one after another, whatever processes and machines they come from.

    SQLite has one writer at a time; on PostgreSQL a lock does the same. So nothing that a transaction has read changes under it, and
    what is right on one is right on the other. Writes are short: network, extraction and index stay outside of them.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(keoson_writes=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that only reads: one view of the database from its first statement on, on SQLite; the newest on PostgreSQL."""
        with self._named_errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or rolled back by an exception."""
        with self._named_errors(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """A server that went away, a full disk, a lock held too long: LedgerError. Errors of ours (a broken constraint) stay as they are."""
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            said = str(error.orig).strip().splitlines() or [type(error).__name__]
            raise LedgerError(f"the ledger {self} cannot be used: {said[0]}; check it, and run again: what was done is kept") from error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __str__(self) -> str:
        """Its address, without the password."""
        return self._engine.url.render_as_string()


def open_database(address: str) -> Database:
    """A migrated database. Raises LedgerError with the remedy when it cannot be opened or is newer than this program."""
    from alembic.util import CommandError

    database = database_at(address)
    try:
        if not _is_newest(database):  # a reader need not wait for a writer
            migrate(database)
    except CommandError as error:
        raise LedgerError(f"the ledger {database} was written by a newer Keoson: upgrade this one ({error})") from error
    except (DBAPIError, LedgerError, OSError) as error:
        raise LedgerError(f"the ledger {database} cannot be opened: {error}; check its address and your rights") from error
    return database


def database_at(address: str) -> Database:
    """The database at an SQLAlchemy address, not looked at yet. Raises LedgerError for an address that is none."""
    try:
        url = make_url(address)
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        # A server that was restarted since has closed our connections; asking costs nothing beside what follows.
        engine = create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise LedgerError(f"KEOSON_LEDGER_URL is no usable database address: {error}") from error
    if engine.dialect.name not in ("sqlite", "postgresql"):
        raise LedgerError(f"KEOSON_LEDGER_URL names {engine.dialect.name}: the ledger is kept in SQLite or PostgreSQL")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin)
    return Database(engine)


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`. Of several processes that start at once, one does it and the others wait."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _is_newest(database: Database) -> bool:
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    heads = ScriptDirectory(str(MIGRATIONS)).get_heads()
    with database.reading() as connection:
        return list(MigrationContext.configure(connection).get_current_heads()) == list(heads)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("keoson_writes", False)
    if connection.dialect.name == "sqlite":
        # A transaction that begins by reading cannot become a writing one while another writes: SQLite fails it at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
    elif writes:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")


def _set_up_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver thinks
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    # WAL lets `keoson status` read while an ingest writes. NORMAL may lose the last commit at a power cut, never the database,
    # and what was lost is done again: every step is repeatable.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
