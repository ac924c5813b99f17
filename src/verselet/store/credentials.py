"""Keep what sign-in must remember: texts by kind and name, some of them for a while.

In:        a store; kinds, names and contents that mean nothing here
Out:       `Credentials`
Not here:  what is kept, and in which form a secret is (auth)
"""

from __future__ import annotations

from verselet.store.engine import Store


class Credentials:
    """The credentials of one organization. Times are in wire form."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._mark = store.dialect.placeholder

    def read(self, kind: str, name: str) -> str | None:
        """What is kept under that name, whether its time has passed or not; None where nothing is."""
        mark = self._mark
        rows = self._store.fetch(
            f"SELECT content FROM verselet_credential WHERE kind = {mark} AND name = {mark}", (kind, name)
        )
        return str(rows[0][0]) if rows else None

    def read_all(self, kind: str) -> list[str]:
        """Everything of a kind, by name."""
        rows = self._store.fetch(
            f"SELECT content FROM verselet_credential WHERE kind = {self._mark} ORDER BY name", (kind,)
        )
        return [str(row[0]) for row in rows]

    def write(self, kind: str, name: str, content: str, expires_at: str | None = None) -> None:
        """Keep a content; the last one written counts."""
        mark = self._mark
        with self._store.begin() as session:
            session.run(
                "INSERT INTO verselet_credential (kind, name, content, expires_at) "
                f"VALUES ({mark}, {mark}, {mark}, {mark}) ON CONFLICT (kind, name) "
                "DO UPDATE SET content = excluded.content, expires_at = excluded.expires_at",
                (kind, name, content, expires_at),
            )

    def swap(self, kind: str, name: str, old: str, new: str) -> bool:
        """Put `new` where `old` is still kept; of several callers at once only one is told that it did."""
        mark = self._mark
        with self._store.begin() as session:
            session.run(
                f"UPDATE verselet_credential SET content = {mark} "
                f"WHERE kind = {mark} AND name = {mark} AND content = {mark}",
                (new, kind, name, old),
            )
            return session.row_count == 1

    def remove(self, kind: str, name: str) -> None:
        """Keep it no longer."""
        mark = self._mark
        with self._store.begin() as session:
            session.run(f"DELETE FROM verselet_credential WHERE kind = {mark} AND name = {mark}", (kind, name))

    def remove_expired(self, before: str) -> None:
        """Forget everything whose time passed before that moment."""
        with self._store.begin() as session:
            session.run(f"DELETE FROM verselet_credential WHERE expires_at < {self._mark}", (before,))
