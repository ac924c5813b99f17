"""Answer POST, PATCH and DELETE on rows.

In:        an exchange, a table, a key
Out:       an `Answer`; the write happened, or nothing
Not here:  what a write does (operations), references (web.references), single properties (web.properties)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import quote

import msgspec

from verselet.messages.request import (
    CreateResponse,
    Delete,
    RowKey,
    Update,
    Upsert,
    UpsertResponse,
)
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.web.answers import NO_CONTENT, Answer
from verselet.web.body import read_object
from verselet.web.exchange import Exchange
from verselet.web.reads import RowReads


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
        if _detects_duplicates(exchange):
            message = msgspec.structs.replace(message, detects_duplicates=True)
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
        made = self._organization.read_create(table, body)
        message = Upsert(made.target, key, when, made.companions)
        return self._written(exchange, table, message, key, key_text)

    def _written(
        self, exchange: Exchange, table: Table, message: Update | Upsert, key: RowKey, key_text: str
    ) -> Answer:
        if _detects_duplicates(exchange):
            message = msgspec.structs.replace(message, detects_duplicates=True)
        if exchange.preferences.representation:
            with self._organization.transaction():
                done = cast(UpsertResponse, self._organization.execute(message, exchange.caller))
                status = 201 if done.created else 200
                return self._reads.representation(exchange, table, done.id, status=status, expand=done.created)
        done = cast(UpsertResponse, self._organization.execute(message, exchange.caller))
        # An address by alternate key is echoed, encoded again: a line end in it must not end the header. [US-4]
        named = done.id if key.id is not None or not key_text else quote(key_text, safe="'=,-:")
        return Answer(204, b"", ((b"odata-entityid", f"{exchange.api}{table.set_name}({named})".encode()),))

    def delete(self, exchange: Exchange, table: Table, key: RowKey) -> Answer:
        """Remove a row. [D-1], [D-4]"""
        self._organization.execute(Delete(table.name, key, exchange.precondition), exchange.caller)
        return NO_CONTENT


def _detects_duplicates(exchange: Exchange) -> bool:
    """Only who asks is told. [DD-1], [H-6]"""
    return exchange.headers.get("mscrm.suppressduplicatedetection", "").strip().lower() == "false"
