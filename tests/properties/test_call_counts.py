"""A read costs Python the same however many rows it has, and finds its rows by an index.

Counted calls and query plans are exact on any machine, unlike timings. performance.md §4, §10
"""

from __future__ import annotations

import asyncio
import gc
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Self

import msgspec
import pytest

from benchmarks.data import EVENTS_PER_SESSION, event_id, load, queue_id, session_id
from benchmarks.raw import Listener
from benchmarks.serving import answered
from benchmarks.shapes import BASIC_DEPTH, EIGHT, JSON, PLAIN, SHAPES, Call, Manner, Shape
from verselet.ids import numbered_id
from verselet.organization import Organization, open_organization
from verselet.query.fetchxml.parse import parse_fetch
from verselet.query.fetchxml.resolve import Additions, resolve_fetch
from verselet.query.plan import FIRST_LITERAL
from verselet.query.resolve import Reading, resolve
from verselet.query.tree import Query
from verselet.server.run import build_application
from verselet.sql.compiler import MOST_COUNTED
from verselet.sql.dialects import POSTGRESQL
from verselet.sql.select import compile_page
from verselet.sql.tabular import compile_tabular
from verselet.store.sqlite_session import SqliteSession

SESSIONS = 40
READS = [shape for shape in SHAPES if not shape.writes]
FOUND = [shape for shape in READS if not shape.walks]

PLACES = {
    "a page": ("msdyn_sessionevents?{select}&$top={rows}", ()),
    "a page with a next link": ("msdyn_sessionevents?{select}", (("prefer", "odata.maxpagesize={rows}"),)),
    "a sorted page": ("msdyn_sessionevents?{select}&$orderby=msdyn_eventtime%20desc&$top={rows}", ()),
    "a filtered page": ("msdyn_sessionevents?{select}&$filter=msdyn_eventtype%20gt%203&$top={rows}", ()),
    "a page with all annotations": (
        "msdyn_sessionevents?{select}&$top={rows}",
        (("prefer", 'odata.include-annotations="*"'),),
    ),
    "a page with expanded rows": (
        "msdyn_ocsessions?$select=subject&$top={rows}&$expand=msdyn_ocsession_sessionevent_nested({select})",
        (),
    ),
    "a page of a row's collection": (
        f"msdyn_ocsessions({session_id(3)})/msdyn_ocsession_sessionevent_nested?{{select}}&$top={{rows}}",
        (),
    ),
    "a page with its count": (
        f"msdyn_ocsessions?$filter=_msdyn_cdsqueueid_value%20ne%20{queue_id(1)}&$count=true&$top={{rows}}",
        (),
    ),
}
"""What is asked → the request, with a place for the number of rows."""


@contextmanager
def _loaded() -> Iterator[Organization]:
    made = open_organization("contour")
    load(made, SESSIONS, lambda _done, _total: None)
    yield made
    made.close()


@pytest.fixture(scope="module")
def organization() -> Iterator[Organization]:
    """An organization with the rows of the benchmarks, fewer of them. Nobody changes them."""
    with _loaded() as made:
        yield made


@pytest.fixture(scope="module")
def written() -> Iterator[Organization]:
    """Another one, whose rows are changed."""
    with _loaded() as made:
        yield made


def calls_of(organization: Organization, call: Call) -> tuple[int, int]:
    """Python calls the second answer takes, and the bytes it has."""
    application = build_application(organization)

    async def ask() -> tuple[int, int]:
        await answered(application, call)
        with Counting() as counting:
            status, _, body = await answered(application, call)
        assert status in {200, 204}, body.decode()
        return counting.calls, len(body)

    return asyncio.run(ask())


class Counting:
    """Counts the Python functions that are called inside."""

    def __init__(self) -> None:
        self.calls = 0

    def __enter__(self) -> Self:
        # Whoever listens to the garbage collector is called whenever that happens to run.
        gc.collect()
        gc.disable()
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        gc.enable()

    def _note(self, _frame: FrameType, event: str, _argument: object) -> None:
        self.calls += event == "call"


@pytest.mark.parametrize("what", PLACES)
def test_the_number_of_calls_does_not_depend_on_the_number_of_rows(organization: Organization, what: str) -> None:
    """No Python per row: three rows and eighteen take the same calls. performance.md §4"""
    target, headers = PLACES[what]

    def asked(rows: int) -> tuple[int, int]:
        filled = tuple((name, value.replace("{rows}", str(rows))) for name, value in headers)
        return calls_of(organization, Call("GET", target.format(select=EIGHT, rows=rows), filled))

    few, size_of_few = asked(3)
    many, size_of_many = asked(EVENTS_PER_SESSION - 2)

    assert size_of_many > 3 * size_of_few
    assert few == many


@pytest.mark.parametrize("shape", READS, ids=lambda shape: shape.letter)
def test_a_read_takes_few_calls(organization: Organization, shape: Shape) -> None:
    """A shape that was asked before is bound and run, not parsed and compiled. performance.md §3"""
    calls, _ = calls_of(organization, shape.calls(SESSIONS)[0])

    assert calls < 110


@pytest.mark.parametrize(
    ("letter", "manner", "most"),
    [("h", PLAIN, 185), ("i", PLAIN, 150), ("h", BASIC_DEPTH, 305), ("i", BASIC_DEPTH, 210)],
    ids=lambda found: found.says if isinstance(found, Manner) else str(found),
)
def test_a_write_takes_few_calls(written: Organization, letter: str, manner: Manner, most: int) -> None:
    """What depends on the table only was found out before, and a user's reach once. performance.md §10"""
    (shape,) = [shape for shape in SHAPES if shape.letter == letter]
    calls, _ = calls_of(written, shape.calls(SESSIONS, manner)[0])

    assert calls < most


@pytest.mark.parametrize("manner", [PLAIN, BASIC_DEPTH], ids=lambda manner: manner.says)
@pytest.mark.parametrize(("message", "most"), [("CreateMultiple", 19), ("UpdateMultiple", 20), ("UpsertMultiple", 24)])
def test_a_row_among_many_takes_few_calls(written: Organization, message: str, most: int, manner: Manner) -> None:
    """Whatever is the same for all rows of a message is done once. performance.md §7"""
    (shape,) = [shape for shape in SHAPES if shape.letter == "j"]
    application = build_application(written)
    targets = msgspec.json.decode(shape.calls(SESSIONS)[0].body)["Targets"]
    for number, target in enumerate(targets):
        if message != "CreateMultiple":
            target["msdyn_sessioneventid"] = event_id(number)

    def calls(number: int) -> int:
        body = msgspec.json.encode({"Targets": targets[:number]})
        call = manner.of(Call("POST", f"msdyn_sessionevents/Microsoft.Dynamics.CRM.{message}", JSON, body))
        with Counting() as counting:
            status, _, answer = asyncio.run(answered(application, call))
        assert status < 300, answer.decode()
        return counting.calls

    calls(101)

    assert (calls(101) - calls(1)) / 100 < most


@pytest.mark.parametrize("message", ["UpdateMultiple", "UpsertMultiple"])
def test_many_rows_take_as_many_statements_as_one(written: Organization, message: str) -> None:
    """Rows go together; by their keys too. performance.md §7"""
    listener = Listener(written)
    application = build_application(listener.organization)
    address = f"contacts/Microsoft.Dynamics.CRM.{message}"

    def statements(number: int) -> int:
        targets = [
            {
                "@odata.type": "Microsoft.Dynamics.CRM.contact",
                "contactid": numbered_id(place, "contact"),
                "lastname": f"Ash {place % number}",
            }
            for place in range(number)
        ]
        body = msgspec.json.encode({"Targets": targets})
        make = Call("POST", "contacts/Microsoft.Dynamics.CRM.UpsertMultiple", JSON, body)
        assert asyncio.run(answered(application, make))[0] < 300
        with listener.recording() as recorded:
            status, _, answer = asyncio.run(answered(application, Call("POST", address, JSON, body)))
        assert status < 300, answer.decode()
        return len(recorded.steps)

    assert statements(40) == statements(2)


def test_a_collection_of_a_row_takes_few_calls(organization: Organization) -> None:
    """Its plan is remembered for all rows that have such a collection. performance.md §3"""
    calls, _ = calls_of(organization, _events_of(3))

    assert calls < 200


def test_collections_share_a_plan_and_not_their_rows(organization: Organization) -> None:
    """The row in the path is a value, no part of the plan. performance.md §3"""
    application = build_application(organization)

    async def ask(session: int) -> set[str]:
        _, _, body = await answered(application, _events_of(session))
        return {row["msdyn_name"] for row in msgspec.json.decode(body)["value"]}

    async def ask_both() -> tuple[set[str], set[str]]:
        return await ask(3), await ask(4)

    first, second = asyncio.run(ask_both())

    assert {f"Event {number} of session 3" for number in range(EVENTS_PER_SESSION)} == first
    assert {f"Event {number} of session 4" for number in range(EVENTS_PER_SESSION)} == second


def _events_of(session: int) -> Call:
    return Call(
        "GET", f"msdyn_ocsessions({session_id(session)})/msdyn_ocsession_sessionevent_nested?$select=msdyn_name"
    )


def plan_of(organization: Organization, call: Call) -> list[str]:
    """The steps SQLite takes for the statements of a request."""
    listener = Listener(organization)
    with listener.recording() as recorded:
        status, _, body = asyncio.run(answered(build_application(listener.organization), call))
    assert status == 200, body.decode()
    steps = []
    with organization.store.read() as session:
        assert isinstance(session, SqliteSession)
        for step in recorded.steps:
            rows = session.connection.execute(f"EXPLAIN QUERY PLAN {step.text}", step.rows[0]).fetchall()
            steps += [str(row[3]) for row in rows]
    return steps


@pytest.mark.parametrize("shape", FOUND, ids=lambda shape: shape.letter)
def test_a_read_finds_its_rows_by_an_index(organization: Organization, shape: Shape) -> None:
    """No table is walked from end to end. performance.md §10"""
    steps = plan_of(organization, shape.calls(SESSIONS)[0])

    assert [] != [step for step in steps if "USING" in step and "INDEX" in step]
    assert [] == [step for step in steps if re.fullmatch(r"SCAN t\d+", step)]


@pytest.mark.parametrize("shape", FOUND, ids=lambda shape: shape.letter)
def test_what_is_sorted_is_narrow(organization: Organization, shape: Shape) -> None:
    """Where rows must be sorted, their numbers are, and the page's rows are looked up afterwards. performance.md §4"""
    steps = plan_of(organization, shape.calls(SESSIONS)[0])
    sorts = "USE TEMP B-TREE FOR ORDER BY" in steps

    assert sorts == (shape.letter == "c")
    assert not sorts or "SEARCH t0 USING INTEGER PRIMARY KEY (rowid=?)" in steps


def test_postgresql_can_take_the_keys_index_for_the_order(organization: Organization) -> None:
    """An index of PostgreSQL has nulls last: where a key orders rows nothing is said of nulls. performance.md §10"""
    schema = organization.schema
    asked = resolve(Query(table="msdyn_sessionevent"), schema, Reading()).plan
    page = compile_page(asked, schema, POSTGRESQL, FIRST_LITERAL, sized=False)

    assert ' ORDER BY t0."msdyn_sessioneventid" LIMIT ' in page.rows.text


def test_so_it_can_for_questions_in_fetchxml_and_sql(organization: Organization) -> None:
    """They are ordered by the key too, where they ask for no order. performance.md §10"""
    schema = organization.schema
    fetch = parse_fetch("<fetch><entity name='msdyn_sessionevent'><attribute name='msdyn_name'/></entity></fetch>")
    asked = resolve_fetch(fetch, schema.tables["msdyn_sessionevent"], schema, Additions()).plan
    statements = compile_tabular(asked, schema, POSTGRESQL, FIRST_LITERAL, MOST_COUNTED)

    assert ' ORDER BY t0."msdyn_sessioneventid" LIMIT ' in statements.rows.text
