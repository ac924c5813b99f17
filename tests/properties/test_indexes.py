"""What leads from row to row, and whose rows they are, is found by an index, whatever table it is. performance.md §10

SQLite says so of its own accord. PostgreSQL would rather walk a table that is empty: here it may not, so what it walks
all the same it has no index for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import cast

import pytest

from benchmarks.rights import PAGE, People, Size, fill
from tests.postgres import PostgresqlServer
from verselet.messages.access import AccessRights
from verselet.organization import Organization, open_organization
from verselet.query.odata.options import build_query, parse_options
from verselet.query.resolve import Reading
from verselet.security.caller import Caller
from verselet.security.privileges import privilege_name
from verselet.sql.columns import is_view
from verselet.sql.indexes import indexed_lookups
from verselet.store.session import Session
from verselet.store.sqlite_session import SqliteSession

Place = tuple[Organization, People]
Question = tuple[str, str]

SOMEBODY = "3630aae9-c3ed-5711-8f1d-36a8d1752822"
READ = AccessRights.ReadAccess
SMALL = Size(rows=20, owners=2, accounts=2, shares=2)
NEVER_WALK = ("SET LOCAL enable_seqscan = off", "SET LOCAL enable_bitmapscan = off")
MADE = re.compile(r"(?:CO-ROUTINE|MATERIALIZE) (\w+)")
"""What the statement made for itself: it is walked as far as it is wanted."""

WALKED = re.compile(r"SCAN (\w+)(?! VIRTUAL TABLE)(?= |$)|.*Seq Scan on (\w+)")
SORTED = re.compile(r"USE TEMP B-TREE FOR ORDER BY|-> +Sort")


@pytest.fixture(scope="module", params=["memory", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """An organization with a user who sees only what belongs to her. Nobody changes it."""
    server, url = None, None
    if request.param == "postgresql":
        server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
        url = server.fresh()
    organization = open_organization("contour", url=url)
    yield organization, fill(organization, SMALL)
    organization.close()
    if server and url:
        server.give_back(url)


def plan_of(session: Session, organization: Organization, question: Question, caller: Caller) -> list[str]:
    """The steps the database takes for a page of a table."""
    table, options = question
    read = organization.prepare_page(build_query(table, parse_options(options)), Reading(), caller)
    assert read.page is not None
    found = read.page.rows
    values = found.bind(read.values("http://localhost/", caller, PAGE))
    if isinstance(session, SqliteSession):
        steps = session.connection.execute(f"EXPLAIN QUERY PLAN {found.text}", values).fetchall()
        return [str(step[3]) for step in steps]
    return [str(step[0]) for step in session.run(f"EXPLAIN (COSTS OFF) {found.text}", values)]


def plans_of(place: Place, questions: Sequence[Question], caller: Caller) -> Iterator[tuple[Question, list[str]]]:
    """Each question with the steps the database takes for it."""
    organization = place[0]
    with organization.store.read() as session:
        for text in () if isinstance(session, SqliteSession) else NEVER_WALK:
            session.run(text)
        for question in questions:
            yield question, plan_of(session, organization, question, caller)


def walked(steps: Sequence[str]) -> list[str]:
    """The tables that are walked from end to end."""
    made = {found[1] for step in steps if (found := MADE.match(step))}
    names = [found[1] or found[2] for step in steps if (found := WALKED.match(step))]
    return [name for name in names if name not in made]


def ways(organization: Organization) -> list[Question]:
    """A question for each lookup of each table: which rows refer to somebody."""
    return [
        (table.name, f"$select={table.primary_id}&$filter=_{column.name}_value eq {SOMEBODY}")
        for table in organization.schema.tables.values()
        for column in indexed_lookups(organization.schema, table)
    ]


def test_rows_that_refer_to_a_row_are_found_by_an_index(place: Place) -> None:
    """No table is walked from end to end for the children of a row."""
    organization = place[0]
    questions = ways(organization)
    found = plans_of(place, questions, organization.administrator)

    assert [] == [(question, names) for question, steps in found if (names := walked(steps))]
    assert len(questions) > 300


def test_they_come_in_the_order_of_their_keys_without_being_sorted(place: Place) -> None:
    """The index of a lookup goes on with the key: a page costs as much as it has rows."""
    organization = place[0]
    found = plans_of(place, ways(organization), organization.administrator)

    assert [] == [question for question, steps in found if any(SORTED.match(step) for step in steps)]


def test_rows_of_an_owner_are_found_by_an_index(place: Place) -> None:
    """Who sees only what is hers does not wait for what belongs to others. [SEC-40]

    A view over several tables is left out: these are walked in the order of their keys until the page is full.
    """
    organization, people = place
    caller = organization.find_caller(people.owner)
    assert caller is not None
    questions = [
        (table.name, f"$select={table.primary_id}")
        for table in organization.schema.tables.values()
        if table.ownership == "user"
        and not is_view(table)
        and caller.reaches(privilege_name(table, READ), READ) is not None
    ]

    assert len(questions) > 30
    assert [] == [(q, names) for q, steps in plans_of(place, questions, caller) if (names := walked(steps))]
