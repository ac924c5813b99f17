"""Look at a store without changing it.

In:        where the rows live, the schema this version would bring
Out:       `Inspection`; the tables that are in it; `looking`: one state of it, for whoever reads more
Not here:  opening a store for use (store.engine), upgrading it (store.preparation)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import msgspec

from verselet.errors import OperatorError
from verselet.metadata.customizations import customized
from verselet.metadata.schema import Schema
from verselet.settings import FILE_NAME
from verselet.store.bookkeeping import FORMAT, stored_definitions, stored_digest, stored_format
from verselet.store.engine import open_store
from verselet.store.layout import digest_of, layout_of
from verselet.store.session import Session, StoreDamaged
from verselet.store.sqlite_connection import PATIENCE_S
from verselet.store.sqlite_failures import refusal_of
from verselet.store.sqlite_session import SqliteSession
from verselet.store.watch import Patience, Watch


class Inspection(msgspec.Struct, frozen=True):
    """What a store holds. `problems` are those that keep this version from opening it, or that lose rows."""

    format: int
    known_format: int
    organization_id: str | None
    layout_is_current: bool
    problems: tuple[str, ...]


def inspect_store(url: str | None, directory: Path | None, schema: Schema) -> Inspection:
    """Look at format, layout and integrity.

    Raises:
        OperatorError: there is nothing to look at, or it cannot be opened.
    """
    with looking(url, directory) as session:
        found = stored_format(session)
        if found == 0:
            return Inspection(0, FORMAT, None, False, ("there is no organization in it",))
        problems = list(_damage(session))
        if found > FORMAT:
            problems.append(
                f"a later version of verselet wrote it: format {found}, and formats up to {FORMAT} are known"
            )
        is_current = found == FORMAT and _layout_is_current(session, schema)
        return Inspection(found, FORMAT, _organization_id(session, schema), is_current, tuple(problems))


def schema_of_store(url: str | None, directory: Path | None, schema: Schema) -> Schema:
    """The schema with the definitions that were made in a store.

    Raises:
        OperatorError: there is nothing to look at, or it cannot be opened.
    """
    with looking(url, directory) as session:
        return schema if stored_format(session) == 0 else customized(schema, stored_definitions(session))


def organization_name(session: Session) -> str | None:
    """What the organization in a store of this version's format is called; None before it was founded."""
    rows = session.run("SELECT name FROM organization")
    return str(rows[0][0]) if rows else None


def _organization_id(session: Session, schema: Schema) -> str | None:
    """The id of the organization the rows belong to; none before it was opened for the first time."""
    if "organization" not in schema.tables:
        return None
    rows = session.run("SELECT organizationid FROM organization")
    return str(rows[0][0]) if rows else None


def _damage(session: Session) -> Iterator[str]:
    """What SQLite finds wrong in its file; PostgreSQL checks its pages itself."""
    if session.dialect.name == "sqlite":
        try:
            said = [str(row[0]) for row in session.run("PRAGMA integrity_check(20)")]
        except StoreDamaged as error:
            # Some damage keeps SQLite from finishing the check.
            said = [str(error)]
        yield from (line for line in said if line != "ok")


@contextmanager
def looking(url: str | None, directory: Path | None) -> Iterator[Session]:
    """A session that reads one state of a store, whatever others write meanwhile, and takes the time it takes.

    Raises:
        OperatorError: there is nothing to look at, or it cannot be opened.
    """
    path = _sqlite_path(url, directory)
    if path is None:
        store = open_store(url, statement_limit_s=0)
        try:
            with store.read() as session:
                yield session
        finally:
            store.close()
        return
    if not path.is_file():
        raise OperatorError(
            "VS2010", f"there is no database at {path}", "the file does not exist", "verselet serve --data makes one"
        )
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        connection.set_busy_timeout(int(PATIENCE_S * 1000))
        connection.execute("BEGIN")
        # The first read finds out whether the file is a database at all; from here on it shows one state.
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except apsw.Error as error:
        raise refusal_of(error, path) from error
    try:
        yield SqliteSession(connection, Watch(connection, Patience(0)))
    finally:
        connection.close()


def _sqlite_path(url: str | None, directory: Path | None) -> Path | None:
    if url is None:
        return None if directory is None else directory / FILE_NAME
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def _layout_is_current(session: Session, schema: Schema) -> bool:
    """The database was prepared for this schema and the definitions made in it."""
    return stored_digest(session) == digest_of(layout_of(customized(schema, stored_definitions(session))))
