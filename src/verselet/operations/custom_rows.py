"""Read the messages of one's own that are defined as rows.

In:        an open session, the operations of solutions by the names of plug-in types
Out:       `custom_messages`: what can be called; `main_steps`: what does the work
Not here:  what may be defined (operations.table_rules.custom), calling (operations.custom_calls, pipeline)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from verselet.errors.steps import StepFailed
from verselet.ids import name_id
from verselet.messages.custom import Binding, CustomMessage, Kind, Member
from verselet.operations.asking import rows_that, rows_where
from verselet.pipeline.execution import Execution
from verselet.pipeline.registry import MAIN, RegisteredStep, Run
from verselet.sdk.context import Context
from verselet.sdk.solution import Operation
from verselet.values import Reference, Row, Value

CUSTOM: Final = "customapi"
PARAMETERS: Final = "customapirequestparameter"
PROPERTIES: Final = "customapiresponseproperty"
CUSTOM_TABLES: Final = frozenset({CUSTOM, PARAMETERS, PROPERTIES})

_CUSTOM = (
    "uniquename", "bindingtype", "boundentitylogicalname", "isfunction", "isprivate", "executeprivilegename",
)  # fmt: skip
MOST: Final = 100_000
"""Parameters of all messages; one that is not read would not be asked for."""

_MEMBER = ("uniquename", "type", "logicalentityname", "customapiid")


def custom_messages(run: Execution) -> Iterator[CustomMessage]:
    """All there are, whatever their state: that has no effect. [FN-28]"""
    found = rows_where(run, CUSTOM, _CUSTOM, {})
    if not found:
        return
    parameters = _members(run, PARAMETERS, (*_MEMBER, "isoptional"))
    properties = _members(run, PROPERTIES, _MEMBER)
    for row in found:
        values, row_id = row.values, row.id or ""
        yield CustomMessage(
            name=_text(values["uniquename"]),
            binding=Binding(_number(values["bindingtype"])),
            table=_text(values["boundentitylogicalname"]).lower(),
            is_function=values["isfunction"] is True,
            is_private=values["isprivate"] is True,
            privilege=_text(values["executeprivilegename"]),
            parameters=tuple(parameters.get(row_id, ())),
            properties=tuple(properties.get(row_id, ())),
        )


def main_steps(run: Execution, works: Mapping[tuple[str, str], Operation]) -> Iterator[RegisteredStep]:
    """The main operation of each message that has a plug-in type; `works` are by the names of those and of messages."""
    for row in rows_where(run, CUSTOM, ("uniquename", "boundentitylogicalname", "plugintypeid"), {}):
        named = row.values["plugintypeid"]
        if not isinstance(named, Reference):
            continue
        type_name = _text((run.read_values(named.table, named.id, ("typename",)) or {}).get("typename"))
        message = _text(row.values["uniquename"])
        yield RegisteredStep(
            id=name_id(f"operation/{row.id}"),
            name=type_name or message,
            message=message,
            table=_text(row.values["boundentitylogicalname"]).lower(),
            stage=MAIN,
            mode=0,
            rank=1,
            work=_work(type_name, message, works.get((type_name, message))),
            can_be_bypassed=False,
            is_row=False,
        )


def _work(type_name: str, message: str, found: Operation | None) -> Run:
    """The function; one that says so where there is none."""
    if found is not None:
        return found.handler

    def refuse(_context: Context) -> None:
        raise StepFailed(message, f"no plug-in of this server is called '{type_name}' and does the work of '{message}'")

    return refuse


def _members(run: Execution, table: str, columns: tuple[str, ...]) -> dict[str, list[Member]]:
    """Id of the message → its members by name."""
    found: dict[str, list[Member]] = {}
    rows = rows_that(run, run.schema.tables[table], columns, (), MOST)
    for row in sorted(rows, key=lambda row: _text(row.values["uniquename"])):
        named = row.values["customapiid"]
        if isinstance(named, Reference):
            found.setdefault(named.id, []).append(_member(row))
    return found


def _member(row: Row) -> Member:
    values = row.values
    return Member(
        name=_text(values["uniquename"]),
        kind=Kind(_number(values["type"])),
        table=_text(values["logicalentityname"]).lower(),
        is_optional=values.get("isoptional") is True,
    )


def _text(value: Value) -> str:
    return str(value or "")


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
