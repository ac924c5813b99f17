"""Read queries in the form of a `QueryExpression`.

In:        JSON objects with names as the SDK has them
Out:       `Fetch`, the same question as a tree of FetchXML
Not here:  whether names exist (query.fetchxml.resolve)

What is not understood is refused by name: a condition that is overlooked would find more rows than were meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from verselet.errors import BadRequest, NotSupportedHere
from verselet.query.fetchxml.parse import RETAINED
from verselet.query.fetchxml.tree import Body, Condition, Fetch, Filter, Link
from verselet.web.row_functions.parameters import Given, as_object, text_of

OPERATORS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "AboveOrEqual": "eq-or-above",
        "ContainValues": "contain-values",
        "DoesNotBeginWith": "not-begin-with",
        "DoesNotContainValues": "not-contain-values",
        "DoesNotEndWith": "not-end-with",
        "Equal": "eq",
        "EqualBusinessId": "eq-businessid",
        "EqualUserId": "eq-userid",
        "EqualUserLanguage": "eq-userlanguage",
        "EqualUserOrUserTeams": "eq-useroruserteams",
        "EqualUserTeams": "eq-userteams",
        "GreaterEqual": "ge",
        "GreaterThan": "gt",
        "Last7Days": "last-seven-days",
        "LessEqual": "le",
        "LessThan": "lt",
        "Next7Days": "next-seven-days",
        "NotEqual": "ne",
        "NotEqualBusinessId": "ne-businessid",
        "NotEqualUserId": "ne-userid",
        "UnderOrEqual": "eq-or-under",
    }
)
"""Operators whose name in FetchXML is not their own with hyphens."""

SOURCE: Final = "DataSource"

_WORD: Final = re.compile(r"(?<!^)(?=[A-Z])")
_OF_NO_WEIGHT: Final = frozenset({"@odata.type", "ColumnSet", "Distinct", "NoLock", "Orders"})
"""What decides neither which rows are found nor how many."""


def read_query(given: Given) -> Fetch:
    """The query. [BM-10], [JOB-1]

    Raises:
        BadRequest: something is missing or of the wrong kind.
        NotSupportedHere: a part that this server does not know.
    """
    _must_know(given, {"EntityName", "Criteria", "LinkEntities", "TopCount", "PageInfo", SOURCE}, "QueryExpression")
    source = given.get(SOURCE) or None
    if source not in {None, RETAINED}:
        raise NotSupportedHere("A data source of a QueryExpression other than 'retained'")
    paging = given.get("PageInfo")
    if isinstance(paging, dict) and paging.get("Count"):
        raise NotSupportedHere("'PageInfo' of a QueryExpression")
    top = given.get("TopCount")
    if top is not None and type(top) is not int:
        raise BadRequest("'TopCount' must be a whole number.")
    return Fetch(
        table=text_of(given, "EntityName"), body=_body(given, "Criteria"), top=top, retained=source is not None
    )


def _body(given: Given, criteria: str) -> Body:
    found = given.get(criteria)
    filters = () if found is None else (_filter(as_object(found, criteria)),)
    links = tuple([_link(as_object(link, "LinkEntities")) for link in _listed(given, "LinkEntities")])
    return Body(filters=tuple([item for item in filters if item.items]), links=links)


def _filter(given: Given) -> Filter:
    _must_know(
        given, {"FilterOperator", "Conditions", "Filters", "FilterHint", "IsQuickFindFilter"}, "FilterExpression"
    )
    operator = given.get("FilterOperator", "And")
    if operator not in ("And", "Or", 0, 1):
        raise BadRequest(f"'{str(operator)[:80]}' is no member of LogicalOperator.")
    items: list[Condition | Filter | Link] = []
    items += [_condition(as_object(item, "Conditions")) for item in _listed(given, "Conditions")]
    filters = [_filter(as_object(item, "Filters")) for item in _listed(given, "Filters")]
    items += [item for item in filters if item.items]
    return Filter("or" if operator in ("Or", 1) else "and", tuple(items))


def _condition(given: Given) -> Condition:
    _must_know(given, {"AttributeName", "EntityName", "Operator", "Values"}, "ConditionExpression")
    operator = text_of(given, "Operator")
    name = OPERATORS.get(operator) or _WORD.sub("-", operator).lower()
    link = given.get("EntityName") or None
    if link is not None and not isinstance(link, str):
        raise BadRequest("'EntityName' of a condition must be a text.")
    values = tuple([_text(value) for value in _listed(given, "Values")])
    return Condition(attribute=text_of(given, "AttributeName"), operator=name, values=values, link=link)


def _link(given: Given) -> Link:
    names = {"LinkFromEntityName", "LinkFromAttributeName", "LinkToEntityName", "LinkToAttributeName", "JoinOperator"}
    _must_know(given, names | {"EntityAlias", "LinkCriteria", "LinkEntities", "Columns"}, "LinkEntity")
    if given.get("JoinOperator", "Inner") not in ("Inner", 0):
        raise NotSupportedHere(f"The join operator '{str(given['JoinOperator'])[:80]}' of a LinkEntity")
    alias = given.get("EntityAlias") or None
    return Link(
        table=text_of(given, "LinkToEntityName"),
        inner=text_of(given, "LinkToAttributeName"),
        outer=text_of(given, "LinkFromAttributeName"),
        alias=alias if isinstance(alias, str) else None,
        kind="inner",
        body=_body(given, "LinkCriteria"),
    )


def _text(value: object) -> str:
    """One value: bare, or wrapped with its type. [BM-10]"""
    if isinstance(value, dict):
        value = value.get("Value")
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, dict | list):
        raise BadRequest("A value of a condition must be a text, a number, or true or false.")
    return str(value)


def _listed(given: Given, name: str) -> list[object]:
    found = given.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise BadRequest(f"'{name}' must be a list.")
    return found


def _must_know(given: Given, known: set[str], kind: str) -> None:
    for name, value in given.items():
        if name not in known and name not in _OF_NO_WEIGHT and value not in (None, "", [], False):
            raise NotSupportedHere(f"'{name[:80]}' of a {kind}")
