"""Read and answer the operation on rollup columns.

In:        a call
Out:       an `Answer`
Not here:  what it does (operations.rollups)
"""

from __future__ import annotations

from typing import cast

from verselet.messages.rollups import CalculateRollupField, CalculateRollupFieldResponse
from verselet.web.answers import Answer
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import PREFIX, text_of


def calculate(call: Call) -> Answer:
    """Work out a rollup of one row. [JOB-63], [FN-24]"""
    message = CalculateRollupField(call.row("Target"), text_of(call.given, "FieldName"))
    row = cast(CalculateRollupFieldResponse, call.execute(message)).row
    table = call.schema.tables[row.table]
    names = ",".join(name for name in row.values if name != table.primary_id)
    return call.written(f"{table.set_name}({names})/$entity", {"@odata.type": f"#{PREFIX}{row.table}", **row.values})
