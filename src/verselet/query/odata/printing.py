"""Write a question as OData text.

In:        nodes of query.tree and of query.odata.apply
Out:       text that query.odata parses to the same nodes, positions aside
Not here:  percent-encoding (whoever puts the text into an address)
"""

from __future__ import annotations

from typing import assert_never

import msgspec

from verselet.query.odata.apply import AggregateItem, Apply
from verselet.query.tree import (
    Alias,
    And,
    Comparison,
    Condition,
    Expand,
    Lambda,
    Literal,
    Not,
    Operand,
    Or,
    Ordering,
    Parameter,
    Path,
    QueryFunction,
    TextMatch,
    ValueList,
)

_NAMESPACE = "Microsoft.Dynamics.CRM."


def print_filter(condition: Condition) -> str:
    """The text of a `$filter`, with the parentheses it needs and no more. [F-19]"""
    match condition:
        case And(items):
            return " and ".join(_grouped(item, isinstance(item, And | Or)) for item in items)
        case Or(items):
            return " or ".join(_grouped(item, isinstance(item, Or)) for item in items)
        case Not(item):
            return f"not {_grouped(item, isinstance(item, And | Or | Comparison))}"
        case Comparison(operator, left, right):
            return f"{print_operand(left)} {operator} {print_operand(right)}"
        case TextMatch(function, left, right):
            return f"{function}({print_operand(left)},{print_operand(right)})"
        case QueryFunction():
            return _print_query_function(condition)
        case Lambda():
            return _print_lambda(condition)
    assert_never(condition)


def print_operand(operand: Operand | ValueList) -> str:
    """A literal, a path, an alias or a value list. [F-4], [F-10], [Q-7]"""
    match operand:
        case Literal():
            return _print_literal(operand)
        case Path(names=names, variable=variable):
            return "/".join(names if variable is None else (variable, *names))
        case Alias(name=name):
            return f"@{name}"
        case ValueList(values=values):
            return f"[{','.join(msgspec.json.encode(value.text).decode() for value in values)}]"
    assert_never(operand)


def print_select(names: tuple[str, ...] | None) -> str:
    """The text of a `$select`; None, all columns, is `*`. [Q-3], [Q-5]"""
    return "*" if names is None else ",".join(names)


def print_orderby(orderings: tuple[Ordering, ...]) -> str:
    """The text of an `$orderby`. [O-1]"""
    return ",".join(print_operand(item.by) + (" desc" if item.descending else "") for item in orderings)


def print_expand(items: tuple[Expand, ...]) -> str:
    """The text of an `$expand` with the options of every item. [X-1]"""
    return ",".join(_print_item(item) for item in items)


def print_apply(apply: Apply) -> str:
    """The text of an `$apply`. [A-1]"""
    parts = [f"filter({print_filter(item)})" for item in apply.filters]
    results = f"aggregate({','.join(_print_result(item) for item in apply.aggregates)})" if apply.aggregates else ""
    if apply.keys is None:
        return "/".join([*parts, results])
    keys = f"({','.join(print_operand(path) for path in apply.keys)})"
    return "/".join([*parts, f"groupby({keys}{f',{results}' if results else ''})"])


def _print_result(item: AggregateItem) -> str:
    what = "$count" if item.path is None else f"{print_operand(item.path)} with {item.method}"
    return f"{what} as {item.alias}"


def _print_item(item: Expand) -> str:
    if item.reference:
        return f"{item.navigation}/$ref"
    options: list[str] = []
    if item.select is not None:
        options.append(f"$select={print_select(item.select)}")
    if item.filter is not None:
        options.append(f"$filter={print_filter(item.filter)}")
    if item.orderby:
        options.append(f"$orderby={print_orderby(item.orderby)}")
    if item.top is not None:
        options.append(f"$top={item.top}")
    if item.expand:
        options.append(f"$expand={print_expand(item.expand)}")
    return f"{item.navigation}({';'.join(options)})" if options else item.navigation


def _grouped(condition: Condition, parentheses: bool) -> str:
    text = print_filter(condition)
    return f"({text})" if parentheses else text


def _print_literal(literal: Literal) -> str:
    match literal.kind:
        case "text":
            return _quoted(literal.text)
        case "enum":
            return literal.type_name + _quoted(literal.text)
        case _:
            return literal.text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _print_query_function(function: QueryFunction) -> str:
    before = function.path if function.variable is None else (function.variable, *function.path)
    parameters = ",".join(_print_parameter(parameter) for parameter in function.parameters)
    return "/".join((*before, f"{_NAMESPACE}{function.name}({parameters})"))


def _print_parameter(parameter: Parameter) -> str:
    return f"{parameter.name}={print_operand(parameter.value)}"


def _print_lambda(node: Lambda) -> str:
    inside = "" if node.body is None else f"{node.variable}:{print_filter(node.body)}"
    return f"{print_operand(node.collection)}/{node.quantifier}({inside})"
