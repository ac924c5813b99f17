"""SQLite's driver remembers short statements only; long ones stay prepared all the same. (performance.md §5)"""

from __future__ import annotations

from collections.abc import Iterator

import apsw
import pytest

from verselet.organization import Organization, open_organization
from verselet.query.odata.options import build_query, parse_options
from verselet.query.plan import Annotations
from verselet.query.resolve import KeyPart, Reading
from verselet.query.tree import Query
from verselet.store import long_statements
from verselet.store.sqlite_connection import connect
from verselet.store.sqlite_session import SqliteSession
from verselet.store.watch import Patience, Watch
from verselet.values import Stored

API = "http://localhost/api/data/v9.2/"
FILLING = ", ".join(f"coalesce(nullif(name, 'never? ({n})'), '{n}')" for n in range(600))
LONG = f"SELECT concat({FILLING}) FROM thing WHERE id = ?"
GROUPED = (
    f"SELECT group_concat(j, ','), count(*) FROM (SELECT concat({FILLING}) AS j FROM thing "
    "WHERE id > ? AND name <> ? ORDER BY id LIMIT ?) page"
)
PICKED = (
    "WITH picked AS MATERIALIZED (SELECT id AS r FROM thing WHERE id > ? ORDER BY id LIMIT ? + 1) SELECT "
    f"(SELECT group_concat(j, ',') FROM (SELECT concat({FILLING}) AS j FROM (SELECT r FROM picked LIMIT ?) shown "
    "CROSS JOIN thing ON thing.id = shown.r) page), (SELECT count(*) FROM picked)"
)
OUTSIDE = f"SELECT ?, j FROM (SELECT concat({FILLING}) AS j FROM thing WHERE id = ?) page"


class Prepared:
    """Counts how often a connection prepares something."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._codes: list[int] = []
        connection.authorizer = self._asked

    def since(self) -> int:
        """What was asked about what is to be prepared, since this was called last."""
        found = len(self._codes)
        self._codes.clear()
        return found

    def _asked(self, code: int, *_: str | None) -> int:
        self._codes.append(code)
        return apsw.SQLITE_OK


@pytest.fixture
def session() -> Iterator[SqliteSession]:
    """A connection with three rows."""
    connection = connect(None, read_only=False)
    session = SqliteSession(connection, Watch(connection, Patience(0)))
    session.run_script("CREATE TABLE thing (id integer PRIMARY KEY, name text, other text)")
    session.run_many("INSERT INTO thing (id, name) VALUES (?, ?)", [(1, "a"), (2, "it's"), (3, "c")])
    yield session
    connection.close()


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    """With the shipped tables."""
    opened = open_organization("contour")
    yield opened
    opened.close()


def views(session: SqliteSession) -> list[tuple[Stored, ...]]:
    """What was made for long statements."""
    return session.run("SELECT name FROM temp.sqlite_schema WHERE type = 'view'")


def test_pages_and_rows_of_every_shipped_table_stay_prepared(organization: Organization) -> None:
    """Also with all columns and everything that explains them, for whoever asks a third time. (performance.md §10)"""
    caller = organization.administrator
    with organization.store.begin() as session:
        assert isinstance(session, SqliteSession)
        prepared = Prepared(session.connection)
    again: list[str] = []
    tables = [table for table in organization.schema.tables.values() if table.set_name]
    for table in tables:
        reading = Reading(annotations=~Annotations.NONE)
        page = organization.prepare_page(Query(table=table.name), reading, caller)
        options = parse_options(f"$filter={table.primary_id} ne {caller.user_id}")
        some = organization.prepare_page(build_query(table.name, options), reading, caller)
        key = KeyPart(table.primary_id, caller.user_id)
        row = organization.prepare_row(
            Query(table=table.name), Reading(annotations=~Annotations.NONE, key=(key,)), caller
        )
        assert page.page is not None
        assert some.page is not None
        assert row.row is not None
        for statement, read in ((page.page.rows, page), (some.page.rows, some), (row.row, row)):
            values = statement.bind(read.values(API, caller, 2))
            found = [organization.store.fetch(statement.text, values) for _ in range(2)]
            prepared.since()
            assert found == [organization.store.fetch(statement.text, values)] * 2
            if prepared.since():
                again.append(table.name)

    assert len(tables) > 100
    assert [] == again


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (LONG, [(1,), (2,), (7,)]),
        (GROUPED, [(0, "c", 9), (1, "x", 1)]),
        (PICKED, [(0, 1, 1), (1, 9, 9), (9, 1, 1)]),
        (OUTSIDE, [(5, 2), (6, 3)]),
    ],
)
def test_what_is_run_in_its_place_says_the_same(
    session: SqliteSession, text: str, values: list[tuple[Stored, ...]]
) -> None:
    """With the values of each time, whatever signs stand in its texts. (performance.md §5)"""
    expected = [session.connection.execute(text, given).fetchall() for given in values]
    session.run(text, values[0])
    prepared = Prepared(session.connection)
    session.run(text, values[0])
    prepared.since()

    assert expected == [session.run(text, given) for given in values]
    assert prepared.since() == 0
    # An equal text is not always the same one.
    assert expected[1] == session.run("".join(list(text)), values[1])


@pytest.mark.parametrize(("text", "values"), [(LONG, (1,)), (PICKED, (0, 9, 9))])
def test_what_a_view_puts_together_is_not_copied(session: SqliteSession, text: str, values: tuple[Stored, ...]) -> None:
    """SQLite dissolves the view: a page of megabytes is made once. (performance.md §4)"""
    for _ in range(2):
        session.run(text, values)
    (name,) = [str(found) for (found,) in views(session)]
    plan = session.run(f"EXPLAIN QUERY PLAN SELECT * FROM temp.{name}")
    assert plan
    assert not [step for step in plan if f"CO-ROUTINE {name}" in str(step) or f"MATERIALIZE {name}" in str(step)]


def test_a_long_statement_that_comes_once_makes_nothing(session: SqliteSession) -> None:
    """Whoever asks something else each time spoils nothing for others. (performance.md §10)"""
    for number in range(3):
        session.run(LONG.replace("never?", str(number)), (1,))
    assert [] == views(session)
    session.run(LONG, (1,))
    session.run(LONG, (1,))
    assert len(views(session)) == 1


def test_tables_can_be_changed_after_a_long_statement(session: SqliteSession) -> None:
    """Also where a change was undone before, and the same is asked afterwards. (architecture.md §2)"""
    expected = session.run(LONG, (2,))
    session.run(LONG, (2,))
    session.run("BEGIN")
    session.run_script("ALTER TABLE thing DROP COLUMN other")
    assert expected == session.run(LONG, (2,))
    session.run("ROLLBACK")
    # The views are there again, under names that are given once more.
    assert [expected] * 3 == [session.run(LONG, (2,)) for _ in range(3)]
    session.run_script("ALTER TABLE thing DROP COLUMN other")
    session.run_script("ALTER TABLE thing RENAME COLUMN name TO called")
    session.run_script("ALTER TABLE thing RENAME COLUMN called TO name")

    assert [expected] * 3 == [session.run(LONG, (2,)) for _ in range(3)]


def test_a_transaction_makes_nothing_that_it_could_undo(session: SqliteSession) -> None:
    """What is there before is used inside. [E-21]"""
    session.run("BEGIN")
    found = [session.run(LONG, (3,)) for _ in range(3)]
    assert [] == views(session)
    session.run("ROLLBACK")
    found += [session.run(LONG, (3,)) for _ in range(3)]
    session.run("BEGIN")
    found.append(session.run(LONG, (3,)))
    session.run("COMMIT")
    assert [found[0]] * 7 == found


def test_only_so_much_is_kept(session: SqliteSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache has an end, by number and by size. (performance.md §10)"""
    monkeypatch.setattr(long_statements, "MOST_BYTES", 3 * len(LONG))
    texts = [LONG.replace("never?", f"never {number}") for number in range(10)]
    expected = session.run(LONG, (2,))
    names: set[object] = set()
    for text in texts:
        assert [expected] * 3 == [session.run(text, (2,)) for _ in range(3)]
        assert 1 <= len(views(session)) <= 3
        names.update(views(session))
    # What the driver remembers of views that are gone has an end too: their names come again.
    assert len(names) <= 3

    monkeypatch.setattr(long_statements, "MOST_TEXTS", 4)
    for number in range(20):
        session.run(LONG.replace("never?", f"once {number}"), (2,))
    assert [] == views(session)


def test_a_statement_that_is_long_but_asks_nothing_is_run_as_it_is(session: SqliteSession) -> None:
    """Many rows are written with one statement. (performance.md §7)"""
    rows = [(number, f"row {number}") for number in range(10, 3000)]
    text = f"INSERT INTO thing (id, name) VALUES {', '.join(['(?, ?)'] * len(rows))}"
    for _ in range(2):
        session.run(text, [value for row in rows for value in row])
        session.run("DELETE FROM thing WHERE id >= 10")
    assert [] == views(session)
    assert session.run("SELECT count(*) FROM thing") == [(3,)]
