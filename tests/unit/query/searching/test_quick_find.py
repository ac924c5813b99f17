"""The columns that a quick find view searches. [DW-15]"""

from __future__ import annotations

import pytest

from verselet.errors import XmlRefused
from verselet.query.fetchxml.quick_find import quick_find_columns


def fetch(inside: str) -> str:
    """A view of accounts."""
    return f"<fetch><entity name='account'>{inside}</entity></fetch>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (fetch("<filter isquickfindfields='1'><condition attribute='name'/></filter>"), ("name",)),
        (
            fetch("<filter isquickfindfields='True'><condition attribute='a'/><condition attribute='a'/></filter>"),
            ("a",),
        ),
        (fetch("<filter><filter isquickfindfields='1'><condition attribute='b'/></filter></filter>"), ("b",)),
        (fetch("<filter isquickfindfields='1'><filter><condition attribute='c'/></filter></filter>"), ("c",)),
        (fetch("<filter><condition attribute='statecode'/></filter>"), ()),
        (fetch("<filter isquickfindfields='0'><condition attribute='name'/></filter>"), ()),
        (fetch("<filter isquickfindfields='1'><condition attribute='x' entityname='link'/><condition/></filter>"), ()),
        (fetch("<link-entity><filter isquickfindfields='1'><condition attribute='y'/></filter></link-entity>"), ()),
        ("<fetch/>", ()),
    ],
)
def test_the_filters_of_a_quick_find_name_them(text: str, expected: tuple[str, ...]) -> None:
    """At any depth; not those of other filters, nor of linked tables."""
    assert expected == quick_find_columns(text)


def test_what_is_no_xml_is_refused() -> None:
    """As in a query. [FX-46]"""
    with pytest.raises(XmlRefused):
        quick_find_columns("no xml")
