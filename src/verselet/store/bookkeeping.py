"""Keep what the server knows about its own data: the format, the layout, facts, and changed definitions.

In:        an open session
Out:       `migrate`, `read_fact`, `write_fact`, `stored_layout`, `remember_layout`, `stored_definitions`,
           `remember_definitions`
Not here:  the steps between formats (store.migrations), tables of the schema (store.preparation)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from verselet.metadata.customizations import PieceName
from verselet.store.layout import EMPTY, Layout, digest_of, merged
from verselet.store.migrations import MIGRATIONS
from verselet.store.refusals import newer_format
from verselet.store.session import Session

FORMAT = len(MIGRATIONS)
"""The format this version of the server writes."""


def read_fact(session: Session, key: str) -> str | None:
    """A fact by its name, such as `organization_id`; None when nobody wrote it."""
    mark = session.dialect.placeholder
    rows = session.run(f"SELECT value FROM verselet_meta WHERE key = {mark}", (key,))
    return str(rows[0][0]) if rows else None


def write_fact(session: Session, key: str, value: str) -> None:
    """Remember a fact; the last one written counts."""
    mark = session.dialect.placeholder
    session.run(
        f"INSERT INTO verselet_meta (key, value) VALUES ({mark}, {mark}) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def stored_format(session: Session) -> int:
    """The format of the data; 0 when there is none yet."""
    if session.dialect.name == "sqlite":
        found = session.run("SELECT 1 FROM sqlite_schema WHERE name = 'verselet_meta'")
    else:
        found = session.run("SELECT 1 WHERE to_regclass('verselet_meta') IS NOT NULL")
    return int(read_fact(session, "format") or 0) if found else 0


def migrate(session: Session, progress: Callable[[str], None]) -> None:
    """Bring the server's own tables to the format of this version.

    Raises:
        OperatorError: a later version of the server wrote the data.
    """
    found = stored_format(session)
    if found > FORMAT:
        raise newer_format(found, FORMAT)
    for number, statements in enumerate(MIGRATIONS[found:], found + 1):
        if found:
            progress(f"Upgrading the data from format {number - 1} to {number}")
        session.run_script(";".join(statements(session.dialect)))
        write_fact(session, "format", str(number))


def stored_digest(session: Session) -> str | None:
    """The digest of the layout the database was prepared for last."""
    return read_fact(session, "layout_digest")


def stored_layout(session: Session) -> Layout:
    """What the database contains."""
    text = read_fact(session, "layout")
    return EMPTY if text is None else msgspec.json.decode(text, type=Layout)


def remember_layout(session: Session, old: Layout, new: Layout) -> None:
    """Note what the database contains now, kept tables and columns included."""
    write_fact(session, "layout", msgspec.json.encode(merged(old, new)).decode())
    write_fact(session, "layout_digest", digest_of(new))


def stored_definitions(session: Session) -> dict[PieceName, bytes]:
    """The definitions somebody made or changed here, as they were kept."""
    rows = session.run("SELECT kind, name, content FROM verselet_definition")
    return {(str(kind), str(name)): str(content).encode() for kind, name, content in rows}


def remember_definitions(session: Session, kept: Mapping[PieceName, bytes], gone: Iterable[PieceName]) -> None:
    """Keep definitions, the last one of a name counts; forget others."""
    mark = session.dialect.placeholder
    if kept:
        session.run_many(
            f"INSERT INTO verselet_definition (kind, name, content) VALUES ({mark}, {mark}, {mark}) "
            "ON CONFLICT (kind, name) DO UPDATE SET content = excluded.content",
            [(kind, name, text.decode()) for (kind, name), text in kept.items()],
        )
    forgotten = list(gone)
    if forgotten:
        session.run_many(f"DELETE FROM verselet_definition WHERE kind = {mark} AND name = {mark}", forgotten)
