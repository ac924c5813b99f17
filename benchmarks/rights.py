"""Measure what the row filter costs: `python -m benchmarks.rights [--url URL] [--rows N]`.

In:        a store, in memory unless an address is given
Out:       a table: lists of 50 as System Administrator and as a user at Basic depth who has 1,000 shares
Not here:  whole requests (benchmarks.run)

What is timed is the statement of a prepared page, the medians of its runs: the rest of a request is the same for both.
"""

from __future__ import annotations

import argparse
import random
import time
from statistics import median

from verselet.messages.request import Associate, CreateMultiple, CreateMultipleResponse, RowKey
from verselet.operations.create import create_rows
from verselet.operations.founding import builtin_id
from verselet.organization import Organization, open_organization
from verselet.query.odata.options import build_query, parse_options
from verselet.query.resolve import Reading
from verselet.security.caller import Caller
from verselet.values import Reference, Row, Value

OWNERS, ACCOUNTS, SHARES, AT_ONCE, ROUNDS = 100, 1_000, 1_000, 1_000, 30


def main() -> None:
    """Make the rows, ask, print."""
    parser = argparse.ArgumentParser(prog="rights", description="Measure what the row filter costs.")
    parser.add_argument("--url", help="a database; memory without it")
    parser.add_argument("--rows", type=int, default=200_000)
    options = parser.parse_args()
    organization = open_organization(None, url=options.url)
    try:
        user, account = _fill(organization, options.rows)
        caller = organization.find_caller(user)
        if caller is not None:
            _measure(organization, caller, account)
    finally:
        organization.close()


def _measure(organization: Organization, caller: Caller, account: str) -> None:
    questions = {
        "rows of one account": f"$select=lastname&$filter=_parentcustomerid_value eq {account}",
        "no filter, no order": "$select=lastname",
        "sorted, no index": "$select=lastname&$orderby=lastname",
        "begins with": "$select=lastname&$filter=startswith(lastname,'n0001')",
        "in a state, newest first": "$select=lastname&$filter=statecode eq 0&$orderby=modifiedon desc",
    }
    print(f"{'question':26} {'administrator':>16} {'Basic depth':>16} {'ratio':>6}")
    for name, text in questions.items():
        everything, rows = _time(organization, organization.administrator, text)
        own, seen = _time(organization, caller, text)
        print(f"{name:26} {everything:9.0f} us {rows:3} {own:9.0f} us {seen:3} {own / everything:6.2f}")


def _time(organization: Organization, caller: Caller, text: str) -> tuple[float, object]:
    """Microseconds of one page of 50, and its rows."""
    read = organization.prepare_page(build_query("contact", parse_options(text)), Reading(), caller)
    if read.page is None:
        return 0.0, 0
    statement = read.page.rows
    values = statement.bind(read.values("http://localhost/", caller, 50))
    times, rows = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        rows = organization.store.fetch(statement.text, values)
        times.append((time.perf_counter() - start) * 1e6)
    return median(times), rows[0][1]


def _fill(organization: Organization, number: int) -> tuple[str, str]:
    """Contacts of a hundred owners, some shared with the first; that one, and an account."""
    chance = random.Random(1)
    unit = Reference("businessunit", organization.administrator.business_unit_id)
    users = _make(
        organization,
        "systemuser",
        [{"firstname": "an", "lastname": f"owner {n}", "businessunitid": unit} for n in range(OWNERS)],
    )
    role = RowKey(builtin_id("role", "basic-user"))
    for user in users:
        message = Associate("systemuser", RowKey(user), "systemuserroles_association", "role", role)
        organization.execute(message, organization.administrator)
    accounts = _make(organization, "account", [{"name": f"account {n}"} for n in range(ACCOUNTS)])
    contacts: list[str] = []
    for start in range(0, number, AT_ONCE):
        contacts += _make(
            organization,
            "contact",
            [
                {
                    "lastname": f"n{n * 7919 % number:06}",
                    "ownerid": Reference("systemuser", users[n % OWNERS]),
                    "parentcustomerid": Reference("account", chance.choice(accounts)),
                }
                for n in range(start, start + AT_ONCE)
            ],
        )
    _share(organization, chance.sample(contacts, SHARES), users[0])
    return users[0], accounts[3]


def _share(organization: Organization, contacts: list[str], user: str) -> None:
    shared: dict[str, Value] = {
        "objecttypecode": "contact",
        "principaltypecode": "systemuser",
        "inheritedaccessrightsmask": 0,
    }
    rows = [
        Row("principalobjectaccess", None, {**shared, "objectid": row_id, "principalid": user, "accessrightsmask": 1})
        for row_id in contacts
    ]
    with organization.store.begin() as session:
        run = organization.opened(CreateMultiple("principalobjectaccess", tuple(rows)), session)
        create_rows(run, organization.schema.tables["principalobjectaccess"], rows)


def _make(organization: Organization, table: str, rows: list[dict[str, Value]]) -> tuple[str, ...]:
    request = CreateMultiple(table, tuple([Row(table, None, values) for values in rows]))
    response = organization.execute(request, organization.administrator)
    return response.ids if isinstance(response, CreateMultipleResponse) else ()


if __name__ == "__main__":
    main()
