"""Write and read the paging cookie of FetchXML.

In:        the order values of the ends of a page, or a cookie that a client sent back
Out:       the cookie, or the values in it
Not here:  the condition made of them (query.paging), the answer around the cookie (web.tabular_reads)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import quote, unquote

from verselet.errors import CookieRefused
from verselet.query.paging import read_inner, write_inner
from verselet.query.tabular import Aggregated, OrderedBy
from verselet.values import Value

LONGEST: Final = 50_000
OUTER: Final = re.compile(r'<cookie (?:pagenumber="\d{1,9}" )?pagingcookie="([^"]*)"[^<>]*/>\Z')
ESCAPES: Final = re.compile(r"%[0-9A-F]{2}")


def names_of(order: Iterable[OrderedBy]) -> list[str]:
    """The names of the order's items in a cookie: columns of links carry the number of their link."""
    names = []
    for item in order:
        by = item.by
        if isinstance(by, Aggregated):
            names.append("aggregate")
        else:
            names.append(by.column if by.source == 0 else f"link{by.source}.{by.column}")
    return names


def write_cookie(page: int, names: Sequence[str], first: Sequence[Value], last: Sequence[Value]) -> str:
    """The cookie for page number `page`, its inner part percent-encoded twice. [FX-32]"""
    inner = write_inner(page, names, first, last)
    return f'<cookie pagenumber="{page}" pagingcookie="{_encoded(_encoded(inner))}" istracking="False" />'


def read_cookie(text: str) -> list[str | None]:
    """The order values in a cookie, whole or its inner part alone, however often it is still encoded.

    Raises:
        CookieRefused: it is none. [FX-32]
    """
    found = text.strip()
    if len(found) > LONGEST:
        raise CookieRefused
    outer = OUTER.match(found)
    if outer is not None:
        found = outer[1]
    for _ in range(2):
        if not found.startswith("<"):
            found = unquote(found)
    values = read_inner(found)
    if values is None:
        raise CookieRefused
    return values


def _encoded(text: str) -> str:
    return ESCAPES.sub(lambda found: found[0].lower(), quote(text, safe="-_.!*()"))
