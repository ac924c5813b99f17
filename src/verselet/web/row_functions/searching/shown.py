"""Show the rows that a search found.

In:        hits, and the columns to show of each table
Out:       the members of each row as searches name them
Not here:  which rows were found (operations.searching)

Rows are read as any page of rows is, so that rights, masks and the forms of values are those of the Web API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from verselet.errors import UnknownColumn
from verselet.messages.searching import Hit
from verselet.metadata.columns import DateTimeColumn, LookupColumn, is_property
from verselet.metadata.tables import Table
from verselet.query.outputs import property_name
from verselet.query.searching.facets import Bucket
from verselet.query.searching.words import words_of
from verselet.web.exchange import Exchange
from verselet.web.reads import RowReads
from verselet.web.row_functions.calls import Call

FORMATTED: Final = "@OData.Community.Display.V1.FormattedValue"
LOOKUP_TABLE: Final = "@Microsoft.Dynamics.CRM.lookuplogicalname"
DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


class ShownRow(msgspec.Struct, frozen=True):
    """A row that was found: facts about it, and its columns. Of lookups also the name and the table of the row."""

    hit: Hit
    facts: Mapping[str, object]
    members: Mapping[str, object]
    text: str


def read_rows(call: Call, hits: Iterable[Hit], shown: Mapping[str, tuple[str, ...]]) -> list[ShownRow]:
    """The rows of the hits, in their order; one that went meanwhile is left out.

    Raises:
        UnknownColumn: a column to show that a table does not have.
    """
    columns = {name: _columns(call.schema.tables[name], names) for name, names in shown.items()}
    wanted: dict[str, list[str]] = {}
    hits = tuple(hits)
    for hit in hits:
        wanted.setdefault(hit.table, []).append(hit.id)
    rows = {name: _page(call, call.schema.tables[name], ids, columns[name]) for name, ids in wanted.items()}
    return [
        _shown(call.schema.tables[hit.table], hit, columns[hit.table], rows[hit.table][hit.id])
        for hit in hits
        if hit.id in rows[hit.table]
    ]


def bucket_value(value: object) -> object:
    """A value as it stands in a facet: points in time as the Web API writes them, whole numbers without a point."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value
    return value


def bucket_members(bucket: Bucket, write: Callable[[object], object]) -> dict[str, object]:
    """One bucket of a facet, its values as `write` writes them."""
    if bucket.is_range:
        bounds = {"From": bucket.low, "To": bucket.high}
        known = {name: write(value) for name, value in bounds.items() if value is not None}
        return {"Type": "Range", **known, "Count": bucket.count}
    label = {} if bucket.label is None else {"OptionalValue": bucket.label}
    return {"Type": "Value", "Value": write(bucket.value), **label, "Count": bucket.count}


def completed(search: str, word: str) -> str:
    """What was typed, its last word in full and marked; nothing where there is no such word."""
    words = words_of(search)
    return f"{search[: words[-1].start]}{{crmhit}}{word}{{/crmhit}}" if word and words else ""


def _columns(table: Table, names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name not in table.columns or not is_property(table.columns[name]):
            raise UnknownColumn(name[:100], table.name, table.columns)
    return names


def _page(call: Call, table: Table, ids: list[str], columns: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    listed = ",".join([f"'{row_id}'" for row_id in ids])
    names = ",".join([property_name(table.columns[name]) for name in (*columns, table.primary_name) if name])
    which = f"Microsoft.Dynamics.CRM.In(PropertyName='{table.primary_id}',PropertyValues=[{listed}])"
    headers = {"prefer": 'odata.include-annotations="*"'}
    asking = Exchange("GET", call.exchange.api, table.set_name, f"$select={names}&$filter={which}", headers)
    asking.caller = call.exchange.caller
    page = DECODER.decode(RowReads(call.organization).page(asking, table).whole_body)
    return {str(row[table.primary_id]): row for row in page["value"]}


def _shown(table: Table, hit: Hit, columns: tuple[str, ...], row: Mapping[str, Any]) -> ShownRow:
    shown: dict[str, object] = {}
    for name in columns:
        column = table.columns[name]
        wire = property_name(column)
        shown[name] = row.get(wire)
        if isinstance(column, LookupColumn):
            shown[f"{name}name"] = row.get(wire + FORMATTED)
            shown[f"@search.{name}.logicalname"] = row.get(wire + LOOKUP_TABLE)
        elif wire + FORMATTED in row:
            shown[name + FORMATTED] = row[wire + FORMATTED]
    facts = {
        "@search.objectid": hit.id,
        "@search.entityname": hit.table,
        "@search.objecttypecode": table.object_type_code or 0,
    }
    primary = table.primary_name or table.primary_id
    return ShownRow(hit, facts, shown, hit.highlights.get(primary) or str(row.get(primary) or ""))


def with_written_dates(table: Table, row: ShownRow) -> dict[str, object]:
    """The members, dates as people write them instead of as values. [DW-15]"""
    found = {name: value for name, value in row.members.items() if not name.endswith(FORMATTED)}
    for name in found:
        if isinstance(table.columns.get(name), DateTimeColumn):
            found[name] = row.members.get(name + FORMATTED)
    return found
