"""Tokens say where the next page starts."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gizmos import GIZMO, schema_with_gizmos
from verselet.errors import QueryRefused
from verselet.query.paging import after, page_number, quickly_decoded, write_token
from verselet.query.plan import FIRST_LITERAL, All, Bound, ColumnOf, Compare, Either, IsNull, Negate, OrderBy
from verselet.query.scope import Gathered, Scope
from verselet.values import Value

ID = "00000000-0000-4000-8000-00000000000a"
NAME, KEY = ColumnOf(0, "new_name"), ColumnOf(0, "new_gizmoid")
ASCENDING = (OrderBy(NAME, descending=False), OrderBy(KEY, descending=False))
DESCENDING = (OrderBy(NAME, descending=True), OrderBy(KEY, descending=False))


def scope() -> Scope:
    """What a token is read into."""
    return Scope(Gathered(schema_with_gizmos(), {}), GIZMO)


def values_of(token: str, order: tuple[OrderBy, ...]) -> list[object]:
    """The values a token brings."""
    into = scope()
    after(token, order, into)
    return [binding.value for binding in into.gathered.bindings]


def test_a_token_is_written_as_the_service_writes_it() -> None:
    """GUIDs in capitals and braces, values escaped, the inner cookie encoded once more. [PG-5]"""
    token = write_token(3, ASCENDING, ("a", ID), ('<"&>', ID))
    assert 3 == page_number(token)
    outer = '<cookie pagenumber="3" pagingcookie="{}" istracking="False" />'
    assert outer.format(token.split('"')[3]) == token
    assert (
        '<cookie page="2"><new_name last="&lt;&quot;&amp;&gt;" first="a" />'
        f'<new_gizmoid last="{{{ID.upper()}}}" first="{{{ID.upper()}}}" /></cookie>'
    ) == unquote(token.split('"')[3])


COLUMNS: list[tuple[str, Value]] = [
    ("new_name", "x\"<>&;'\n\t%25 中😀"),
    ("new_name", "{braces}"),
    ("new_name", "&lt;"),
    ("new_count", -5),
    ("new_ticks", 2**62),
    ("new_ratio", Decimal("-0.500")),
    ("new_size", 1e-05),
    ("new_price", Decimal("922337203685477.5807")),
    ("new_at", "2024-01-01T00:00:00Z"),
    ("new_day", "2024-02-29"),
    ("new_ready", True),
    ("new_ready", False),
    ("new_color", 9),
    ("new_kind", "account"),
]


@pytest.mark.parametrize(("name", "value"), COLUMNS)
def test_a_value_survives_its_token(name: str, value: Value) -> None:
    """[PG-7]"""
    order = (OrderBy(ColumnOf(0, name), descending=False), OrderBy(KEY, descending=False))
    assert [value, ID] == values_of(write_token(2, order, (None, ID), (value, ID)), order)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.integers(1, 10**9 - 1))
def test_any_text_survives_its_token(text: str, page: int) -> None:
    """[PG-5], [PG-7]"""
    token = write_token(page, ASCENDING, (text, ID), (text, ID))
    assert (page, [text, ID]) == (page_number(token), values_of(token, ASCENDING))


FIRST, SECOND = Bound(FIRST_LITERAL), Bound(FIRST_LITERAL + 1)


def test_rows_after_a_row_have_greater_values_or_greater_keys() -> None:
    """[O-5], [O-6]"""
    same, later = Compare("eq", NAME, FIRST), Compare("gt", NAME, FIRST)
    expected = Either((All((later,)), All((same, Compare("gt", KEY, SECOND)))))
    assert expected == after(write_token(2, ASCENDING, ("a", ID), ("a", ID)), ASCENDING, scope())


def test_null_comes_before_every_value_and_after_it_descending() -> None:
    """[O-5]"""
    empty = IsNull(NAME)
    token = write_token(2, ASCENDING, (None, ID), (None, ID))
    assert Either((All((Negate(empty),)), All((empty, Compare("gt", KEY, FIRST))))) == after(token, ASCENDING, scope())
    assert Either((All((empty, Compare("gt", KEY, FIRST))),)) == after(token, DESCENDING, scope())
    below = Either((Compare("lt", NAME, FIRST), empty))
    same = All((Compare("eq", NAME, FIRST), Compare("gt", KEY, SECOND)))
    token = write_token(2, DESCENDING, ("a", ID), ("a", ID))
    assert Either((All((below,)), same)) == after(token, DESCENDING, scope())


@pytest.mark.parametrize(
    "token",
    [
        "",
        "2",
        '<cookie pagenumber="2" pagingcookie="" istracking="False" />',
        '<cookie pagenumber="x" pagingcookie="a" istracking="False" />',
        '<cookie pagenumber="2" pagingcookie="%3Ccookie page=%221%22%3E%3C/cookie%3E" istracking="True" />',
        '<cookie pagenumber="2" pagingcookie="<cookie page=%221%22><a /></cookie>" istracking="False" />',
        "<cookie" * 5_000,
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    """[PG-9]"""
    with pytest.raises(QueryRefused):
        after(token, ASCENDING, scope())


def test_a_token_of_another_order_is_refused() -> None:
    """Too few values, or values of another type. [PG-9]"""
    short = write_token(2, (ASCENDING[0],), ("a",), ("a",))
    wrong = write_token(2, ASCENDING, ("x", "no id"), ("x", "no id"))
    for token in (short, wrong):
        with pytest.raises(QueryRefused):
            after(token, ASCENDING, scope())


def test_the_slash_that_clients_add_is_no_damage() -> None:
    """[CC-26]"""
    assert [ID] == values_of(write_token(2, ASCENDING[1:], (ID,), (ID,)) + "/", ASCENDING[1:])


@given(st.text('<>"= /{}:%aZ9é&+', max_size=40))
def test_a_token_is_decoded_quickly_or_not_at_all(text: str) -> None:
    """The quick way gives what the usual one gives, also of what is encoded twice. [PG-5]"""
    for encoded in (text, quote(text, safe=""), quote(quote(text, safe=""), safe="")):
        assert quickly_decoded(encoded) in {None, unquote(encoded)}
    assert quickly_decoded("%253C%20%3D%25%22") == '%3C =%"'
