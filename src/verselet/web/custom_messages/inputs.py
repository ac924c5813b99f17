"""Read the parameters of a custom API.

In:        names and JSON values of a call
Out:       names and values of the types the API declares, as plug-ins see them
Not here:  taking an address apart (web.row_functions.parameters), columns of rows (operations.reading)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from verselet.errors import BadRequest, BodyRefused
from verselet.ids import GUID
from verselet.messages.custom import CustomMessage, Kind, Member
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.query.typing_literals import point_in_time
from verselet.values import KeyReference, Reference, Row
from verselet.web.row_functions.parameters import PREFIX, Given, as_row

EXPANDO: Final = "expando"
"""The one open type: an object whose members nobody declares. [FN-28]"""

TYPE: Final = "@odata.type"
OWNERS: Final = frozenset({"systemuser", "team"})
_WHOLE: Final = 2**31
_LARGEST: Final = 2**96 - 1
"""The largest decimal number that clients of the service can hold."""

Read: TypeAlias = Callable[[object], Any]


class Inputs:
    """Reads the parameters of one call."""

    def __init__(self, organization: Organization, api: CustomMessage) -> None:
        self._organization = organization
        self._api = api

    def read(self, given: Given) -> dict[str, Any]:
        """The values by name; those left out or null are absent. [FN-8], [FN-28]

        Raises:
            BodyRefused: a name the API does not know, or a value of another type. [E-8]
            BadRequest: a parameter is missing that must be there.
        """
        known = {member.name for member in self._api.parameters}
        for name in given:
            if name not in known and "@" not in name:
                raise self._refused(
                    f"The parameter '{name[:80]}' in the request payload is not a valid parameter for the operation "
                    f"'{self._api.name}'."
                )
        found: dict[str, Any] = {}
        for member in self._api.parameters:
            value = given.get(member.name)
            if value is not None:
                found[member.name] = self._value(member, value)
            elif not member.is_optional:
                raise BadRequest(f"The parameter '{member.name}' is required.")
        return found

    def _value(self, member: Member, value: object) -> Any:
        match member.kind:
            case Kind.ENTITY:
                return self._row(member, value)
            case Kind.ENTITY_COLLECTION if isinstance(value, list):
                return [self._row(member, item) for item in value]
            case Kind.ENTITY_REFERENCE:
                return self._reference(member, value)
            case _:
                try:
                    return READERS[member.kind](value)
                except (KeyError, TypeError, ValueError, ArithmeticError):
                    raise self._wrong_type(member, value) from None

    def _row(self, member: Member, value: object) -> Any:
        """A row of the table that is declared or named; an open object where neither says one. [FN-6]"""
        if not isinstance(value, Mapping):
            raise self._wrong_type(member, value)
        table = self._table(member, value)
        return open_object(value) if table is None else self._row_of(table, value)

    def _table(self, member: Member, value: Given) -> Table | None:
        declared = value.get(TYPE)
        named = declared.removeprefix("#").removeprefix(PREFIX) if isinstance(declared, str) else member.table
        if member.table and named != member.table:
            raise self._refused(f"The parameter '{member.name}' must be of the type '{PREFIX}{member.table}'.")
        if named == EXPANDO:
            return None
        table = self._organization.schema.tables.get(named)
        if table is None:
            raise self._refused(f"The parameter '{member.name}' needs '{TYPE}', the name of a type.")
        return table

    def _row_of(self, table: Table, value: Given) -> Row:
        body = {name: part for name, part in value.items() if not name.startswith("@")}
        row = self._organization.row_reader(table, creating=True).read(body)
        if "@odata.id" not in value:
            return row
        named = as_row(self._organization.schema, value, table.set_name)
        return Row(table.name, named.id if isinstance(named, Reference) else row.id, row.values)

    def _reference(self, member: Member, value: object) -> Reference | KeyReference:
        if not isinstance(value, Mapping):
            raise self._wrong_type(member, value)
        typed = {TYPE: PREFIX + member.table, **value} if member.table else value
        found = as_row(self._organization.schema, typed, member.name)
        wanted = OWNERS if member.table == "owner" else {member.table or found.table}
        if found.table not in wanted:
            raise self._refused(f"The parameter '{member.name}' must name a row of '{member.table}'.")
        return found

    def _wrong_type(self, member: Member, value: object) -> BodyRefused:
        shown = str(value)[:80] if isinstance(value, str | int | float | Decimal) else type(value).__name__
        return self._refused(
            f"Cannot convert the literal '{shown}' to the expected type '{member.kind.name.replace('_', '').title()}' "
            f"of the parameter '{member.name}'."
        )

    def _refused(self, why: str) -> BodyRefused:
        return BodyRefused(self._api.name, why)


def open_object(value: Given) -> dict[str, Any]:
    """The members of an open object; their types are what they say, or what JSON makes of them. [FN-28]"""
    return {
        name: _open_value(part, str(value.get(f"{name}{TYPE}") or "").removeprefix("#"))
        for name, part in value.items()
        if "@" not in name
    }


def _open_value(value: object, declared: str) -> Any:
    match value:
        case Mapping():
            return open_object(value)
        case list():
            inner = declared.removeprefix("Collection(").removesuffix(")")
            return [_open_value(item, inner) for item in value]
        case Decimal() if declared.removeprefix("Edm.") != "Decimal":
            return float(value)
        case _:
            return value


def _bool(value: object) -> Any:
    if type(value) is not bool:
        raise TypeError
    return value


def _text(value: object) -> Any:
    if type(value) is not str:
        raise TypeError
    return value


def _moment(value: object) -> Any:
    return point_in_time(_text(value))


def _guid(value: object) -> Any:
    if not GUID.match(_text(value)):
        raise TypeError
    return _text(value).lower()


def _number(value: object) -> Decimal:
    if type(value) is int or type(value) is Decimal:
        return Decimal(value)
    raise TypeError


def _decimal(value: object) -> Any:
    found = _number(value)
    if abs(found) > _LARGEST:
        raise ValueError
    return found


def _float(value: object) -> Any:
    found = float(_number(value))
    if not math.isfinite(found):
        raise ValueError
    return found


def _integer(value: object) -> Any:
    if type(value) is not int or not -_WHOLE <= value < _WHOLE:
        raise TypeError
    return value


def _texts(value: object) -> Any:
    if not isinstance(value, list):
        raise TypeError
    return [_text(item) for item in value]


READERS: Final[Mapping[Kind, Read]] = MappingProxyType(
    {
        Kind.BOOLEAN: _bool,
        Kind.DATE_TIME: _moment,
        Kind.DECIMAL: _decimal,
        Kind.FLOAT: _float,
        Kind.INTEGER: _integer,
        Kind.MONEY: _decimal,
        Kind.PICKLIST: _integer,
        Kind.STRING: _text,
        Kind.STRING_ARRAY: _texts,
        Kind.GUID: _guid,
    }
)
"""Kind of a plain value → what reads it."""
