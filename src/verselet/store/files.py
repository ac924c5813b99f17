"""Keep the content of files, in parts.

In:        an open session, bytes, ids of rows
Out:       `StoredFile`, and what can be done with it
Not here:  which column a file belongs to and what may be stored (operations.files)

A file is written part by part and read from any place on. While it is being uploaded its size is not known, and the
parts may lie in no order yet.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from verselet.sql.write import listed
from verselet.store.session import Session

PART_BYTES = 4 * 1024 * 1024
"""The largest part: what is held in memory at once. [FL-2]"""


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file and the column of the row it is for. `size_bytes` is None while it is being uploaded."""

    id: str
    table: str
    column: str
    row_id: str
    name: str
    mime_type: str
    size_bytes: int | None = None


_NAMES = "id, table_name, column_name, row_id, name, mime_type, size_bytes"


def begin_file(session: Session, file: StoredFile, at: str) -> None:
    """A file without content."""
    marks = ", ".join([session.dialect.placeholder] * 8)
    values = (file.id, file.table, file.column, file.row_id, file.name, file.mime_type, file.size_bytes, at)
    session.run(f"INSERT INTO verselet_file ({_NAMES}, began_at) VALUES ({marks})", values)


def find_file(session: Session, file_id: str, *, to_change: bool) -> StoredFile | None:
    """The file with that id; `to_change` lets others wait until this transaction is over."""
    waits = " FOR UPDATE" if to_change and session.dialect.name == "postgresql" else ""
    mark = session.dialect.placeholder
    rows = session.run(f"SELECT {_NAMES} FROM verselet_file WHERE id = {mark}{waits}", (file_id,))
    if not rows:
        return None
    *texts, size = rows[0]
    found = [str(text) for text in texts]
    return StoredFile(
        id=found[0],
        table=found[1],
        column=found[2],
        row_id=found[3],
        name=found[4],
        mime_type=found[5],
        size_bytes=None if size is None else int(str(size)),
    )


def finish_file(session: Session, file_id: str, name: str, mime_type: str, size_bytes: int) -> None:
    """The file is whole."""
    mark = session.dialect.placeholder
    session.run(
        f"UPDATE verselet_file SET name = {mark}, mime_type = {mark}, size_bytes = {mark} WHERE id = {mark}",
        (name, mime_type, size_bytes, file_id),
    )


def write_at(session: Session, file_id: str, start: int, content: bytes) -> None:
    """Content at its place; what began there before is replaced, as when a client tries again."""
    mark = session.dialect.placeholder
    session.run(
        f"DELETE FROM verselet_file_part WHERE file_id = {mark} AND start >= {mark} AND start < {mark}",
        (file_id, start, start + len(content)),
    )
    for begins in range(0, len(content), PART_BYTES):
        part = content[begins : begins + PART_BYTES]
        _write_part(session, file_id, f"@{start + begins}", start + begins, part)


def write_block(session: Session, file_id: str, block: str, content: bytes) -> None:
    """A block whose place is told later; one of the same name is replaced. [FL-6]"""
    mark = session.dialect.placeholder
    session.run(f"DELETE FROM verselet_file_part WHERE file_id = {mark} AND block = {mark}", (file_id, block))
    _write_part(session, file_id, block, None, content)


def block_sizes(session: Session, file_id: str) -> dict[str, int]:
    """Block → its bytes."""
    mark = session.dialect.placeholder
    rows = session.run(f"SELECT block, size_bytes FROM verselet_file_part WHERE file_id = {mark}", (file_id,))
    return {str(block): int(str(size)) for block, size in rows}


def order_blocks(session: Session, file_id: str, blocks: Sequence[tuple[str, int]]) -> None:
    """Give blocks their places, and drop those that have none. [FL-6]"""
    mark = session.dialect.placeholder
    session.run_many(
        f"UPDATE verselet_file_part SET start = {mark} WHERE file_id = {mark} AND block = {mark}",
        [(start, file_id, block) for block, start in blocks],
    )
    session.run(f"DELETE FROM verselet_file_part WHERE file_id = {mark} AND start IS NULL", (file_id,))


def parts_of(session: Session, file_id: str) -> list[tuple[int, int]]:
    """Place and size of every part, in order."""
    mark = session.dialect.placeholder
    rows = session.run(
        f"SELECT start, size_bytes FROM verselet_file_part WHERE file_id = {mark} ORDER BY start", (file_id,)
    )
    return [(int(str(start)), int(str(size))) for start, size in rows]


def read_at(session: Session, file_id: str, start: int, length: int) -> bytes:
    """Content from a place on, as much as there is up to that length."""
    mark = session.dialect.placeholder
    rows = session.run(
        f"SELECT start, content FROM verselet_file_part WHERE file_id = {mark} AND start < {mark} "
        f"AND start + size_bytes > {mark} ORDER BY start",
        (file_id, start + length, start),
    )
    found = []
    for begins, content in rows:
        assert isinstance(begins, int)
        assert isinstance(content, bytes)
        found.append(content[max(start - begins, 0) : start + length - begins])
    return b"".join(found)


def forget_file(session: Session, file_id: str) -> None:
    """Remove a file with its content."""
    mark = session.dialect.placeholder
    session.run(f"DELETE FROM verselet_file_part WHERE file_id = {mark}", (file_id,))
    session.run(f"DELETE FROM verselet_file WHERE id = {mark}", (file_id,))


def forget_files_of(session: Session, table: str, ids_as_json: str) -> None:
    """Remove all files of rows that go, but for rows in the recycle bin. The ids are one JSON list."""
    mark = session.dialect.placeholder
    of_rows = (
        f"table_name = {mark} AND row_id {listed(session.dialect, 'text')} AND NOT EXISTS (SELECT 1 FROM verselet_bin "
        "kept WHERE kept.table_name = verselet_file.table_name AND kept.row_id = verselet_file.row_id)"
    )
    session.run(
        f"DELETE FROM verselet_file_part WHERE file_id IN (SELECT id FROM verselet_file WHERE {of_rows})",
        (table, ids_as_json),
    )
    session.run(f"DELETE FROM verselet_file WHERE {of_rows}", (table, ids_as_json))


def forget_files_in(session: Session, table: str, column: str) -> None:
    """Remove all files of a column that goes."""
    mark = session.dialect.placeholder
    of_column = f"table_name = {mark} AND column_name = {mark}"
    session.run(
        f"DELETE FROM verselet_file_part WHERE file_id IN (SELECT id FROM verselet_file WHERE {of_column})",
        (table, column),
    )
    session.run(f"DELETE FROM verselet_file WHERE {of_column}", (table, column))


def forget_unfinished(session: Session, before: str) -> None:
    """Remove uploads that began before a time and were never finished."""
    unfinished = f"size_bytes IS NULL AND began_at < {session.dialect.placeholder}"
    session.run(
        f"DELETE FROM verselet_file_part WHERE file_id IN (SELECT id FROM verselet_file WHERE {unfinished})", (before,)
    )
    session.run(f"DELETE FROM verselet_file WHERE {unfinished}", (before,))


def _write_part(session: Session, file_id: str, block: str, start: int | None, content: bytes) -> None:
    marks = ", ".join([session.dialect.placeholder] * 5)
    session.run(
        f"INSERT INTO verselet_file_part (file_id, block, start, size_bytes, content) VALUES ({marks})",
        (file_id, block, start, len(content), content),
    )
