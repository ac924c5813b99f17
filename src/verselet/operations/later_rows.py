"""Give an organization that was founded earlier the rows that every new one has by now.

In:        a store, what the organization was founded with
Out:       rows, in one transaction; nothing where none are missing
Not here:  which rows (operations.builtin), tables and columns (store.preparation)

Rows that say who somebody is, or what is refused, are left as people have made them: users, teams, units, who has which
role, duplicate rules. So are the settings of the organization, unless nobody has ever set one. What a shipped role
holds changes in one case only: a privilege that is new here comes to the roles that are shipped with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from verselet.messages.request import CreateMultiple, Request
from verselet.metadata.compiled import builtin_solution_dirs
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.builtin import builtin_rows
from verselet.operations.create import create_rows
from verselet.operations.founding import Founding
from verselet.operations.privilege_rows import HELD, PRIVILEGES
from verselet.operations.rewriting import rewrite
from verselet.operations.role_copies import ROLE, copy_role
from verselet.operations.rules.listed import as_list
from verselet.pipeline.execution import Execution
from verselet.sql.children import listed_rows_sql
from verselet.sql.roles import copy_held_sql
from verselet.store.bookkeeping import read_fact, write_fact
from verselet.store.engine import Store
from verselet.store.session import Session
from verselet.values import Reference, Row

FACT: Final = "builtin_rows"
"""Under this name the store remembers which rows were looked for last."""

BROUGHT: Final = (
    "roletemplate", ROLE, "sdkmessage", "sdkmessagefilter", "savedquery", "fieldsecurityprofile", PRIVILEGES, HELD,
)  # fmt: skip
"""Tables whose shipped rows come later too, each after those it refers to."""

SEARCHES: Final = "isexternalsearchindexenabled"
"""The setting of the organization without which nobody searches."""

Opened = Callable[[Request, Session], Execution]


def write_later_rows(store: Store, schema: Schema, founding: Founding, opened: Opened) -> None:
    """Bring the organization up to date with this version; one comparison when there is nothing to do. [OC-4]"""
    shipped = _brought(builtin_rows(schema, founding, builtin_solution_dirs()))
    digest = _digest(shipped)
    with store.read() as session:
        if read_fact(session, FACT) == digest:
            return
    with store.begin() as session:
        missing = {name: _missing(session, schema.tables[name], rows) for name, rows in shipped.items()}
        missing[HELD] = _held_anew(missing)
        known = frozenset(Reference(name, row.id or "") for name, rows in shipped.items() for row in rows)
        for name, rows in missing.items():
            if rows:
                create_rows(opened(CreateMultiple(name, tuple(rows)), session), schema.tables[name], rows, known)
        _copy(opened(CreateMultiple(ROLE, ()), session), missing, shipped[ROLE])
        _switch_on(opened(CreateMultiple("organization", ()), session))
        write_fact(session, FACT, digest)


def note_first_rows(session: Session, rows: Sequence[Row]) -> None:
    """The organization is new and has these rows: nothing is missing until other rows are shipped."""
    write_fact(session, FACT, _digest(_brought(rows)))


def _brought(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Table → its rows, of those tables."""
    found: dict[str, list[Row]] = {name: [] for name in BROUGHT}
    for row in rows:
        if row.table in found:
            found[row.table].append(row)
    return found


def _digest(shipped: Mapping[str, Sequence[Row]]) -> str:
    # A switch is brought as well.
    found = hashlib.blake2b(SEARCHES.encode(), digest_size=16)
    for rows in shipped.values():
        found.update("\n".join(sorted([row.id or "" for row in rows])).encode())
    return found.hexdigest()


def _missing(session: Session, table: Table, rows: Sequence[Row]) -> list[Row]:
    text = listed_rows_sql(table, (table.primary_id,), session.dialect)
    present = {str(found[0]) for found in session.run(text, (as_list([row.id or "" for row in rows]),))}
    return [row for row in rows if row.id not in present]


def _switch_on(run: Execution) -> None:
    """What is off because it meant nothing when the organization was founded.

    A new one has it on, so off in a row that nobody has written since is nobody's choice.
    """
    found = run.read_values("organization", run.facts.id, ("createdon", "modifiedon", SEARCHES)) or {}
    if found.get(SEARCHES) is False and found["createdon"] == found["modifiedon"]:
        rewrite(run, run.schema.tables["organization"], {SEARCHES: True}, "organizationid", run.facts.id)


def _held_anew(missing: Mapping[str, Sequence[Row]]) -> list[Row]:
    """What people have taken from a role stays taken. [SEC-28]"""
    new = {row.id for name in (ROLE, PRIVILEGES) for row in missing[name]}
    return [row for row in missing[HELD] if new & {row.values["roleid"], row.values["privilegeid"]}]


def _copy(run: Execution, missing: Mapping[str, Sequence[Row]], roles: Sequence[Row]) -> None:
    """The copies of roles in the units below hold what the roles hold. [SEC-13]"""
    new = {role.id for role in missing[ROLE]}
    listed = as_list([row.id or "" for row in missing[PRIVILEGES]])
    text = copy_held_sql(run.schema.tables[HELD], run.session.dialect, by="privileges")
    for role in roles:
        if role.id in new:
            copy_role(run, role.id or "")
        elif missing[PRIVILEGES]:
            run.session.run(text, (run.session.next_versions(), role.id, listed))
