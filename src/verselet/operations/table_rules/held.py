"""Keep what copies of roles hold like what the roles hold, also where single rows about it are written.

In:        rows of `roleprivileges`
Out:       `HELD_RULES`
Not here:  the messages made for it (operations.role_privileges)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from verselet.operations.hierarchies import id_of
from verselet.operations.holdings import must_hold_all
from verselet.operations.role_copies import HELD
from verselet.operations.role_privileges import give_copies, must_change, take_from_copies
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.security.privileges import BASIC, GLOBAL, deepest, privileges_by_id
from verselet.sql.roles import deepen_held_sql
from verselet.values import Row, Value


def _creating(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        if row.values.get("privilegedepthmask") is None:
            # A pair made without a depth: the smallest one the privilege has.
            known = privileges_by_id(run.schema).get(id_of(row.values.get("privilegeid")) or "")
            row.values["privilegedepthmask"] = GLOBAL if known is not None and not known.graded else BASIC
    for role_id, ids in _by_role(rows).items():
        must_change(run, role_id)
        must_hold_all(run, ids)


def _created(run: Execution, rows: Sequence[Row]) -> None:
    for role_id, ids in _by_role(rows).items():
        give_copies(run, role_id, ids)


def _changing(run: Execution, row: Row) -> None:
    role_id, privilege_id = _present(run, row.id or "")
    must_change(run, role_id)
    if "privilegedepthmask" in row.values:
        mask = _mask(row.values["privilegedepthmask"])
        must_hold_all(run, {privilege_id: mask})
        text = deepen_held_sql(run.session.dialect)
        run.session.run(text, (mask, run.session.next_versions(), role_id, privilege_id))


def _deleting(run: Execution, held_id: str) -> None:
    role_id, privilege_id = _present(run, held_id)
    must_change(run, role_id)
    take_from_copies(run, role_id, (privilege_id,))


def _by_role(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Role → id of a privilege → bit of its depth."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        of_role = found.setdefault(id_of(row.values.get("roleid")) or "", {})
        of_role[id_of(row.values.get("privilegeid")) or ""] = _mask(row.values.get("privilegedepthmask"))
    return found


def _present(run: Execution, held_id: str) -> tuple[str, str]:
    present = run.read_values(HELD, held_id, ("roleid", "privilegeid")) or {}
    return id_of(present.get("roleid")) or "", id_of(present.get("privilegeid")) or ""


def _mask(value: Value) -> int:
    return deepest(value if isinstance(value, int) else 0)


HELD_RULES: Final = TableRules(creating=_creating, created=_created, changing=_changing, deleting=_deleting)
"""[SEC-13], [SEC-26], [SEC-28], [SEC-29]"""
