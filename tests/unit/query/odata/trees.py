"""Short ways to write down trees in tests, and to compare them without places."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from verselet.query.tree import Comparison, ComparisonOperator, Literal, LiteralKind, Operand, Path

T = TypeVar("T")


def path(*names: str, of: str | None = None) -> Path:
    """A path without places."""
    return Path(names, 0, 0, of)


def literal(kind: LiteralKind, text: str, type_name: str = "") -> Literal:
    """A literal without places."""
    return Literal(kind, text, 0, 0, type_name)


def text(value: str) -> Literal:
    """A text literal without places."""
    return literal("text", value)


def number(value: str) -> Literal:
    """A number without places."""
    return literal("number", value)


def compare(left: Operand, operator: ComparisonOperator, right: Operand) -> Comparison:
    """A comparison in the order it is read."""
    return Comparison(operator, left, right)


def placeless(node: T) -> T:
    """The same tree with every place at 0."""
    if isinstance(node, tuple):
        return type(node)(placeless(item) for item in node)
    if not isinstance(node, msgspec.Struct):
        return node
    changes = {name: placeless(getattr(node, name)) for name in node.__struct_fields__}
    changes.update({name: 0 for name in ("start", "stop") if name in changes})
    return msgspec.structs.replace(node, **changes)


def literals_of(node: object) -> list[Literal]:
    """Every literal in a tree, from left to right."""
    if isinstance(node, Literal):
        return [node]
    if isinstance(node, tuple):
        return [found for item in node for found in literals_of(item)]
    if isinstance(node, msgspec.Struct):
        return [found for name in node.__struct_fields__ for found in literals_of(getattr(node, name))]
    return []
