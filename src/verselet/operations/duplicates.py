"""Find the rows that count as the same as another one.

In:        a row, the published rules of its table
Out:       ids of other rows; or a refusal of the write
Not here:  publishing rules (operations.duplicate_rules)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, cast

from verselet.errors import DuplicateFound, InvalidArgument
from verselet.messages.duplicates import Duplicates, RetrieveDuplicates
from verselet.metadata.columns import DateTimeColumn
from verselet.metadata.tables import Table
from verselet.operations.asking import compared, path_to, rows_that, rows_where
from verselet.operations.rights import readable
from verselet.operations.secured_columns import unreadable_columns
from verselet.pipeline.execution import Execution
from verselet.query.tree import Condition, Literal, TextFunction, TextMatch
from verselet.values import Reference, Row, Value

RULES: Final = "duplicaterule"
CONDITIONS: Final = "duplicaterulecondition"
PUBLISHED: Final = 2
FIRST, LAST, SAME_DATE = 1, 2, 3
"""Codes of the comparisons that are not plain equality. [JOB-15]"""

_RULE = ("matchingentityname", "iscasesensitive", "excludeinactiverecords")
_CONDITION = ("baseattributename", "matchingattributename", "operatorcode", "operatorparam", "ignoreblankvalues")


def refuse_duplicates(run: Execution, table: Table, row_id: str) -> None:
    """Look whether the row, as it was just written, has duplicates: if so, the write is taken back.

    Raises:
        DuplicateFound: there is another row that counts as the same. [DD-2], [DD-4], [JOB-23]
    """
    for rule in _published(run, table):
        conditions = conditions_of(run, rule)
        if _matches(run, rule, conditions, _compared_row(run, table, row_id, conditions), most=1):
            raise DuplicateFound


def found_by_rules(run: Execution, table: Table, row_id: str) -> dict[Reference, Reference]:
    """The duplicates of a stored row that the caller may read, each with the first rule that finds it. [JOB-21]"""
    found: dict[Reference, Reference] = {}
    for rule in _published(run, table):
        conditions = conditions_of(run, rule)
        ids = _matches(run, rule, conditions, _compared_row(run, table, row_id, conditions))
        matching = str(rule.values["matchingentityname"])
        if ids:
            for twin in readable(run, run.schema.tables[matching], sorted(ids)):
                found.setdefault(Reference(matching, twin), Reference(RULES, str(rule.id)))
    return found


def _compared_row(run: Execution, table: Table, row_id: str, conditions: tuple[Row, ...]) -> Row:
    """What the rule compares of a stored row."""
    wanted = tuple({str(found.values["baseattributename"]) for found in conditions} & table.columns.keys())
    return Row(table.name, row_id, run.read_values(table.name, row_id, wanted) or {})


def retrieve_duplicates(run: Execution) -> Duplicates:
    """The duplicates of a row that need not be stored, by all rules between the two tables. [DD-3], [JOB-20]

    Raises:
        InvalidArgument: there is no such table.
    """
    request = cast(RetrieveDuplicates, run.request)
    if request.matching_table not in run.schema.tables:
        raise InvalidArgument(f"There is no table '{request.matching_table[:80]}'.")
    found: set[str] = set()
    for rule in _published(run, run.schema.tables[request.row.table]):
        if rule.values["matchingentityname"] == request.matching_table:
            found.update(_matches(run, rule, conditions_of(run, rule), request.row))
    start = (request.page - 1) * request.size
    seen = readable(run, run.schema.tables[request.matching_table], sorted(found))
    return Duplicates(request.matching_table, tuple(seen[start : start + request.size]))


def conditions_of(run: Execution, rule: Row) -> tuple[Row, ...]:
    """What the rule compares."""
    return rows_where(run, CONDITIONS, _CONDITION, {"regardingobjectid": rule.id})


def _published(run: Execution, table: Table) -> tuple[Row, ...]:
    if RULES not in run.schema.tables:
        return ()
    return rows_where(run, RULES, _RULE, {"baseentityname": table.name, "statuscode": PUBLISHED})


def _matches(run: Execution, rule: Row, conditions: tuple[Row, ...], row: Row, most: int = 5_000) -> list[str]:
    """The ids of the rows that all conditions of the rule find. [JOB-16]"""
    table = run.schema.tables.get(str(rule.values["matchingentityname"]))
    if table is None or any(found.values["matchingattributename"] not in table.columns for found in conditions):
        # What the rule compares was deleted after it was published.
        return []
    if _compares_secrets(run, row.table, table.name, conditions):
        return []
    asked: list[Condition] = []
    for condition in conditions:
        blank_matches = len(conditions) > 1 and not condition.values["ignoreblankvalues"]
        found = _compared(table, condition.values, row, blank_matches=blank_matches)
        if found is None:
            return []
        asked += found
    if not asked:
        return []
    if row.id is not None and table.name == row.table:
        asked.append(compared(table, table.primary_id, row.id, "ne"))
    if rule.values["excludeinactiverecords"] and "statecode" in table.columns:
        asked.append(compared(table, "statecode", 0))
    exact = bool(rule.values["iscasesensitive"])
    pairs = [
        (str(found.values["baseattributename"]), str(found.values["matchingattributename"])) for found in conditions
    ]
    rows = rows_that(
        run, table, (table.primary_id, *{name for _, name in pairs}), tuple(asked), 5_000 if exact else most
    )
    return [str(found.id) for found in rows if not exact or _same_case(conditions, row, found)]


def _compares_secrets(run: Execution, base: str, matching: str, conditions: tuple[Row, ...]) -> bool:
    """The rule compares what the caller may not read: whether it finds anything would tell the value. [SEC-104]"""
    sides = ((base, "baseattributename"), (matching, "matchingattributename"))
    return any(
        unreadable_columns(run, run.schema.tables[table], [str(found.values[name]) for found in conditions])
        for table, name in sides
    )


def _compared(
    table: Table, condition: Mapping[str, Value], row: Row, *, blank_matches: bool
) -> tuple[Condition, ...] | None:
    """What a matching row must fulfil; None where none can."""
    value = row.values.get(str(condition["baseattributename"]))
    name = str(condition["matchingattributename"])
    if value is None or value == "":
        return (compared(table, name, None),) if blank_matches else None
    length = condition["operatorparam"] if isinstance(condition["operatorparam"], int) else 1
    match condition["operatorcode"]:
        case 1:
            return (_pattern(table, name, "startswith", str(value)[:length]),)
        case 2:
            return (_pattern(table, name, "endswith", str(value)[-length:]),)
        case 3:
            return _on_the_day(table, name, str(value)[:10])
        case _:
            return (compared(table, name, value),)


def _pattern(table: Table, name: str, function: TextFunction, text: str) -> TextMatch:
    # Signs that act as wildcards stand for themselves in brackets. [F-9]
    escaped = "".join([f"[{sign}]" if sign in "%_[" else sign for sign in text])
    return TextMatch(function, path_to(table, name), Literal("text", escaped, 0, 0))


def _on_the_day(table: Table, name: str, day: str) -> tuple[Condition, ...]:
    column = table.columns[name]
    if isinstance(column, DateTimeColumn) and column.behavior != "date_only":
        following = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        return (
            compared(table, name, f"{day}T00:00:00Z", "ge"),
            compared(table, name, f"{following}T00:00:00Z", "lt"),
        )
    return (compared(table, name, day),)


def _same_case(conditions: tuple[Row, ...], row: Row, other: Row) -> bool:
    """The texts are the same letter by letter, as far as each condition compares them."""
    return all(
        _compared_part(condition.values, row, "base") == _compared_part(condition.values, other, "matching")
        for condition in conditions
        if condition.values["operatorcode"] != SAME_DATE
    )


def _compared_part(condition: Mapping[str, Value], row: Row, side: str) -> Value:
    value = row.values.get(str(condition[f"{side}attributename"]))
    length = condition["operatorparam"]
    if not isinstance(value, str) or not isinstance(length, int):
        return value or None
    if condition["operatorcode"] == FIRST:
        return value[:length]
    return value[-length:] if condition["operatorcode"] == LAST else value
