"""A list costs what its caller may see, not what there is; who may see everything does not pay for the others.

Steps of SQLite are counted, which is exact on any machine. performance.md §4, §10
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import apsw
import pytest

from benchmarks.rights import COUNTS, GROUPS, PAGES, People, Size, fill, statement_of
from tests.gizmos import schema_with_gizmos
from tests.properties.rights_proof import Failure, proof
from verselet.organization import Organization, open_organization
from verselet.query.odata.options import build_query, parse_options
from verselet.query.resolve import Reading
from verselet.sql.indexes import first_columns
from verselet.sql.reach import Grounds
from verselet.store.layout import layout_of
from verselet.store.sqlite_session import SqliteSession

SMALL, LARGE = Size(rows=600, owners=20, accounts=5, shares=10), Size(rows=2400, owners=80, accounts=5, shares=10)
"""The owner has thirty rows in both."""

BY_INDEX = "rows of one account"
"""What an index serves: the caller's rows are picked from those it leads to."""


def made(size: Size) -> Iterator[tuple[Organization, People]]:
    """An organization with the rows of the benchmark, fewer of them."""
    organization = open_organization(None)
    yield organization, fill(organization, size)
    organization.close()


small = pytest.fixture(scope="module", name="small")(lambda: (yield from made(SMALL)))
large = pytest.fixture(scope="module", name="large")(lambda: (yield from made(LARGE)))


def steps(opened: tuple[Organization, People], who: str, question: str) -> int:
    """The steps SQLite takes for a question of one of the people, or of the administrator."""
    organization, people = opened
    caller = organization.administrator if who == "administrator" else organization.find_caller(getattr(people, who))
    assert caller is not None
    text, values = statement_of(organization, caller, question, people.account)
    counted: list[dict[str, Any]] = []
    with organization.store.read() as session:
        assert isinstance(session, SqliteSession)
        session.connection.trace_v2(apsw.SQLITE_TRACE_PROFILE, lambda event: counted.append(event["stmt_status"]))
        session.connection.execute(text, values).fetchall()
        session.connection.trace_v2(0)
    return int(counted[-1]["SQLITE_STMTSTATUS_VM_STEP"])


@pytest.mark.parametrize("question", [name for name in (*PAGES, *COUNTS, *GROUPS) if name != BY_INDEX])
def test_a_read_costs_what_the_caller_may_see(
    small: tuple[Organization, People], large: tuple[Organization, People], question: str
) -> None:
    """Four times as many rows of others are not looked at. performance.md §10"""
    few, many = steps(small, "owner", question), steps(large, "owner", question)

    assert many < few * 1.1


@pytest.mark.parametrize("question", [*PAGES, *COUNTS, *GROUPS])
def test_who_may_see_everything_of_a_unit_pays_little_for_it(large: tuple[Organization, People], question: str) -> None:
    """The steps of an administrator, and some for each row. performance.md §10"""
    everything, own = steps(large, "administrator", question), steps(large, "local", question)

    assert own < everything + 45 * LARGE.rows


@pytest.mark.parametrize(("options", "in_order"), [("$select=lastname", 1), ("$filter=ownerid/name ne null", 0)])
def test_a_way_that_gives_rows_in_order_is_alone(
    small: tuple[Organization, People], options: str, in_order: int
) -> None:
    """The database may begin with any of several joined tables, so then each way asks for the order. [O-6]"""
    organization, people = small
    caller = organization.find_caller(people.owner)
    assert caller is not None
    read = organization.prepare_page(build_query("contact", parse_options(options)), Reading(), caller)
    assert read.page is not None

    ways, sorted_ways = [read.page.rows.text.count(text) for text in (") way", ' ORDER BY t0."contactid"')]
    assert 2 + in_order == ways
    assert 2 == sorted_ways


def test_the_columns_that_lead_to_rows_are_those_of_the_indexes() -> None:
    """What chooses a way and what makes the indexes agree. (sql.ways)"""
    schema = schema_with_gizmos()
    layout = layout_of(schema)
    for name, table in schema.tables.items():
        if name in layout.tables:
            led = {index.columns[0].name for index in layout.indexes.values() if index.table == name}
            expected = (led - {"principalid"} if name == "principalobjectaccess" else led) | {table.primary_id}
            if not table.is_intersect:
                assert expected == set(first_columns(schema, table)), name


FAULTS: dict[str, tuple[str, str, Callable[[str], str]]] = {
    "a share without the right": ("chosen", "in_order", lambda text: text.replace("& 1 <> 0", "<> -1")),
    "nothing of the first owner": ("chosen", "in_order", lambda text: text.replace("->> 0", "->> 9", 1)),
    "a row of an owner and a share": ("chosen", "in_order", lambda text: text.replace("IS NOT TRUE", "IS NOT NULL")),
    "a row of two shares": ("chosen", "in_order", lambda text: text.replace("LIMIT 1) IS NULL", "LIMIT 1) IS NOT 2")),
    "a row twice": ("from reach", "in_any_order", lambda text: text.replace("IS NOT TRUE", "IS NOT NULL")),
    "a row shared twice": ("from reach", "in_any_order", lambda text: text.replace("DISTINCT ", "")),
    "a share of another table": (
        "from reach",
        "in_any_order",
        lambda text: text.replace("share.objecttypecode =", "share.objecttypecode <="),
    ),
}
"""A mistake in how rows are found → the way it is in, the text, and how the text is changed."""


@pytest.mark.parametrize("fault", FAULTS)
def test_the_proof_of_rights_finds_a_fault_in_a_way(fault: str) -> None:
    """It goes the ways, and sees what comes of them. [SEC-41], [SEC-44]"""
    way, name, wrong = FAULTS[fault]
    right = getattr(Grounds, name)

    def faulty(grounds: Grounds, *given: object) -> str:
        return wrong(right(grounds, *given))

    with patch.object(Grounds, name, faulty), proof(way=way) as running, pytest.raises(Failure):
        for seed in range(1, 30):
            running.prove(seed, 30)
