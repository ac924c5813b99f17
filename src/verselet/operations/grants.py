"""Say what the shipped roles hold.

In:        the `grants/` folders of the solutions, a schema
Out:       `granted_rows()`: the rows of `roleprivileges` an organization starts with
Not here:  the roles' own rows (operations.builtin), roles of fixtures (seeding.grants)

A grants file is named after the key of a role. Each of its `[[grants]]` takes the tables of some kinds of ownership
(`of`), of some solutions (`solutions`), or by name (`tables`), `without` some; what cannot be held to a depth is held
everywhere or, at another depth than Global, not at all. `privileges` are about no table, and held everywhere.
System Administrator needs no file: it holds everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from verselet.errors import OperatorError
from verselet.ids import name_id
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Ownership, Table
from verselet.operations.privilege_rows import held_row
from verselet.operations.role_privileges import OF_EVERY_ROLE
from verselet.security.privileges import DEPTHS, GLOBAL, VERBS, Privilege, privileges, privileges_by_id
from verselet.values import Row

MASKS: Final = {depth: mask for mask, depth in DEPTHS.items()}


class Grant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some verbs on some tables, to one depth."""

    verbs: tuple[str, ...]
    depth: Literal["Basic", "Local", "Deep", "Global"]
    of: tuple[Ownership, ...] = ()
    solutions: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def means(self, table: Table) -> bool:
        """The grant is about that table."""
        if self.tables:
            return table.name in self.tables
        fits = (not self.of or table.ownership in self.of) and (not self.solutions or table.solution in self.solutions)
        return fits and table.name not in self.without


class GrantsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one role holds."""

    grants: tuple[Grant, ...] = ()
    privileges: tuple[str, ...] = ()


def granted_rows(schema: Schema, solution_dirs: Iterable[Path], administrator: str) -> list[Row]:
    """What every shipped role holds; `administrator` is the id of the one that holds everything. [SEC-28], [SEC-32]

    Raises:
        OperatorError: a grants file is damaged, or names a table, verb or privilege that is not there.
    """
    known = privileges_by_id(schema)
    rows = [held_row(privilege, administrator, GLOBAL) for privilege in known.values()]
    for folder in solution_dirs:
        for path in sorted((folder / "grants").glob("*.toml")):
            role_id = name_id(f"builtin/role/{path.stem}")
            held = {known[row_id]: mask for row_id, mask in _held(schema, path).items()}
            rows += [held_row(privilege, role_id, mask) for privilege, mask in held.items()]
    return rows


def _held(schema: Schema, path: Path) -> Mapping[str, int]:
    """Id of a privilege → the bit of its largest depth."""
    file = _read(path)
    by_name = {privilege.name: privilege for privilege in privileges_by_id(schema).values()}
    found: dict[str, int] = {}
    for name in (*OF_EVERY_ROLE, *file.privileges):
        if name not in by_name:
            raise _refused(path, f"there is no privilege {name}")
        found[by_name[name].id] = GLOBAL
    for grant in file.grants:
        for privilege in _of(schema, path, grant):
            if privilege.graded or grant.depth == DEPTHS[GLOBAL]:
                found[privilege.id] = max(found.get(privilege.id, 0), MASKS[grant.depth])
    return found


def _of(schema: Schema, path: Path, grant: Grant) -> Iterator[Privilege]:
    for name in (*grant.tables, *grant.without):
        if name not in schema.tables:
            raise _refused(path, f"there is no table {name}")
    for verb in grant.verbs:
        if verb not in VERBS:
            raise _refused(path, f"there is no verb {verb}")
    wanted = {VERBS[verb] for verb in grant.verbs}
    tables = [table for table in schema.tables.values() if grant.means(table)]
    for privilege in privileges(tables):
        if privilege.right in wanted:
            yield privilege


def _read(path: Path) -> GrantsFile:
    try:
        return msgspec.toml.decode(path.read_bytes(), type=GrantsFile)
    except (OSError, msgspec.DecodeError) as error:
        raise _refused(path, str(error)) from error


def _refused(path: Path, why: str) -> OperatorError:
    return OperatorError("VS2103", f"{path.name}: the grants of a role", why, f"correct {path}, or install it again")
