"""Parse `$select`.

In:        the decoded text of the option
Out:       the names in the order of their first appearance, or None for all columns
Not here:  whether the names are columns (query.resolve)
"""

from __future__ import annotations

from verselet.query.odata.cursor import Cursor


def parse_select(text: str) -> tuple[str, ...] | None:
    """The names of a `$select`; None stands for `*`, all columns. [Q-3], [Q-5]"""
    cursor = Cursor(text)
    names = read_select(cursor)
    cursor.expect_end("',' or the end of $select")
    return names


def read_select(cursor: Cursor) -> tuple[str, ...] | None:
    """As `parse_select`, up to the first token that belongs to no item. [Q-3], [Q-10]"""
    names: dict[str, None] = {}
    everything = False
    while True:
        if cursor.take_if("*"):
            everything = True
        else:
            names[_read_item(cursor)] = None
        if not cursor.take_if(","):
            return None if everything else tuple(names)


def _read_item(cursor: Cursor) -> str:
    """A name; a path is kept as written, so that the resolver can refuse it by its name."""
    item = cursor.expect_name("a column name or '*'").text
    while cursor.take_if("/"):
        item = f"{item}/{cursor.expect_name('a column name').text}"
    return item
