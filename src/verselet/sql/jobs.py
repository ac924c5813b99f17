"""Write how a job is taken.

In:        a dialect
Out:       SQL text; the order of its values is said beside it
Not here:  when (operations.claiming)
"""

from __future__ import annotations

from verselet.sql.dialects import Dialect


def claim_sql(dialect: Dialect) -> str:
    """Lock a job that is ready or suspended; the values are the time and its id. [EVT-60]"""
    mark = dialect.placeholder
    return (
        f"UPDATE asyncoperation SET statecode = 2, statuscode = 20, startedon = {mark} "
        f"WHERE asyncoperationid = {mark} AND statecode IN (0, 1)"
    )
