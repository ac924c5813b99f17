"""Answer POST, PATCH and DELETE on rows.

In:        an exchange, a table, a key
Out:       an `Answer`; the write happened, or nothing
Not here:  what a write does (operations), references (web.references), single properties (web.properties)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from verselet.errors import BodyRefused, InvalidArgument
from verselet.messages.request import (
    CreateMultiple,
    CreateMultipleResponse,
    CreateResponse,
    Delete,
    RowKey,
    Update,
    Upsert,
    UpsertResponse,
)
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.web.answers import NO_CONTENT, Answer, json_answer, json_string
from verselet.web.body import read_object
from verselet.web.exchange import Exchange
from verselet.web.reads import RowReads

TYPE_PREFIX = "Microsoft.Dynamics.CRM."


class RowWrites:
    """Writes of one organization."""

    def __init__(self, organization: Organization, reads: RowReads) -> None:
        self._organization = organization
        self._reads = reads

    def create(self, exchange: Exchange, table: Table, linked: Mapping[str, object] | None = None) -> Answer:
        """Make a row. [C-1], [C-2]

        `linked` are properties that the address gives, for a row made in another row's collection. [C-17]
        """
        body = read_object(exchange.body, exchange.content_type, table.set_name)
        message = self._organization.read_create(table, {**body, **linked} if linked else body)
        if exchange.preferences.representation:
            with self._organization.transaction():
                made = cast(CreateResponse, self._organization.execute(message, exchange.caller))
                return self._reads.representation(exchange, table, made.id, status=201, expand=True)
        made = cast(CreateResponse, self._organization.execute(message, exchange.caller))
        url = f"{exchange.api}{table.set_name}({made.id})".encode()
        return Answer(204, b"", ((b"odata-entityid", url), (b"location", url)))

    def update(self, exchange: Exchange, table: Table, key: RowKey, key_text: str) -> Answer:
        """Change a row, or make it where the preconditions allow. [UP-1], [US-1], [WF-1] to [WF-6]"""
        body = read_object(exchange.body, exchange.content_type, table.set_name)
        when = exchange.precondition
        if when.exists is True:
            row = self._organization.row_reader(table, creating=False).read(body)
            return self._written(exchange, table, Update(row, key, when), key, key_text)
        # A new row takes columns that a change may not touch (importsequencenumber, say); the update drops them.
        row = self._organization.row_reader(table, creating=True).read(body)
        return self._written(exchange, table, Upsert(row, key, when), key, key_text)

    def _written(
        self, exchange: Exchange, table: Table, message: Update | Upsert, key: RowKey, key_text: str
    ) -> Answer:
        if exchange.preferences.representation:
            with self._organization.transaction():
                done = cast(UpsertResponse, self._organization.execute(message, exchange.caller))
                status = 201 if done.created else 200
                return self._reads.representation(exchange, table, done.id, status=status, expand=done.created)
        done = cast(UpsertResponse, self._organization.execute(message, exchange.caller))
        # An address by alternate key is echoed as it came. [US-4]
        named = done.id if key.id is not None else key_text
        return Answer(204, b"", ((b"odata-entityid", f"{exchange.api}{table.set_name}({named})".encode()),))

    def delete(self, exchange: Exchange, table: Table, key: RowKey) -> Answer:
        """Remove a row. [D-1], [D-4]"""
        self._organization.execute(Delete(table.name, key, exchange.precondition), exchange.caller)
        return NO_CONTENT

    def create_multiple(self, exchange: Exchange, table: Table) -> Answer:
        """Make several rows in one transaction. [BM-1], [BM-2], [BM-7]"""
        body = read_object(exchange.body, exchange.content_type, table.set_name)
        targets = body.get("Targets")
        if not isinstance(targets, list) or set(body) != {"Targets"}:
            raise BodyRefused(table.set_name, "The parameter 'Targets' must be the one member, and a list of rows.")
        if not targets:
            raise InvalidArgument("The Targets collection must hold at least one row.")
        reader = self._organization.row_reader(table, creating=True)
        rows = tuple([reader.read(_of_type(table, target)) for target in targets])
        made = self._organization.execute(CreateMultiple(table.name, rows), exchange.caller)
        ids = cast(CreateMultipleResponse, made).ids
        context = json_string(f"{exchange.api}$metadata#{TYPE_PREFIX}CreateMultipleResponse")
        listed = ",".join([f'"{row_id}"' for row_id in ids]).encode()
        return json_answer(b'{"@odata.context":' + context + b',"Ids":[' + listed + b"]}")


def _of_type(table: Table, target: object) -> Mapping[str, object]:
    """The target, whose declared type must be the table's. [BM-2]"""
    if not isinstance(target, dict):
        raise BodyRefused(table.set_name, "Each item of 'Targets' must be an object.")
    declared = target.get("@odata.type")
    if not isinstance(declared, str):
        raise BodyRefused(table.set_name, "Each item of 'Targets' must carry '@odata.type'.")
    if declared.removeprefix("#") != TYPE_PREFIX + table.name:
        raise BodyRefused(table.set_name, f"'{declared[:200]}' is not the type of the rows of '{table.set_name}'.")
    return target
