"""What leads from row to row, and whose rows they are, is found by an index, whatever table it is. performance.md §10

SQLite says so of its own accord. PostgreSQL would rather walk a table that is empty: here it may not, so what it walks
all the same it has no index for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import cast

import pytest

from benchmarks.rights import PAGE, People, Size, fill
from tests.postgres import PostgresqlServer
from tests.scenarios.harness import new_organization
from verselet.messages.access import AccessRights
from verselet.organization import Organization
from verselet.query.odata.options import build_query, parse_options
from verselet.query.resolve import Reading
from verselet.security.caller import Caller
from verselet.security.privileges import privilege_name
from verselet.sql.columns import index_name, is_view
from verselet.sql.indexes import indexed_lookups, indexed_name
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

WALKED = re.compile(r"SCAN (\w+)(?! VIRTUAL TABLE)(?= |$)")
"""What SQLite says of a table that is walked."""

TAKEN, COND = re.compile(r" *-> +(?:Seq|Index|Index Only) Scan (?:using \w+ )?on (\w+)"), "Index Cond:"
"""What PostgreSQL says of a table, and then of the index that leads to its rows."""

SORTED = re.compile(r"USE TEMP B-TREE FOR ORDER BY|-> +Sort")


@pytest.fixture(scope="module", params=["memory", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """An organization with a user who sees only what belongs to her. Nobody changes it."""
    server, url = None, None
    if request.param == "postgresql":
        server = cast("PostgresqlServer", request.getfixturevalue("postgresql"))
        url = server.fresh()
    organization = new_organization(url)
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
    """The tables that are walked from end to end, be it along an index."""
    made = {found[1] for step in steps if (found := MADE.match(step))}
    names = [found[1] for step in steps if (found := WALKED.match(step))]
    along = [found[1] for step, after in pairwise([*steps, ""]) if (found := TAKEN.match(step)) and COND not in after]
    return [*[name for name in names if name not in made], *along]


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
    """Who sees only what is hers need not wait for what belongs to others. [SEC-40]

    A view over several tables is left out: these are walked in the order of their keys until the page is full.
    """
    organization, people = place
    caller = organization.find_caller(people.owner)
    assert caller is not None
    owned = [table for table in organization.schema.tables.values() if table.ownership == "user" and not is_view(table)]
    questions = [
        (table.name, f"$select={table.primary_id}")
        for table in owned
        if caller.reaches(privilege_name(table, READ), READ) is not None
    ]
    found = [(table, index_name(table, "ownerid"), steps) for (table, _), steps in plans_of(place, questions, caller)]

    assert len(questions) > 30
    assert [] == [
        table for table, index, steps in found if not any(f"INDEX {index} " in _as_one(step) for step in steps)
    ]


def _as_one(step: str) -> str:
    """PostgreSQL says `using`, SQLite `USING COVERING INDEX`."""
    return step.replace(" using ", " INDEX ")


def called(organization: Organization) -> list[tuple[str, str]]:
    """Each table whose rows have a name by which they are listed, and the column of it."""
    named = [(table.name, indexed_name(table)) for table in organization.schema.tables.values() if not is_view(table)]
    return [(table, column.name) for table, column in named if column is not None]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_rows_come_by_name_without_all_of_them_being_sorted(place: Place, direction: str) -> None:
    """As views sort them: the rows of a page are read, whatever else is there. Rows of one name may be put in order."""
    organization = place[0]
    questions = [(table, f"$orderby={name} {direction}") for table, name in called(organization)]
    found = plans_of(place, questions, organization.administrator)

    assert [] == [question for question, steps in found if any(SORTED.match(step.strip()) for step in steps)]
    assert len(questions) > 50


def test_rows_are_found_by_their_name(place: Place) -> None:
    """Without regard to letter case. [F-3]"""
    organization = place[0]
    questions = [(table, f"$filter={name} eq 'Somebody'") for table, name in called(organization)]

    assert [] == [
        (q, at) for q, steps in plans_of(place, questions, organization.administrator) if (at := walked(steps))
    ]


def test_rows_are_found_by_their_alternate_keys(place: Place) -> None:
    """Upserts of integrations look for each row by such a key. [K-1]"""
    keys = f"_new_accountid_value eq {SOMEBODY} and new_ticks eq 7"
    questions = [("new_gizmo", "$filter=new_code eq 'A-1'"), ("new_gizmo", f"$filter={keys}")]

    assert [] == [(q, at) for q, steps in plans_of(place, questions, place[0].administrator) if (at := walked(steps))]
