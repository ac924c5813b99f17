"""Keep messages of one's own in order: custom APIs, their parameters and response properties.

In:        rows of `customapi`, `customapirequestparameter` and `customapiresponseproperty` on their way
Out:       refusals; the row of `sdkmessage` that steps are registered on
Not here:  what the rows mean (operations.custom_rows), calling (operations.custom_calls)

What cannot be changed once it is saved is said by the columns themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from verselet.errors import DefinitionExists, DefinitionInUse, InvalidArgument
from verselet.messages.custom import OF_ROWS, Binding, Kind, Steps
from verselet.messages.request import Create, Delete, RowKey, Update
from verselet.metadata.changes.naming import logical_name
from verselet.operations.asking import rows_where
from verselet.operations.custom_rows import CUSTOM, PARAMETERS, PROPERTIES
from verselet.operations.founding import builtin_id
from verselet.operations.step_rows import STEPS
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.security.privileges import privileges_by_id
from verselet.values import Reference, Row, Value

MESSAGES: Final = "sdkmessage"
FILTERS: Final = "sdkmessagefilter"
LONGEST_NAME: Final = 128

TOLD: Final = ("executeprivilegename", "isprivate")
"""What the row of the message says as well."""

TARGET: Final = "Target"
"""The parameter that every message bound to a row has. [FN-28]"""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _create_messages(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        values = row.values
        name = str(values.get("uniquename") or "")
        logical_name(name, "custom API", LONGEST_NAME)
        _must_be_bound(run, values)
        _must_be_privilege(run, values)
        if values.get("isfunction") and values.get("workflowsdkstepenabled"):
            raise InvalidArgument(f"The custom API '{name}' is a function: workflows can use actions only.")
        if rows_where(run, MESSAGES, ("name",), {"name": name}):
            raise DefinitionExists("message", name)
        values["sdkmessageid"] = _make_message(run, name, values)


def _must_be_bound(run: Execution, values: dict[str, Value]) -> None:
    """A table is named where there is one to be bound to. [FN-28]"""
    named, is_bound = values.get("boundentitylogicalname"), bool(values.get("bindingtype"))
    if is_bound and str(named or "") not in run.schema.tables:
        raise InvalidArgument(
            f"'boundentitylogicalname' must be the logical name of a table, and is '{str(named or '')[:100]}'."
        )
    if named and not is_bound:
        raise InvalidArgument("A custom API that is bound to nothing has no 'boundentitylogicalname'.")


def _must_be_privilege(run: Execution, values: dict[str, Value]) -> None:
    named = values.get("executeprivilegename")
    if named and all(known.name != named for known in privileges_by_id(run.schema).values()):
        raise InvalidArgument(f"There is no privilege '{str(named)[:100]}' ('executeprivilegename').")


def _make_message(run: Execution, name: str, values: dict[str, Value]) -> Reference:
    """Steps are registered on its row, or on the one that names the table. [EVT-5]

    Its id follows from the name: of two who make the same message at once, one is refused.
    """
    made = Reference(MESSAGES, builtin_id(MESSAGES, name.lower()))
    told: dict[str, Value] = {column: values[column] for column in TOLD if column in values}
    allows = values.get("allowedcustomprocessingsteptype") or Steps.NONE
    run.send(Create(Row(MESSAGES, made.id, {"name": name, **told})))
    if values.get("bindingtype"):
        listed: dict[str, Value] = {
            "sdkmessageid": made,
            "primaryobjecttypecode": values["boundentitylogicalname"],
            "secondaryobjecttypecode": "none",
            "iscustomprocessingstepallowed": allows != Steps.NONE,
        }
        run.send(Create(Row(FILTERS, None, listed)))
    return made


def _change_message(run: Execution, row: Row) -> None:
    _must_be_privilege(run, row.values)
    told: dict[str, Value] = {column: row.values[column] for column in TOLD if column in row.values}
    made = (run.read_values(CUSTOM, row.id or "", ("sdkmessageid",)) or {}).get("sdkmessageid")
    if told and isinstance(made, Reference):
        run.send(Update(Row(MESSAGES, made.id, told), RowKey(made.id)))


def _delete_message(run: Execution, row_id: str) -> None:
    """Its message goes along, unless steps wait for it.

    Raises:
        DefinitionInUse: some do.
    """
    present = run.read_values(CUSTOM, row_id, ("sdkmessageid", "uniquename")) or {}
    made = present.get("sdkmessageid")
    if not isinstance(made, Reference):
        return
    waiting = rows_where(run, STEPS, ("name",), {"sdkmessageid": made})
    if waiting:
        step = f"the step '{waiting[0].values['name']!s}'"
        raise DefinitionInUse("custom API", str(present["uniquename"]), step)
    for listed in rows_where(run, FILTERS, ("sdkmessagefilterid",), {"sdkmessageid": made}):
        run.send(Delete(FILTERS, RowKey(listed.id)))
    run.send(Delete(MESSAGES, RowKey(made.id)))


def _create_parameters(run: Execution, rows: Sequence[Row]) -> None:
    for name, kind, row, api in _members(run, PARAMETERS, rows):
        if name == TARGET and api["bindingtype"] == Binding.ROW:
            raise InvalidArgument(f"'{TARGET}' is the row that the custom API is bound to.")
        if api["isfunction"] and kind in _OPEN and not row.values.get("logicalentityname"):
            raise InvalidArgument(f"The parameter '{name}' of a function needs a 'logicalentityname': no open type.")


def _create_properties(run: Execution, rows: Sequence[Row]) -> None:
    _members(run, PROPERTIES, rows)


_OPEN: Final = frozenset({Kind.ENTITY, Kind.ENTITY_COLLECTION})
_API = ("uniquename", "bindingtype", "isfunction")


def _members(run: Execution, table: str, rows: Sequence[Row]) -> list[tuple[str, Kind, Row, dict[str, Value]]]:
    """Each row that may be one: its name, what it holds, and the custom API it belongs to. [FN-28]"""
    found: list[tuple[str, Kind, Row, dict[str, Value]]] = []
    taken: set[tuple[str, str]] = set()
    for row in rows:
        values = row.values
        named, name = values.get("customapiid"), str(values.get("uniquename") or "")
        api = run.read_values(CUSTOM, named.id, _API) if isinstance(named, Reference) else None
        if api is None or not isinstance(named, Reference):
            raise InvalidArgument("A parameter or response property needs a custom API ('CustomAPIId@odata.bind').")
        if not _NAME.match(name):
            raise InvalidArgument(
                f"'{name[:120]}' is not a valid name: a letter, then letters, digits and underscores."
            )
        present = rows_where(run, table, ("uniquename",), {"uniquename": name, "customapiid": named})
        if present or (named.id, name.lower()) in taken:
            raise DefinitionExists(table, name, str(api["uniquename"]))
        taken.add((named.id, name.lower()))
        kind = Kind(int(str(values.get("type") or 0)))
        _must_name_table(run, name, kind, values.get("logicalentityname"))
        found.append((name, kind, row, api))
    return found


def _must_name_table(run: Execution, name: str, kind: Kind, named: Value) -> None:
    if not named:
        return
    if kind not in OF_ROWS:
        raise InvalidArgument(f"'{name}' holds no row, so it has no 'logicalentityname'.")
    if named not in run.schema.tables:
        raise InvalidArgument(f"There is no table '{str(named)[:100]}' ('logicalentityname' of '{name}').")


CUSTOM_RULES: Final = TableRules(creating=_create_messages, changing=_change_message, deleting=_delete_message)
PARAMETER_RULES: Final = TableRules(creating=_create_parameters)
PROPERTY_RULES: Final = TableRules(creating=_create_properties)
