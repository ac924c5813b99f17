"""Read which columns a quick find view searches.

In:        the FetchXML of a view
Out:       the columns of its table that its quick find filters compare
Not here:  which views there are (operations.quick_find), queries that rows are asked with (query.fetchxml.parse)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from verselet.query.fetchxml.xml import Element, read_xml

_ON: Final = frozenset({"1", "true"})


def quick_find_columns(text: str) -> tuple[str, ...]:
    """The columns by their logical names, each once; those of linked tables are left out.

    Raises:
        XmlRefused: the text is no XML. [FX-46]
    """
    root = read_xml(text)
    entities = [child for child in root.children if child.name == "entity"]
    filters = [found for entity in entities for found in _filters(entity)]
    names = [name for found in filters for name in _compared(found)]
    return tuple(dict.fromkeys(names))


def _filters(element: Element) -> Iterator[Element]:
    """The filters that stand for a quick find."""
    for child in element.children:
        if child.name == "filter":
            if (child.get("isquickfindfields") or "").lower() in _ON:
                yield child
            else:
                yield from _filters(child)


def _compared(element: Element) -> Iterator[str]:
    for child in element.children:
        name = child.get("attribute") if child.name == "condition" and child.get("entityname") is None else None
        if name:
            yield name
        if child.name == "filter":
            yield from _compared(child)
