"""Answer requests for a single property of a row.

In:        an exchange, a table, a key, the name of a property
Out:       an `Answer`
Not here:  whole rows (web.reads, web.writes), navigation (web.references)
"""

from __future__ import annotations

import msgspec

from verselet.errors import BodyRefused, MethodNotAllowed, ResourceNotFound, UnknownColumn
from verselet.messages.request import Precondition, RowKey, Update
from verselet.metadata.columns import Column, FileColumn, ImageColumn, LookupColumn
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.query.outputs import property_name
from verselet.web.answers import NO_CONTENT, Answer, json_answer, json_string, text_answer
from verselet.web.body import read_value
from verselet.web.exchange import Exchange
from verselet.web.files import FileContents
from verselet.web.reads import RowReads, tag_of


class RowProperties:
    """Single properties of one organization's rows."""

    def __init__(self, organization: Organization, reads: RowReads) -> None:
        self._organization = organization
        self._reads = reads
        self._contents = FileContents(organization)

    def answer(self, exchange: Exchange, table: Table, key: RowKey, name: str, *, raw: bool) -> Answer:
        """GET, PUT or DELETE of one property. [R-4] to [R-6], [SP-1], [SP-2]"""
        column = self._column(table, name)
        if isinstance(column, FileColumn | ImageColumn):
            return self._answer_content(exchange, table, key, column, raw=raw)
        if exchange.method == "GET":
            return self._get(exchange, table, key, column, raw=raw)
        return self._change(exchange, table, key, column, raw=raw)

    def _answer_content(
        self, exchange: Exchange, table: Table, key: RowKey, column: FileColumn | ImageColumn, *, raw: bool
    ) -> Answer:
        """Content goes its own way; the property without it is the file's id, or the thumbnail. [FL-4], [IM-2]"""
        asks_for_property = not raw and "range" not in exchange.headers and "size=full" not in exchange.raw_query
        if exchange.method == "GET" and asks_for_property:
            return self._get(exchange, table, key, column, raw=False)
        is_json = exchange.content_type.lstrip().lower().startswith("application/json")
        if exchange.method == "PUT" and isinstance(column, ImageColumn) and is_json:
            return self._change(exchange, table, key, column, raw=raw)
        return self._contents.answer(exchange, table, key, column, raw=raw)

    def _change(self, exchange: Exchange, table: Table, key: RowKey, column: Column, *, raw: bool) -> Answer:
        name = column.name
        if raw or exchange.method not in {"PUT", "DELETE"}:
            raise MethodNotAllowed(exchange.method, name)
        value = None
        if exchange.method == "PUT":
            value = read_value(exchange.body, exchange.content_type, table.set_name)
        return self._set(exchange, table, key, column, value)

    def _column(self, table: Table, name: str) -> Column:
        try:
            return self._organization.schema.property_column(table, name)
        except UnknownColumn:
            raise ResourceNotFound(name, table.columns) from None

    def _get(self, exchange: Exchange, table: Table, key: RowKey, column: Column, *, raw: bool) -> Answer:
        name = property_name(column)
        asking = Exchange("GET", exchange.api, exchange.path, f"$select={name}", exchange.headers)
        asking.caller = exchange.caller
        row = self._reads.row_bytes(asking, table, key)
        # As the database wrote it: a decimal made to a float would lose digits.
        value = bytes(msgspec.json.decode(row, type=dict[str, msgspec.Raw])[name])
        if value == b"null":
            return Answer(204, b"", ((b"etag", tag_of(row)),))
        if raw:
            return text_answer(_as_text(value))
        context = json_string(f"{exchange.api}$metadata#{exchange.path}")
        body = b'{"@odata.context":' + context + b',"value":' + value + b"}"
        return json_answer(body, (b"etag", tag_of(row)))

    def _set(self, exchange: Exchange, table: Table, key: RowKey, column: Column, value: object) -> Answer:
        if isinstance(column, LookupColumn):
            raise BodyRefused(table.set_name, f"'{column.name}' is a lookup; write it through its navigation property.")
        row = self._organization.row_reader(table, creating=False).read({column.name: value})
        when = Precondition(version=exchange.precondition.version, exists=True)
        self._organization.execute(Update(row, key, when), exchange.caller)
        return NO_CONTENT


def _as_text(value: bytes) -> str:
    """The value without JSON's quotes. [R-5]"""
    return msgspec.json.decode(value, type=str) if value.startswith(b'"') else value.decode()
