"""Write the rows of privileges: which there are, and which role holds them.

In:        tables
Out:       rows for a new organization or a new table; none where a table goes
Not here:  what privileges are called (security.privileges), what a user holds (operations.principals)

System Administrator holds everything everywhere; the other built-in roles hold what can be held for one's own rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from verselet.ids import name_id
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.create import create_rows
from verselet.pipeline.execution import Execution
from verselet.security.privileges import BASIC, GLOBAL, Privilege, privileges
from verselet.sql.write import delete_listed_sql, unpair_listed_sql
from verselet.values import Row, Value

PRIVILEGES: Final = "privilege"
HELD: Final = "roleprivileges"


def privilege_rows(found: Iterable[Privilege]) -> list[Row]:
    """One row per privilege. [SEC-21]"""
    rows = []
    for privilege in found:
        values: dict[str, Value] = {"name": privilege.name, "accessright": int(privilege.right), "canbeglobal": True}
        values.update(dict.fromkeys(("canbebasic", "canbelocal", "canbedeep"), privilege.graded))
        rows.append(Row(PRIVILEGES, privilege.id, values))
    return rows


def held_rows(found: Iterable[Privilege], administrator: str, others: Iterable[str]) -> list[Row]:
    """Which roles hold them, and how deep. [SEC-22], [SEC-28]"""
    roles = tuple(others)
    rows = []
    for privilege in found:
        rows.append(held_row(privilege, administrator, GLOBAL))
        rows += [held_row(privilege, role, BASIC) for role in roles if privilege.graded]
    return rows


def held_row(privilege: Privilege, role: str, depth: int) -> Row:
    """One privilege that a role holds."""
    values: dict[str, Value] = {"roleid": role, "privilegeid": privilege.id, "privilegedepthmask": depth}
    return Row(HELD, name_id(f"held/{role}/{privilege.name}"), values)


def describe_privileges(run: Execution, table: Table, administrator: str) -> None:
    """A new table comes with its privileges, and System Administrator holds them. [SEC-28]"""
    if PRIVILEGES not in run.schema.tables or HELD not in run.schema.tables:
        return
    present = {privilege.name for privilege in privileges(_others(run.schema, table))}
    found = [privilege for privilege in privileges((table,)) if privilege.name not in present]
    create_rows(run, run.schema.tables[PRIVILEGES], privilege_rows(found))
    create_rows(run, run.schema.tables[HELD], held_rows(found, administrator, ()))


def forget_privileges(run: Execution, schema: Schema, gone: Iterable[str]) -> None:
    """Tables that go take their privileges along; `schema` is what stays."""
    if PRIVILEGES not in schema.tables or HELD not in schema.tables:
        return
    kept = {privilege.name for privilege in privileges(schema.tables.values())}
    found = privileges([run.schema.tables[name] for name in gone])
    listed = msgspec.json.encode([privilege.id for privilege in found if privilege.name not in kept]).decode()
    dialect = run.session.dialect
    run.session.run(unpair_listed_sql(schema.tables[HELD], "privilegeid", dialect), (listed,))
    run.session.run(delete_listed_sql(schema.tables[PRIVILEGES], dialect), (listed,))


def _others(schema: Schema, table: Table) -> list[Table]:
    return [found for found in schema.tables.values() if found.name != table.name]
