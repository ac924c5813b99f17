"""Resolve the conditions of `$filter`.

In:        conditions of query.tree with names as written
Out:       conditions of query.plan; their values go into the scope
Not here:  SQL (sql.conditions), the caller's row filter (security.rows)
"""

from __future__ import annotations

from typing import assert_never

from verselet.errors import NotSupportedHere, QueryRefused
from verselet.metadata.columns import ChoicesColumn, Column, MemoColumn, TableNameColumn, TextColumn
from verselet.query import plan, tree
from verselet.query.binding import Binding, Form
from verselet.query.collections import related
from verselet.query.functions import resolve_function
from verselet.query.scope import Scope
from verselet.query.typing_literals import edm_type, value_of

"""Conditions and links in one request. [F-15]"""

FLIPPED: dict[tree.ComparisonOperator, plan.Operator] = {
    "eq": "eq",
    "ne": "ne",
    "gt": "lt",
    "ge": "le",
    "lt": "gt",
    "le": "ge",
}


def resolve_condition(condition: tree.Condition, scope: Scope) -> plan.Condition:
    """Find every name, type every literal.

    Raises:
        UnknownColumn: a name the table does not have. [E-6]
        QueryRefused: types that do not fit, a form the service does not take. [F-14]
        TooManyConditions: more than 500. [F-15]
    """
    match condition:
        case tree.And(items=items):
            return plan.All(tuple([resolve_condition(item, scope) for item in items]))
        case tree.Or(items=items):
            return plan.Either(tuple([resolve_condition(item, scope) for item in items]))
        case tree.Not(item=item):
            return plan.Negate(resolve_condition(item, scope))
        case tree.Comparison():
            scope.gathered.count_condition()
            return _comparison(condition, scope)
        case tree.TextMatch():
            scope.gathered.count_condition()
            return _text_match(condition, scope)
        case tree.QueryFunction():
            scope.gathered.count_condition()
            return resolve_function(condition, scope)
        case tree.Lambda():
            scope.gathered.count_condition()
            return _lambda(condition, scope)
        case _:
            assert_never(condition)


def _unalias(operand: tree.Operand, scope: Scope) -> tree.Literal | tree.Path:
    if not isinstance(operand, tree.Alias):
        return operand
    # An alias that nobody assigned is null.
    found = scope.gathered.aliases.get(operand.name, tree.Literal("null", "null", -1, -1))
    if isinstance(found, tree.ValueList):
        raise QueryRefused(f"The parameter alias '@{operand.name}' stands for a list, a single value is needed.")
    return found


def _comparison(condition: tree.Comparison, scope: Scope) -> plan.Condition:
    left, right = _unalias(condition.left, scope), _unalias(condition.right, scope)
    operator: plan.Operator = condition.operator
    if isinstance(left, tree.Literal):
        if isinstance(right, tree.Literal):
            raise QueryRefused("A comparison needs a property on one side.")
        left, right, operator = right, left, FLIPPED[condition.operator]
    column_of, column = scope.column_at(left)
    if isinstance(right, tree.Path):
        other_of, other = scope.column_at(right)
        if edm_type(other) != edm_type(column):
            raise QueryRefused(
                "A binary operator with incompatible types was detected. Found operand types "
                f"'{edm_type(column)}' and '{edm_type(other)}' for operator kind 'Equal'."
            )
        return plan.Compare(operator, column_of, other_of)
    if right.kind == "null":
        return _null_comparison(operator, column_of)
    value = value_of(column, right.kind, right.text)
    bound = scope.gathered.bind(Binding(column=column, value=value, start=right.start, stop=right.stop))
    return plan.Compare(operator, column_of, bound)


def _null_comparison(operator: plan.Operator, column: plan.ColumnOf) -> plan.Condition:
    match operator:
        case "eq":
            return plan.IsNull(column)
        case "ne":
            return plan.Negate(plan.IsNull(column))
        case "gt" | "ge" | "lt" | "le":
            # Nothing is greater or smaller than no value. [F-5]
            return plan.Never()
        case _:
            assert_never(operator)


def _text_match(condition: tree.TextMatch, scope: Scope) -> plan.Condition:
    left, right = _unalias(condition.left, scope), _unalias(condition.right, scope)
    if not isinstance(left, tree.Path):
        raise QueryRefused(f"The first argument of '{condition.function}' must be a property.")
    if not isinstance(right, tree.Literal):
        raise NotSupportedHere(f"A property as the second argument of '{condition.function}'")
    column_of, column = scope.column_at(left)
    _must_be_text(column, condition.function)
    if right.kind == "null":
        return plan.Never()
    text = value_of(column, right.kind, right.text)
    classes = "[" in str(text)
    form: Form = condition.function
    bound = scope.gathered.bind(
        Binding(column=column, value=text, form=form, start=right.start, stop=right.stop, classes=classes)
    )
    return plan.Matches(column_of, bound, classes)


def _must_be_text(column: Column, function: str) -> None:
    if isinstance(column, ChoicesColumn) or not isinstance(column, TextColumn | MemoColumn | TableNameColumn):
        raise QueryRefused(
            f"No function signature for the function with name '{function}' matches the specified arguments. "
            f"'{column.name}' is of type '{edm_type(column)}'."
        )


def _lambda(condition: tree.Lambda, scope: Scope) -> plan.Condition:
    names = condition.collection.names
    if len(names) > 1:
        # A collection behind a lookup is not taken by the service. [L-4]
        raise QueryRefused(f"The lambda operator '{condition.quantifier}' cannot follow the path '{'/'.join(names)}'.")
    inner, found = related(scope, names[0])
    body = plan.Always() if condition.body is None else resolve_condition(condition.body, inner)
    if condition.quantifier == "any":
        return found(tuple(inner.joins), body)
    # No related row fails; rows without related rows satisfy it. [L-8]
    return plan.Negate(found(tuple(inner.joins), plan.Negate(body)))
