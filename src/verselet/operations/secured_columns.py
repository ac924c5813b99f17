"""Hold single rows to what column security allows, and find out what that is.

In:        the columns a message writes or reads of a row; the id of a user
Out:       nothing, or the refusal; the names that may not be read; `ColumnProfiles`
Not here:  reads by plan (security.columns), rows of profiles and permissions (operations.table_rules)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from verselet.errors.column_security import ColumnCreateDenied, ColumnRightMissing, UnsecuringDenied
from verselet.metadata.tables import Table
from verselet.pipeline.execution import Execution
from verselet.query.plan import Masked
from verselet.security.columns import PLAIN_ROW, lacking, masked_columns
from verselet.security.profiles import (
    ADMINISTRATOR_PROFILE,
    NO_PROFILES,
    ColumnProfiles,
    ColumnRight,
    ColumnRights,
    share_id,
)
from verselet.sql.column_rights import (
    MASKS,
    PERMISSIONS_OF_USER,
    PROFILES_OF_USER,
    SHARED_COLUMNS,
    SHARES_OF_ROW,
    written,
)
from verselet.store.session import Session
from verselet.values import Row, Stored

ANY_SIGN = "#"
"""What stands for a masked part where the rule names no sign."""

ALLOWED = 4
"""What `canread`, `cancreate` and `canupdate` say for yes. [SEC-101]"""


def must_create_columns(run: Execution, table: Table, rows: Iterable[Row]) -> None:
    """The caller may give new rows values for all those columns.

    Raises:
        ColumnCreateDenied: a secured column without the right. [SEC-105]
    """
    if table.name not in run.schema.guards:
        return
    names = {name for row in rows for name in row.values}
    for name in lacking(run.schema, run.caller, table.name, sorted(names), "create"):
        raise ColumnCreateDenied(run.caller.user_id, *labels(table, name))


def must_update_columns(run: Execution, table: Table, row_id: str, names: Iterable[str]) -> None:
    """The caller may change those columns of the row, by a profile or because the value is shared. [SEC-106]

    Raises:
        ColumnRightMissing: a secured column without the right. [SEC-105]
    """
    for name in missing_on(run, table, row_id, names, "update"):
        raise ColumnRightMissing(run.caller.user_id, *labels(table, name))


def must_open_columns(run: Execution, table_name: str, names: Iterable[str]) -> None:
    """The caller may let everybody read and write those columns.

    Raises:
        UnsecuringDenied: a secured column on which a right is missing. [SEC-100]
    """
    rights: tuple[ColumnRight, ...] = ("read", "create", "update")
    if any(lacking(run.schema, run.caller, table_name, names, right) for right in rights):
        raise UnsecuringDenied


def unreadable(run: Execution, table: Table, row_id: str, names: Collection[str]) -> set[str]:
    """Those of the columns whose values of this row the caller may not see as they are. [SEC-103], [SEC-106]"""
    guards = run.schema.guards.get(table.name, {})
    hidden = missing_on(run, table, row_id, names, "read")
    return {name for name in names if guards.get(name) in hidden} | _masked(run, table, names)


def unreadable_columns(run: Execution, table: Table, names: Collection[str]) -> set[str]:
    """Those of the columns whose values the caller may not see, but for some that are shared."""
    guards = run.schema.guards.get(table.name, {})
    hidden = lacking(run.schema, run.caller, table.name, names, "read")
    return {name for name in names if guards.get(name) in hidden} | _masked(run, table, names)


def _masked(run: Execution, table: Table, names: Iterable[str]) -> set[str]:
    """Those of the columns of which a mask shows less to the caller. [SEC-108]"""
    if table.name not in run.schema.guards:
        return set()
    masks = masked_columns(run.schema, run.caller, read_masks(run.session), PLAIN_ROW)
    return {mask.column for mask in masks if mask.table == table.name} & set(names)


def missing_on(run: Execution, table: Table, row_id: str, names: Iterable[str], right: ColumnRight) -> tuple[str, ...]:
    """The secured columns behind those names for which the caller has the right neither by a profile nor by a share."""
    missing = lacking(run.schema, run.caller, table.name, names, right)
    if not any(missing.values()):
        return tuple(missing)
    user = run.caller.user_id
    shares = run.session.run(written(SHARES_OF_ROW, run.session.dialect), (row_id, user, user))
    at = 1 if right == "read" else 2
    shared = {str(row[0]) for row in shares if row[at]}
    found = {name for name, shareable in missing.items() if shareable and share_id(table.name, name) in shared}
    return tuple([name for name in missing if name not in found])


def read_profiles(user_id: str, session: Session) -> ColumnProfiles:
    """What the profiles of the user and of the user's teams give together, and what is shared. [SEC-101], [SEC-106]"""

    def asked(question: str) -> list[tuple[Stored, ...]]:
        return session.run(written(question, session.dialect), (user_id, user_id))

    everything = any(str(row[0]) == ADMINISTRATOR_PROFILE for row in asked(PROFILES_OF_USER))
    rights = {
        (str(table), str(column)): ColumnRights(
            read=read == ALLOWED,
            create=create == ALLOWED,
            update=update == ALLOWED,
            unmasked=plain if isinstance(plain, int) else 0,
        )
        for table, column, read, create, update, plain in asked(PERMISSIONS_OF_USER)
    }
    shared = frozenset([str(row[0]) for row in asked(SHARED_COLUMNS)])
    found = ColumnProfiles(everything=everything, rights=rights, shared=shared)
    return NO_PROFILES if found == NO_PROFILES else found


def read_masks(session: Session) -> frozenset[Masked]:
    """The masks of columns; the first rule of a column counts. [SEC-108]"""
    found: dict[tuple[str, str], Masked] = {}
    for table, column, pattern, sign in session.run(written(MASKS, session.dialect), ()):
        if pattern:
            place = (str(table), str(column))
            found.setdefault(place, Masked(*place, str(pattern), str(sign or ANY_SIGN)))
    return frozenset(found.values())


def labels(table: Table, name: str) -> tuple[str, str]:
    """Column and table as people call them, for refusals."""
    column = table.columns[name]
    return column.label or column.schema_name, table.label or table.schema_name
