"""Write the context of an answer.

In:        a set and the query that was asked of it
Out:       the address of the metadata with what was asked behind it
Not here:  the address of the API (web.exchange)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.query.tree import Expand, Query
from verselet.web.answers import json_string


def select_list(select: tuple[str, ...] | None, expand: tuple[Expand, ...]) -> str:
    """The parenthesised list of a context: selected names, then expanded ones with theirs. [J-3], [OC-1]"""
    parts = list(select or ())
    parts += [f"{item.navigation}{select_list(item.select, item.expand) or '()'}" for item in expand]
    return f"({','.join(parts)})" if parts else ""


def of_collection(api: str, set_name: str, query: Query, behind: str = "") -> bytes:
    """The context of a page of rows, as JSON."""
    if query.expand:
        return json_string(f"{api}$metadata#{set_name}{select_list(query.select, query.expand)}{behind}")
    return _without_expand(api, set_name, query.select, behind)


def of_row(api: str, set_name: str, query: Query) -> bytes:
    """The context of one row, as JSON."""
    return of_collection(api, set_name, query, "/$entity")


@lru_cache(maxsize=1024)
def _without_expand(api: str, set_name: str, select: tuple[str, ...] | None, behind: str) -> bytes:
    return json_string(f"{api}$metadata#{set_name}{select_list(select, ())}{behind}")
