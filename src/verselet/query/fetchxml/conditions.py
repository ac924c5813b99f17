"""Resolve single conditions of FetchXML.

In:        a condition with names as written, the place it is about
Out:       conditions of query.plan
Not here:  filters and links around them (query.fetchxml.joining), operators that OData shares (query.operators)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verselet.errors import FetchRefused, OperatorUnknown, did_you_mean
from verselet.metadata.columns import Column, LookupColumn, MemoColumn, TableNameColumn, TextColumn
from verselet.query import plan
from verselet.query.asked import Asked
from verselet.query.binding import Binding, Form
from verselet.query.fetchxml.places import Place, Places
from verselet.query.fetchxml.tree import Condition
from verselet.query.operators import OPERATORS, operator_condition, present
from verselet.query.text_values import text_value_of
from verselet.query.typing_literals import edm_type

COMPARISONS: Mapping[str, plan.Operator] = MappingProxyType(
    {"eq": "eq", "ne": "ne", "neq": "ne", "gt": "gt", "ge": "ge", "lt": "lt", "le": "le"}
)
PATTERNS: Mapping[str, tuple[Form, bool]] = MappingProxyType(
    {
        "like": ("like", False),
        "not-like": ("like", True),
        "begins-with": ("startswith", False),
        "not-begin-with": ("startswith", True),
        "ends-with": ("endswith", False),
        "not-end-with": ("endswith", True),
    }
)
"""Operator → the form of its pattern, and whether it says the opposite. [FX-42]"""

NULLS: Final = frozenset({"null", "not-null"})

Tested = plan.ColumnOf | plan.NameOf


def resolve_condition(condition: Condition, place: Place, places: Places) -> plan.Condition:
    """The condition on a column of the place, or of the link it names. [FX-19]

    Raises:
        QueryColumnUnknown, OperatorUnknown, FetchRefused, QueryRefused: [FX-13], [FX-17], [FX-45]
    """
    places.gathered.count_condition()
    place = places.named(condition.link, place)
    name = condition.operator
    if name not in COMPARISONS and name not in PATTERNS and name not in NULLS and name not in OPERATORS:
        raise OperatorUnknown(
            f"Invalid condition operator '{name[:60]}'.", hint=did_you_mean(name[:60], [*OPERATORS, *PATTERNS])
        )
    if condition.other is not None:
        return _with_column(condition, place, places)
    of, column = _tested(condition.attribute, place)
    if name in NULLS:
        found = plan.IsNull(of)
        return found if name == "null" else plan.Negate(found)
    if name in COMPARISONS:
        return _comparison(COMPARISONS[name], of, column, condition, places)
    if name in PATTERNS:
        return _pattern(of, column, condition, places)
    if isinstance(of, plan.NameOf):
        raise FetchRefused(f"The operator '{name}' cannot be used with the column '{condition.attribute}'.")
    return operator_condition(name, Asked(places.gathered, place.table, of, condition.values))


def _tested(name: str, place: Place) -> tuple[Tested, Column]:
    """The column, or for `<lookup>name` the name of the row it points to."""
    lookup = place.table.columns.get(name.removesuffix("name"))
    if name.endswith("name") and isinstance(lookup, LookupColumn) and lookup.read:
        return plan.NameOf(place.source, lookup.name), TextColumn(name=name, schema_name=name)
    column = place.column(name)
    return plan.ColumnOf(place.source, column.name), column


def _comparison(
    operator: plan.Operator, of: Tested, column: Column, condition: Condition, places: Places
) -> plan.Condition:
    text = _one(condition)
    bound = places.gathered.bind(Binding(column=column, value=text_value_of(column, text), start=_place(condition)))
    if operator == "ne":
        # Unlike in OData a row without a value does not differ. [FX-41]
        return present(of, plan.Compare("eq", of, bound))
    return plan.Compare(operator, of, bound)


def _with_column(condition: Condition, place: Place, places: Places) -> plan.Condition:
    operator = COMPARISONS.get(condition.operator)
    if operator is None:
        raise FetchRefused(f"The operator '{condition.operator}' cannot compare with another column. [FX-19]")
    link, _, name = (condition.other or "").rpartition(".")
    other_place = places.named(link, place) if link else place
    left, right = place.column(condition.attribute), other_place.column(name)
    if edm_type(left) != edm_type(right):
        raise FetchRefused(f"The columns '{left.name}' and '{right.name}' are of different types. [FX-19]")
    of, other = plan.ColumnOf(place.source, left.name), plan.ColumnOf(other_place.source, right.name)
    return plan.Compare(operator, of, other)


def _pattern(of: Tested, column: Column, condition: Condition, places: Places) -> plan.Condition:
    form, negated = PATTERNS[condition.operator]
    if not isinstance(column, TextColumn | MemoColumn | TableNameColumn):
        raise FetchRefused(f"The operator '{condition.operator}' cannot be used with the column '{column.name}'.")
    text = _one(condition)
    classes = "[" in text
    binding = Binding(column=column, value=text, form=form, classes=classes, start=_place(condition))
    matched = plan.Matches(of, places.gathered.bind(binding), classes)
    return present(of, matched) if negated else matched


def _one(condition: Condition) -> str:
    if len(condition.values) != 1:
        raise FetchRefused(
            f"The condition operator '{condition.operator}' on '{condition.attribute}' needs exactly one value."
        )
    return condition.values[0]


def _place(condition: Condition) -> int:
    """Where the only value stands in the shape of the query. (query.fetchxml.shapes)"""
    return condition.places[0] if condition.places else -1
