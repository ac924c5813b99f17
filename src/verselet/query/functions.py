"""Resolve the query functions `Microsoft.Dynamics.CRM.…`.

In:        a function call of query.tree
Out:       a condition of query.plan
Not here:  what the functions mean, which FetchXML shares (query.operators)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verselet.errors import NotSupportedHere, QueryRefused
from verselet.metadata.columns import Column, LookupColumn
from verselet.metadata.tables import Table
from verselet.query import plan, tree
from verselet.query.asked import Asked
from verselet.query.operators import operator_condition
from verselet.query.scope import Scope

NONE: tuple[str, ...] = ()
ONE = ("PropertyValue",)
TWO = ("PropertyValue1", "PropertyValue2")
LIST = ("PropertyValues",)

UNITS = ("Hours", "Days", "Weeks", "Months", "Years", "FiscalPeriods", "FiscalYears")
PERIODS = ("Week", "Month", "Year", "FiscalPeriod", "FiscalYear")


def _dashed(name: str) -> str:
    """`FiscalPeriod` as FetchXML spells it: `fiscal-period`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("-")


FUNCTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        **{name: (name.lower(), NONE) for name in ("Today", "Tomorrow", "Yesterday")},
        "Last7Days": ("last-seven-days", NONE),
        "Next7Days": ("next-seven-days", NONE),
        **{f"{word}{unit}": (_dashed(word + unit), NONE) for word in ("Last", "This", "Next") for unit in PERIODS},
        **{f"{word}X{unit}": (f"{word.lower()}-x-{_dashed(unit)}", ONE) for word in ("Last", "Next") for unit in UNITS},
        **{f"OlderThanX{unit}": (f"olderthan-x-{unit.lower()}", ONE) for unit in ("Minutes", *UNITS[:5])},
        "On": ("on", ONE),
        "OnOrAfter": ("on-or-after", ONE),
        "OnOrBefore": ("on-or-before", ONE),
        "Between": ("between", LIST),
        "NotBetween": ("not-between", LIST),
        "In": ("in", LIST),
        "NotIn": ("not-in", LIST),
        "ContainValues": ("contain-values", LIST),
        "DoesNotContainValues": ("not-contain-values", LIST),
        "InFiscalPeriod": ("in-fiscal-period", ONE),
        "InFiscalYear": ("in-fiscal-year", ONE),
        "InFiscalPeriodAndYear": ("in-fiscal-period-and-year", TWO),
        "InOrAfterFiscalPeriodAndYear": ("in-or-after-fiscal-period-and-year", TWO),
        "InOrBeforeFiscalPeriodAndYear": ("in-or-before-fiscal-period-and-year", TWO),
        "EqualUserId": ("eq-userid", NONE),
        "NotEqualUserId": ("ne-userid", NONE),
        "EqualBusinessId": ("eq-businessid", NONE),
        "NotEqualBusinessId": ("ne-businessid", NONE),
        "EqualUserTeams": ("eq-userteams", NONE),
        "EqualUserOrUserTeams": ("eq-useroruserteams", NONE),
        "EqualUserOrUserHierarchy": ("eq-useroruserhierarchy", NONE),
        "EqualUserOrUserHierarchyAndTeams": ("eq-useroruserhierarchyandteams", NONE),
        "EqualUserLanguage": ("eq-userlanguage", NONE),
        "Above": ("above", ONE),
        "AboveOrEqual": ("eq-or-above", ONE),
        "Under": ("under", ONE),
        "UnderOrEqual": ("eq-or-under", ONE),
        "NotUnder": ("not-under", ONE),
    }
)
"""Function → its operator, and the parameters beside `PropertyName`. [QF-10] to [QF-30]"""


def resolve_function(call: tree.QueryFunction, scope: Scope) -> plan.Condition:
    """The condition a query function stands for.

    Raises:
        QueryRefused: no such function, or a parameter is missing. [QF-31]
        NotSupportedHere: `Contains`, which needs a full-text index. [QF-22]
    """
    if call.name == "Contains":
        raise NotSupportedHere("The query function 'Microsoft.Dynamics.CRM.Contains'")
    found = FUNCTIONS.get(call.name)
    if found is None:
        raise QueryRefused(f"An unknown function with name 'Microsoft.Dynamics.CRM.{call.name}' was found.")
    operator, needed = found
    given = {parameter.name: parameter.value for parameter in call.parameters}
    for name in ("PropertyName", *needed):
        if name not in given:
            raise QueryRefused(f"The query function '{call.name}' needs the parameter '{name}'.")
    of, _, table = _column(call, _name_of(given["PropertyName"], scope), scope)
    values = _list_of(given["PropertyValues"], scope) if needed == LIST else _texts(given, needed, scope)
    return operator_condition(operator, Asked(scope.gathered, table, of, values))


def _texts(
    given: Mapping[str, tree.Literal | tree.ValueList | tree.Alias], names: tuple[str, ...], scope: Scope
) -> tuple[str, ...]:
    return tuple([_literal(given[name], name, scope).text for name in names])


def _name_of(value: tree.Literal | tree.ValueList | tree.Alias, scope: Scope) -> str:
    literal = _literal(value, "PropertyName", scope)
    if literal.kind != "text":
        raise QueryRefused("The parameter 'PropertyName' must be a property's name in quotes.")
    return literal.text


def _literal(value: tree.Literal | tree.ValueList | tree.Alias, name: str, scope: Scope) -> tree.Literal:
    found = scope.gathered.aliases.get(value.name) if isinstance(value, tree.Alias) else value
    if not isinstance(found, tree.Literal) or found.kind == "null":
        raise QueryRefused(f"The parameter '{name}' must be a single value.")
    return found


def _list_of(value: tree.Literal | tree.ValueList | tree.Alias, scope: Scope) -> tuple[str, ...]:
    found = scope.gathered.aliases.get(value.name) if isinstance(value, tree.Alias) else value
    if not isinstance(found, tree.ValueList):
        raise QueryRefused('The parameter \'PropertyValues\' must be a list such as ["1","2"].')
    return tuple([item.text for item in found.values])


def _column(call: tree.QueryFunction, name: str, scope: Scope) -> tuple[plan.ColumnOf, Column, Table]:
    source, table = scope.follow(call.path)
    # Lookups are named by their logical name here; the wrapped form is taken too. [QF-1]
    column = table.columns.get(name)
    if not isinstance(column, LookupColumn) or not column.read:
        column = scope.schema.property_column(table, name)
    return plan.ColumnOf(source, column.name), column, table
