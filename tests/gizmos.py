"""A table with a column of every writable type, alternate keys, a restricting child and a many-to-many relationship.

It stands beside the built-in tables, so that one organization has everything a request can meet.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from verselet.metadata.choices import Choice, State, StatusReason
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
    MemoColumn,
    MoneyColumn,
    StateColumn,
    StatusColumn,
    TableNameColumn,
    TextColumn,
    YesNoColumn,
)
from verselet.metadata.companions import with_companions
from verselet.metadata.compiled import load_schema
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Cascades, Key, ManyToMany, Relationship, Table

COLORS = (Choice(1, "Red"), Choice(2, 'Deep "blue"'), Choice(9, "50% grey's"))

_VERSION = BigIntColumn(name="versionnumber", schema_name="VersionNumber", create=False, update=False)

_COLUMNS: tuple[Column, ...] = (
    IdColumn(name="new_gizmoid", schema_name="new_gizmoId", required="system", update=False),
    TextColumn(name="new_name", schema_name="new_Name", max_length=40),
    TextColumn(name="new_code", schema_name="new_Code", max_length=400),
    MemoColumn(name="new_notes", schema_name="new_Notes", max_length=1000),
    IntegerColumn(name="new_count", schema_name="new_Count", min=-5000, max=5000),
    IntegerColumn(name="new_minutes", schema_name="new_Minutes", format="Duration"),
    BigIntColumn(name="new_ticks", schema_name="new_Ticks"),
    DecimalColumn(name="new_ratio", schema_name="new_Ratio", min=-1000, max=1000, precision=3),
    DecimalColumn(name="new_share", schema_name="new_Share", min=-1000, max=1000, precision=1),
    FloatColumn(name="new_size", schema_name="new_Size"),
    MoneyColumn(name="new_price", schema_name="new_Price", precision=4),
    DateTimeColumn(name="new_at", schema_name="new_At"),
    DateTimeColumn(name="new_day", schema_name="new_Day", behavior="date_only", format="DateOnly"),
    YesNoColumn(name="new_ready", schema_name="new_Ready", true_label="On", false_label="Off"),
    ChoiceColumn(name="new_color", schema_name="new_Color", options=COLORS),
    ChoicesColumn(name="new_tags", schema_name="new_Tags", options=COLORS),
    TableNameColumn(name="new_kind", schema_name="new_Kind"),
    ImageColumn(name="new_face", schema_name="new_Face", full_image=True, max_size_kb=256),
    ImageColumn(name="new_badge", schema_name="new_Badge"),
    FileColumn(name="new_file", schema_name="new_File", max_size_kb=8192),
    LookupColumn(name="new_accountid", schema_name="new_AccountId", targets=("account",)),
    LookupColumn(
        name="new_customerid", schema_name="new_CustomerId", targets=("account", "contact"), kind="customer"
    ),
    LookupColumn(
        name="createdby", schema_name="CreatedBy", targets=("systemuser",), create=False, update=False
    ),
    StateColumn(
        name="statecode",
        schema_name="statecode",
        required="system",
        options=(State(0, "Active", 1, "Active"), State(1, "Inactive", 2, "Inactive")),
    ),
    StatusColumn(
        name="statuscode",
        schema_name="statuscode",
        options=(StatusReason(1, "Active", 0), StatusReason(2, "Inactive", 1), StatusReason(3, "Waiting", 0)),
    ),
    _VERSION,
)  # fmt: skip

GIZMO = Table(
    name="new_gizmo",
    schema_name="new_Gizmo",
    set_name="new_gizmos",
    label="Gizmo",
    label_plural="Gizmos",
    ownership="organization",
    primary_id="new_gizmoid",
    primary_name="new_name",
    custom=True,
    solution="Active",
    primary_image="new_face",
    columns=with_companions({column.name: column for column in _COLUMNS}),
    keys=(
        Key(name="new_codekey", schema_name="new_CodeKey", columns=("new_code",)),
        Key(name="new_pairkey", schema_name="new_PairKey", columns=("new_accountid", "new_ticks")),
    ),
)

PART = Table(
    name="new_part",
    schema_name="new_Part",
    set_name="new_parts",
    label="Part",
    label_plural="Parts",
    ownership="organization",
    primary_id="new_partid",
    primary_name="new_name",
    custom=True,
    solution="Active",
    columns={
        "new_partid": IdColumn(name="new_partid", schema_name="new_partId", required="system", update=False),
        "new_name": TextColumn(name="new_name", schema_name="new_Name"),
        "new_gizmoid": LookupColumn(name="new_gizmoid", schema_name="new_GizmoId", targets=("new_gizmo",)),
    },
)
"""Its rows have no version, and keep gizmos from being deleted."""

PAIR = Table(
    name="new_gizmo_contact",
    schema_name="new_gizmo_contact",
    set_name="new_gizmo_contactset",
    label="",
    label_plural="",
    ownership="none",
    is_intersect=True,
    primary_id="new_gizmo_contactid",
    solution="Active",
    columns={
        **{
            name: IdColumn(name=name, schema_name=name)
            for name in ("new_gizmo_contactid", "new_gizmoid", "contactid")
        },
        "versionnumber": _VERSION,
    },
)  # fmt: skip


def _relationship(column: str, navigation: str, target: str, *, back: str, child: str = "new_gizmo") -> Relationship:
    return Relationship(
        schema_name=back,
        referencing_table=child,
        referencing_column=column,
        referencing_navigation=navigation,
        referenced_table=target,
        referenced_column=f"{target}id",
        referenced_navigation=back,
        custom=True,
    )


RELATIONSHIPS = (
    _relationship("new_accountid", "new_AccountId", "account", back="new_account_gizmos"),
    _relationship("new_customerid", "new_CustomerId_account", "account", back="new_account_customer_gizmos"),
    _relationship("new_customerid", "new_CustomerId_contact", "contact", back="new_contact_customer_gizmos"),
    _relationship("createdby", "createdby", "systemuser", back="new_createdby_gizmos"),
    msgspec.structs.replace(
        _relationship("new_gizmoid", "new_GizmoId", "new_gizmo", back="new_gizmo_parts", child="new_part"),
        cascades=Cascades(delete="Restrict"),
    ),
)

CONTACTS = ManyToMany(
    schema_name="new_gizmo_contact",
    table1="new_gizmo",
    table2="contact",
    intersect_table="new_gizmo_contact",
    column1="new_gizmoid",
    column2="contactid",
    navigation1="new_gizmo_contact",
    navigation2="new_gizmo_contact",
    custom=True,
)


@lru_cache(maxsize=1)
def schema_with_gizmos() -> Schema:
    """The built-in schema and these tables."""
    built_in = load_schema()
    return Schema(
        tables={**built_in.tables, **{table.name: table for table in (GIZMO, PART, PAIR)}},
        relationships=(*built_in.relationships, *RELATIONSHIPS),
        many_to_many=(*built_in.many_to_many, CONTACTS),
        choices=built_in.choices,
    )
