"""Publish duplicate rules, and take them back.

In:        the key of a rule
Out:       the rule finds duplicates, or no longer
Not here:  finding them (operations.duplicates)

Nothing has to be computed for the rows that are there, so a rule is published at once; its job is written as done.
"""

from __future__ import annotations

from typing import Final, cast

from verselet.errors import InvalidArgument, RuleWithoutConditions, TooManyRules
from verselet.messages.duplicates import PublishDuplicateRule, UnpublishDuplicateRule
from verselet.messages.request import PropertiesResponse, Response, RowKey, Update
from verselet.metadata.columns import Column, DateTimeColumn, MemoColumn, TextColumn
from verselet.metadata.schema import Schema
from verselet.operations.asking import rows_where
from verselet.operations.duplicates import CONDITIONS, FIRST, LAST, PUBLISHED, RULES, SAME_DATE, conditions_of
from verselet.operations.finding import must_find_id
from verselet.operations.queueing import queue_job
from verselet.pipeline.execution import Execution
from verselet.values import Row, Value

MOST_RULES: Final = 5
"""So many rules of one table can be published. [JOB-18]"""

PUBLISHING: Final = 7
"""The type of the job. [EVT-61]"""


def publish_duplicate_rule(run: Execution) -> PropertiesResponse:
    """The rule finds duplicates from now on. [JOB-17], [JOB-18]

    Raises:
        RowDoesNotExist: there is no such rule.
        RuleWithoutConditions: it compares nothing.
        TooManyRules: its table has enough of them.
        InvalidArgument: it names a table or column that is not there.
    """
    request = cast(PublishDuplicateRule, run.request)
    row_id = must_find_id(run, run.schema.tables[RULES], request.rule)
    values = run.read_values(RULES, row_id, ("name", "baseentityname", "matchingentityname")) or {}
    rule = Row(RULES, row_id, values)
    conditions = conditions_of(run, rule)
    if not conditions:
        raise RuleWithoutConditions
    for condition in conditions:
        compared = [
            _column(run.schema, values[f"{side}entityname"], condition.values[f"{side}attributename"])
            for side in ("base", "matching")
        ]
        _must_fit(compared, condition.values["operatorcode"])
    others = rows_where(run, RULES, (), {"baseentityname": values["baseentityname"], "statuscode": PUBLISHED})
    if len({found.id for found in others} - {row_id}) >= MOST_RULES:
        raise TooManyRules(str(values["baseentityname"]))
    run.send(Update(Row(RULES, row_id, {"statecode": 1, "statuscode": PUBLISHED}), RowKey(row_id)))
    now = run.clock.now_on_wire()
    job: dict[str, Value] = {
        "name": f"Publish {values['name']!s}",
        "operationtype": PUBLISHING,
        "statecode": 3,
        "statuscode": 30,
        "startedon": now,
        "completedon": now,
    }
    return PropertiesResponse("PublishDuplicateRuleResponse", {"JobId": queue_job(run, job)})


def unpublish_duplicate_rule(run: Execution) -> Response:
    """The rule finds nothing from now on. [JOB-17]

    Raises:
        RowDoesNotExist: there is no such rule.
    """
    request = cast(UnpublishDuplicateRule, run.request)
    row_id = must_find_id(run, run.schema.tables[RULES], request.rule)
    run.send(Update(Row(RULES, row_id, {"statecode": 0, "statuscode": 0}), RowKey(row_id)))
    return Response()


def _must_fit(compared: list[Column], operator: Value) -> None:
    """The two columns are of one type, and of one that the operator compares. [JOB-18]"""
    first, second = compared
    fits = type(first) is type(second)
    if operator in {FIRST, LAST}:
        fits = fits and isinstance(first, TextColumn | MemoColumn)
    if operator == SAME_DATE:
        fits = fits and isinstance(first, DateTimeColumn)
    if not fits:
        raise InvalidArgument(f"A duplicate rule cannot compare '{first.name}' with '{second.name}' in this way.")


def _column(schema: Schema, table: Value, column: Value) -> Column:
    found = schema.tables.get(str(table))
    if found is None or str(column) not in found.columns:
        raise InvalidArgument(f"A row of '{CONDITIONS}' names the column '{column!s}' of '{table!s}': there is none.")
    return found.columns[str(column)]
