"""Write an event as the JSON that receivers of the service know.

In:        a context and the step it is for
Out:       RemoteExecutionContext as bytes [EVT-44], [EVT-45]
Not here:  posting it (outgoing)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from verselet.messages.custom import CustomMessage, Kind, Member
from verselet.metadata.columns import ChoiceColumn, Column, DateTimeColumn, MoneyColumn, StateColumn, StatusColumn
from verselet.metadata.schema import Schema
from verselet.pipeline.registry import RegisteredStep
from verselet.sdk.context import Context
from verselet.values import KeyReference, Reference, Row

Named: TypeAlias = Callable[[str], CustomMessage | None]

MOST_BYTES: Final = 256 * 1024
"""Larger bodies lose their parameters and images. [EVT-43]"""

CONTRACTS: Final = "http://schemas.microsoft.com/xrm/2011/Contracts"
CHOOSING: Final = (ChoiceColumn, StateColumn, StatusColumn)
NO_ID: Final = "00000000-0000-0000-0000-000000000000"


class Posted(msgspec.Struct, frozen=True):
    """A body, and whether parts of it were left out. [EVT-43]"""

    body: bytes
    shortened: bool


def remote_context(
    context: Context, step: RegisteredStep, schema: Schema, people: Mapping[str, str], named: Named = lambda _: None
) -> Posted:
    """The body of one post. `people`: systemuserid → Entra object id; `named` finds a message of one's own."""
    told = _Writer(schema, people, named).context(context, step)
    body = msgspec.json.encode(told)
    if len(body) <= MOST_BYTES:
        return Posted(body, shortened=False)
    short = {**told, "ParentContext": None, "InputParameters": [], "PreEntityImages": [], "PostEntityImages": []}
    return Posted(msgspec.json.encode(short), shortened=True)


class _Writer:
    """Writes values as data contracts are written in JSON."""

    def __init__(self, schema: Schema, people: Mapping[str, str], named: Named) -> None:
        self._schema = schema
        self._people = people
        self._named = named

    def context(self, context: Context, step: RegisteredStep) -> dict[str, Any]:
        facts = context.facts
        api = self._named(facts.message)
        return {
            "BusinessUnitId": facts.business_unit_id,
            "CorrelationId": facts.correlation_id,
            "Depth": facts.depth,
            "InitiatingUserAzureActiveDirectoryObjectId": self._people.get(facts.initiating_user_id, NO_ID),
            "InitiatingUserId": facts.initiating_user_id,
            "InputParameters": self._pairs(context.inputs, () if api is None else api.parameters),
            "IsExecutingOffline": False,
            "IsInTransaction": context.in_transaction,
            "IsOfflinePlayback": False,
            "IsolationMode": 1,
            "MessageName": facts.message,
            "Mode": context.mode,
            "OperationCreatedOn": f"/Date({_milliseconds(facts.started)}+0000)/",
            "OperationId": facts.operation_id,
            "OrganizationId": facts.organization_id,
            "OrganizationName": facts.organization_name,
            "OutputParameters": self._pairs(context.outputs, () if api is None else api.properties),
            "OwningExtension": {
                "Id": step.id,
                "KeyAttributes": [],
                "LogicalName": "sdkmessageprocessingstep",
                "Name": step.name,
                "RowVersion": None,
            },
            "ParentContext": None if context.parent is None else self.context(context.parent, step),
            "PostEntityImages": self._images(context.post_images, step, asynchronous=context.mode == 1),
            "PreEntityImages": self._images(context.pre_images, step, asynchronous=False),
            "PrimaryEntityId": facts.row_id or NO_ID,
            "PrimaryEntityName": facts.table or "none",
            "RequestId": facts.request_id,
            "SecondaryEntityName": facts.secondary_table,
            "SharedVariables": self._pairs(context.shared),
            "Stage": context.stage,
            "UserAzureActiveDirectoryObjectId": self._people.get(facts.user_id, NO_ID),
            "UserId": facts.user_id,
        }

    def _images(self, images: Mapping[str, Row], step: RegisteredStep, *, asynchronous: bool) -> list[dict[str, Any]]:
        found = self._pairs(images)
        if asynchronous:
            found.append({"key": "AsynchronousStepPrimaryName", "value": step.name})
        return found

    def _pairs(self, values: Mapping[str, Any], members: Iterable[Member] = ()) -> list[dict[str, Any]]:
        kinds = {member.name: member.kind for member in members}
        return [{"key": name, "value": self._typed(kinds.get(name), value)} for name, value in values.items()]

    def _typed(self, kind: Kind | None, value: Any) -> Any:
        """A value of a custom API says what plain JSON does not. [EVT-45], [FN-28]"""
        match kind, value:
            case Kind.PICKLIST, int():
                return {"__type": f"OptionSetValue:{CONTRACTS}", "Value": value}
            case Kind.MONEY, int() | float() | Decimal():
                return {"__type": f"Money:{CONTRACTS}", "Value": float(value)}
            case Kind.DATE_TIME, str():
                return f"/Date({_milliseconds(_moment(value))})/"
            case Kind.ENTITY, Mapping():
                return self._open(value)
            case Kind.ENTITY_COLLECTION, list():
                entities = [self._typed(Kind.ENTITY, item) for item in value]
                return {"__type": f"EntityCollection:{CONTRACTS}", "Entities": entities}
            case _:
                return self._value(value)

    def _open(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """A row of no table: its members are its columns."""
        shown = [
            {"key": name, "value": self._open(part) if isinstance(part, Mapping) else self._value(part)}
            for name, part in value.items()
        ]
        return self._entity(None, None, shown, [])

    def _value(self, value: Any) -> Any:
        match value:
            case Row():
                return self._row(value)
            case Reference(table=table, id=row_id):
                return self._reference(table, row_id, [])
            case KeyReference(table=table, values=key):
                return self._reference(table, NO_ID, [{"key": name, "value": str(part)} for name, part in key])
            case str() | bool() | int() | float() | None:
                return value
            case Decimal():
                return float(value)
            case Mapping():
                return {name: self._value(part) for name, part in value.items()}
            case Iterable():
                return [self._value(part) for part in value]
            case _:
                return str(value)

    def _row(self, row: Row) -> dict[str, Any]:
        table = self._schema.tables.get(row.table)
        if table is None:
            # A plug-in may make up rows of its own.
            return self._entity(row.table, row.id, self._pairs(row.values), [])
        values = {name: value for name, value in row.values.items() if name != table.primary_id}
        if row.id is not None:
            values[table.primary_id] = row.id
        shown = [{"key": name, "value": self._column_value(table.columns.get(name), values[name])} for name in values]
        formatted = [
            {"key": name, "value": label}
            for name, value in row.values.items()
            if (label := _label(table.columns.get(name), value)) is not None
        ]
        return self._entity(row.table, row.id, shown, formatted)

    def _entity(
        self, table: str | None, row_id: str | None, shown: list[dict[str, Any]], formatted: list[dict[str, Any]]
    ) -> dict[str, Any]:
        return {
            "__type": f"Entity:{CONTRACTS}",
            "Attributes": shown,
            "EntityState": None,
            "FormattedValues": formatted,
            "Id": row_id or NO_ID,
            "KeyAttributes": [],
            "LogicalName": table,
            "RelatedEntities": [],
            "RowVersion": None,
        }

    def _column_value(self, column: Column | None, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(column, CHOOSING) and isinstance(value, int):
            return {"__type": f"OptionSetValue:{CONTRACTS}", "Value": value}
        if isinstance(column, MoneyColumn):
            return {"__type": f"Money:{CONTRACTS}", "Value": float(value)}
        if isinstance(column, DateTimeColumn) and isinstance(value, str):
            return f"/Date({_milliseconds(_moment(value))})/"
        return self._value(value)

    def _reference(self, table: str, row_id: str, key: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "__type": f"EntityReference:{CONTRACTS}",
            "Id": row_id,
            "KeyAttributes": key,
            "LogicalName": table,
            "Name": None,
            "RowVersion": None,
        }


def _label(column: Column | None, value: Any) -> str | None:
    if not isinstance(column, CHOOSING):
        return None
    return next((option.label for option in column.options if option.value == value), None)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
