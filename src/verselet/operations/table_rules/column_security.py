"""Keep profiles, permissions and shared values of column security in order.

In:        rows of `fieldsecurityprofile`, `fieldpermission` and `principalobjectattributeaccess` on their way
Out:       refusals
Not here:  what the rows mean for others (security.columns, operations.secured_columns)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from verselet.errors import InvalidArgument
from verselet.errors.column_security import (
    ColumnNotSecured,
    ColumnShareReadDenied,
    ColumnShareUpdateDenied,
    PermissionInvalid,
    ProfileProtected,
    ShareEmptied,
    ShareOfNothing,
    ValueSharedAlready,
)
from verselet.metadata.columns import Column
from verselet.metadata.securing import securable
from verselet.metadata.tables import Table
from verselet.operations.asking import rows_where
from verselet.operations.rights import READ, must_reach
from verselet.operations.secured_columns import ALLOWED, labels, missing_on
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.security.profiles import ADMINISTRATOR_PROFILE, share_id
from verselet.values import Reference, Row, Value

PERMISSIONS: Final = "fieldpermission"
SHARES: Final = "principalobjectattributeaccess"

_PERMISSION: Final = (
    "attributelogicalname", "cancreate", "canread", "canreadunmasked", "canupdate", "entityname",
    "fieldsecurityprofileid",
)  # fmt: skip
_SHARED_VALUE: Final = ("attributeid", "objectid", "principalid")
_SHARE: Final = (*_SHARED_VALUE, "readaccess", "updateaccess")


# --- profiles --------------------------------------------------------------------------------------------------------


def _change_profile(_run: Execution, row: Row) -> None:
    _must_be_editable(row.id)


def _delete_profile(_run: Execution, row_id: str) -> None:
    _must_be_editable(row_id)


def _must_be_editable(profile: Value) -> None:
    """Profiles can be changed, that of administrators cannot. [SEC-102]"""
    if (profile.id if isinstance(profile, Reference) else profile) == ADMINISTRATOR_PROFILE:
        raise ProfileProtected


# --- permissions -----------------------------------------------------------------------------------------------------


def _create_permissions(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        _check_permission(run, row.values, row.id or "")


def _change_permission(run: Execution, row: Row) -> None:
    present = run.read_values(PERMISSIONS, row.id or "", _PERMISSION) or {}
    _must_be_editable(present.get("fieldsecurityprofileid"))
    _check_permission(run, {**present, **row.values}, row.id or "")


def _delete_permission(run: Execution, row_id: str) -> None:
    present = run.read_values(PERMISSIONS, row_id, ("fieldsecurityprofileid",)) or {}
    _must_be_editable(present.get("fieldsecurityprofileid"))


def _check_permission(run: Execution, values: Mapping[str, Value], row_id: str) -> None:
    """It is about a secured column, and gives what there is to give. [SEC-101]"""
    _must_be_editable(values.get("fieldsecurityprofileid"))
    if values.get("fieldsecurityprofileid") is None:
        raise InvalidArgument("A permission belongs to a profile: fieldsecurityprofileid is empty.")
    table, name = str(values.get("entityname")), str(values.get("attributelogicalname"))
    if run.schema.guards.get(table, {}).get(name) != name:
        raise ColumnNotSecured(f"{table}.{name}"[:200])
    can = securable(run.schema.tables[table].columns[name])
    for permission, possible in (("cancreate", can.create), ("canread", can.read), ("canupdate", can.update)):
        if values.get(permission) == ALLOWED and not possible:
            raise PermissionInvalid(permission, name, row_id)
    # Who may not read at all cannot be shown more than others see. [SEC-108]
    if values.get("canreadunmasked") and values.get("canread") != ALLOWED:
        raise PermissionInvalid("canreadunmasked", name, row_id)


# --- shared values ---------------------------------------------------------------------------------------------------


def _create_shares(run: Execution, rows: Sequence[Row]) -> None:
    seen = set()
    for row in rows:
        if not row.values.get("readaccess") and not row.values.get("updateaccess"):
            raise ShareOfNothing(str(row.values.get("attributeid")))
        _check_share(run, row.values)
        triple = tuple([row.values[name] for name in _SHARED_VALUE])
        if triple in seen or _is_shared(run, row.values):
            raise ValueSharedAlready
        seen.add(triple)


def _change_share(run: Execution, row: Row) -> None:
    present = run.read_values(SHARES, row.id or "", _SHARE) or {}
    values = {**present, **row.values}
    if not values.get("readaccess") and not values.get("updateaccess"):
        raise ShareEmptied
    _check_share(run, values)
    if any(values[name] != present.get(name) for name in _SHARED_VALUE) and _is_shared(run, values):
        raise ValueSharedAlready


def _check_share(run: Execution, values: Mapping[str, Value]) -> None:
    """A value of a secured column of a row, for a user or team, by somebody who has what is given. [SEC-106]"""
    table, column = _column(run, values.get("attributeid"))
    target, principal = values.get("objectid"), values.get("principalid")
    if not isinstance(target, Reference) or target.table != table.name:
        raise InvalidArgument(f"A shared value of '{column.name}' belongs to a row of '{table.name}': objectid.")
    if not isinstance(principal, Reference):
        raise InvalidArgument("A value is shared with a user or a team: principalid is empty.")
    # Column rights never widen row rights: the row comes first. [SEC-107]
    must_reach(run, table, (target.id,), READ)
    if values.get("readaccess") and missing_on(run, table, target.id, (column.name,), "read"):
        raise ColumnShareReadDenied(run.caller.user_id, *labels(table, column.name))
    if values.get("updateaccess") and missing_on(run, table, target.id, (column.name,), "update"):
        raise ColumnShareUpdateDenied(run.caller.user_id, *labels(table, column.name))


def _column(run: Execution, column_id: Value) -> tuple[Table, Column]:
    """The secured column with that MetadataId."""
    for table_name, guards in run.schema.guards.items():
        for name in set(guards.values()):
            if share_id(table_name, name) == column_id:
                table = run.schema.tables[table_name]
                return table, table.columns[name]
    raise ColumnNotSecured(str(column_id))


def _is_shared(run: Execution, values: Mapping[str, Value]) -> bool:
    wanted = {name: values[name] for name in _SHARED_VALUE}
    return bool(rows_where(run, SHARES, ("principalobjectattributeaccessid",), wanted))


PROFILE_RULES: Final = TableRules(changing=_change_profile, deleting=_delete_profile)
PERMISSION_RULES: Final = TableRules(
    creating=_create_permissions, changing=_change_permission, deleting=_delete_permission
)
SHARE_RULES: Final = TableRules(creating=_create_shares, changing=_change_share, judges_caller=True)
