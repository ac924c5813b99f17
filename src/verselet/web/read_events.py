"""Let steps see what is read, where some wait for it.

In:        a read that is about to be answered, and that steps wait for
Out:       the same answer, the steps run around it
Not here:  which steps (pipeline.registry), the read (web.reads)

Steps are told what was read; what they change of it is not passed on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from verselet.messages.request import RowKey
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.pipeline.events import Event
from verselet.values import Reference, Row
from verselet.web.answers import Answer
from verselet.web.exchange import Exchange

Read = Callable[[], Answer]


def one_read(organization: Organization, exchange: Exchange, table: Table, key: RowKey, read: Read) -> Answer:
    """Retrieve: `Target`, `ColumnSet`, and the row as `BusinessEntity`. [EVT-11]"""
    columns = [name.strip() for name in (exchange.options.value("$select") or "").split(",") if name.strip()]
    inputs = {
        "Target": Reference(table.name, key.id or ""),
        "ColumnSet": {"AllColumns": not columns, "Columns": columns},
    }
    event = Event(message="Retrieve", table=table.name, key=key, inputs=inputs)
    return organization.read_among_steps(
        event, exchange.caller, read, lambda answer: {"BusinessEntity": _row(table, _decoded(answer))}
    )


def many_read(organization: Organization, exchange: Exchange, table: Table, read: Read) -> Answer:
    """RetrieveMultiple: `Query`, and the rows as `BusinessEntityCollection`. [EVT-11]"""
    inputs = {"Query": {"EntityName": table.name, "Query": exchange.raw_query}}
    event = Event(message="RetrieveMultiple", table=table.name, key=None, inputs=inputs)
    return organization.read_among_steps(
        event,
        exchange.caller,
        read,
        lambda answer: {"BusinessEntityCollection": [_row(table, row) for row in _decoded(answer).get("value", [])]},
    )


def _decoded(answer: Answer) -> dict[str, Any]:
    found = msgspec.json.decode(answer.whole_body) if answer.whole_body else {}
    return found if isinstance(found, dict) else {}


def _row(table: Table, members: dict[str, Any]) -> Row:
    """The columns of a row of an answer."""
    values = {name: value for name, value in members.items() if name in table.columns}
    row_id = values.get(table.primary_id)
    return Row(table.name, row_id if isinstance(row_id, str) else None, values)
