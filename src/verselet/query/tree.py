"""The unresolved query: what a caller asked, with the names as written.

In:        made by the parsers (query.odata, later query.fetchxml and query.sql)
Out:       frozen nodes; `query.resolve` turns a `Query` into a plan
Not here:  whether a name exists, what type a value has (query.resolve)

Positions (`start`, `stop`) count characters of the decoded query text, so that a refusal can point at the place and
a repeated query can be bound again without parsing it.
"""

from __future__ import annotations

from typing import Literal as Only
from typing import TypeAlias

import msgspec

LiteralKind: TypeAlias = Only["text", "number", "guid", "date", "datetime", "yesno", "null", "enum"]
ComparisonOperator: TypeAlias = Only["eq", "ne", "gt", "ge", "lt", "le"]
TextFunction: TypeAlias = Only["contains", "startswith", "endswith"]


class Literal(msgspec.Struct, frozen=True, tag=True):
    """A value as written. `text` is without quotes and with doubled quotes undone; `null` has the text `null`. [F-4]

    `type_name` is the enum's type for `enum`, else empty.
    """

    kind: LiteralKind
    text: str
    start: int
    stop: int
    type_name: str = ""


class Path(msgspec.Struct, frozen=True, tag=True):
    """Names joined by slashes: navigation names, then a column or property. [F-10]

    `variable` is the range variable of the lambda that the path starts with, if it does. [L-7]
    """

    names: tuple[str, ...]
    start: int
    stop: int
    variable: str | None = None


class Alias(msgspec.Struct, frozen=True, tag=True):
    """`@name`: stands for a literal or a property name given elsewhere in the address. [Q-7]"""

    name: str
    start: int
    stop: int


Operand: TypeAlias = Literal | Path | Alias


class Comparison(msgspec.Struct, frozen=True, tag=True):
    """`left operator right`. [F-1]"""

    operator: ComparisonOperator
    left: Operand
    right: Operand


class TextMatch(msgspec.Struct, frozen=True, tag=True):
    """`contains(left, right)` and its siblings; wildcards in the literal act as patterns. [F-9]"""

    function: TextFunction
    left: Operand
    right: Operand


class ValueList(msgspec.Struct, frozen=True, tag=True):
    """`["a","b"]` as a parameter of a query function: each value as a text literal. [QF-3]"""

    values: tuple[Literal, ...]
    start: int
    stop: int


class Parameter(msgspec.Struct, frozen=True, tag=True):
    """One named parameter of a query function."""

    name: str
    value: Literal | ValueList | Alias


class QueryFunction(msgspec.Struct, frozen=True, tag=True):
    """`Microsoft.Dynamics.CRM.Name(…)` without the namespace; `path` leads to the table that is asked. [QF-1]"""

    name: str
    parameters: tuple[Parameter, ...]
    path: tuple[str, ...]
    start: int
    stop: int
    variable: str | None = None


class Lambda(msgspec.Struct, frozen=True, tag=True):
    """`collection/any(x:…)` or `all`; no body means "has any". [L-1]"""

    quantifier: Only["any", "all"]
    collection: Path
    variable: str | None
    body: Condition | None
    start: int
    stop: int


class And(msgspec.Struct, frozen=True, tag=True):
    """All of the items hold."""

    items: tuple[Condition, ...]


class Or(msgspec.Struct, frozen=True, tag=True):
    """One of the items holds."""

    items: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """The item does not hold. [F-7]"""

    item: Condition


Condition: TypeAlias = And | Or | Not | Comparison | TextMatch | QueryFunction | Lambda


class Ordering(msgspec.Struct, frozen=True):
    """One item of `$orderby`. [O-1]"""

    by: Path | Alias
    descending: bool


class Expand(msgspec.Struct, frozen=True, kw_only=True):
    """One item of `$expand` with its own options. `reference` stands for `/$ref`. [X-1], [X-10]

    `select` is None where the option is absent: all columns. [X-9]
    """

    navigation: str
    start: int
    stop: int
    reference: bool = False
    select: tuple[str, ...] | None = None
    filter: Condition | None = None
    orderby: tuple[Ordering, ...] = ()
    top: int | None = None
    expand: tuple[Expand, ...] = ()


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One question about one table. `table` is a logical name; everything else is as the caller wrote it.

    `select` is None where the option is absent: all readable columns. [Q-3]
    `aliases` maps `@name` (without the sign) to the literal or path assigned to it. [Q-7]
    """

    table: str
    select: tuple[str, ...] | None = None
    filter: Condition | None = None
    orderby: tuple[Ordering, ...] = ()
    expand: tuple[Expand, ...] = ()
    top: int | None = None
    count: bool = False
    skip_token: str | None = None
    aliases: tuple[tuple[str, Literal | Path | ValueList], ...] = ()
