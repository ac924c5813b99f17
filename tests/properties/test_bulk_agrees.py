"""Rows that are written together are what they would be, had they come one by one. performance.md §7"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, cast
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gizmos import schema_with_gizmos
from tests.postgres import PostgresqlServer
from tests.scenarios.harness import Api, new_organization, undone
from tests.scenarios.people import named
from tests.scenarios.stores import STORES
from verselet.sql.write import stored_names

NUMBERS = range(6)
TYPES = {"accounts": "account", "new_gizmos": "new_gizmo"}
CODES = "abcdef"

Target = dict[str, object]


def row_id(number: int) -> str:
    """The id of an account and of a gizmo."""
    return f"00000000-0000-4000-8000-0000000000{number:02x}"


def mostly(good: Sequence[object], *others: object) -> st.SearchStrategy[Any]:
    """One of those, seldom one of the others, most of which are refused."""
    return st.sampled_from([*good, *good, *good, *others])


def member(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Target]:
    """One property."""
    return values.map(lambda value: {name: value})


def bound(navigation: str, set_name: str, ids: st.SearchStrategy[Any]) -> st.SearchStrategy[Target]:
    """A bind, or the clearing of one."""
    return ids.map(lambda found: {f"{navigation}@odata.bind": None if found is None else f"/{set_name}({found})"})


STATE = member("statecode", st.sampled_from([0, 1]))
MEMBERS: Mapping[str, tuple[st.SearchStrategy[Target], ...]] = {
    "accounts": (
        member("name", mostly(["a", "b", None], "x" * 161)),
        member("revenue", st.sampled_from([1, 2.5, None])),
        member("address1_city", st.sampled_from(["Elm", None])),
        member("statuscode", mostly([1, 2], 77)),
        STATE,
        bound("parentaccountid", "accounts", mostly([row_id(3), None], row_id(1), row_id(0), row_id(99))),
        bound("ownerid", "systemusers", mostly([row_id(0x50)], row_id(0x51))),
    ),
    "new_gizmos": (
        member("new_name", st.sampled_from(["a", "b", None])),
        member("new_code", mostly([*CODES, None], "x" * 401)),
        member("new_count", mostly([1, 5000], 5001)),
        member("new_ticks", st.sampled_from([1, 2, None])),
        member("new_price", st.sampled_from([1.5, None])),
        STATE,
        bound("new_AccountId", "accounts", mostly([row_id(0), None], row_id(99))),
    ),
}


@st.composite
def targets(draw: st.DrawFn, set_name: str) -> list[Target]:
    """What changes of which rows; most messages name each row once, and all rows in the same way."""
    kind = f"Microsoft.Dynamics.CRM.{TYPES[set_name]}"
    names = draw(st.lists(st.integers(0, 6), min_size=1, max_size=5, unique=draw(st.integers(0, 3)) > 0))
    by_key = set_name == "new_gizmos" and draw(st.booleans())
    found = []
    for number in names:
        target: Target = {"@odata.type": kind}
        for made in draw(st.lists(st.sampled_from(MEMBERS[set_name]), max_size=3)):
            target |= draw(made)
        if by_key != draw(mostly([False] * 4, True)):
            target["@odata.id"] = f"{set_name}(new_code='{'ABcdefg'[number]}')"
            if set_name == "accounts":
                target["@odata.id"] = f"accounts({row_id(number)})"
        else:
            target[f"{TYPES[set_name]}id"] = row_id(number)
        found.append(target)
    return found


ANNA, BORIS = row_id(0x50), row_id(0x51)
"""Two users who may work with their own accounts and with what is shared with them."""

KEPT = {
    "account": None,
    "new_gizmo": None,
    "principalobjectaccess": ("objectid", "principalid", "accessrightsmask", "inheritedaccessrightsmask"),
    "audit": ("action", "operation", "objectid", "userid", "attributemask", "changedata"),
}
"""Table → the columns that are looked at, where others hold ids by chance."""


@pytest.fixture(scope="module", params=STORES)
def fresh(request: pytest.FixtureRequest) -> Callable[[], str | None]:
    """Where a new organization may be, on each store."""
    if request.param == "memory":
        return lambda: None
    return cast("PostgresqlServer", request.getfixturevalue("postgresql")).fresh


@pytest.fixture(scope="module", params=["unaudited", "audited"])
def world(request: pytest.FixtureRequest, fresh: Callable[[], str | None]) -> Iterator[Api]:
    """Accounts and gizmos, some of them a user's, some shared; changes are written down or not."""
    is_audited = request.param == "audited"
    schema = schema_with_gizmos()
    tables = {name: msgspec.structs.replace(schema.tables[name], audit=is_audited) for name in TYPES.values()}
    schema = msgspec.structs.replace(schema, tables={**schema.tables, **tables})
    with Api(new_organization(fresh(), schema)) as api:
        stock(api)
        assert 204 == api.patch(f"organizations({api.organization.id})", {"isauditenabled": is_audited}).status
        yield api


def stock(api: Api) -> None:
    """The users, six accounts and as many gizmos."""
    unit = f"/businessunits({api.organization.administrator.business_unit_id})"
    for user in (ANNA, BORIS):
        api.make("systemusers", systemuserid=user, lastname="Tester", domainname=user, businessunitid__bind=unit)
        api.entitle("systemusers", user)
    for number in NUMBERS:
        owner = ANNA if number != 3 else api.organization.administrator.user_id
        parent = f"/accounts({row_id(3)})" if number > 3 else None
        binds = {"ownerid__bind": f"/systemusers({owner})", "parentaccountid__bind": parent}
        api.make("accounts", accountid=row_id(number), name=f"n{number}", **binds)
        api.make("new_gizmos", new_gizmoid=row_id(number), new_code=CODES[number], new_ticks=number)
    for number, user in ((0, BORIS), (3, ANNA), (3, BORIS)):
        rights = "ReadAccess, WriteAccess, AppendAccess, AppendToAccess"
        given = {"AccessMask": rights, "Principal": named("systemuser", user)}
        answer = api.post("GrantAccess", {"Target": named("account", row_id(number)), "PrincipalAccess": given})
        assert 204 == answer.status, answer.body


def kept(api: Api) -> dict[str, list[list[object]]]:
    """All that writes leave behind; of versions only their order, and new ids of gizmos as their codes."""
    found = {}
    with api.organization.store.read() as session:
        named = session.run("SELECT new_gizmoid, new_code FROM new_gizmo")
        codes = {row: code for row, code in named if not str(row).startswith("0000")}
        for name, columns in KEPT.items():
            table = api.organization.schema.tables[name]
            names = stored_names(table, columns or tuple(table.columns))
            listed = ", ".join(names)
            found_rows = session.run(f"SELECT {listed} FROM {name}")
            rows: list[list[object]] = [[codes.get(value, value) for value in row] for row in found_rows]
            if "versionnumber" in names:
                at = names.index("versionnumber")
                ranks = sorted([str(row[at]).zfill(9) for row in rows])
                for row in rows:
                    row[at] = ranks.index(str(row[at]).zfill(9))
            found[name] = sorted(rows, key=repr)
    return found


@contextmanager
def one_by_one() -> Iterator[None]:
    """No rows go together."""
    with patch("verselet.operations.bulk._goes_together", return_value=False):
        yield


def assert_agreed(world: Api, address: str, asked: Sequence[Target], user: str | None = None) -> None:
    """The rows may go together or not: it makes no difference."""
    headers = {} if user is None else {"authorization": f"Bearer dev:{user}"}
    found = []
    for manner in (nullcontext, one_by_one):
        with undone(world.organization), manner():
            answer = world.post(address, {"Targets": asked}, **headers)
            found.append((answer.status, answer.body, kept(world)))
    assert found[0] == found[1]


@settings(max_examples=100)
@given(st.data())
def test_rows_together_are_rows_one_by_one(world: Api, data: st.DataObject) -> None:
    """The same answer, and the same rows, shares, versions and history afterwards. [BM-3], [BM-4], [BM-6], [MSG-29]"""
    set_name = data.draw(st.sampled_from(sorted(TYPES)))
    asked = data.draw(targets(set_name))
    message = data.draw(st.sampled_from(["UpdateMultiple", "UpsertMultiple"]))
    user = ANNA if set_name == "accounts" and data.draw(st.booleans()) else None
    assert_agreed(world, f"{set_name}/Microsoft.Dynamics.CRM.{message}", asked, user)


HARD: Mapping[str, tuple[str, dict[int, Target]]] = {
    "a code that is given up later": (
        "new_gizmos",
        {0: {"new_code": "g"}, 1: {"new_code": "c", "new_name": "x"}, 2: {"new_code": "h"}},
    ),
    "a code that is given up before": (
        "new_gizmos",
        {0: {"new_code": "g"}, 1: {"new_code": "a", "new_name": "x"}, 2: {"new_code": "b"}},
    ),
    "a parent that loses its own": (
        "accounts",
        {
            1: {"parentaccountid@odata.bind": f"/accounts({row_id(4)})"},
            4: {"parentaccountid@odata.bind": None},
        },
    ),
    "a row that is new points to one that is new": (
        "accounts",
        {6: {"name": "x"}, 7: {"parentaccountid@odata.bind": f"/accounts({row_id(6)})"}},
    ),
    "a row that is there points to one that is new": (
        "accounts",
        {1: {"parentaccountid@odata.bind": f"/accounts({row_id(6)})"}, 6: {"name": "x"}},
    ),
    "a new owner, and a row that is the same owner's": (
        "accounts",
        {
            3: {"ownerid@odata.bind": f"/systemusers({row_id(0x50)})", "name": "x"},
            4: {"ownerid@odata.bind": f"/systemusers({row_id(0x50)})", "name": "y"},
        },
    ),
}
"""What could come out otherwise → the table, and what changes by the numbers of its rows."""


@pytest.mark.parametrize("message", ["UpdateMultiple", "UpsertMultiple"])
@pytest.mark.parametrize("what", HARD)
def test_rows_that_see_each_other_agree(world: Api, what: str, message: str) -> None:
    """What one row leaves behind for the next one counts, and only that. [BM-6], [SEC-74], [K-5]"""
    set_name, changes = HARD[what]
    name = TYPES[set_name]
    kind = f"Microsoft.Dynamics.CRM.{name}"
    asked = [{"@odata.type": kind, f"{name}id": row_id(number), **change} for number, change in changes.items()]
    assert_agreed(world, f"{set_name}/Microsoft.Dynamics.CRM.{message}", asked)
