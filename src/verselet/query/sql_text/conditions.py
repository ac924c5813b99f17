"""Read the WHERE of a SELECT.

In:        the condition as sqlglot parsed it
Out:       `Filter`s and `Condition`s of query.fetchxml.tree
Not here:  what they mean (query.fetchxml.conditions)

What is not on the list is refused. NOT is carried to the single conditions, which have opposites: so the rules of SQL
for values that are missing are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlglot import exp

from verselet.errors import FetchRefused
from verselet.query.fetchxml.tree import Condition, Filter
from verselet.query.sql_text.names import Names, shown

MAX_DEPTH: Final = 200

COMPARISONS: Mapping[type[exp.Expression], tuple[str, str]] = MappingProxyType(
    {exp.EQ: ("eq", "eq"), exp.NEQ: ("ne", "ne"), exp.GT: ("gt", "lt"), exp.GTE: ("ge", "le"), exp.LT: ("lt", "gt"),
     exp.LTE: ("le", "ge")}
)  # fmt: skip
"""Comparison → its operator, and that with the sides exchanged."""

OPPOSITES: Mapping[str, str] = MappingProxyType(
    {
        "eq": "ne",
        "ne": "eq",
        "gt": "le",
        "le": "gt",
        "lt": "ge",
        "ge": "lt",
        "like": "not-like",
        "in": "not-in",
        "between": "not-between",
        "null": "not-null",
    }
)


def read_where(node: exp.Expression, names: Names, *, negated: bool = False, depth: int = 0) -> Filter | Condition:
    """The condition of a WHERE. [SQL-3]

    Raises:
        FetchRefused: a form that is not supported. [SQL-4]
    """
    if depth > MAX_DEPTH:
        raise FetchRefused("The condition is nested too deeply.")
    match node:
        case exp.Paren():
            return read_where(node.this, names, negated=negated, depth=depth + 1)
        case exp.Not():
            return read_where(node.this, names, negated=not negated, depth=depth + 1)
        case exp.And() | exp.Or():
            both = isinstance(node, exp.And) != negated
            parts = [read_where(part, names, negated=negated, depth=depth + 1) for part in _parts(node)]
            return Filter("and" if both else "or", tuple(parts))
        case _:
            return _single(node, names, negated=negated != bool(node.args.get("negate")))


def _parts(node: exp.And | exp.Or) -> list[exp.Expression]:
    """All that is joined by the same word; a chain of it leans to the left."""
    found: list[exp.Expression] = []
    kind = type(node)
    left: exp.Expression = node
    while type(left) is kind:
        found.append(left.expression)
        left = left.this
    return [left, *reversed(found)]


def _single(node: exp.Expression, names: Names, *, negated: bool) -> Condition:
    operator, column, values = _taken_apart(node)
    named = names.of(column)
    if negated:
        operator = OPPOSITES[operator]
    return Condition(attribute=named.column, operator=operator, values=values, link=named.link)


def _taken_apart(node: exp.Expression) -> tuple[str, exp.Expression, tuple[str, ...]]:
    """The operator, the column and the values of a single condition."""
    if type(node) in COMPARISONS:
        plain, exchanged = COMPARISONS[type(node)]
        if isinstance(node.this, exp.Column):
            return plain, node.this, (literal_text(node.expression),)
        return exchanged, node.expression, (literal_text(node.this),)
    match node:
        case exp.Like():
            return "like", node.this, (literal_text(node.expression),)
        case exp.In() if node.expressions and not node.args.get("query"):
            return "in", node.this, tuple([literal_text(item) for item in node.expressions])
        case exp.Between():
            return "between", node.this, (literal_text(node.args["low"]), literal_text(node.args["high"]))
        case exp.Is() if isinstance(node.expression, exp.Null):
            return "null", node.this, ()
        case _:
            raise FetchRefused(f"The condition '{shown(node)}' is not supported. [SQL-4]")


def literal_text(node: exp.Expression) -> str:
    """The text of a literal.

    Raises:
        FetchRefused: it is none: conditions compare a column with a literal. [SQL-3]
    """
    match node:
        case exp.Literal() | exp.National():
            return str(node.this)
        case exp.Neg() if isinstance(node.this, exp.Literal) and not node.this.is_string:
            return f"-{node.this.this}"
        case exp.Boolean():
            return "1" if node.this else "0"
        case exp.Paren():
            return literal_text(node.this)
        case _:
            raise FetchRefused(f"'{shown(node)}' is no literal; conditions compare a column with one. [SQL-3]")
