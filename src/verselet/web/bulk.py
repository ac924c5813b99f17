"""Answer the bulk messages: several rows of one table in one request.

In:        an exchange with a list of targets, a table
Out:       an `Answer`; all of it happened, or nothing
Not here:  single rows (web.writes), several requests in one (web.batch)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias, cast

from verselet.errors import BodyRefused, InvalidArgument, NotSupportedHere
from verselet.messages.request import (
    CreateMultiple,
    CreateMultipleResponse,
    Precondition,
    RowKey,
    Update,
    UpdateMultiple,
    Upsert,
    UpsertMultiple,
)
from verselet.metadata.tables import Table
from verselet.operations.reading import RowReader, read_reference
from verselet.organization import Organization
from verselet.values import Reference, Row
from verselet.web.answers import NO_CONTENT, Answer, json_answer, json_string
from verselet.web.body import read_object
from verselet.web.exchange import Exchange

TYPE_PREFIX: Final = "Microsoft.Dynamics.CRM."

BulkAnswer: TypeAlias = Callable[[Exchange, Table], Answer]
Target: TypeAlias = Mapping[str, object]


def bulk_answers(organization: Organization) -> Mapping[str, BulkAnswer]:
    """Message → what answers it."""
    bulk = Bulk(organization)
    return MappingProxyType(
        {
            "CreateMultiple": bulk.create,
            "UpdateMultiple": bulk.update,
            "UpsertMultiple": bulk.upsert,
            "DeleteMultiple": bulk.delete,
        }
    )


class Bulk:
    """The bulk messages of one organization."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization

    def create(self, exchange: Exchange, table: Table) -> Answer:
        """Make rows; ids come back in the order of the targets. [BM-1]"""
        reader = self._organization.row_reader(table, creating=True)
        rows = tuple([reader.read(target) for target in _targets(exchange, table)])
        made = self._organization.execute(CreateMultiple(table.name, rows), exchange.caller)
        ids = cast(CreateMultipleResponse, made).ids
        context = json_string(f"{exchange.api}$metadata#{TYPE_PREFIX}CreateMultipleResponse")
        listed = ",".join([f'"{row_id}"' for row_id in ids]).encode()
        return json_answer(b'{"@odata.context":' + context + b',"Ids":[' + listed + b"]}")

    def update(self, exchange: Exchange, table: Table) -> Answer:
        """Change rows that are there. [BM-3]"""
        reader = self._organization.row_reader(table, creating=False)
        updates = []
        for target in _targets(exchange, table):
            row = reader.read(target)
            key = _key(reader, table, target, row)
            if key is None:
                why = f"Each item of 'Targets' must carry '{table.primary_id}' or '@odata.id'."
                raise BodyRefused(table.set_name, why)
            updates.append(Update(row, key, Precondition(exists=True)))
        self._organization.execute(UpdateMultiple(table.name, tuple(updates)), exchange.caller)
        return NO_CONTENT

    def upsert(self, exchange: Exchange, table: Table) -> Answer:
        """Change rows, or make them; one that names no row is a new one. [BM-4], [MSG-26]"""
        reader = self._organization.row_reader(table, creating=True)
        upserts = []
        for target in _targets(exchange, table):
            row = reader.read(target)
            key = _key(reader, table, target, row) or RowKey(self._organization.ids.new_row_id())
            upserts.append(Upsert(row, key))
        self._organization.execute(UpsertMultiple(table.name, tuple(upserts)), exchange.caller)
        return NO_CONTENT

    def delete(self, _exchange: Exchange, _table: Table) -> Answer:
        """For elastic tables only, which this server does not have. [BM-5]"""
        raise NotSupportedHere("DeleteMultiple has not yet been implemented. DeleteMultiple on a standard table")


def _targets(exchange: Exchange, table: Table) -> list[Target]:
    """The targets, each of the table's type. [BM-2], [BM-7]"""
    body = read_object(exchange.body, exchange.content_type, table.set_name)
    targets = body.get("Targets")
    if not isinstance(targets, list) or set(body) != {"Targets"}:
        raise BodyRefused(table.set_name, "The parameter 'Targets' must be the one member, and a list of rows.")
    if not targets:
        raise InvalidArgument("The Targets collection must hold at least one row.")
    wanted = TYPE_PREFIX + table.name
    for target in targets:
        if type(target) is not dict or target.get("@odata.type") != wanted:
            _must_be_of_type(table, target)
    return targets


def _must_be_of_type(table: Table, target: object) -> None:
    if not isinstance(target, dict):
        raise BodyRefused(table.set_name, "Each item of 'Targets' must be an object.")
    declared = target.get("@odata.type")
    if not isinstance(declared, str):
        raise BodyRefused(table.set_name, "Each item of 'Targets' must carry '@odata.type'.")
    if declared.removeprefix("#") != TYPE_PREFIX + table.name:
        raise BodyRefused(table.set_name, f"'{declared[:200]}' is not the type of the rows of '{table.set_name}'.")


def _key(reader: RowReader, table: Table, target: Target, row: Row) -> RowKey | None:
    """The row a target means: its address, its primary key, or the columns of an alternate key; None where none is."""
    address = target.get("@odata.id")
    if isinstance(address, str):
        found = read_reference(reader.schema, address)
        if found.table == table.name:
            return RowKey(found.id) if isinstance(found, Reference) else RowKey(None, found.values)
    row_id = target.get(table.primary_id)
    if isinstance(row_id, str):
        return RowKey(reader.id_of(row_id))
    for key in table.keys:
        if all(row.values.get(name) is not None for name in key.columns):
            return RowKey(None, tuple([(name, row.values[name]) for name in key.columns]))
    return None
