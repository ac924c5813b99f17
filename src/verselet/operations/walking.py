"""Walk the rows that a question in FetchXML finds, by their ids, some at a time.

In:        a question, the id behind which to go on
Out:       `behind`, `ids_found`
Not here:  what is done with the rows (jobs, operations.retention), questions whose rows are shown (web.tabular_reads)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from verselet.metadata.tables import Table
from verselet.operations.reads import Fetch as Run
from verselet.operations.tabular_reads import PreparedTable, fetch_rows
from verselet.query.fetchxml.tree import Attribute, Body, Condition, Fetch, Filter, Order
from verselet.values import Stored


def behind(query: Fetch, table: Table, last: str | None, number: int, *conditions: Condition) -> Fetch:
    """The same question about the ids behind one: the next ones of rows that meet the conditions too."""
    if last is not None:
        conditions = (*conditions, Condition(attribute=table.primary_id, operator="gt", values=(last,)))
    filters = (*query.body.filters, Filter("and", conditions)) if conditions else query.body.filters
    body = Body(
        attributes=(Attribute(name=table.primary_id),),
        orders=(Order(attribute=table.primary_id),),
        filters=filters,
        links=query.body.links,
    )
    return Fetch(table=table.name, body=body, top=number, distinct=bool(query.body.links), retained=query.retained)


def ids_found(table: Table, read: PreparedTable, run: Run, values: Sequence[Stored]) -> list[str]:
    """What such a question finds. Where its page ends is not looked for: the last id says it."""
    listed: list[dict[str, Any]] = msgspec.json.decode(b"[" + fetch_rows(read, run, values, 0).rows + b"]")
    return [str(row[table.primary_id]) for row in listed]
