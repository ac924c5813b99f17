"""A hidden column has no value, and the statement does not touch what is stored. [SEC-103], [SEC-104]"""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from tests.properties.gizmo_questions import CONDITIONS, ORDERS, SELECTS, address, filled, literals_for
from tests.secrets_of_gizmos import SECURED, schema_with_secrets
from verselet.errors import QueryRefused
from verselet.query.odata.options import build_query, parse_options
from verselet.query.plan import Hidden, Plan
from verselet.query.resolve import Reading, resolve
from verselet.security.profiles import share_id
from verselet.sql.dialects import POSTGRESQL, SQLITE, Dialect
from verselet.sql.origins import Origins
from verselet.sql.select import compile_count, compile_page, compile_rows

DIALECTS = pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=["sqlite", "postgresql"])


def hidden(*, shared: bool = False) -> frozenset[Hidden]:
    """Everything that is secured, and what comes along with it."""
    return frozenset(
        Hidden(table, column, share_id(table, guard), shared)
        for table, guards in schema_with_secrets().guards.items()
        for column, guard in guards.items()
    )


def planned(target: str) -> Plan:
    """The plan of an OData question about gizmos."""
    schema = schema_with_secrets()
    query = build_query("new_gizmo", parse_options(target.partition("?")[2]))
    found = resolve(query, schema, Reading()).plan
    return msgspec.structs.replace(found, hidden=hidden())


def texts(asked: Plan, dialect: Dialect) -> list[str]:
    """All statements of the plan."""
    schema = schema_with_secrets()
    page = compile_page(asked, schema, dialect, 99, sized=True)
    return [
        page.rows.text,
        *([] if page.ends is None else [page.ends.text]),
        compile_count(asked, schema, dialect, 9).text,
        compile_rows(asked, schema, dialect).text,
    ]


@DIALECTS
@settings(max_examples=50)
@given(st.data())
def test_no_statement_reads_a_table_with_hidden_columns_by_itself(dialect: Dialect, data: st.DataObject) -> None:
    """Whatever is asked, the table stands in the one subquery that hides them, and there they are not named."""
    shape = data.draw(CONDITIONS)
    target = address(filled(shape, data.draw(literals_for(shape))), data.draw(ORDERS), data.draw(SELECTS))
    try:
        asked = planned(target)
    except QueryRefused:
        # Some functions cannot be negated.
        reject()
    for text in texts(asked, dialect):
        for table in SECURED:
            assert set(re.findall(rf'(?:FROM|JOIN) "{table}"(...)', text)) <= {" s)"}


@DIALECTS
@pytest.mark.parametrize("table", sorted(SECURED))
def test_the_subquery_does_not_name_what_it_hides(dialect: Dialect, table: str) -> None:
    """Null stands in the place of the stored column, under its name. [SEC-103]"""
    text = Origins(schema_with_secrets(), dialect, hidden()).of(table)

    for column in SECURED[table]:
        assert f's."{column}"' not in text
        assert re.search(rf'NULL(::[a-z0-9() ]+)? AS "{column}"', text)


@DIALECTS
def test_who_may_read_everything_reads_as_before(dialect: Dialect) -> None:
    """Plans without hidden columns cost nothing more."""
    origins = Origins(schema_with_secrets(), dialect)

    assert '"new_gizmo"' == origins.of("new_gizmo")


@DIALECTS
def test_a_read_that_needs_no_hidden_column_reads_the_table(dialect: Dialect) -> None:
    """A name that everybody may see is looked up in the table itself."""
    origins = Origins(schema_with_secrets(), dialect, hidden())

    assert '"contact"' == origins.of("contact", ("contactid", "firstname"))
    assert '"contact"' != origins.of("contact", ("contactid", "lastname"))
    assert '"businessunit"' == origins.of("businessunit")
    assert '"no_such_table"' == origins.of("no_such_table")


@DIALECTS
def test_a_shared_value_is_named_behind_its_share_only(dialect: Dialect) -> None:
    """The value of a row appears where a share of it with the caller is there. [SEC-106]"""
    text = Origins(schema_with_secrets(), dialect, hidden(shared=True)).of("contact", ("contactid", "lastname"))

    assert 1 == text.count('s."lastname"')
    assert "principalobjectattributeaccess" in text
    assert text.index("EXISTS") < text.index('THEN s."lastname" END')


@DIALECTS
def test_a_view_hides_what_its_tables_hide(dialect: Dialect) -> None:
    """Activities and owners show the rows of others: with the columns that those show. [SEC-103], [C-18]"""
    origins = Origins(schema_with_secrets(), dialect, hidden())
    activities, owners = origins.of("activitypointer"), origins.of("owner")

    assert "CASE s.\"activitytypecode\" WHEN 'task' THEN NULL" in activities
    assert "CASE s.\"owneridtype\" WHEN 'systemuser' THEN NULL" in owners
    assert 's."subject" AS "subject"' in activities
