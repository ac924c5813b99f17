"""Small schemas for the tests of the store: made by hand, one column of every type."""

from __future__ import annotations

from typing import get_args

import msgspec

from verselet.metadata.columns import (
    BigIntColumn,
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FileColumn,
    FloatColumn,
    IdColumn,
    ImageColumn,
    IntegerColumn,
    LookupColumn,
    ManagedPropertyColumn,
    MemoColumn,
    MoneyColumn,
    PartyListColumn,
    StateColumn,
    StatusColumn,
    TableNameColumn,
    TextColumn,
    VirtualColumn,
    YesNoColumn,
)
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Key, ManyToMany, Relationship, Table

COLUMN_TYPES: tuple[type[Column], ...] = get_args(Column)
"""Every class of the union."""

KEY = Key(name="code", schema_name="Code", columns=("text",))

SAMPLES: tuple[Column, ...] = (
    TextColumn(name="text", schema_name="Text"),
    MemoColumn(name="memo", schema_name="Memo"),
    IntegerColumn(name="integer", schema_name="Integer"),
    BigIntColumn(name="bigint", schema_name="BigInt"),
    DecimalColumn(name="decimal", schema_name="Decimal", precision=10),
    FloatColumn(name="float", schema_name="Float"),
    MoneyColumn(name="money", schema_name="Money", precision=4),
    DateTimeColumn(name="datetime", schema_name="DateTime"),
    DateTimeColumn(name="date", schema_name="Date", behavior="date_only"),
    YesNoColumn(name="yesno", schema_name="YesNo"),
    ChoiceColumn(name="choice", schema_name="Choice"),
    ChoicesColumn(name="choices", schema_name="Choices"),
    StateColumn(name="state", schema_name="State"),
    StatusColumn(name="status", schema_name="Status"),
    LookupColumn(name="lookup", schema_name="Lookup", targets=("sample",)),
    LookupColumn(name="customer", schema_name="Customer", targets=("account", "contact"), kind="customer"),
    PartyListColumn(name="parties", schema_name="Parties"),
    TableNameColumn(name="tablename", schema_name="TableName"),
    ImageColumn(name="image", schema_name="Image"),
    FileColumn(name="file", schema_name="File"),
    ManagedPropertyColumn(name="managed", schema_name="Managed"),
    VirtualColumn(name="virtual", schema_name="Virtual"),
)
"""One column of every type but the primary key; both behaviours of dates, both kinds of lookups."""


def table(name: str, *columns: Column, keys: tuple[Key, ...] = ()) -> Table:
    """A table with a primary key and the given columns."""
    key = IdColumn(name=f"{name}id", schema_name=f"{name}Id")
    return Table(
        name=name,
        schema_name=name,
        set_name=f"{name}s",
        label=name,
        label_plural=name,
        ownership="organization",
        primary_id=key.name,
        columns={column.name: column for column in (key, *columns)},
        keys=keys,
    )


def schema_of(*tables: Table, pairs: tuple[ManyToMany, ...] = ()) -> Schema:
    """A schema of some tables, with a relationship for each target of each lookup."""
    relationships = tuple(
        Relationship(
            schema_name=f"{owner.name}_{column.name}_{target}",
            referencing_table=owner.name,
            referencing_column=column.name,
            referencing_navigation=column.name,
            referenced_table=target,
            referenced_column=f"{target}id",
            referenced_navigation=f"{owner.name}_{column.name}",
        )
        for owner in tables
        for column in owner.columns.values()
        if isinstance(column, LookupColumn)
        for target in column.targets
    )
    return Schema(
        tables={owner.name: owner for owner in tables}, relationships=relationships, many_to_many=pairs, choices={}
    )


def with_columns(owner: Table, *columns: Column) -> Table:
    """The table with columns added or replaced."""
    return msgspec.structs.replace(owner, columns={**owner.columns, **{column.name: column for column in columns}})


def without_column(owner: Table, name: str) -> Table:
    """The table without a column."""
    kept = {known: column for known, column in owner.columns.items() if known != name}
    return msgspec.structs.replace(owner, columns=kept)


SAMPLE = table("sample", *SAMPLES, keys=(KEY,))
LINK = table(
    "link",
    IdColumn(name="firstid", schema_name="FirstId"),
    IdColumn(name="secondid", schema_name="SecondId"),
)
PAIR = ManyToMany(
    schema_name="link",
    table1="sample",
    table2="sample",
    intersect_table="link",
    column1="firstid",
    column2="secondid",
    navigation1="link1",
    navigation2="link2",
)
SCHEMA = schema_of(SAMPLE, LINK, pairs=(PAIR,))
