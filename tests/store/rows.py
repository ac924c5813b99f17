"""Write and read rows the simplest way, through the codecs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from tests.store.tables import SAMPLE
from verselet.metadata.tables import Table
from verselet.sql.columns import stored_columns
from verselet.sql.dialects import quoted
from verselet.store.codecs import decoder, row_encoder
from verselet.store.engine import Store
from verselet.store.session import Session
from verselet.values import Stored, Value


def row_id(number: int) -> str:
    """An id that says which row it is."""
    return f"00000000-0000-0000-0000-{number:012d}"


def insert_text(session: Session, owner: Table, names: list[str]) -> str:
    """The statement that inserts values for some columns."""
    stored = [part.name for name in names for part in stored_columns(owner, owner.columns[name])]
    marks = ", ".join([session.dialect.placeholder] * len(stored))
    columns = ", ".join(quoted(name) for name in stored)
    return f"INSERT INTO {quoted(owner.name)} ({columns}) VALUES ({marks})"


def encoded(session: Session, owner: Table, values: Mapping[str, Value]) -> list[Stored]:
    """Values as they are stored."""
    return row_encoder(owner, tuple(values), session.dialect)(values)


def insert(session: Session, owner: Table, values: Mapping[str, Value]) -> None:
    """Insert one row."""
    session.run(insert_text(session, owner, list(values)), encoded(session, owner, values))


def add(session: Session, number: int, text: str | None = None) -> None:
    """Insert a sample that says its number."""
    insert(session, SAMPLE, {"sampleid": row_id(number), "text": text})


def in_another_thread(work: Callable[[], object]) -> None:
    """Run something in a thread of its own and wait for it."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def read_all(store: Store, owner: Table) -> list[dict[str, Value]]:
    """All rows with all their columns, by id."""
    with store.read() as session:
        return rows_in(session, owner)


def rows_in(session: Session, owner: Table) -> list[dict[str, Value]]:
    """All rows a transaction sees."""
    parts = {name: stored_columns(owner, column) for name, column in owner.columns.items()}
    names = ", ".join(quoted(part.name) for several in parts.values() for part in several)
    found = session.run(f"SELECT {names} FROM {quoted(owner.name)} ORDER BY {quoted(owner.primary_id)}")
    return [_decoded(session, owner, row) for row in found]


def _decoded(session: Session, owner: Table, stored: tuple[Stored, ...]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    start = 0
    for name, column in owner.columns.items():
        end = start + len(stored_columns(owner, column))
        values[name] = decoder(owner, column, session.dialect)(stored[start:end])
        start = end
    return values


def ids(store: Store, owner: Table) -> list[str]:
    """The ids of all rows."""
    return [str(row[owner.primary_id]) for row in read_all(store, owner)]
