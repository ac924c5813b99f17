"""Say a condition of OData as FetchXML would.

In:        conditions of query.tree, the place they are about
Out:       `Filter`s, `Condition`s and `Link`s of query.fetchxml.tree
Not here:  the whole question (query.translating.to_fetch)

FetchXML has no `not`: it is carried to the single conditions, whose opposites also name the rows without a value.
[F-6], [F-7], [FX-41]
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias, assert_never

from verselet.errors import CannotBeSaid, QueryRefused
from verselet.query.collections import link_of
from verselet.query.conditions import FLIPPED
from verselet.query.fetchxml.tree import Body, Condition, Filter, Link, LinkType
from verselet.query.functions import FUNCTIONS
from verselet.query.translating.fetch_places import Place
from verselet.query.tree import (
    Alias,
    And,
    Comparison,
    ComparisonOperator,
    Lambda,
    Literal,
    Not,
    Operand,
    Or,
    Path,
    QueryFunction,
    TextMatch,
    ValueList,
)
from verselet.query.tree import Condition as Asked

FETCH: Final = "FetchXML"

Said: TypeAlias = Filter | Condition | Link

OPPOSITES: Final[Mapping[ComparisonOperator, ComparisonOperator]] = MappingProxyType(
    {"eq": "ne", "ne": "eq", "gt": "le", "le": "gt", "ge": "lt", "lt": "ge"}
)
PATTERNS: Final = MappingProxyType(
    {
        "contains": ("like", "not-like", "%"),
        "startswith": ("begins-with", "not-begin-with", ""),
        "endswith": ("ends-with", "not-end-with", ""),
    }
)
"""Function → operator, its opposite, and what stands on both sides of the text."""

TWINS: Final = MappingProxyType(
    {
        "in": ("not-in", True),
        "not-in": ("in", True),
        "between": ("not-between", True),
        "not-between": ("between", True),
        "contain-values": ("not-contain-values", False),
        "not-contain-values": ("contain-values", False),
        "eq-userid": ("ne-userid", True),
        "ne-userid": ("eq-userid", True),
        "eq-businessid": ("ne-businessid", True),
        "ne-businessid": ("eq-businessid", True),
        "eq-or-under": ("not-under", False),
        "not-under": ("eq-or-under", False),
    }
)
"""Operator → its opposite, and whether rows without a value satisfy neither."""


def fetch_condition(condition: Asked, place: Place, *, negated: bool = False) -> Said:
    """The same condition; `negated`: the opposite.

    Raises:
        CannotBeSaid: an operator without an opposite that should be negated.
        QueryRefused, UnknownColumn: the condition itself cannot be understood.
    """
    match condition:
        case And(items=items) | Or(items=items):
            kind = "and" if isinstance(condition, And) != negated else "or"
            return Filter(
                "and" if kind == "and" else "or",
                tuple([fetch_condition(item, place, negated=negated) for item in items]),
            )
        case Not(item=item):
            return fetch_condition(item, place, negated=not negated)
        case Comparison():
            return _comparison(condition, place, negated=negated)
        case TextMatch():
            return _text_match(condition, place, negated=negated)
        case QueryFunction():
            return _function(condition, place, negated=negated)
        case Lambda():
            return _lambda(condition, place, negated=negated)
        case _:
            assert_never(condition)


# --- comparisons -----------------------------------------------------------------------------------------------------


def _unalias(operand: Operand, place: Place) -> Literal | Path:
    if not isinstance(operand, Alias):
        return operand
    found = place.around.aliases.get(operand.name, Literal("null", "null", -1, -1))
    if isinstance(found, ValueList):
        raise QueryRefused(f"The parameter alias '@{operand.name}' stands for a list, a single value is needed.")
    return found


def _comparison(condition: Comparison, place: Place, *, negated: bool) -> Said:
    left, right = _unalias(condition.left, place), _unalias(condition.right, place)
    operator: ComparisonOperator = condition.operator
    if isinstance(left, Literal):
        if isinstance(right, Literal):
            raise QueryRefused("A comparison needs a property on one side.")
        left, right, operator = right, left, FLIPPED[condition.operator]
    if isinstance(right, Path):
        return _with_column(operator, left, right, place, negated=negated)
    at, column = place.column(left)
    if right.kind == "null":
        return _null_comparison(operator, at, column.name, place, negated=negated)
    if right.kind == "enum":
        raise CannotBeSaid(f"the value {right.type_name}'{right.text}'", FETCH)
    name, values = OPPOSITES[operator] if negated else operator, (right.text,)
    found = Condition(attribute=column.name, operator=name, values=values, link=_link(at, place))
    # `ne` of OData, and every opposite but that of `ne`, also names rows without a value. [F-6], [F-7]
    nulls_too = operator != "ne" if negated else operator == "ne"
    return Filter("or", (found, _is_null(at, column.name, place))) if nulls_too else found


def _null_comparison(operator: ComparisonOperator, at: Place, name: str, place: Place, *, negated: bool) -> Condition:
    if operator in {"eq", "ne"}:
        return _is_null(at, name, place, negated=(operator == "ne") != negated)
    # Nothing is greater or smaller than no value: no row is without a key. [F-5]
    return _is_null(place, place.table.primary_id, place, negated=negated)


def _with_column(operator: ComparisonOperator, left: Path, right: Path, place: Place, *, negated: bool) -> Said:
    (at, column), (other_at, other) = place.column(left), place.column(right)
    before = "" if other_at is at else f"{other_at.alias or other_at.table.name}."
    found = Condition(
        attribute=column.name,
        operator=OPPOSITES[operator] if negated else operator,
        other=f"{before}{other.name}",
        link=_link(at, place),
    )
    if not negated:
        return found
    return Filter("or", (found, _is_null(at, column.name, place), _is_null(other_at, other.name, place)))


def _is_null(at: Place, name: str, place: Place, *, negated: bool = False) -> Condition:
    return Condition(attribute=name, operator="not-null" if negated else "null", link=_link(at, place))


def _link(at: Place, place: Place) -> str | None:
    return None if at is place else at.alias or at.table.name


def _text_match(condition: TextMatch, place: Place, *, negated: bool) -> Said:
    left, right = _unalias(condition.left, place), _unalias(condition.right, place)
    if not isinstance(left, Path) or not isinstance(right, Literal):
        raise CannotBeSaid(f"{condition.function} with a property as the second argument", FETCH)
    at, column = place.column(left)
    if right.kind == "null":
        return _is_null(place, place.table.primary_id, place, negated=negated)
    plain, opposite, around = PATTERNS[condition.function]
    values = (f"{around}{right.text}{around}",)
    name = opposite if negated else plain
    found = Condition(attribute=column.name, operator=name, values=values, link=_link(at, place))
    return Filter("or", (found, _is_null(at, column.name, place))) if negated else found


# --- query functions -------------------------------------------------------------------------------------------------


def _function(call: QueryFunction, place: Place, *, negated: bool) -> Said:
    if call.name not in FUNCTIONS:
        raise CannotBeSaid(f"the function '{call.name[:60]}'", FETCH)
    operator, needed = FUNCTIONS[call.name]
    given = {parameter.name: parameter.value for parameter in call.parameters}
    texts = [text for name in needed if name in given for text in _texts(given[name], place)]
    at = place
    for name in call.path:
        at = at.follow(name)
    (named,) = _texts(given["PropertyName"], place)
    column = at.table.columns.get(named) or at.property(named)
    nulls_too = False
    if negated:
        if operator not in TWINS:
            raise CannotBeSaid(f"the opposite of '{operator}'", FETCH)
        operator, nulls_too = TWINS[operator]
    found = Condition(attribute=column.name, operator=operator, values=tuple(texts), link=_link(at, place))
    # What named no row without a value has an opposite that names them all.
    return Filter("or", (found, _is_null(at, column.name, place))) if nulls_too else found


def _texts(value: Literal | ValueList | Alias, place: Place) -> tuple[str, ...]:
    found = place.around.aliases.get(value.name) if isinstance(value, Alias) else value
    if isinstance(found, ValueList):
        return tuple([item.text for item in found.values])
    if not isinstance(found, Literal):
        raise QueryRefused("A parameter of a query function needs a value.")
    return (found.text,)


# --- collections -----------------------------------------------------------------------------------------------------


def _lambda(condition: Lambda, place: Place, *, negated: bool) -> Said:
    navigation = condition.collection.names[-1]
    link = link_of(place.around.schema, place.table, navigation)
    if link is None or len(condition.collection.names) > 1:
        raise QueryRefused(f"'{'/'.join(condition.collection.names)}' is no collection of '{place.table.name}'.")
    # No related row fails: there is none of which the opposite holds. [L-8]
    every = condition.quantifier == "all"
    inner = Place(place.around, place.around.schema.tables[link.table], place.around.name(navigation))
    if condition.body is not None:
        found = fetch_condition(condition.body, inner, negated=every)
        inner.filters.append(found if isinstance(found, Filter) else Filter("and", (found,)))
    kind: LinkType = "not any" if every != negated else "any"
    if link.intersect is None:
        return Link(
            table=link.table,
            inner=link.inner_column,
            outer=link.outer_column,
            alias=inner.alias,
            kind=kind,
            body=inner.body(),
        )
    between, to_inner, to_outer = link.intersect
    reached = Link(
        table=link.table, inner=link.inner_column, outer=to_inner, alias=inner.alias, kind="inner", body=inner.body()
    )
    alias = place.around.name(f"{navigation}_pair")
    return Link(
        table=between, inner=to_outer, outer=link.outer_column, alias=alias, kind=kind, body=Body(links=(reached,))
    )
