"""Declare custom APIs in `$metadata`.

In:        messages of one's own, the names of the tables
Out:       `custom_operations`, `custom_responses`, as the service's own operations are declared
Not here:  calling them (web.custom_messages), writing them as XML (web.csdl.document)
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from verselet.messages.custom import Binding, CustomMessage, Kind, Member
from verselet.web.csdl.operations import RowOperation

ANY_ROW: Final = "crmbaseentity"

PLAIN: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.BOOLEAN: "Edm.Boolean",
        Kind.DATE_TIME: "Edm.DateTimeOffset",
        Kind.DECIMAL: "Edm.Decimal",
        Kind.FLOAT: "Edm.Double",
        Kind.INTEGER: "Edm.Int32",
        Kind.MONEY: "Edm.Decimal",
        Kind.PICKLIST: "Edm.Int32",
        Kind.STRING: "Edm.String",
        Kind.STRING_ARRAY: "Collection(Edm.String)",
        Kind.GUID: "Edm.Guid",
    }
)
"""Kind of a plain value → its type. [FN-28]"""


def custom_operations(messages: Iterable[CustomMessage], tables: Container[str]) -> tuple[RowOperation, ...]:
    """One operation for each message, in the order of their names. [FN-28], [M-6]"""
    return tuple([_operation(api, tables) for api in _told(messages)])


def custom_responses(
    messages: Iterable[CustomMessage], tables: Container[str]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Complex type of an answer → its properties, for those that answer with more than a row or rows. [FN-5]"""
    return {
        f"{api.name}Response": tuple([(member.name, _type(member, tables)) for member in api.properties])
        for api in _told(messages)
        if api.properties and api.alone is None
    }


def _told(messages: Iterable[CustomMessage]) -> list[CustomMessage]:
    """Private ones, and functions that cannot be called, are not declared. [FN-28]"""
    found = [api for api in messages if not api.is_private and api.is_complete]
    return sorted(found, key=lambda api: api.name)


def _operation(api: CustomMessage, tables: Container[str]) -> RowOperation:
    returns = f"mscrm.{api.name}Response" if api.alone is None else _type(api.alone, tables)
    return RowOperation(
        "Function" if api.is_function else "Action",
        api.name,
        returns if api.properties else None,
        tuple([(member.name, _type(member, tables)) for member in api.parameters]),
        api.table or None,
        on_set=api.binding is Binding.TABLE,
        optional=frozenset([member.name for member in api.parameters if member.is_optional]),
    )


def _type(member: Member, tables: Container[str]) -> str:
    """A table that is gone since is no type any more."""
    plain = PLAIN.get(member.kind)
    if plain is not None:
        return plain
    named = f"mscrm.{member.table if member.table in tables else ANY_ROW}"
    return f"Collection({named})" if member.kind is Kind.ENTITY_COLLECTION else named
