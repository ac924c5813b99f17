"""Measure what the row filter costs: `python -m benchmarks.rights [--url URL] [--rows N]`.

In:        a store, in memory unless an address is given
Out:       a table: lists of 50, counts and groups as System Administrator, and as users who see a part of the rows
Not here:  sockets (benchmarks.run)

What is timed is the CPU of a whole request inside the process, the shortest of its runs; groups are timed as
statements, because over so many rows the service refuses them. [A-10]
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

import msgspec

from verselet.messages.request import Associate, CreateMultiple, CreateMultipleResponse, RowKey, Update
from verselet.operations.create import create_rows
from verselet.operations.founding import builtin_id
from verselet.organization import Organization, open_organization
from verselet.query.fetchxml.parse import parse_fetch
from verselet.query.fetchxml.resolve import Additions, resolve_fetch
from verselet.query.odata.options import build_query, parse_options
from verselet.query.resolve import Reading
from verselet.security.caller import Caller
from verselet.security.privileges import LOCAL, privileges
from verselet.store.session import Session
from verselet.values import Reference, Row, Stored, Value
from verselet.web.app import WebApi

MADE_AT_ONCE, PAGE, TURNS, TURN_S, OK = 1_000, 50, 7, 0.05, 200

PAGES: Mapping[str, str] = {
    "rows of one account": "$select=lastname&$filter=_parentcustomerid_value eq {account}",
    "no filter, no order": "$select=lastname",
    "the same, ten columns": "$select=lastname,firstname,fullname,createdon,modifiedon,statecode,statuscode,"
    "_ownerid_value,_parentcustomerid_value,jobtitle",
    "sorted, no index": "$select=lastname&$orderby=lastname",
    "begins with": "$select=lastname&$filter=startswith(lastname,'n0001')",
    "in a state, newest first": "$select=lastname&$filter=statecode eq 0&$orderby=modifiedon desc",
}
FETCHES: Mapping[str, str] = {
    "FetchXML": f"fetchXml=<fetch count='{PAGE}'><entity name='contact'><attribute name='lastname'/></entity></fetch>",
    "SQL": "sql=SELECT lastname, contactid FROM contact",
}
COUNTS: Mapping[str, str] = {"count": "$select=lastname", "count of a state": "$filter=statecode eq 0"}
GROUPS: Mapping[str, str] = {
    "groups of a state": "<attribute name='statecode' groupby='true' alias='s'/>"
    "<attribute name='contactid' aggregate='count' alias='n'/>",
    "largest value": "<attribute name='modifiedon' aggregate='max' alias='m'/>",
}


class Size(msgspec.Struct, frozen=True):
    """How much there is: contacts, who owns them, what they belong to, and how many are shared with one."""

    rows: int = 200_000
    owners: int = 100
    accounts: int = 1_000
    shares: int = 1_000


class People(msgspec.Struct, frozen=True):
    """An owner of some contacts at Basic depth, the owner's manager, a user at Local depth; and an account."""

    owner: str
    manager: str
    local: str
    account: str


def main() -> None:
    """Make the rows, ask, print."""
    parser = argparse.ArgumentParser(prog="rights", description="Measure what the row filter costs.")
    parser.add_argument("--url", help="a database; memory without it")
    parser.add_argument("--rows", type=int, default=Size().rows)
    options = parser.parse_args()
    organization = open_organization(None, url=options.url)
    try:
        _measure(organization, fill(organization, Size(rows=options.rows)))
    finally:
        organization.close()


def _measure(organization: Organization, people: People) -> None:
    who = {"Basic depth": people.owner, "manager": people.manager, "Local, all rows": people.local}
    callers = {name: caller for name, user in who.items() if (caller := organization.find_caller(user)) is not None}
    print(f"{'question':26} {'administrator':>16}{''.join([f'{name:>24}' for name in callers])}")
    for name in (*PAGES, *FETCHES, *COUNTS, *GROUPS):
        least, _ = _time(_asking(organization, organization.administrator, name, people.account))
        line = f"{name:26} {least:13.0f} us"
        for caller in callers.values():
            taken, size = _time(_asking(organization, caller, name, people.account))
            line += f"{taken:10.0f} us {size:>4} {taken / least:5.2f}"
        print(line)


def _asking(organization: Organization, caller: Caller, name: str, account: str) -> Callable[[], int]:
    """What asks the question once; it gives the rows of a page, or the number that was counted."""
    if name in GROUPS:
        text, values = statement_of(organization, caller, name, account)
        return lambda: int(str(organization.store.fetch(text, values)[0][1]))
    path = "/api/data/v9.2/contacts" + ("/$count" if name in COUNTS else "")
    question = {**PAGES, **FETCHES, **COUNTS}[name].format(account=account)
    scope = {
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": quote(question, "$=&,'()").encode(),
    }
    web = WebApi(organization, lambda *_: caller)

    def ask() -> int:
        answer = web.handle(scope, {"prefer": f"odata.maxpagesize={PAGE}"}, b"", "http://localhost")
        if answer.status != OK:
            raise RuntimeError(answer.whole_body.decode())
        return int(answer.body) if name in COUNTS else answer.body.count(b'"@odata.etag"')

    return ask


def statement_of(organization: Organization, caller: Caller, name: str, account: str) -> tuple[str, tuple[Stored, ...]]:
    """The statement of a question, and its values."""
    if name in GROUPS:
        table = organization.schema.tables["contact"]
        fetch = parse_fetch(f"<fetch aggregate='true'><entity name='contact'>{GROUPS[name]}</entity></fetch>")
        resolved = resolve_fetch(fetch, table, organization.schema, Additions())
        prepared = organization.prepare_table(resolved, caller)
        statement = prepared.statements.rows
        return statement.text, statement.bind([*prepared.values("http://localhost/", caller, PAGE), 0])
    text = {**PAGES, **COUNTS}[name].format(account=account)
    read = organization.prepare_page(build_query("contact", parse_options(text)), Reading(), caller)
    assert read.page is not None
    assert read.count is not None
    found = read.count if name in COUNTS else read.page.rows
    return found.text, found.bind(read.values("http://localhost/", caller, PAGE))


def _time(ask: Callable[[], int]) -> tuple[float, int]:
    """Microseconds of the quickest of several turns, and what was found."""
    found = ask()
    began = time.process_time()
    ask()
    often = max(1, int(TURN_S / max(time.process_time() - began, 1e-6)))
    turns = []
    for _ in range(TURNS):
        began = time.process_time()
        for _ in range(often):
            ask()
        turns.append((time.process_time() - began) / often * 1e6)
    return min(turns), found


def fill(organization: Organization, size: Size) -> People:
    """Contacts of many owners, some shared with the first one."""
    chance = random.Random(1)
    unit = Reference("businessunit", organization.administrator.business_unit_id)
    people = range(size.owners + 2)
    named: list[dict[str, Value]] = [
        {"firstname": "an", "lastname": f"owner {n}", "businessunitid": unit} for n in people
    ]
    manager, local, *users = _make(organization, "systemuser", named)
    role = RowKey(builtin_id("role", "basic-user"))
    for user in (manager, *users):
        message = Associate("systemuser", RowKey(user), "systemuserroles_association", "role", role)
        organization.execute(message, organization.administrator)
    accounts = _make(organization, "account", [{"name": f"account {n}"} for n in range(size.accounts)])
    contacts: list[str] = []
    for start in range(0, size.rows, MADE_AT_ONCE):
        many = range(start, min(start + MADE_AT_ONCE, size.rows))
        contacts += _make(
            organization,
            "contact",
            [
                {
                    "lastname": f"n{n * 7919 % size.rows:06}",
                    "ownerid": Reference("systemuser", users[n % size.owners]),
                    "parentcustomerid": Reference("account", chance.choice(accounts)),
                }
                for n in many
            ],
        )
    shared: dict[str, Value] = {
        "objecttypecode": "contact",
        "principaltypecode": "systemuser",
        "principalid": users[0],
        "accessrightsmask": 1,
        "inheritedaccessrightsmask": 0,
    }
    with organization.store.begin() as session:
        given = [{**shared, "objectid": row_id} for row_id in chance.sample(contacts, size.shares)]
        _insert(organization, session, "principalobjectaccess", given)
    _rule(organization, manager, users[0], local, unit)
    return People(users[0], manager, local, accounts[3 % size.accounts])


def _rule(organization: Organization, manager: str, managed: str, local: str, unit: Reference) -> None:
    """One user manages another; a third one reads the contacts of a whole unit, which are all there are."""
    (role,) = _make(organization, "role", [{"name": "Reader of a unit", "businessunitid": unit}])
    ids = {privilege.name: privilege.id for privilege in privileges(organization.schema.tables.values())}
    with organization.store.begin() as session:
        held: dict[str, Value] = {"roleid": role, "privilegedepthmask": LOCAL}
        _insert(organization, session, "roleprivileges", [{**held, "privilegeid": ids["prvReadContact"]}])
    messages = (
        Associate("systemuser", RowKey(local), "systemuserroles_association", "role", RowKey(role)),
        _changed("systemuser", managed, {"parentsystemuserid": Reference("systemuser", manager)}),
        _changed("organization", organization.id, {"ishierarchicalsecuritymodelenabled": True}),
    )
    for message in messages:
        organization.execute(message, organization.administrator)


def _changed(table: str, row_id: str, values: dict[str, Value]) -> Update:
    return Update(Row(table, row_id, values), RowKey(row_id))


def _insert(organization: Organization, session: Session, table: str, rows: Sequence[dict[str, Value]]) -> None:
    """Rows that no message makes."""
    targets = [Row(table, None, values) for values in rows]
    run = organization.opened(CreateMultiple(table, tuple(targets)), session)
    create_rows(run, organization.schema.tables[table], targets)


def _make(organization: Organization, table: str, rows: list[dict[str, Value]]) -> tuple[str, ...]:
    request = CreateMultiple(table, tuple([Row(table, None, values) for values in rows]))
    response = organization.execute(request, organization.administrator)
    return response.ids if isinstance(response, CreateMultipleResponse) else ()


if __name__ == "__main__":
    main()
