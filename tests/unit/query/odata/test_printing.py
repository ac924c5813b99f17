"""Trees are written as OData text. [F-19]"""

from __future__ import annotations

import pytest

from verselet.query.odata.expand import parse_expand
from verselet.query.odata.filter import parse_filter
from verselet.query.odata.orderby import parse_orderby
from verselet.query.odata.printing import print_expand, print_filter, print_orderby, print_select
from verselet.query.odata.select import parse_select


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("a eq 'O''Hara'", "a eq 'O''Hara'"),
        ("((a eq 1) and ((b eq 2) or (c eq null)))", "a eq 1 and (b eq 2 or c eq null)"),
        ("(a eq 1 and b eq 2) or c eq true", "a eq 1 and b eq 2 or c eq true"),
        ("(a eq 1 or b eq 2) or c eq 3", "(a eq 1 or b eq 2) or c eq 3"),
        ("not a eq 1", "not (a eq 1)"),
        ("not contains(a,@p)", "not contains(a,@p)"),
        ("not (a eq 1 or b eq 2)", "not (a eq 1 or b eq 2)"),
        ("a/b/c eq T.E'x'", "a/b/c eq T.E'x'"),
        ("a/any()", "a/any()"),
        ("a/all(x: x/b eq x/c)", "a/all(x:x/b eq x/c)"),
        (
            "a/Microsoft.Dynamics.CRM.In( PropertyName='b', PropertyValues=['it''s',5] ) eq true",
            'a/Microsoft.Dynamics.CRM.In(PropertyName=\'b\',PropertyValues=["it\'s","5"])',
        ),
        (
            "p/any(x:x/q/Microsoft.Dynamics.CRM.LastXDays(PropertyName='a',PropertyValue=7))",
            "p/any(x:x/q/Microsoft.Dynamics.CRM.LastXDays(PropertyName='a',PropertyValue=7))",
        ),
    ],
)
def test_a_filter_is_printed_with_the_parentheses_it_needs(written: str, printed: str) -> None:
    """One way to write each condition. [F-2], [F-19]"""
    assert printed == print_filter(parse_filter(written))


@pytest.mark.parametrize("text", ["a", "b,a/c", "*"])
def test_a_select_is_printed(text: str) -> None:
    """Names in order, or all. [Q-3], [Q-5]"""
    assert text == print_select(parse_select(text))


def test_an_orderby_is_printed() -> None:
    """Ascending needs no word. [O-1]"""
    assert "a,b/c desc,@p" == print_orderby(parse_orderby("a asc, b/c desc, @p"))


@pytest.mark.parametrize(
    "text",
    ["a", "a/$ref,b", "a($select=*)", "a($select=b,c;$filter=d eq 1;$orderby=e desc;$top=0;$expand=f($top=5),g)"],
)
def test_an_expand_is_printed_with_its_options(text: str) -> None:
    """Options between semicolons, nested as they were; all columns need no option. [X-1]"""
    assert text.replace("($select=*)", "") == print_expand(parse_expand(text))
