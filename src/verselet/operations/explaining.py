"""Answer why a user may do what with a row.

In:        a user and a row
Out:       the explanation, made of what decides
Not here:  the decision (security.access), the words (security.explain)
"""

from __future__ import annotations

from typing import cast

from verselet.messages.explaining import AccessExplained, ExplainAccess
from verselet.operations.asking import rows_where
from verselet.operations.finding import must_find_id, named_row
from verselet.operations.rights import row_facts
from verselet.operations.standings import read_book, read_standing
from verselet.pipeline.execution import Execution
from verselet.security.access import RowFacts
from verselet.security.explain import Names, explain
from verselet.security.standing import Standing

NAMED = (("systemuser", "fullname"), ("team", "name"), ("businessunit", "name"))
"""Tables whose rows an explanation names, and the column with the name."""


def explain_access(run: Execution) -> AccessExplained:
    """Which role, team, unit, share or report gives each right, or what is missing. [SEC-41], [SEC-57]

    Raises:
        RowDoesNotExist, KeyDoesNotExist: there is no such user or row.
    """
    request = cast(ExplainAccess, run.request)
    user_id = must_find_id(run, run.schema.tables["systemuser"], request.user)
    table, row_id = named_row(run, request.row)
    standing = read_standing(user_id, read_book(run.session, run.schema), run.session, run.schema)
    (facts,) = row_facts(run, table, (row_id,))
    return AccessExplained(explain(standing, table, facts, _names(run, standing, facts)))


def _names(run: Execution, standing: Standing, facts: RowFacts) -> Names:
    wanted = {*standing.principals, *[item.unit_id for item in standing.holdings], standing.unit_id}
    wanted |= {found for found in (facts.owner, facts.unit, *[who for who, _ in facts.shares]) if found}
    known: dict[str, str] = {}
    for table, column in NAMED:
        key = run.schema.tables[table].primary_id
        for row_id in sorted(wanted - known.keys()):
            for row in rows_where(run, table, (column,), {key: row_id}):
                known[row_id] = str(row.values[column] or "")
    return Names(known)
