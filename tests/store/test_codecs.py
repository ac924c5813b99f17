"""Values survive the way into the database and back."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.store.rows import encoded, insert, insert_text, read_all, row_id
from tests.store.tables import COLUMN_TYPES, SAMPLE, SAMPLES, SCHEMA, table
from verselet.metadata.columns import Column, DecimalColumn, IdColumn, IntegerColumn, TextColumn
from verselet.sql.columns import Kind, stored_columns
from verselet.sql.dialects import POSTGRESQL, SQLITE, Dialect
from verselet.store.codecs import decoder, operand, row_encoder, rows_encoder
from verselet.store.engine import Store
from verselet.values import Reference, Value

FULL: dict[str, Value] = {
    "sampleid": row_id(1),
    "text": "Ada",
    "memo": "two\nlines, 100 % 'quoted' \U0001f600",
    "integer": -2_147_483_648,
    "bigint": 9_223_372_036_854_775_807,
    "decimal": Decimal("-123456789.0123456789"),
    "float": 47.63958,
    "money": Decimal("922337203685477.5807"),
    "datetime": "1753-01-01T00:00:00Z",
    "date": "9999-12-30",
    "yesno": True,
    "choice": 100000003,
    "choices": "1,9",
    "state": 0,
    "status": 1,
    "lookup": Reference("sample", row_id(2)),
    "customer": Reference("contact", row_id(3)),
    "parties": None,
    "tablename": "account",
    "image": b"\x00\xff\x80",
    "file": row_id(4),
    "managed": False,
    "virtual": None,
}
EMPTY: dict[str, Value] = {**dict.fromkeys(FULL), "sampleid": row_id(2)}

TEXTS = some.text(some.characters(codec="utf-8", exclude_characters="\0"))
IDS = some.uuids().map(str)
SMALL = some.integers(-(2**31), 2**31 - 1)
VALUES = some.fixed_dictionaries(
    {
        "sampleid": IDS,
        "text": TEXTS,
        "memo": TEXTS,
        "integer": SMALL,
        "bigint": some.integers(-(2**63), 2**63 - 1),
        "decimal": some.decimals(-900_000_000, 900_000_000, places=10),
        "float": some.floats(allow_nan=False, allow_infinity=False),
        "money": some.decimals(-922_337_203_685_477, 922_337_203_685_477, places=4),
        "datetime": some.datetimes().map(lambda at: f"{at:%Y-%m-%dT%H:%M:%S}Z".rjust(20, "0")),
        "date": some.dates().map(lambda day: day.isoformat()),
        "yesno": some.booleans(),
        "choice": SMALL,
        "choices": some.lists(some.integers(0, 10**9), min_size=1, unique=True).map(lambda n: ",".join(map(str, n))),
        "state": SMALL,
        "status": SMALL,
        "lookup": IDS.map(lambda key: Reference("sample", key)),
        "customer": some.builds(Reference, some.sampled_from(["account", "contact"]), IDS),
        "tablename": TEXTS,
        "image": some.binary(),
        "file": IDS,
        "managed": some.booleans(),
    }
)


def test_every_column_type_has_a_sample() -> None:
    """The suite below speaks for all column types. [T-1] to [T-20]"""
    assert set(COLUMN_TYPES) == {type(column) for column in SAMPLES} | {IdColumn}


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=lambda dialect: dialect.name)
def test_every_stored_form_has_a_type_in_each_dialect(dialect: Dialect) -> None:
    """Each table that is keyed by the stored form is complete."""
    assert set(get_args(Kind)) == set(dialect.types)


@pytest.mark.parametrize("column", SAMPLES, ids=lambda column: column.name)
@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=lambda dialect: dialect.name)
def test_no_value_is_stored_as_null(column: Column, dialect: Dialect) -> None:
    """None becomes one null per stored column, and comes back as None."""
    nulls = row_encoder(SAMPLE, (column.name,), dialect)({column.name: None})

    assert [None] * len(stored_columns(SAMPLE, column)) == nulls
    assert decoder(SAMPLE, column, dialect)(nulls) is None


@pytest.mark.parametrize("row", [FULL, EMPTY], ids=["full", "empty"])
def test_a_row_comes_back_as_it_was_written(store: Store, row: dict[str, Value]) -> None:
    """Every column type gives back the value it took, or none. [T-1] to [T-20]"""
    with store.begin() as session:
        insert(session, SAMPLE, row)

    assert [row] == read_all(store, SAMPLE)


def test_many_rows_come_back_as_they_were_written(store: Store) -> None:
    """What is written in one go is the same as what is written row by row, over more than one batch."""
    rows: list[dict[str, Value]] = [
        {**EMPTY, "sampleid": row_id(number), "text": f"row {number}", "integer": number, "yesno": number % 3 == 0}
        for number in range(450)
    ]
    with store.begin() as session:
        text = insert_text(session, SAMPLE, list(rows[0]))
        session.run_many(text, [encoded(session, SAMPLE, row) for row in rows])

    assert rows == read_all(store, SAMPLE)


@settings(max_examples=60)
@given(rows=some.lists(VALUES, min_size=1, max_size=4), dialect=some.sampled_from([SQLITE, POSTGRESQL]))
def test_rows_together_are_stored_as_each_alone(rows: list[dict[str, Value]], dialect: Dialect) -> None:
    """What all rows have in common is looked at once, and means the same. performance.md §7"""
    columns = tuple(EMPTY)
    complete = [{**EMPTY, **row} for row in rows]
    together = rows_encoder(SAMPLE, columns, dialect)(complete)

    assert [row_encoder(SAMPLE, columns, dialect)(row) for row in complete] == [
        list(row) for row in zip(*together, strict=True)
    ]


def test_no_row_among_many_gets_a_value_that_is_not_stored() -> None:
    """A column that stores nothing takes no value, of whichever row."""
    (nothing,) = [column.name for column in SAMPLE.columns.values() if not stored_columns(SAMPLE, column)][:1]

    with pytest.raises(TypeError, match="stores nothing"):
        rows_encoder(SAMPLE, (nothing,), SQLITE)([{nothing: None}, {nothing: "x"}])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(row=VALUES)
def test_any_value_survives(store: Store, row: dict[str, Value]) -> None:
    """Whatever a column can hold comes back unchanged, on every store. [T-1] to [T-20]"""
    with store.begin() as session:
        session.run('DELETE FROM "sample"')
        insert(session, SAMPLE, row)

    assert [{**EMPTY, **row}] == read_all(store, SAMPLE)


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", "a\0b"),
        ("integer", 2**31),
        ("bigint", 2**63),
        ("float", float("nan")),
        ("float", float("inf")),
        ("decimal", Decimal("9999999999")),
        ("decimal", Decimal("0.00000000001")),
        ("decimal", Decimal("NaN")),
        ("decimal", Decimal("Infinity")),
        ("decimal", Decimal("1E+400")),
        ("money", Decimal("922337203685478")),
    ],
)
def test_a_value_that_cannot_be_stored_is_refused(dialect: Dialect, name: str, value: Value) -> None:
    """Both stores refuse the same values, so that both hold the same rows."""
    encode = row_encoder(SAMPLE, (name,), dialect)

    with pytest.raises(ValueError):
        encode({name: value})


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 1),
        ("integer", True),
        ("integer", "1"),
        ("float", Decimal(1)),
        ("decimal", 1.5),
        ("yesno", 1),
        ("image", "text"),
        ("lookup", row_id(1)),
        ("customer", row_id(1)),
        ("parties", "somebody"),
    ],
)
def test_a_value_of_another_type_is_refused(dialect: Dialect, name: str, value: Value) -> None:
    """SQLite would store anything anywhere; the codec does not let it."""
    encode = row_encoder(SAMPLE, (name,), dialect)

    with pytest.raises(TypeError):
        encode({name: value})


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("1.5044", [1, 2]), ("1.50450000001", [2]), ("1.506", []), ("1E+30", []), ("-1E+30", [1, 2])],
)
def test_numbers_a_column_cannot_hold_can_be_compared_with(store: Store, asked: str, expected: list[int]) -> None:
    """A comparison may name more digits, or a larger number, than the column can hold. [T-6]"""
    with store.begin() as session:
        insert(session, SAMPLE, {"sampleid": row_id(1), "decimal": Decimal("1.5045")})
        insert(session, SAMPLE, {"sampleid": row_id(2), "decimal": Decimal("1.5060")})
    bound = operand(SAMPLE, SAMPLE.columns["decimal"], store.dialect)(Decimal(asked))
    text = f'SELECT "sampleid" FROM "sample" WHERE "decimal" > {store.dialect.placeholder} ORDER BY 1'

    assert [row_id(number) for number in expected] == [row[0] for row in store.fetch(text, (bound,))]


def test_a_reference_is_compared_by_its_id() -> None:
    """The id says which row; a second condition says which table where that can differ. [MT-1]"""
    convert = operand(SAMPLE, SAMPLE.columns["customer"], SQLITE)

    assert row_id(7) == convert(Reference("contact", row_id(7)))


def test_a_decimal_with_less_digits_than_its_column_is_exact() -> None:
    """1.5 in a column with two digits is 150 hundredths on SQLite. [T-6]"""
    column = DecimalColumn(name="price", schema_name="Price", precision=2)
    owner = table("product", column)

    assert [150] == row_encoder(owner, ("price",), SQLITE)({"price": Decimal("1.5")})
    assert Decimal("1.50") == decoder(owner, column, SQLITE)((150,))
    assert [Decimal("1.5")] == row_encoder(owner, ("price",), POSTGRESQL)({"price": Decimal("1.5")})


def test_text_is_compared_without_letter_case_on_sqlite() -> None:
    """A text column ignores case without the compiler's help; PostgreSQL's is lowered by it. [F-3]"""
    assert "COLLATE NOCASE" in SQLITE.types["text"]
    assert "COLLATE NOCASE" not in SQLITE.types["code"]


def test_the_schema_of_this_suite_holds_what_it_says() -> None:
    """The small schema has its tables: otherwise the suite would test nothing."""
    assert {"sample", "link"} == set(SCHEMA.tables)
    assert isinstance(SAMPLE.columns["integer"], IntegerColumn)
    assert isinstance(SAMPLE.columns["text"], TextColumn)
