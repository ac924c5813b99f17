"""Find the solution a definition is put into, and whose numbers its options get.

In:        an execution, the unique name of a solution, the name of a definition
Out:       the prefix of option values
Not here:  numbering (metadata.changes.numbering)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import BadRequest
from verselet.messages.definitions import DefinitionChange
from verselet.messages.request import RetrieveMultiple, RetrieveMultipleResponse
from verselet.metadata.changes.naming import prefix_of
from verselet.pipeline.execution import Execution
from verselet.query.tree import Comparison, Literal, Path, Query
from verselet.values import Reference, Row

DEFAULT_OPTION_PREFIX = 10_000
"""The prefix of the default publisher, for an organization whose publishers say nothing. [MW-12]"""


def check_solution(run: Execution) -> Row | None:
    """The solution that the message names, if it names one. [MW-16]

    Raises:
        BadRequest: there is no such solution.
    """
    name = cast(DefinitionChange, run.request).solution
    if name is None or "solution" not in run.schema.tables:
        return None
    found = _rows(run, "solution", ("solutionid", "_publisherid_value"), "uniquename", name)
    if not found:
        raise BadRequest(f"The solution with the unique name '{name[:120]}' does not exist.")
    return found[0]


def option_prefix(run: Execution, name: str) -> int:
    """Whose numbers new options get: those of the solution's publisher, else of the one with the name's prefix. [MW-12]

    Raises:
        BadRequest: the message names a solution that is not there. [MW-16]
    """
    solution = check_solution(run)
    prefixes: list[Row] = []
    if solution is not None and isinstance(publisher := solution.values["publisherid"], Reference):
        prefixes = _rows(run, "publisher", ("customizationoptionvalueprefix",), "publisherid", publisher.id)
    elif "publisher" in run.schema.tables and prefix_of(name) is not None:
        columns = ("customizationoptionvalueprefix",)
        prefixes = _rows(run, "publisher", columns, "customizationprefix", prefix_of(name) or "")
    found = prefixes[0].values["customizationoptionvalueprefix"] if prefixes else None
    return found if isinstance(found, int) else DEFAULT_OPTION_PREFIX


def _rows(run: Execution, table: str, select: tuple[str, ...], column: str, value: str) -> list[Row]:
    given = Literal("guid" if column.endswith("id") else "text", value, 0, 0)
    wanted = Comparison("eq", Path((column,), 0, 0), given)
    response = run.send(RetrieveMultiple(Query(table=table, select=select, filter=wanted)))
    return list(cast(RetrieveMultipleResponse, response).rows)
