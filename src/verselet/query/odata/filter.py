"""Parse `$filter`.

In:        the decoded text of a filter
Out:       a `Condition` with the names as written
Not here:  whether columns, navigations and query functions exist (query.resolve)

The grammar is [F-19]; parentheses leave no trace in the tree.
"""

from __future__ import annotations

from typing import Literal as Only
from typing import cast

from verselet.errors import QueryRefused
from verselet.query.odata.cursor import Cursor
from verselet.query.odata.lexer import SHOWN, Token, shortened
from verselet.query.odata.operands import (
    OPERAND,
    literal_from,
    path_of,
    read_alias,
    read_operand,
    read_value_list,
    unknown_function,
)
from verselet.query.tree import (
    Alias,
    And,
    Comparison,
    ComparisonOperator,
    Condition,
    Lambda,
    Literal,
    Not,
    Operand,
    Or,
    Parameter,
    Path,
    QueryFunction,
    TextFunction,
    TextMatch,
    ValueList,
)

NAMESPACE = "Microsoft.Dynamics.CRM."

_OPERATORS = frozenset({"eq", "ne", "gt", "ge", "lt", "le"})
_REFUSED_OPERATORS = frozenset({"in", "has", "add", "sub", "mul", "div", "divby", "mod"})
_TEXT_FUNCTIONS = frozenset({"contains", "startswith", "endswith"})
_PARAMETER_VALUES = frozenset({"text", "number", "guid", "date", "datetime", "yesno"})
_COMPARISON = "one of eq, ne, gt, ge, lt, le"
_CONDITION_END = "'and', 'or' or the end of the filter"


def parse_filter(text: str, offset: int = 0) -> Condition:
    """The condition a `$filter` states. [F-19]

    Args:
        text: the decoded text of the option.
        offset: where it begins in the whole query text; added to the positions in the tree, not to those in refusals.

    Raises:
        QueryRefused: with the position, the piece and what was expected. [E-7]
    """
    cursor = Cursor(text, offset)
    condition = read_condition(cursor)
    cursor.expect_end(_CONDITION_END)
    return condition


def read_condition(cursor: Cursor, variables: tuple[str, ...] = ()) -> Condition:
    """Conditions joined by `or`, the weakest operator. [F-2]

    Args:
        cursor: stands at the first token; afterwards behind the last one that belongs to the condition.
        variables: the range variables of the lambdas around.
    """
    first = _read_and(cursor, variables)
    if cursor.peek().text != "or":
        return first
    items = [first]
    while cursor.take_if("or"):
        items.append(_read_and(cursor, variables))
    return Or(tuple(items))


def _read_and(cursor: Cursor, variables: tuple[str, ...]) -> Condition:
    first = _read_not(cursor, variables)
    if cursor.peek().text != "and":
        return first
    items = [first]
    while cursor.take_if("and"):
        items.append(_read_not(cursor, variables))
    return And(tuple(items))


def _read_not(cursor: Cursor, variables: tuple[str, ...]) -> Condition:
    token = cursor.peek()
    if token.text != "not":
        return _read_term(cursor, variables, token)
    cursor.take()
    cursor.enter()
    item = _read_not(cursor, variables)
    cursor.leave()
    if isinstance(item, QueryFunction):
        raise QueryRefused(
            "Not operator along with the Custom Named Condition operators is not allowed",
            hint=f"At position {token.start}: use the function that says the opposite of '{shortened(item.name)}'.",
        )
    return Not(item)


def _read_term(cursor: Cursor, variables: tuple[str, ...], token: Token) -> Condition:
    if token.text == "(":
        cursor.take()
        cursor.enter()
        inner = read_condition(cursor, variables)
        cursor.expect(")", "')', 'and' or 'or'")
        cursor.leave()
        return inner
    if token.kind == "alias":
        return _read_comparison(cursor, variables, token, read_alias(cursor))
    literal = literal_from(cursor, token)
    if literal is not None:
        cursor.take()
        cursor.count_node()
        return _read_comparison(cursor, variables, token, literal)
    if token.kind != "name":
        raise cursor.refuse(token, f"{OPERAND}, a function, 'not' or '('")
    return _read_named(cursor, variables, token)


def _read_named(cursor: Cursor, variables: tuple[str, ...], first: Token) -> Condition:
    """What begins with a name: a comparison, or a call at the end of a path."""
    names = [cursor.take()]
    while cursor.take_if("/"):
        names.append(cursor.expect_name("a navigation name, a column, 'any' or 'all'"))
    if cursor.peek().text != "(":
        return _read_comparison(cursor, variables, first, path_of(cursor, names, variables))
    called = names.pop()
    if called.text in ("any", "all") and names:
        return _read_lambda(cursor, variables, path_of(cursor, names, variables), called)
    if called.text.startswith(NAMESPACE):
        return _read_query_function(cursor, variables, names, called)
    if called.text in _TEXT_FUNCTIONS and not names:
        return _read_text_match(cursor, variables, called)
    raise unknown_function(called)


def _read_comparison(cursor: Cursor, variables: tuple[str, ...], first: Token, left: Operand) -> Comparison:
    operator = cursor.peek()
    if operator.text not in _OPERATORS:
        raise _no_comparison(cursor, first, operator)
    cursor.take()
    right = read_operand(cursor, variables)
    following = cursor.peek()
    if following.text in _REFUSED_OPERATORS:
        raise _refused_operator(following)
    return Comparison(cast("ComparisonOperator", operator.text), left, right)  # looked up in _OPERATORS above


def _no_comparison(cursor: Cursor, first: Token, operator: Token) -> QueryRefused:
    if operator.text in _REFUSED_OPERATORS:
        return _refused_operator(operator)
    if operator.kind == "end" or operator.text in (")", "and", "or", ";"):
        return QueryRefused(
            "The $filter expression must evaluate to a single boolean value. "
            f"Syntax error at position {operator.start} in '{shortened(cursor.text, SHOWN)}'.",
            hint=f"'{shortened(first.text)}' alone is no condition; compare it, for example with 'eq true'.",
        )
    return cursor.refuse(operator, _COMPARISON)


def _refused_operator(operator: Token) -> QueryRefused:
    """Operators of OData that the service does not have. [F-1], [Q-2]"""
    return QueryRefused(
        f"The operator '{operator.text}' at position {operator.start} is not supported in $filter.",
        hint=f"Expected {_COMPARISON}, 'and', 'or'.",
    )


def _read_text_match(cursor: Cursor, variables: tuple[str, ...], called: Token) -> TextMatch:
    cursor.expect("(")
    cursor.enter()
    left = read_operand(cursor, variables)
    cursor.expect(",")
    right = read_operand(cursor, variables)
    cursor.expect(")")
    cursor.leave()
    _skip_eq_true(cursor)
    return TextMatch(cast("TextFunction", called.text), left, right)  # looked up in _TEXT_FUNCTIONS by the caller


def _skip_eq_true(cursor: Cursor) -> None:
    """A call is a condition already; `eq true` behind it says nothing new. [QF-1]"""
    if not cursor.take_if("eq"):
        return
    token = cursor.take()
    if token.kind != "name" or token.text.lower() != "true":
        raise cursor.refuse(token, "'true': a function can be compared with nothing else")


def _read_query_function(
    cursor: Cursor, variables: tuple[str, ...], names: list[Token], called: Token
) -> QueryFunction:
    path, variable, start = _path_before(cursor, variables, names, called)
    cursor.expect("(")
    cursor.enter()
    parameters: dict[str, Parameter] = {}
    while True:
        parameter = _read_parameter(cursor)
        if parameter.name in parameters:
            raise QueryRefused(f"The parameter '{shortened(parameter.name)}' is given more than once.")
        parameters[parameter.name] = parameter
        if not cursor.take_if(","):
            break
    stop = cursor.expect(")", "',' or ')'").stop
    cursor.leave()
    _skip_eq_true(cursor)
    name = called.text[len(NAMESPACE) :]
    return QueryFunction(name, tuple(parameters.values()), path, start, stop + cursor.offset, variable)


def _path_before(
    cursor: Cursor, variables: tuple[str, ...], names: list[Token], called: Token
) -> tuple[tuple[str, ...], str | None, int]:
    """The path in front of a query function, its range variable, and where all of it begins. [QF-2]"""
    if not variables:
        start = names[0].start if names else called.start
        return tuple(token.text for token in names), None, start + cursor.offset
    path = path_of(cursor, [*names, called], variables)
    return path.names[:-1], path.variable, path.start


def _read_parameter(cursor: Cursor) -> Parameter:
    name = cursor.expect_name("the name of a parameter")
    cursor.expect("=")
    token = cursor.peek()
    if token.text == "[":
        return Parameter(name.text, read_value_list(cursor))
    value: Literal | ValueList | Alias | None
    if token.kind == "alias":
        value = read_alias(cursor)
    else:
        value = literal_from(cursor, token)
        if value is None or value.kind not in _PARAMETER_VALUES:
            raise cursor.refuse(token, "a string, a number, a list in brackets or a parameter alias")
        cursor.take()
        cursor.count_node()
    return Parameter(name.text, value)


def _read_lambda(cursor: Cursor, variables: tuple[str, ...], collection: Path, called: Token) -> Lambda:
    """`any(x:…)`, `all(x:…)`, `any()`. [L-1]"""
    cursor.expect("(")
    cursor.enter()
    variable: str | None = None
    body: Condition | None = None
    if called.text == "all" or cursor.peek().text != ")":
        name = cursor.expect_name("a range variable")
        variable = name.text
        if variable in variables or "." in variable:
            raise cursor.refuse(name, "a range variable that is not in use yet")
        cursor.expect(":")
        body = read_condition(cursor, (*variables, variable))
    stop = cursor.expect(")", "')', 'and' or 'or'").stop
    cursor.leave()
    quantifier = cast("Only['any', 'all']", called.text)  # the caller looked it up
    return Lambda(quantifier, collection, variable, body, collection.start, stop + cursor.offset)
