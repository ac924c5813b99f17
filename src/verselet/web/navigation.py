"""Follow the navigation segments of an address.

In:        a row and the segments behind it
Out:       `Destination`: a row, a collection of a row, or nothing
Not here:  what is done there (web.dispatch)
"""

from __future__ import annotations

import msgspec

from verselet.errors import QueryRefused, ResourceNotFound, RowDoesNotExist
from verselet.messages.request import RowKey
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.operations.keys import row_key
from verselet.organization import Organization
from verselet.query.collections import Link, link_of
from verselet.query.odata.keys import Segment, parse_key
from verselet.web.exchange import Exchange
from verselet.web.reads import RowReads

CAST = "Microsoft.Dynamics.CRM."


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """Where a path leads: one row of `table` (`key`), or a collection of it reached over `navigation`.

    `link` is set for a collection; its rows are those of `target`. `missing` says that a lookup on the way was empty.
    """

    table: Table
    key: RowKey
    navigation: str = ""
    link: Link | None = None
    target: Table | None = None
    item: str | None = None
    missing: bool = False


class Navigator:
    """Follows paths over the rows of one organization."""

    def __init__(self, organization: Organization, reads: RowReads) -> None:
        self._organization = organization
        self._reads = reads

    @property
    def _schema(self) -> Schema:
        return self._organization.schema

    def knows(self, table: Table, name: str) -> bool:
        """The name is a navigation of the table."""
        schema = self._schema
        return name in schema.to_one[table.name] or link_of(schema, table, name) is not None

    def destination(self, table: Table, key: RowKey, segment: Segment) -> Destination:
        """Where one navigation of a row leads, without reading.

        Raises:
            ResourceNotFound: no such navigation. [U-8]
        """
        relationship = self._schema.to_one[table.name].get(segment.name)
        if relationship is not None and relationship.referenced_table in self._schema.tables:
            if segment.arguments is not None:
                raise QueryRefused(f"'{segment.name}' leads to one row and takes no key.")
            target = self._schema.tables[relationship.referenced_table]
            return Destination(table=table, key=key, navigation=segment.name, target=target)
        link = link_of(self._schema, table, segment.name)
        if link is None:
            known = [*self._schema.to_one[table.name], *self._schema.to_many[table.name]]
            raise ResourceNotFound(segment.name, known)
        return Destination(
            table=table,
            key=key,
            navigation=segment.name,
            link=link,
            target=self._schema.tables[link.table],
            item=segment.arguments,
        )

    def pointed_to(self, exchange: Exchange, found: Destination) -> tuple[Table, RowKey] | None:
        """The row a single-valued navigation leads to, None where its lookup is empty. [R-7]

        Raises:
            RowDoesNotExist: the row itself is not there.
        """
        relationship = self._schema.to_one[found.table.name][found.navigation]
        name = f"_{relationship.referencing_column}_value"
        asking = Exchange("GET", exchange.api, exchange.path, f"$select={name}", {"prefer": WITH_TABLES})
        asking.caller = exchange.caller
        row = msgspec.json.decode(self._reads.row_bytes(asking, found.table, found.key))
        target = row.get(f"{name}@Microsoft.Dynamics.CRM.lookuplogicalname")
        wanted = relationship.referenced_table
        if row[name] is None or (wanted not in {"owner", target}):
            return None
        return self._schema.tables[str(target)], RowKey(str(row[name]))

    def item_of(self, found: Destination) -> RowKey:
        """The key of one row of a collection."""
        if found.target is None or found.item is None:
            raise ResourceNotFound(found.navigation)
        return row_key(found.target, parse_key(found.item))

    def parent_id(self, exchange: Exchange, table: Table, key: RowKey) -> str:
        """The id of the row a collection belongs to.

        Raises:
            RowDoesNotExist, KeyDoesNotExist: it is not there. [R-8]
        """
        asking = Exchange("GET", exchange.api, exchange.path, f"$select={table.primary_id}", {})
        asking.caller = exchange.caller
        row = msgspec.json.decode(self._reads.row_bytes(asking, table, key))
        row_id = row.get(table.primary_id)
        if not isinstance(row_id, str):
            raise RowDoesNotExist(table.name, key.id)
        return row_id

    def cast(self, segment: Segment) -> Table | None:
        """The table a cast segment names, None where the segment is no cast. [U-5]"""
        if not segment.name.startswith(CAST) or segment.arguments is not None:
            return None
        return self._schema.tables.get(segment.name.removeprefix(CAST))


WITH_TABLES = 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"'
