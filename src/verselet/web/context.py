"""Write the context of an answer.

In:        a set and the query that was asked of it
Out:       the text after `$metadata#`
Not here:  the address before it (web.exchange)
"""

from __future__ import annotations

from verselet.query.tree import Expand, Query


def select_list(select: tuple[str, ...] | None, expand: tuple[Expand, ...]) -> str:
    """The parenthesised list of a context: selected names, then expanded ones with theirs. [J-3], [OC-1]"""
    parts = list(select or ())
    parts += [f"{item.navigation}{select_list(item.select, item.expand) or '()'}" for item in expand]
    return f"({','.join(parts)})" if parts else ""


def of_collection(set_name: str, query: Query) -> str:
    """The context of a page of rows."""
    return set_name + select_list(query.select, query.expand)


def of_row(set_name: str, query: Query) -> str:
    """The context of one row."""
    return f"{of_collection(set_name, query)}/$entity"
