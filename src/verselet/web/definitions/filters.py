"""Decide which definitions a `$filter` keeps.

In:        a parsed condition and the declared type of the definitions
Out:       `keeps`: a predicate; `wanted_names`: the names a filter can be narrowed to beforehand
Not here:  parsing (query.odata), filters of rows (query.resolve)

Names and literals are checked once, before the first definition is looked at, so a wrong filter is refused also where
nothing is there to be filtered.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TypeAlias, assert_never

import msgspec

from verselet.errors import QueryRefused, UnknownColumn
from verselet.query.odata.operands import parse_alias
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
    Path,
    QueryFunction,
    TextFunction,
    TextMatch,
)
from verselet.web.definitions.shapes import COMPLEX_TYPES, ENUM_TYPES
from verselet.web.definitions.wire import GUID, NAMESPACE, NUMBER, TEXT, TIME, YES_NO, WireType

Predicate: TypeAlias = Callable[[object], bool]
Read: TypeAlias = Callable[[object], object]
Aliases: TypeAlias = Mapping[str, str]

_NUMBERS = frozenset({NUMBER, "Edm.Int16", "Edm.Int64", "Edm.Decimal", "Edm.Double"})
_TEXTS = frozenset({TEXT, GUID, TIME})
_TEXT_KINDS = frozenset({"text", "guid", "datetime", "date"})
_ALIAS_PREFIX = "mscrm."

_ORDERED: Mapping[ComparisonOperator, Callable[[int], bool]] = {
    "gt": lambda order: order > 0,
    "ge": lambda order: order >= 0,
    "lt": lambda order: order < 0,
    "le": lambda order: order <= 0,
}
_MATCHES: Mapping[TextFunction, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_TURNED: Mapping[ComparisonOperator, ComparisonOperator] = {
    "eq": "eq",
    "ne": "ne",
    "gt": "lt",
    "ge": "le",
    "lt": "gt",
    "le": "ge",
}


class _Place(msgspec.Struct, frozen=True):
    """A property a filter speaks of: how it is read and its EDM type."""

    read: Read
    edm: str


def keeps(condition: Condition, declared: WireType, aliases: Aliases) -> Predicate:
    """The predicate that a condition is. [MD-2], [MD-7], [MD-8]

    Text is compared letter by letter: names of definitions differ when their letter case differs. [CS-1]

    Raises:
        UnknownColumn: a property that the declared type does not have; type-specific ones need a cast. [MD-5]
        QueryRefused: a literal that does not fit, a function or a lambda.
    """
    match condition:
        case And(items=items):
            return _all([keeps(item, declared, aliases) for item in items])
        case Or(items=items):
            return _any([keeps(item, declared, aliases) for item in items])
        case Not(item=item):
            kept = keeps(item, declared, aliases)
            return lambda subject: not kept(subject)
        case Comparison():
            return _comparison(condition, declared, aliases)
        case TextMatch():
            return _text_match(condition, declared, aliases)
        case QueryFunction(name=name):
            raise QueryRefused(f"The query function '{name}' is not supported for definitions.")
        case Lambda(quantifier=quantifier):
            raise QueryRefused(f"The operator '{quantifier}' is not supported for definitions.")
        case _:
            assert_never(condition)


def wanted_names(condition: Condition, index: str) -> frozenset[str] | None:
    """The only values of the property `index` that the condition can keep, None where it says nothing about that."""
    match condition:
        case Comparison(operator="eq", left=Path(names=(name,), variable=None), right=Literal(kind="text", text=text)):
            return frozenset({text}) if name == index else None
        case And(items=items):
            found = [names for names in (wanted_names(item, index) for item in items) if names is not None]
            return frozenset.intersection(*found) if found else None
        case Or(items=items):
            each = [wanted_names(item, index) for item in items]
            known = [names for names in each if names is not None]
            return frozenset().union(*known) if len(known) == len(each) else None
        case _:
            return None


def _all(predicates: list[Predicate]) -> Predicate:
    return lambda subject: all(predicate(subject) for predicate in predicates)


def _any(predicates: list[Predicate]) -> Predicate:
    return lambda subject: any(predicate(subject) for predicate in predicates)


def _comparison(comparison: Comparison, declared: WireType, aliases: Aliases) -> Predicate:
    left, right = _resolved(comparison.left, aliases), _resolved(comparison.right, aliases)
    kind = comparison.operator
    if isinstance(left, Literal):
        left, right, kind = right, left, _TURNED[kind]
    if isinstance(left, Literal):
        raise QueryRefused("A comparison of two literals is not supported for definitions.")
    place = _place(left, declared)
    if isinstance(right, Path):
        other = _place(right, declared)
        if other.edm != place.edm:
            raise _misfit(place.edm, _full_name(other.edm))
        return _compared(place.read, kind, other.read)
    value = _value(right, place.edm)
    return _compared(place.read, kind, lambda _: value)


def _compared(read: Read, kind: ComparisonOperator, other: Read) -> Predicate:
    match kind:
        case "eq":
            return lambda subject: read(subject) == other(subject)
        case "ne":
            return lambda subject: read(subject) != other(subject)
        case "gt" | "ge" | "lt" | "le":
            compare = _ORDERED[kind]
        case _:
            assert_never(kind)

    def ordered(subject: object) -> bool:
        order = _order(read(subject), other(subject))
        return order is not None and compare(order)

    return ordered


def _order(left: object, right: object) -> int | None:
    """Below zero when `left` comes first; None when one is null, which comes neither before nor after anything."""
    if isinstance(left, str) and isinstance(right, str):
        return (left > right) - (left < right)
    if isinstance(left, int | float) and isinstance(right, int | float):
        return (left > right) - (left < right)
    return None


def _text_match(match_: TextMatch, declared: WireType, aliases: Aliases) -> Predicate:
    left, right = _resolved(match_.left, aliases), _resolved(match_.right, aliases)
    if not isinstance(left, Path) or not isinstance(right, Literal) or right.kind != "text":
        raise QueryRefused(f"'{match_.function}' compares a property with a quoted text.")
    place = _place(left, declared)
    if place.edm != TEXT:
        raise QueryRefused(f"'{match_.function}' needs a text, '{'/'.join(left.names)}' is {place.edm}.")
    matches, read, wanted = _MATCHES[match_.function], place.read, right.text

    def matched(subject: object) -> bool:
        value = read(subject)
        return isinstance(value, str) and matches(value, wanted)

    return matched


def _resolved(operand: Operand, aliases: Aliases) -> Literal | Path:
    if not isinstance(operand, Alias):
        return operand
    text = aliases.get(operand.name)
    if text is None:
        raise QueryRefused(f"The parameter alias '@{operand.name}' has no value.")
    value = parse_alias(text)
    if not isinstance(value, Literal | Path):
        raise QueryRefused(f"The parameter alias '@{operand.name}' is no single value.")
    return value


def _place(path: Path, declared: WireType) -> _Place:
    """A property, or a property of a complex one: `RequiredLevel/Value`. [MD-8]"""
    if path.variable is not None:
        raise QueryRefused("Range variables are not supported for definitions.")
    first, *rest = path.names
    member = declared.all_members.get(first)
    if member is None:
        raise UnknownColumn(first, declared.name, declared.all_members)
    read, edm = member.read, member.edm
    for name in rest:
        read, edm = _step(read, edm, name)
    if edm not in _TEXTS | _NUMBERS | {YES_NO} and edm.removeprefix(_ALIAS_PREFIX) not in ENUM_TYPES:
        raise QueryRefused(f"'{'/'.join(path.names)}' cannot be compared, it is {_full_name(edm)}.")
    return _Place(read, edm)


def _step(read: Read, edm: str, name: str) -> tuple[Read, str]:
    type_name = edm.removeprefix(_ALIAS_PREFIX)
    inner = dict(COMPLEX_TYPES.get(type_name, ()))
    if name not in inner:
        raise UnknownColumn(name, type_name, inner)

    def stepped(subject: object) -> object:
        outer = read(subject)
        return outer.get(name) if isinstance(outer, dict) else None

    return stepped, inner[name]


def _value(literal: Literal, edm: str) -> object:
    if literal.kind == "null":
        return None
    if edm == YES_NO and literal.kind == "yesno":
        return literal.text == "true"
    if edm in _NUMBERS and literal.kind == "number":
        return float(literal.text) if "." in literal.text or "e" in literal.text.lower() else int(literal.text)
    if edm in _TEXTS and literal.kind in _TEXT_KINDS:
        return literal.text.lower() if edm == GUID else literal.text
    if edm.startswith(_ALIAS_PREFIX) and literal.kind in ("enum", "text"):
        return _enum_member(literal, edm.removeprefix(_ALIAS_PREFIX))
    raise _misfit(edm, f"{literal.text}' at position '{literal.start}")


def _misfit(edm: str, other: str) -> QueryRefused:
    return QueryRefused(
        "A binary operator with incompatible types was detected. Found operand types "
        f"'{_full_name(edm)}' and '{other}'."
    )


def _enum_member(literal: Literal, type_name: str) -> str:
    """A member by its name, with the type in front or without. [MD-7], [CC-61]"""
    if literal.kind == "enum" and literal.type_name not in (f"{NAMESPACE}.{type_name}", f"{_ALIAS_PREFIX}{type_name}"):
        raise QueryRefused(f"'{literal.type_name}' does not fit, the property is {NAMESPACE}.{type_name}.")
    members = dict(ENUM_TYPES[type_name])
    if literal.text not in members:
        raise QueryRefused(
            f"The string '{literal.text}' is not a valid enumeration type constant.",
            hint=f"{type_name} has {', '.join(members)}.",
        )
    return literal.text


def _full_name(edm: str) -> str:
    return edm.replace(_ALIAS_PREFIX, f"{NAMESPACE}.")
