"""Write what a custom API answers with.

In:        the outputs of a call, as plug-ins set them
Out:       names and values as JSON has them
Not here:  the answer around them (web.custom_messages.answer)

What is set without being declared is not passed on, as on the service.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from verselet.clock import wire_form
from verselet.errors.steps import StepFailed
from verselet.ids import GUID
from verselet.messages.custom import CustomMessage, Kind, Member
from verselet.metadata.schema import Schema
from verselet.query.outputs import property_name
from verselet.query.typing_literals import point_in_time
from verselet.values import Reference, Row
from verselet.web.custom_messages.inputs import EXPANDO, TYPE
from verselet.web.row_functions.parameters import PREFIX

Write: TypeAlias = Callable[[Any], object]


class Outputs:
    """Writes the response properties of one call."""

    def __init__(self, schema: Schema, api: CustomMessage) -> None:
        self._schema = schema
        self._api = api

    def written(self, outputs: Mapping[str, Any]) -> dict[str, object]:
        """Every declared property; null for one that nobody has set. [FN-5], [FN-28]

        Raises:
            StepFailed: a value is not what the property holds.
        """
        return {member.name: self._value(member, outputs.get(member.name)) for member in self._api.properties}

    def _value(self, member: Member, value: Any) -> object:
        if value is None:
            return None
        try:
            match member.kind:
                case Kind.ENTITY:
                    return self._row(member, value)
                case Kind.ENTITY_COLLECTION:
                    return [self._row(member, item) for item in _listed(value)]
                case Kind.ENTITY_REFERENCE:
                    return self._reference(member, value)
                case _:
                    return WRITERS[member.kind](value)
        except (KeyError, TypeError, ValueError) as error:
            raise StepFailed(
                self._api.name,
                f"the response property '{member.name}' holds {member.kind.name.lower().replace('_', ' ')}, "
                f"and was set to {type(value).__name__}",
            ) from error

    def _row(self, member: Member, value: Any) -> Mapping[str, object]:
        if isinstance(value, Row) and _is_of(value, member):
            return self._members(value)
        if isinstance(value, Mapping) and not member.table:
            return self._open(value)
        raise TypeError

    def _members(self, row: Row) -> dict[str, object]:
        table = self._schema.tables[row.table]
        found: dict[str, object] = {TYPE: f"#{PREFIX}{row.table}"}
        if row.id is not None:
            found[table.primary_id] = row.id
        for name, value in row.values.items():
            found[property_name(table.columns[name])] = value.id if isinstance(value, Reference) else value
        return found

    def _reference(self, member: Member, value: Any) -> Mapping[str, object]:
        if not isinstance(value, Reference) or not _is_of(value, member):
            raise TypeError
        table = self._schema.tables[value.table]
        return {TYPE: f"#{PREFIX}{table.name}", table.primary_id: value.id}

    def _open(self, value: Mapping[str, Any]) -> dict[str, object]:
        """An open object says the types that JSON does not. [FN-28]"""
        found: dict[str, object] = {TYPE: f"#{PREFIX}{EXPANDO}"}
        for name, part in value.items():
            declared = _declared(part)
            if declared:
                found[f"{name}{TYPE}"] = declared
            found[str(name)] = self._open_value(part)
        return found

    def _open_value(self, value: Any) -> object:
        match value:
            case None | bool() | int() | str() | Decimal():
                return value
            case float():
                return _float(value)
            case datetime():
                return _moment(value)
            case Row():
                return self._members(value)
            case Reference():
                return {TYPE: f"#{PREFIX}{value.table}", self._schema.tables[value.table].primary_id: value.id}
            case Mapping():
                return self._open(value)
            case list() | tuple():
                return [self._open_value(item) for item in value]
            case _:
                raise TypeError


def _is_of(value: Row | Reference, member: Member) -> bool:
    return not member.table or value.table == member.table


def _declared(value: Any) -> str:
    """What has to be said of an open member's type."""
    match value:
        case Decimal():
            return "#Decimal"
        case datetime():
            return "#DateTimeOffset"
        case [str(), *_]:
            return "#Collection(String)"
        case [bool(), *_]:
            return "#Collection(Boolean)"
        case [int(), *_]:
            return "#Collection(Int32)"
        case [float() | Decimal(), *_]:
            return "#Collection(Double)"
        case [_, *_]:
            return f"#Collection({PREFIX}{EXPANDO})"
        case _:
            return ""


def _bool(value: Any) -> object:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _whole(value: Any) -> object:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return int(value)


def _number(value: Any) -> object:
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Decimal) and value.is_finite():
        return value
    return _whole(value)


def _float(value: float) -> object:
    if not math.isfinite(value):
        raise ValueError
    return value


def _text(value: Any) -> object:
    if not isinstance(value, str):
        raise TypeError
    return value


def _moment(value: Any) -> object:
    if isinstance(value, datetime):
        return wire_form(value if value.tzinfo is not None else value.replace(tzinfo=UTC))
    return point_in_time(str(_text(value)))


def _guid(value: Any) -> object:
    if not GUID.match(str(value)):
        raise TypeError
    return str(value).lower()


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return list(value)


def _texts(value: Any) -> object:
    return [_text(item) for item in _listed(value)]


WRITERS: Final[Mapping[Kind, Write]] = MappingProxyType(
    {
        Kind.BOOLEAN: _bool,
        Kind.DATE_TIME: _moment,
        Kind.DECIMAL: _number,
        Kind.FLOAT: _number,
        Kind.INTEGER: _whole,
        Kind.MONEY: _number,
        Kind.PICKLIST: _whole,
        Kind.STRING: _text,
        Kind.STRING_ARRAY: _texts,
        Kind.GUID: _guid,
    }
)
"""Kind of a plain value → what writes it."""
