"""Write the rows of privileges: which there are, and which role holds them.

In:        tables
Out:       rows for a new organization or a new table; none where a table goes
Not here:  what privileges are called (security.privileges), what a user holds (operations.principals)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from verselet.ids import name_id
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.create import create_rows
from verselet.pipeline.execution import Execution
from verselet.security.privileges import GLOBAL, Privilege, privileges
from verselet.sql.roles import copy_held_sql
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


def held_row(privilege: Privilege, role: str, depth: int) -> Row:
    """One privilege that a role holds."""
    values: dict[str, Value] = {"roleid": role, "privilegeid": privilege.id, "privilegedepthmask": depth}
    return Row(HELD, name_id(f"held/{role}/{privilege.name}"), values)


def describe_privileges(run: Execution, table: Table, roles: Sequence[str]) -> None:
    """A new table comes with its privileges; those roles and their copies hold them everywhere. [SEC-28]"""
    if PRIVILEGES not in run.schema.tables or HELD not in run.schema.tables:
        return
    present = {privilege.name for privilege in privileges(_others(run.schema, table))}
    found = [privilege for privilege in privileges((table,)) if privilege.right and privilege.name not in present]
    create_rows(run, run.schema.tables[PRIVILEGES], privilege_rows(found))
    listed = msgspec.json.encode([privilege.id for privilege in found]).decode()
    for role in roles:
        create_rows(run, run.schema.tables[HELD], [held_row(privilege, role, GLOBAL) for privilege in found])
        text = copy_held_sql(run.schema.tables[HELD], run.session.dialect, by="privileges")
        run.session.run(text, (run.session.next_versions(), role, listed))


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
