"""Resolve the query functions `Microsoft.Dynamics.CRM.…`.

In:        a function call of query.tree
Out:       a condition of query.plan
Not here:  the operators of plain comparisons (query.conditions)
"""

from __future__ import annotations

from verselet.errors import NotSupportedHere, QueryRefused
from verselet.metadata.columns import Column, LookupColumn
from verselet.query import plan, tree
from verselet.query.binding import Binding
from verselet.query.scope import Scope
from verselet.query.typing_literals import listed_value_of

SUPPORTED = {
    "In": ("PropertyName", "PropertyValues"),
    "NotIn": ("PropertyName", "PropertyValues"),
    "Between": ("PropertyName", "PropertyValues"),
    "NotBetween": ("PropertyName", "PropertyValues"),
}
"""Name → the parameters it needs."""

KNOWN = frozenset(
    [
        "Above",
        "AboveOrEqual",
        "Between",
        "Contains",
        "ContainValues",
        "DoesNotContainValues",
        "EqualBusinessId",
        "EqualUserId",
        "EqualUserLanguage",
        "EqualUserOrUserHierarchy",
        "EqualUserOrUserHierarchyAndTeams",
        "EqualUserOrUserTeams",
        "EqualUserTeams",
        "In",
        "InFiscalPeriod",
        "InFiscalPeriodAndYear",
        "InFiscalYear",
        "InOrAfterFiscalPeriodAndYear",
        "InOrBeforeFiscalPeriodAndYear",
        "Last7Days",
        "LastFiscalPeriod",
        "LastFiscalYear",
        "LastMonth",
        "LastWeek",
        "LastXDays",
        "LastXFiscalPeriods",
        "LastXFiscalYears",
        "LastXHours",
        "LastXMonths",
        "LastXWeeks",
        "LastXYears",
        "LastYear",
        "Next7Days",
        "NextFiscalPeriod",
        "NextFiscalYear",
        "NextMonth",
        "NextWeek",
        "NextXDays",
        "NextXFiscalPeriods",
        "NextXFiscalYears",
        "NextXHours",
        "NextXMonths",
        "NextXWeeks",
        "NextXYears",
        "NextYear",
        "NotBetween",
        "NotEqualBusinessId",
        "NotEqualUserId",
        "NotIn",
        "NotUnder",
        "OlderThanXDays",
        "OlderThanXHours",
        "OlderThanXMinutes",
        "OlderThanXMonths",
        "OlderThanXWeeks",
        "OlderThanXYears",
        "On",
        "OnOrAfter",
        "OnOrBefore",
        "ThisFiscalPeriod",
        "ThisFiscalYear",
        "ThisMonth",
        "ThisWeek",
        "ThisYear",
        "Today",
        "Tomorrow",
        "Under",
        "UnderOrEqual",
        "Yesterday",
    ]
)
"""All functions the service has. [QF-10] to [QF-30]"""


def resolve_function(call: tree.QueryFunction, scope: Scope) -> plan.Condition:
    """The condition a query function stands for.

    Raises:
        QueryRefused: no such function, or a parameter is missing. [QF-31]
        NotSupportedHere: the service has it, this server not yet.
    """
    if call.name not in KNOWN:
        raise QueryRefused(f"An unknown function with name 'Microsoft.Dynamics.CRM.{call.name}' was found.")
    needed = SUPPORTED.get(call.name)
    if needed is None:
        raise NotSupportedHere(f"The query function 'Microsoft.Dynamics.CRM.{call.name}'")
    given = {parameter.name: parameter.value for parameter in call.parameters}
    for name in needed:
        if name not in given:
            raise QueryRefused(f"The query function '{call.name}' needs the parameter '{name}'.")
    column_of, column = _column(call, _text_of(given["PropertyName"], scope), scope)
    values = _list_of(given["PropertyValues"], scope)
    if call.name in {"In", "NotIn"}:
        return _membership(call.name == "NotIn", column_of, column, values, scope)
    return _between(call.name == "NotBetween", column_of, column, values, scope)


def _text_of(value: tree.Literal | tree.ValueList | tree.Alias, scope: Scope) -> str:
    if isinstance(value, tree.Alias):
        found = scope.gathered.aliases.get(value.name)
        if isinstance(found, tree.Literal | tree.ValueList):
            value = found
    if not isinstance(value, tree.Literal) or value.kind != "text":
        raise QueryRefused("The parameter 'PropertyName' must be a property's name in quotes.")
    return value.text


def _list_of(value: tree.Literal | tree.ValueList | tree.Alias, scope: Scope) -> tree.ValueList:
    found = scope.gathered.aliases.get(value.name) if isinstance(value, tree.Alias) else value
    if not isinstance(found, tree.ValueList):
        raise QueryRefused('The parameter \'PropertyValues\' must be a list such as ["1","2"].')
    return found


def _column(call: tree.QueryFunction, name: str, scope: Scope) -> tuple[plan.ColumnOf, Column]:
    source, table = scope.follow(call.path)
    # Lookups are named by their logical name here; the wrapped form is taken too. [QF-1]
    column = table.columns.get(name)
    if not isinstance(column, LookupColumn) or not column.read:
        column = scope.schema.property_column(table, name)
    return plan.ColumnOf(source, column.name), column


def _membership(
    negated: bool,
    column_of: plan.ColumnOf,
    column: Column,
    values: tree.ValueList,
    scope: Scope,
) -> plan.Condition:
    items = tuple([listed_value_of(column, item.text) for item in values.values])
    bound = scope.gathered.bind(Binding(column=column, value=items, form="list"))
    member = plan.IsIn(column_of, bound)
    if not negated:
        return member
    # A row without a value is not in the list and not outside of it. [QF-20]
    return plan.All((plan.Negate(plan.IsNull(column_of)), plan.Negate(member)))


def _between(
    negated: bool,
    column_of: plan.ColumnOf,
    column: Column,
    values: tree.ValueList,
    scope: Scope,
) -> plan.Condition:
    if len(values.values) != 2:
        raise QueryRefused("Between and NotBetween need exactly two values. [QF-19]")
    low, high = (
        scope.gathered.bind(Binding(column=column, value=listed_value_of(column, item.text))) for item in values.values
    )
    inside = plan.All((plan.Compare("ge", column_of, low), plan.Compare("le", column_of, high)))
    if not negated:
        return inside
    return plan.All((plan.Negate(plan.IsNull(column_of)), plan.Negate(inside)))
