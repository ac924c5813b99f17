"""Compile plans for one schema, each one once.

In:        a schema, a dialect; then plans
Out:       `Compiler`: the statements of a plan, remembered by the plan
Not here:  how a plan becomes SQL (sql.select, sql.tabular), reads by the text of a request (web.cached_reads)

A plan holds no value of a request, so the next page of a query and the same query with other literals find their
statements here. (architecture.md §7)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from verselet.metadata.schema import Schema
from verselet.query.plan import Plan
from verselet.query.tabular import Tabular
from verselet.sql.dialects import Dialect
from verselet.sql.select import PageStatements, compile_count, compile_page, compile_row
from verselet.sql.statement import Statement
from verselet.sql.tabular import TabularStatements, compile_tabular

MOST_PLANS: Final = 1_000

MOST_COUNTED: Final = 5_000
"""Counting stops there. [CT-1]"""

Page: TypeAlias = tuple[PageStatements, Statement]
"""The statements of a page, and the one that counts all rows."""


def compiler_of(schema: Schema, dialect: Dialect) -> Compiler:
    """The compiler for a schema: kept with it, and gone with it."""
    key = (__name__, dialect.name)
    found = schema.remembered.get(key)
    if not isinstance(found, Compiler):
        found = schema.remembered[key] = Compiler(schema, dialect)
    return found


class Compiler:
    """The statements of one schema in one dialect. One more row is counted than is told. [CT-1], [CT-3]"""

    def __init__(self, schema: Schema, dialect: Dialect) -> None:
        most = MOST_COUNTED + 1

        def row(asked: Plan) -> Statement:
            return compile_row(asked, schema, dialect)

        def page(asked: Plan, offset_position: int, sized: bool) -> Page:
            statements = compile_page(asked, schema, dialect, offset_position, sized=sized)
            return statements, compile_count(asked, schema, dialect, most)

        def tabular(asked: Tabular, offset_position: int) -> TabularStatements:
            return compile_tabular(asked, schema, dialect, offset_position, most)

        self.row: Callable[[Plan], Statement] = lru_cache(MOST_PLANS)(row)
        self.page: Callable[[Plan, int, bool], Page] = lru_cache(MOST_PLANS)(page)
        self.tabular: Callable[[Tabular, int], TabularStatements] = lru_cache(MOST_PLANS)(tabular)
