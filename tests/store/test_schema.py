"""The database follows the schema, and never loses a row over it."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from tests.postgres import PostgresqlServer
from tests.store.conftest import Place
from tests.store.rows import encoded, ids, insert, insert_text, read_all, row_id
from tests.store.tables import SAMPLE, SCHEMA, schema_of, table, with_columns, without_column
from verselet.errors import OperatorError
from verselet.metadata.columns import (
    BigIntColumn,
    DateTimeColumn,
    DecimalColumn,
    IdColumn,
    IntegerColumn,
    LookupColumn,
    MoneyColumn,
    StateColumn,
    TableNameColumn,
    TextColumn,
)
from verselet.metadata.compiled import load_schema
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Key, Table
from verselet.sql.columns import LONGEST_NAME, index_name, key_index_name
from verselet.store.engine import Store, open_store
from verselet.store.layout import EMPTY, changes_between, digest_of, layout_of, merged
from verselet.store.session import UniqueViolation

PLAIN = table("plain", TextColumn(name="name", schema_name="Name"))


def said_while_preparing(store: Store, schema: Schema) -> list[str]:
    """What the preparation has to tell."""
    said: list[str] = []
    store.prepare_schema(schema, said.append)
    return said


@pytest.fixture(scope="module")
def built_in() -> Schema:
    """The tables that come with the product."""
    return load_schema()


# --- the whole schema ------------------------------------------------------------------------------------------------


def test_the_built_in_tables_can_be_created_and_read(place: Place, built_in: Schema) -> None:
    """Each table and each view of the product exists with all its stored columns, and is empty."""
    store = place.open()
    store.prepare_schema(built_in)
    layout = layout_of(built_in)
    shapes = {name: table.columns for name, table in layout.tables.items()}
    shapes |= {name: view.columns for name, view in layout.views.items()}

    assert set(built_in.tables) == set(shapes)
    for name, columns in shapes.items():
        selected = ", ".join(f'"{column.name}"' for column in columns)
        assert [] == store.fetch(f'SELECT {selected} FROM "{name}"', ())


def test_a_second_preparation_has_nothing_to_do(place: Place, built_in: Schema) -> None:
    """The same schema costs one comparison."""
    store = place.open()

    assert [f"Creating {len(layout_of(built_in).tables)} tables"] == said_while_preparing(store, built_in)
    assert [] == said_while_preparing(store, built_in)


def test_names_of_indexes_fit_every_database(built_in: Schema) -> None:
    """No name is so long that PostgreSQL would cut it, where a violation could no longer be told."""
    names = list(layout_of(built_in).indexes)

    assert [] == [name for name in names if len(name) > LONGEST_NAME]


def test_every_row_security_index_ends_in_its_owner(built_in: Schema) -> None:
    """A lookup's index on a user-owned table gives its rows in the order of their keys, and covers a count under row
    security. [performance.md §6]
    """
    index = layout_of(built_in).indexes[index_name("contact", "parentcustomerid")]

    names = [column.name for column in index.columns]
    assert ["parentcustomerid", "contactid", "owningbusinessunit", "ownerid"] == names


def test_lookups_nobody_searches_by_have_no_index(built_in: Schema) -> None:
    """Every index costs each insert, so who changed a row last has none. [performance.md §6]"""
    names = layout_of(built_in).indexes

    assert index_name("contact", "modifiedby") not in names
    assert index_name("contact", "transactioncurrencyid") not in names


def test_a_layout_survives_being_written_down(built_in: Schema) -> None:
    """What the database remembers of its layout is the layout."""
    layout = layout_of(built_in)
    again = msgspec.json.decode(msgspec.json.encode(layout), type=type(layout))

    assert layout == again
    assert digest_of(layout) == digest_of(again)
    assert changes_between(EMPTY, EMPTY) == changes_between(layout, again)


# --- changes ---------------------------------------------------------------------------------------------------------


def test_new_tables_and_columns_come_beside_the_rows(place: Place) -> None:
    """Rows that were there keep their values and have none in the new column."""
    store = place.open()
    store.prepare_schema(schema_of(PLAIN))
    with store.begin() as session:
        insert(session, PLAIN, {"plainid": row_id(1), "name": "Ada"})
    wider = with_columns(PLAIN, IntegerColumn(name="seats", schema_name="Seats"))
    said = said_while_preparing(store, schema_of(wider, table("other")))

    assert ["Creating 1 tables", "Adding 1 columns"] == said
    assert [{"plainid": row_id(1), "name": "Ada", "seats": None}] == read_all(store, wider)
    assert [] == ids(store, table("other"))


def test_a_column_that_left_the_schema_keeps_its_values(place: Place) -> None:
    """Nothing is dropped: the column is there again when the schema has it again."""
    store = place.open()
    store.prepare_schema(schema_of(PLAIN))
    with store.begin() as session:
        insert(session, PLAIN, {"plainid": row_id(1), "name": "Ada"})
    store.prepare_schema(schema_of(without_column(PLAIN, "name")))
    store.prepare_schema(schema_of())
    said = said_while_preparing(store, schema_of(PLAIN))

    assert [] == said
    assert [{"plainid": row_id(1), "name": "Ada"}] == read_all(store, PLAIN)


def test_a_key_comes_and_goes(place: Place) -> None:
    """A key that was added refuses duplicates, one that was taken out does so no longer. [K-1]"""
    key = Key(name="byname", schema_name="ByName", columns=("name",))
    keyed = msgspec.structs.replace(PLAIN, keys=(key,))
    store = place.open()
    store.prepare_schema(schema_of(PLAIN))
    store.prepare_schema(schema_of(keyed))

    def add_two(first: int) -> None:
        with store.begin() as session:
            insert(session, PLAIN, {"plainid": row_id(first), "name": "Ada"})
            insert(session, PLAIN, {"plainid": row_id(first + 1), "name": "ada"})

    with pytest.raises(UniqueViolation) as violation:
        add_two(1)
    store.prepare_schema(schema_of(PLAIN))
    add_two(3)

    assert key_index_name("plain", key) == violation.value.index_name
    assert [row_id(3), row_id(4)] == ids(store, PLAIN)


def test_a_key_that_rows_contradict_is_refused(place: Place) -> None:
    """The operator learns which key and which table, and nothing has changed."""
    key = Key(name="byname", schema_name="ByName", columns=("name",))
    store = place.open()
    store.prepare_schema(schema_of(PLAIN))
    with store.begin() as session:
        insert(session, PLAIN, {"plainid": row_id(1), "name": "Ada"})
        insert(session, PLAIN, {"plainid": row_id(2), "name": "ADA"})
    with pytest.raises(OperatorError) as refusal:
        store.prepare_schema(schema_of(msgspec.structs.replace(PLAIN, keys=(key,)), table("other")))

    assert ("VS2008", "the unique index key_plain_byname cannot be built") == (refusal.value.code, refusal.value.what)
    assert ["Creating 1 tables"] == said_while_preparing(store, schema_of(PLAIN, table("other")))


def test_a_column_cannot_become_something_else(place: Place) -> None:
    """Stored values are not converted where that could lose some."""
    store = place.open()
    store.prepare_schema(schema_of(PLAIN))
    with pytest.raises(OperatorError) as refusal:
        store.prepare_schema(schema_of(with_columns(PLAIN, IntegerColumn(name="name", schema_name="Name"))))

    assert "VS2007" == refusal.value.code
    assert "the column name of plain is stored as text and should become integer" == refusal.value.what


def test_more_digits_keep_the_amount(place: Place) -> None:
    """A column that gets a higher precision still holds the same numbers. [T-6]"""
    coarse = table("product", DecimalColumn(name="price", schema_name="Price", precision=2))
    fine = with_columns(coarse, DecimalColumn(name="price", schema_name="Price", precision=4))
    store = place.open()
    store.prepare_schema(schema_of(coarse))
    with store.begin() as session:
        insert(session, coarse, {"productid": row_id(1), "price": Decimal("-12.34")})
        insert(session, coarse, {"productid": row_id(2), "price": None})
    store.prepare_schema(schema_of(fine))

    assert [Decimal("-12.34"), None] == [row["price"] for row in read_all(store, fine)]


def test_fewer_digits_are_refused(place: Place) -> None:
    """A lower precision could lose digits, so the operator decides. [T-6]"""
    fine = table("product", MoneyColumn(name="price", schema_name="Price", precision=4))
    store = place.open()
    store.prepare_schema(schema_of(fine))
    coarse = with_columns(fine, MoneyColumn(name="price", schema_name="Price", precision=2))
    with pytest.raises(OperatorError) as refusal:
        store.prepare_schema(schema_of(coarse))

    assert "decimal with 4 digits and should become decimal with 2 digits" in refusal.value.what


def test_an_amount_that_would_not_fit_stops_the_change() -> None:
    """SQLite would turn a whole number beyond 64 bits into a float and lose digits. [T-8]"""
    coarse = table("product", MoneyColumn(name="price", schema_name="Price", precision=0))
    store = open_store(None)
    store.prepare_schema(schema_of(coarse))
    with store.begin() as session:
        insert(session, coarse, {"productid": row_id(1), "price": Decimal("922337203685478")})
    fine = with_columns(coarse, MoneyColumn(name="price", schema_name="Price", precision=4))
    with pytest.raises(OperatorError) as refusal:
        store.prepare_schema(schema_of(fine))

    assert "VS2007" == refusal.value.code
    assert [Decimal("922337203685478")] == [row["price"] for row in read_all(store, coarse)]
    store.close()


def test_what_was_kept_is_remembered() -> None:
    """A layout that is merged into an older one knows all tables and columns that are in the database."""
    old, new = layout_of(schema_of(PLAIN, table("gone"))), layout_of(schema_of(without_column(PLAIN, "name")))
    both = merged(old, new)

    assert {"plain", "gone"} == set(both.tables)
    assert ["plainid", "name"] == [column.name for column in both.tables["plain"].columns]


# --- views -----------------------------------------------------------------------------------------------------------

OWNER = table(
    "owner",
    TextColumn(name="name", schema_name="Name"),
    TableNameColumn(name="owneridtype", schema_name="OwnerIdType"),
    TextColumn(name="yominame", schema_name="YomiName"),
    BigIntColumn(name="versionnumber", schema_name="VersionNumber"),
)
USER = table(
    "systemuser",
    TextColumn(name="fullname", schema_name="FullName"),
    TextColumn(name="yomifullname", schema_name="YomiFullName"),
    BigIntColumn(name="versionnumber", schema_name="VersionNumber"),
)
TEAM = table(
    "team",
    TextColumn(name="name", schema_name="Name"),
    TextColumn(name="yominame", schema_name="YomiName"),
    BigIntColumn(name="versionnumber", schema_name="VersionNumber"),
)


def test_owners_are_users_and_teams(place: Place) -> None:
    """The table `owner` shows every user and every team under one set of names. [MT-5]"""
    store = place.open()
    store.prepare_schema(schema_of(OWNER, USER, TEAM))
    with store.begin() as session:
        insert(session, USER, {"systemuserid": row_id(1), "fullname": "an organizer", "versionnumber": 5})
        insert(session, TEAM, {"teamid": row_id(2), "name": "the desk", "yominame": "desk", "versionnumber": 6})

    assert [
        {
            "ownerid": row_id(1),
            "name": "an organizer",
            "owneridtype": "systemuser",
            "yominame": None,
            "versionnumber": 5,
        },
        {"ownerid": row_id(2), "name": "the desk", "owneridtype": "team", "yominame": "desk", "versionnumber": 6},
    ] == read_all(store, OWNER)


def activity(name: str, *columns: LookupColumn | TextColumn | DateTimeColumn | StateColumn) -> Table:
    """An activity table; all of them call their primary key `activityid`."""
    key = IdColumn(name="activityid", schema_name="ActivityId")
    return msgspec.structs.replace(
        table(name),
        primary_id="activityid",
        is_activity=True,
        columns={column.name: column for column in (key, *columns)},
    )


SUBJECT = TextColumn(name="subject", schema_name="Subject")
ENTRY = LookupColumn(name="regardingobjectid", schema_name="RegardingObjectId", targets=("contact", "account"))
LETTER = activity("letter", SUBJECT, ENTRY)
CALL = activity(
    "phonecall",
    LookupColumn(name="regardingobjectid", schema_name="RegardingObjectId", targets=("contact",)),
    DateTimeColumn(name="actualend", schema_name="ActualEnd"),
    StateColumn(name="statecode", schema_name="StateCode"),
)
ACTIVITY = with_columns(
    activity("activitypointer", SUBJECT, ENTRY, DateTimeColumn(name="actualend", schema_name="ActualEnd")),
    TableNameColumn(name="activitytypecode", schema_name="ActivityTypeCode"),
)


def test_activities_are_seen_together(place: Place) -> None:
    """`activitypointer` shows all activities; what one has no column for is null. [MT-1]"""
    store = place.open()
    store.prepare_schema(schema_of(ACTIVITY, LETTER, CALL))
    with store.begin() as session:
        rows = [
            encoded(session, LETTER, {"activityid": row_id(1), "subject": "Thanks", "regardingobjectid": None}),
        ]
        session.run_many(insert_text(session, LETTER, ["activityid", "subject", "regardingobjectid"]), rows)
        session.run(
            insert_text(session, CALL, ["activityid", "regardingobjectid", "actualend", "statecode"]),
            [row_id(2), row_id(9), "2026-01-02T03:04:05Z", 1],
        )
    seen = [
        [row["activityid"], row["activitytypecode"], row["subject"], row["actualend"]]
        for row in read_all(store, ACTIVITY)
    ]
    targets = store.fetch('SELECT "regardingobjectid__table" FROM "activitypointer" ORDER BY "activityid"', ())

    assert [
        [row_id(1), "letter", "Thanks", None],
        [row_id(2), "phonecall", None, "2026-01-02T03:04:05Z"],
    ] == seen
    assert [(None,), ("contact",)] == targets


def test_a_view_compares_text_as_its_tables_do() -> None:
    """Where the first part of a view has no such column, the others still ignore letter case on SQLite. [F-3]"""
    store = open_store(None)
    store.prepare_schema(schema_of(ACTIVITY, activity("fax"), LETTER))
    with store.begin() as session:
        session.run(insert_text(session, LETTER, ["activityid", "subject"]), [row_id(1), "Thanks"])

    assert [(1,)] == store.fetch('SELECT count(*) FROM "activitypointer" WHERE "subject" = \'THANKS\'', ())
    assert [(1,)] == store.fetch('SELECT count(*) FROM "activitypointer" x WHERE x."subject" = ?', ("tHANKS",))
    store.close()


def test_a_view_follows_its_tables(place: Place) -> None:
    """A new activity table is seen in `activitypointer` as soon as it exists."""
    store = place.open()
    store.prepare_schema(schema_of(ACTIVITY, LETTER))
    store.prepare_schema(schema_of(ACTIVITY, LETTER, CALL))
    with store.begin() as session:
        session.run(insert_text(session, CALL, ["activityid"]), [row_id(2)])

    assert [row_id(2)] == [row["activityid"] for row in read_all(store, ACTIVITY)]


@pytest.mark.postgresql
def test_two_servers_can_prepare_one_database(postgresql: PostgresqlServer, postgresql_url: str) -> None:
    """A database that was prepared can be the template of others, and one server finds what another made."""
    first = open_store(postgresql_url)
    first.prepare_schema(SCHEMA)
    first.close()
    copy = postgresql.fresh(postgresql_url)
    second = open_store(copy)

    assert [] == said_while_preparing(second, SCHEMA)
    assert [] == ids(second, SAMPLE)
    second.close()
    postgresql.give_back(copy)
