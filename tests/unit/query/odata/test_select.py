"""`$select` becomes a list of names. [Q-3]"""

from __future__ import annotations

import pytest

from verselet.errors import QueryRefused
from verselet.query.odata.select import parse_select


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fullname", ("fullname",)),
        ("jobtitle,fullname,_parentcustomerid_value", ("jobtitle", "fullname", "_parentcustomerid_value")),
        (" a , b ", ("a", "b")),
        ("a,b,a,c,b", ("a", "b", "c")),
        ("primarycontactid/fullname", ("primarycontactid/fullname",)),
        ("FullName", ("FullName",)),
        ("*", None),
        ("a,*", None),
    ],
)
def test_names_keep_the_order_of_their_first_appearance(text: str, expected: tuple[str, ...] | None) -> None:
    """White space is allowed, a repeated name is harmless, `*` is the same as no option. [Q-3], [Q-5], [CS-1]"""
    assert expected == parse_select(text)


@pytest.mark.parametrize(
    "text", ["", " ", ",", "a,", ",a", "a,,b", "a b", "a;b", "'a'", "5", "a/", "a/5", "$count", "@p"]
)
def test_anything_but_names_is_refused(text: str) -> None:
    """An empty item, or one that is no name, is an option that cannot be parsed. [E-7]"""
    with pytest.raises(QueryRefused, match="Syntax error at position"):
        parse_select(text)
