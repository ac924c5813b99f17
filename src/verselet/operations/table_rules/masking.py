"""Keep masking rules and the columns they are for in order.

In:        rows of `maskingrule` and `attributemaskingrule` on their way
Out:       refusals
Not here:  masking (sql.origins), who sees through it (security.columns)

A pattern is taken where both databases read it alike: characters, classes of them, groups, alternatives,
repetition, beginning and end, and what must or must not stand before or behind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.errors.column_security import ColumnNotSecured
from verselet.metadata.columns import MemoColumn, TextColumn
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.execution import Execution
from verselet.values import Row, Value

RULES: Final = "maskingrule"
PLACES: Final = "attributemaskingrule"

UNCOMMON: Final = re.compile(
    r"""
    \\(?![dwsDWS\W])            # an escape that is no class and no sign
    | \(\?(?!:|=|!|<=|<!)       # a group that is no plain one, and looks nowhere
    | (?:[*+?]|\})[?+]          # repetition that takes as little, or gives nothing back
    | \{(?!\d{1,3}(?:,\d{0,3})?\})   # a brace that counts nothing
    | \[\[|\[[:.=]|--|&&|\|\||~~  # a class with a name, or made of others
    | [\x00-\x1f]
    """,
    re.VERBOSE,
)


def _create_rules(_run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        _check_pattern(row.values)


def _change_rule(_run: Execution, row: Row) -> None:
    if "regularexpression" in row.values:
        _check_pattern(row.values)


def _check_pattern(values: Mapping[str, Value]) -> None:
    """The rule says what is masked, in a way that means the same everywhere. [SEC-108]"""
    pattern = str(values.get("regularexpression") or "")
    if UNCOMMON.search(pattern.replace("\\\\", "")):
        raise NotSupportedHere(f"The regular expression '{pattern[:200]}' of a masking rule")
    try:
        found = re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        raise InvalidArgument(f"'{pattern[:200]}' is no regular expression.") from None
    if found.search("") is not None:
        raise InvalidArgument("The regular expression of a masking rule must not fit the empty text.")


def _create_places(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        _check_place(run, row.values)


def _change_place(run: Execution, row: Row) -> None:
    present = run.read_values(PLACES, row.id or "", ("entityname", "attributelogicalname", "maskingruleid")) or {}
    _check_place(run, {**present, **row.values})


def _check_place(run: Execution, values: Mapping[str, Value]) -> None:
    """A secured column of texts, and a rule for it. [SEC-108]"""
    table, name = str(values.get("entityname")), str(values.get("attributelogicalname"))
    if run.schema.guards.get(table, {}).get(name) != name:
        raise ColumnNotSecured(f"{table}.{name}"[:200])
    if not isinstance(run.schema.tables[table].columns[name], TextColumn | MemoColumn):
        raise NotSupportedHere("Masking of a column that holds no text")
    if values.get("maskingruleid") is None:
        raise InvalidArgument("A masked column needs a rule: maskingruleid is empty.")


MASKING_RULES: Final = TableRules(creating=_create_rules, changing=_change_rule)
MASKED_COLUMNS: Final = TableRules(creating=_create_places, changing=_change_place)
