"""Write how jobs are taken, kept and ended.

In:        a dialect
Out:       SQL text; the order of its values is said beside it
Not here:  when (operations.claiming)
"""

from __future__ import annotations

from collections.abc import Sequence

from verselet.sql.dialects import POSTGRESQL, Dialect

_READY = "SET statecode = 0, statuscode = 0, hostid = NULL"
_MINE = "statecode = 2 AND hostid = "


def wake_sql(dialect: Dialect, kinds: Sequence[int]) -> str:
    """Jobs that waited for a time that has come are ready; the value is the time. A paused job waits for none."""
    return (
        f"UPDATE asyncoperation SET statecode = 0, statuscode = 0 "
        f"WHERE statecode = 1 AND postponeuntil <= {dialect.placeholder} AND operationtype IN ({_listed(kinds)})"
    )


def claim_sql(dialect: Dialect, kinds: Sequence[int], returned: Sequence[str]) -> str:
    """Lock ready jobs in the order they were made; values: the time twice, the claim, the time, how many. [EVT-64]

    Of jobs with one token only the first that is not over is taken. Whoever comes at the same time gets others.
    """
    mark = dialect.placeholder
    passing_by = " FOR UPDATE OF job SKIP LOCKED" if dialect is POSTGRESQL else ""
    return (
        f"UPDATE asyncoperation SET statecode = 2, statuscode = 20, startedon = {mark}, modifiedon = {mark}, "
        f"hostid = {mark} WHERE asyncoperationid IN (SELECT job.asyncoperationid FROM asyncoperation AS job "
        f"WHERE job.statecode = 0 AND job.operationtype IN ({_listed(kinds)}) "
        f"AND (job.postponeuntil IS NULL OR job.postponeuntil <= {mark}) AND (job.dependencytoken IS NULL "
        "OR NOT EXISTS (SELECT 1 FROM asyncoperation AS earlier WHERE earlier.dependencytoken = job.dependencytoken "
        "AND earlier.statecode < 3 AND earlier.sequence < job.sequence)) "
        f"ORDER BY job.sequence LIMIT {mark}{passing_by}) RETURNING {', '.join(returned)}"
    )


def hold_sql(dialect: Dialect) -> str:
    """Touch a job that is still in progress under a claim; values: the time, its id, the claim."""
    mark = dialect.placeholder
    return f"UPDATE asyncoperation SET modifiedon = {mark} WHERE asyncoperationid = {mark} AND {_MINE}{mark}"


def end_sql(dialect: Dialect) -> str:
    """Write how it went; values: nine columns as they stand here, its id, the claim."""
    mark = dialect.placeholder
    names = "statecode statuscode completedon postponeuntil retrycount message friendlymessage errorcode modifiedon"
    values = ", ".join([f"{name} = {mark}" for name in names.split()])
    return f"UPDATE asyncoperation SET {values} WHERE asyncoperationid = {mark} AND {_MINE}{mark}"


def renew_sql(dialect: Dialect) -> str:
    """Say that a claim is at work; values: the time, the claim."""
    mark = dialect.placeholder
    return f"UPDATE asyncoperation SET modifiedon = {mark} WHERE {_MINE}{mark}"


def give_back_sql(dialect: Dialect) -> str:
    """What is in progress under a claim is ready again; the value is the claim."""
    return f"UPDATE asyncoperation {_READY} WHERE {_MINE}{dialect.placeholder}"


def take_back_sql(kinds: Sequence[int]) -> str:
    """Everything in progress is ready again."""
    return f"UPDATE asyncoperation {_READY} WHERE statecode = 2 AND operationtype IN ({_listed(kinds)})"


def take_stale_sql(dialect: Dialect, kinds: Sequence[int]) -> str:
    """What was not touched since a time is ready again; the value is the time."""
    return f"{take_back_sql(kinds)} AND modifiedon < {dialect.placeholder}"


def _listed(kinds: Sequence[int]) -> str:
    return ", ".join([str(int(kind)) for kind in kinds])
