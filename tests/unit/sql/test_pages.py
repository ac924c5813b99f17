"""The ends of a page come with its rows, unless the database would have to look at too much for that."""

from __future__ import annotations

import pytest

from tests.gizmos import schema_with_gizmos
from verselet.query.odata.options import build_query, parse_options
from verselet.query.resolve import Reading, resolve
from verselet.sql.dialects import POSTGRESQL, SQLITE, Dialect
from verselet.sql.select import PageStatements, compile_page

DIALECTS = pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=["sqlite", "postgresql"])


def page(table: str, options: str, dialect: Dialect, *, sized: bool = True) -> PageStatements:
    """The statements of a page."""
    schema = schema_with_gizmos()
    asked = resolve(build_query(table, parse_options(options)), schema, Reading()).plan
    return compile_page(asked, schema, dialect, 99, sized=sized)


@DIALECTS
def test_filtered_rows_are_found_once(dialect: Dialect) -> None:
    """To find them again for the next link would cost as much as the page. performance.md §4"""
    found = page("new_gizmo", "$filter=new_count gt 1&$orderby=new_name", dialect)

    assert found.ends is None
    assert 1 == found.rows.text.count(" ORDER BY ")


@DIALECTS
@pytest.mark.parametrize(("table", "options"), [("new_gizmo", ""), ("activitypointer", "$filter=statecode eq 1")])
def test_an_index_finds_the_ends_again_and_a_view_is_not_copied(table: str, options: str, dialect: Dialect) -> None:
    """The order of keys needs no second look; a view stands for many tables each time it is named."""
    assert page(table, options, dialect).ends is not None


@DIALECTS
def test_a_page_that_nobody_sized_is_seldom_full(dialect: Dialect) -> None:
    """Its ends are looked for when it is, not with each."""
    assert page("new_gizmo", "$filter=new_count gt 1&$top=3", dialect, sized=False).ends is not None


@DIALECTS
def test_much_is_not_copied(dialect: Dialect) -> None:
    """A database takes so many selects in a statement and no more."""
    many = " and ".join([f"contact_customer_accounts/any(c:c/lastname eq '{number}')" for number in range(150)])

    assert page("account", f"$filter={many}", dialect).ends is not None
