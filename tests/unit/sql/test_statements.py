"""Plans as SQL: what a database is asked, in both dialects."""

from __future__ import annotations

import pytest

from tests.gizmos import GIZMO, PART, schema_with_gizmos
from verselet.query import plan
from verselet.query.odata.options import build_query, parse_options
from verselet.query.resolve import KeyPart, Reading, resolve
from verselet.sql.dialects import POSTGRESQL, SQLITE, Dialect
from verselet.sql.select import compile_count, compile_row, compile_rows
from verselet.sql.write import clear_listed_sql, insert_sql, update_sql

DIALECTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}

WHERE = {
    "$filter=new_name eq 'x'": (
        't0."new_name" = ?',
        'lower(t0."new_name") COLLATE "C" = lower(%s)',
    ),
    "$filter=new_name ne 'x'": (
        '(t0."new_name" <> ? OR t0."new_name" IS NULL)',
        '(lower(t0."new_name") COLLATE "C" <> lower(%s) OR lower(t0."new_name") COLLATE "C" IS NULL)',
    ),
    "$filter=new_kind eq 'x'": (
        't0."new_kind" COLLATE NOCASE = ?',
        'lower(t0."new_kind") COLLATE "C" = lower(%s)',
    ),
    "$filter=new_ratio gt new_share": (
        't0."new_ratio" > (t0."new_share" * 100)',
        't0."new_ratio" > t0."new_share"',
    ),
    "$filter=new_name eq null": (
        't0."new_name" IS NULL',
        't0."new_name" IS NULL',
    ),
    "$filter=not (new_count eq 1)": (
        '((t0."new_count" = ?) IS NOT TRUE)',
        '((t0."new_count" = %s) IS NOT TRUE)',
    ),
    "$filter=contains(new_name,'x')": (
        't0."new_name" LIKE ?',
        't0."new_name" ILIKE %s ESCAPE \'\'',
    ),
    "$filter=contains(new_name,'[x]')": (
        'lower(t0."new_name") GLOB ?',
        't0."new_name" ~* %s',
    ),
    "$filter=new_CustomerId_contact/lastname eq 'x'": (
        't1."lastname" = ?',
        'lower(t1."lastname") COLLATE "C" = lower(%s)',
    ),
    "$filter=new_gizmo_parts/any(p:p/new_name eq null)": (
        'EXISTS (SELECT 1 FROM "new_part" t1 WHERE t1."new_gizmoid" = t0."new_gizmoid" AND t1."new_name" IS NULL)',
        'EXISTS (SELECT 1 FROM "new_part" t1 WHERE t1."new_gizmoid" = t0."new_gizmoid" AND t1."new_name" IS NULL)',
    ),
    "$filter=new_gizmo_contact/any()": (
        'EXISTS (SELECT 1 FROM "contact" t1 JOIN "new_gizmo_contact" x1 ON x1."contactid" = t1."contactid" '
        'WHERE x1."new_gizmoid" = t0."new_gizmoid" AND 1 = 1)',
        'EXISTS (SELECT 1 FROM "contact" t1 JOIN "new_gizmo_contact" x1 ON x1."contactid" = t1."contactid" '
        'WHERE x1."new_gizmoid" = t0."new_gizmoid" AND 1 = 1)',
    ),
    "$filter=Microsoft.Dynamics.CRM.In(PropertyName='new_count',PropertyValues=[\"1\"])": (
        't0."new_count" IN (SELECT value FROM json_each(?))',
        't0."new_count" IN (SELECT jsonb_array_elements_text(%s::jsonb)::numeric)',
    ),
}  # fmt: skip


def planned(options: str, reading: Reading | None = None) -> plan.Plan:
    """The plan of a question about gizmos."""
    query = build_query("new_gizmo", parse_options(options))
    return resolve(query, schema_with_gizmos(), reading or Reading()).plan


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("options", WHERE)
def test_a_condition_is_spelled_for_its_database(options: str, name: str) -> None:
    """The same rows, however each database says it. [F-1] to [F-12], [L-1], [L-5], [QF-20]"""
    statement = compile_count(planned(options), schema_with_gizmos(), DIALECTS[name], 5_001)
    where = statement.text.partition(" WHERE ")[2].removesuffix(" LIMIT 5001) counted")
    assert WHERE[options][name == "postgresql"] == where


@pytest.mark.parametrize("name", DIALECTS)
def test_a_lookup_with_several_targets_joins_the_right_one(name: str) -> None:
    """[MT-4], [F-10]"""
    options = "$filter=new_CustomerId_contact/lastname eq 'x'"
    text = compile_count(planned(options), schema_with_gizmos(), DIALECTS[name], 1).text
    join = ' LEFT JOIN "contact" t1 ON t1."contactid" = t0."new_customerid" AND '
    assert join + "t0.\"new_customerid__table\" = 'contact' WHERE" in text


ORDERED = {
    "sqlite": 'SELECT t0."new_name", t0."new_gizmoid" FROM "new_gizmo" t0 WHERE 1 = 1 '
    'ORDER BY t0."new_name" DESC, t0."new_gizmoid" LIMIT ?',
    "postgresql": 'SELECT t0."new_name", t0."new_gizmoid" FROM "new_gizmo" t0 WHERE 1 = 1 '
    'ORDER BY lower(t0."new_name") COLLATE "C" DESC NULLS LAST, t0."new_gizmoid" LIMIT %s',
}


@pytest.mark.parametrize("name", DIALECTS)
def test_rows_are_ordered_alike(name: str) -> None:
    """Null first ascending, last descending. [O-5], [O-6]"""
    asked = planned("$select=new_name&$orderby=new_name desc")
    statement = compile_rows(asked, schema_with_gizmos(), DIALECTS[name])
    assert (ORDERED[name], (plan.LIMIT,)) == (statement.text, statement.order)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_row_is_found_by_its_key(name: str) -> None:
    """One parameter, no order, no limit. [R-1]"""
    key = Reading(key=(KeyPart("new_gizmoid", "x"),))
    statement = compile_row(planned("$select=new_name", key), schema_with_gizmos(), DIALECTS[name])
    place = DIALECTS[name].placeholder
    assert statement.text.endswith(f' FROM "new_gizmo" t0 WHERE t0."new_gizmoid" = {place}')
    assert (plan.FIRST_LITERAL,) == statement.order


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_a_percent_sign_of_ours_is_no_placeholder(dialect: Dialect) -> None:
    """A label with a percent sign is doubled where placeholders begin with one."""
    asked = planned("$select=new_color", Reading(annotations=plan.Annotations.FORMATTED))
    text = compile_row(asked, schema_with_gizmos(), dialect).text
    assert ("50%% grey''s" if dialect is POSTGRESQL else "50% grey''s") in text


def test_writes_name_their_columns() -> None:
    """A lookup with several targets takes two places; rows without versions get none. [MT-1], [ET-6]"""
    assert (
        'INSERT INTO "new_gizmo" ("new_name", "new_customerid", "new_customerid__table") VALUES (?, ?, ?)'
        == insert_sql(GIZMO, ("new_name", "new_customerid"), SQLITE)
    )
    assert 'UPDATE "new_gizmo" SET "new_name" = %s WHERE "new_gizmoid" = %s AND "versionnumber" = %s' == update_sql(
        GIZMO, ("new_name",), POSTGRESQL, versioned=True
    )
    assert (
        'UPDATE "new_part" SET "new_gizmoid" = NULL WHERE "new_partid" IN (SELECT value FROM json_each(?))'
        == clear_listed_sql(PART, "new_gizmoid", SQLITE)
    )
    assert clear_listed_sql(GIZMO, "new_accountid", SQLITE).startswith(
        'UPDATE "new_gizmo" SET "versionnumber" = ?, "new_accountid" = NULL WHERE'
    )
