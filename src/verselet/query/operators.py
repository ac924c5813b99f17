"""Say what the operators mean that OData, FetchXML and SQL share.

In:        the name of an operator, a column, values as texts
Out:       a condition of query.plan
Not here:  the names that a language has for them (query.functions, query.fetchxml), spans of time (query.spans)

Operators are called here as FetchXML calls them. [FX-44], [FX-47]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Literal, TypeAlias

from verselet.errors import QueryRefused
from verselet.metadata.columns import ChoicesColumn, IdColumn, IntegerColumn, LookupColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.query import plan
from verselet.query.asked import Asked
from verselet.query.binding import Binding
from verselet.query.spans import SPANS, day_condition, fiscal_condition, span_condition
from verselet.query.text_values import text_value_of

Meaning: TypeAlias = Callable[[Asked], plan.Condition]


def operator_condition(name: str, asked: Asked) -> plan.Condition:
    """The condition that an operator of `OPERATORS` stands for.

    Raises:
        QueryRefused: values that are missing or are none of the column. [QF-31]
    """
    return OPERATORS[name](asked)


def present(column: plan.ColumnOf | plan.NameOf, negated: plan.Condition) -> plan.Condition:
    """The column has a value, and `negated` is not so. [FX-41], [QF-20]"""
    return plan.All((plan.Negate(plan.IsNull(column)), plan.Negate(negated)))


# --- lists and ranges ------------------------------------------------------------------------------------------------


def member(asked: Asked) -> plan.Condition:
    """One of a list. [QF-20]"""
    items = tuple([text_value_of(asked.column, text) for text in asked.values])
    bound = asked.gathered.bind(Binding(column=asked.column, value=items, form="list"))
    return plan.IsIn(asked.of, bound)


def between(asked: Asked) -> plan.Condition:
    """Two values, both inclusive. [QF-19]"""
    if len(asked.values) != 2:
        raise QueryRefused("Between and NotBetween need exactly two values. [QF-19]")
    low, high = (
        asked.gathered.bind(Binding(column=asked.column, value=text_value_of(asked.column, text)))
        for text in asked.values
    )
    return plan.All((plan.Compare("ge", asked.of, low), plan.Compare("le", asked.of, high)))


def _contains_values(asked: Asked) -> plan.Condition:
    if not isinstance(asked.column, ChoicesColumn):
        raise QueryRefused(f"The column '{asked.column.name}' does not hold several choices.")
    options = tuple([_option(asked, text) for text in asked.values])
    return plan.HasAny(asked.of, asked.gathered.bind(Binding(column=None, value=options, form="list")))


def _option(asked: Asked, text: str) -> int:
    if not text.strip().lstrip("-").isdecimal() or len(text) > 12:
        raise QueryRefused(f"'{text[:100]}' is no option of the column '{asked.column.name}'.")
    return int(text)


# --- the caller ------------------------------------------------------------------------------------------------------


def _equals(position: int) -> Meaning:
    def condition(asked: Asked) -> plan.Condition:
        _must_hold_ids(asked)
        return plan.Compare("eq", asked.of, plan.Bound(position))

    return condition


def _differs(position: int) -> Meaning:
    def condition(asked: Asked) -> plan.Condition:
        _must_hold_ids(asked)
        return present(asked.of, plan.Compare("eq", asked.of, plan.Bound(position)))

    return condition


def _must_hold_ids(asked: Asked) -> None:
    if not isinstance(asked.column, IdColumn | LookupColumn):
        raise QueryRefused(f"The column '{asked.column.name}' holds no id, which the operator needs.")


def _language(asked: Asked) -> plan.Condition:
    if not isinstance(asked.column, IntegerColumn):
        raise QueryRefused(f"The column '{asked.column.name}' holds no language.")
    return plan.Compare("eq", asked.of, plan.Bound(plan.LANGUAGE))


def _teams_of(asked: Asked, members: Callable[[plan.ColumnOf], plan.Condition]) -> plan.Condition:
    """The column names a team with such a member. [QF-27]"""
    _must_hold_ids(asked)
    source = next(asked.gathered.sources)
    where = members(plan.ColumnOf(source, "systemuserid"))
    return plan.Related("teammembership", source, asked.of, "teamid", None, None, (), where)


def _own_teams(asked: Asked) -> plan.Condition:
    return _teams_of(asked, lambda member: plan.Compare("eq", member, plan.Bound(plan.USER)))


def _reports(asked: Asked, column: plan.ColumnOf) -> plan.Condition:
    """The caller, or a user whose managers lead up to the caller. [QF-28]"""
    start, source = plan.Bound(plan.USER), next(asked.gathered.sources)
    return plan.InHierarchy(column, "systemuser", "systemuserid", "parentsystemuserid", "under", True, start, source)


def _user_hierarchy(asked: Asked) -> plan.Condition:
    _must_hold_ids(asked)
    return _reports(asked, asked.of)


# --- hierarchies -----------------------------------------------------------------------------------------------------


def _in_hierarchy(direction: Literal["above", "under"], *, itself: bool) -> Meaning:
    def condition(asked: Asked) -> plan.Condition:
        table = _hierarchical_table(asked)
        key = table.columns[table.primary_id]
        start = asked.gathered.bind(Binding(column=key, value=text_value_of(key, asked.one_value())))
        parent = _parent_column(asked, table)
        source = next(asked.gathered.sources)
        return plan.InHierarchy(asked.of, table.name, table.primary_id, parent, direction, itself, start, source)

    return condition


def _hierarchical_table(asked: Asked) -> Table:
    """The table whose rows the column names: its own key, or a lookup to a table with a hierarchy."""
    if asked.column.name == asked.table.primary_id:
        return asked.table
    if isinstance(asked.column, LookupColumn):
        for target in asked.column.targets:
            if target in asked.schema.tables and _parent_of(asked, target):
                return asked.schema.tables[target]
    raise QueryRefused(f"The column '{asked.column.name}' is no key of a table with a hierarchy.")


def _parent_column(asked: Asked, table: Table) -> str:
    found = _parent_of(asked, table.name)
    if not found:
        raise QueryRefused(f"The table '{table.name}' has no hierarchical relationship.")
    return found


def _parent_of(asked: Asked, table: str) -> str:
    return parent_column(asked.schema, table)


def parent_column(schema: Schema, table: str) -> str:
    """The lookup that makes a table a hierarchy; empty where there is none. [QF-30]"""
    return next(
        (
            relationship.referencing_column
            for relationship in schema.relationships
            if relationship.hierarchical and relationship.referencing_table == relationship.referenced_table == table
        ),
        "",
    )


# --- all of them -----------------------------------------------------------------------------------------------------


def _not(meaning: Meaning) -> Meaning:
    """The opposite, for rows with a value. [FX-41]"""
    return lambda asked: present(asked.of, meaning(asked))


def _neither(meaning: Meaning) -> Meaning:
    """The opposite, also for rows without a value. [QF-21], [QF-30]"""
    return lambda asked: plan.Negate(meaning(asked))


def _or(*meanings: Meaning) -> Meaning:
    return lambda asked: plan.Either(tuple([meaning(asked) for meaning in meanings]))


def _span(name: str) -> Meaning:
    return lambda asked: span_condition(name, asked)


OPERATORS: Mapping[str, Meaning] = MappingProxyType(
    {
        **{name: _span(name) for name in SPANS},
        "on": lambda asked: day_condition("on", asked),
        "on-or-after": lambda asked: day_condition("on-or-after", asked),
        "on-or-before": lambda asked: day_condition("on-or-before", asked),
        "in-fiscal-period": lambda asked: fiscal_condition("in-fiscal-period", asked),
        "in-fiscal-year": lambda asked: fiscal_condition("in-fiscal-year", asked),
        "in-fiscal-period-and-year": lambda asked: fiscal_condition("in-fiscal-period-and-year", asked),
        "in-or-after-fiscal-period-and-year": lambda asked: fiscal_condition(
            "in-or-after-fiscal-period-and-year", asked
        ),
        "in-or-before-fiscal-period-and-year": lambda asked: fiscal_condition(
            "in-or-before-fiscal-period-and-year", asked
        ),
        "in": member,
        "not-in": _not(member),
        "between": between,
        "not-between": _not(between),
        "contain-values": _contains_values,
        "not-contain-values": _neither(_contains_values),
        "eq-userid": _equals(plan.USER),
        "ne-userid": _differs(plan.USER),
        "eq-businessid": _equals(plan.UNIT),
        "ne-businessid": _differs(plan.UNIT),
        "eq-userlanguage": _language,
        "eq-userteams": _own_teams,
        "eq-useroruserteams": _or(_equals(plan.USER), _own_teams),
        "eq-useroruserhierarchy": _user_hierarchy,
        "eq-useroruserhierarchyandteams": _or(
            _user_hierarchy, lambda asked: _teams_of(asked, partial(_reports, asked))
        ),
        "above": _in_hierarchy("above", itself=False),
        "eq-or-above": _in_hierarchy("above", itself=True),
        "under": _in_hierarchy("under", itself=False),
        "eq-or-under": _in_hierarchy("under", itself=True),
        "not-under": _neither(_in_hierarchy("under", itself=True)),
    }
)
"""Operator → its meaning. The plain comparisons and patterns are the languages' own."""
