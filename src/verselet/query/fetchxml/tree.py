"""The unresolved FetchXML query, with names as written.

In:        made by query.fetchxml.parse and query.sql_text.parse
Out:       frozen nodes
Not here:  whether a name exists (query.fetchxml.resolve)
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

LinkType: TypeAlias = Literal[
    "inner", "outer", "exists", "in", "matchfirstrowusingcrossapply", "any", "not any", "all", "not all"
]
FilterType: TypeAlias = Literal["and", "or"]


class Attribute(msgspec.Struct, frozen=True, kw_only=True):
    """One column of the answer; a `count` needs no name. `children` asks how many there are. [FX-12]

    `user_time`: parts of its date are those in the caller's time zone. [FX-39]
    """

    name: str
    alias: str | None = None
    aggregate: str | None = None
    grouped: bool = False
    distinct: bool = False
    date_grouping: str | None = None
    user_time: bool = True
    children: bool = False


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order: by a column, perhaps of a link, or by the alias of a result. [FX-14]"""

    attribute: str | None = None
    alias: str | None = None
    descending: bool = False
    link: str | None = None


class Condition(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One condition. `other` names the column compared with, `link` the link whose column is tested. [FX-19]

    `places` are those of the values in the shape of the text, −1 for a value that stands in none; empty where nobody
    looked for them. (query.fetchxml.shapes)
    """

    attribute: str
    operator: str
    values: tuple[str, ...] = ()
    other: str | None = None
    link: str | None = None
    places: tuple[int, ...] = ()


class Filter(msgspec.Struct, frozen=True, tag=True):
    """Conditions, filters and links, all or one of which must hold. [FX-18]"""

    kind: FilterType
    items: tuple[Condition | Filter | Link, ...]


def has_links(items: tuple[Condition | Filter | Link, ...]) -> bool:
    """Some filter asks for rows of another table."""
    return any(isinstance(item, Link) or (isinstance(item, Filter) and has_links(item.items)) for item in items)


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a table and a linked table are asked for alike. [FX-2]"""

    attributes: tuple[Attribute, ...] = ()
    everything: bool = False
    orders: tuple[Order, ...] = ()
    filters: tuple[Filter, ...] = ()
    links: tuple[Link, ...] = ()


class Link(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Rows of another table, whose column `inner` equals the column `outer` of the rows around. [FX-21]"""

    table: str
    inner: str | None
    outer: str | None
    alias: str | None
    kind: LinkType
    body: Body


class Fetch(msgspec.Struct, frozen=True, kw_only=True):
    """A whole query. [FX-6] to [FX-11] `before` is how many rows the pages before had, where a link tells it.

    `from_bin`: it asks for rows in the recycle bin. [BIN-6]
    `retained` asks for the rows that were retained, not for the active ones. [RET-40]
    """

    table: str
    body: Body
    top: int | None = None
    size: int | None = None
    page: int | None = None
    cookie: str | None = None
    skipped: int = 0
    before: int | None = None
    totals: bool = False
    distinct: bool = False
    aggregate: bool = False
    aggregate_limit: int | None = None
    raw_order: bool = False
    from_bin: bool = False
    retained: bool = False
