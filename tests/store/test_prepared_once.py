"""SQLite prepares a statement once, whatever values come with it afterwards. (performance.md §5)"""

from __future__ import annotations

import pytest

from verselet.store.sqlite_connection import connect

PAGE = "SELECT name FROM thing WHERE owner IN (SELECT value FROM json_each(?)) AND id > ? ORDER BY id LIMIT ?"


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("SELECT name FROM thing WHERE id = ?", [(1,), (2,)]),
        (PAGE, [('["a"]', 1, 5), ('["a","b"]', 2, 50)]),
        ("SELECT name FROM thing WHERE name LIKE ?", [("a%",), ("%b",)]),
        ("UPDATE thing SET name = ? WHERE id BETWEEN ? AND ?", [("x", 1, 2), ("y", 5, 9)]),
    ],
)
def test_the_plan_of_a_statement_does_not_hang_on_its_values(statement: str, values: list[tuple[object, ...]]) -> None:
    """Other values find the statement ready: its plan is that of the first time. (performance.md §5)"""
    connection = connect(None, read_only=False)
    connection.execute("CREATE TABLE thing (id integer PRIMARY KEY, name text COLLATE NOCASE, owner text)")
    connection.execute("CREATE INDEX by_owner ON thing (owner, id)")
    connection.execute("CREATE INDEX by_name ON thing (name)")
    prepared: list[int] = []

    def asked(code: int, *_: str | None) -> int:
        prepared.append(code)
        return 0

    connection.authorizer = asked
    first, second = values
    connection.execute(statement, first).fetchall()
    assert prepared, "whoever prepares a statement asks what it may do"
    prepared.clear()

    connection.execute(statement, second).fetchall()

    assert [] == prepared
    connection.close()
