"""A small schema with a column of every type, alternate keys, a global choice and a many-to-many relationship."""

from __future__ import annotations

from verselet.metadata.choices import Choice, GlobalChoice, State, StatusReason
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

COLORS = GlobalChoice(name="new_color", label="Color", options=(Choice(1, "Red"), Choice(2, "Blue")))

COLUMNS: tuple[Column, ...] = (
    IdColumn(name="new_widgetid", schema_name="new_widgetId", label="Widget", required="system", update=False),
    TextColumn(name="new_name", schema_name="new_Name", label="Name", required="application", max_length=80),
    TextColumn(name="new_serial", schema_name="new_Serial", auto_number_format="W-{SEQNUM:4}", custom=True),
    MemoColumn(name="new_notes", schema_name="new_Notes", max_length=500),
    IntegerColumn(name="new_count", schema_name="new_Count", min=0, max=9, format="Duration"),
    BigIntColumn(name="versionnumber", schema_name="VersionNumber", create=False, update=False),
    DecimalColumn(name="new_ratio", schema_name="new_Ratio", min=-1, max=1, precision=3),
    FloatColumn(name="new_size", schema_name="new_Size", precision=4),
    MoneyColumn(name="new_price_base", schema_name="new_Price_Base", base_of="new_price"),
    DateTimeColumn(name="new_made", schema_name="new_Made", behavior="date_only", format="DateOnly"),
    YesNoColumn(name="new_active", schema_name="new_Active", true_label="On", false_label="Off", default=True),
    ChoiceColumn(
        name="new_color",
        schema_name="new_Color",
        options=COLORS.options,
        choice_name="new_color",
        global_choice=True,
        default=2,
    ),
    ChoicesColumn(name="new_tags", schema_name="new_Tags", options=(Choice(5, "Sharp"),)),
    StateColumn(name="statecode", schema_name="statecode", options=(State(0, "Active", 1, "Active"),)),
    StatusColumn(name="statuscode", schema_name="statuscode", options=(StatusReason(1, "Active", 0),), default=1),
    LookupColumn(name="new_gadgetid", schema_name="new_GadgetId", targets=("new_gadget",), required="recommended"),
    LookupColumn(name="new_customerid", schema_name="new_CustomerId", targets=("account", "contact"), kind="customer"),
    LookupColumn(name="ownerid", schema_name="OwnerId", targets=("systemuser", "team"), kind="owner"),
    PartyListColumn(name="new_people", schema_name="new_People", targets=("contact",)),
    TableNameColumn(name="new_tablename", schema_name="new_TableName"),
    ImageColumn(name="entityimage", schema_name="EntityImage", primary=True),
    FileColumn(name="new_manual", schema_name="new_Manual", max_size_kb=1024),
    ManagedPropertyColumn(name="iscustomizable", schema_name="IsCustomizable"),
    VirtualColumn(name="owneridname", schema_name="OwnerIdName", attribute_of="ownerid", max_length=160),
    VirtualColumn(name="new_colorname", schema_name="new_ColorName", attribute_of="new_color"),
)

WIDGET = Table(
    name="new_widget",
    schema_name="new_Widget",
    set_name="new_widgets",
    label="Widget",
    label_plural="Widgets",
    description="A thing & its <parts>.",
    primary_id="new_widgetid",
    primary_name="new_name",
    custom=True,
    change_tracking=True,
    solution="Active",
    messages=("Create", "CreateMultiple"),
    columns={column.name: column for column in COLUMNS},
    keys=(
        Key(name="new_serialkey", schema_name="new_SerialKey", label="Serial", columns=("new_serial",)),
        Key(name="new_pairkey", schema_name="new_PairKey", columns=("new_gadgetid", "new_count")),
    ),
)

GADGET = Table(
    name="new_gadget",
    schema_name="new_Gadget",
    set_name="new_gadgets",
    label="Gadget",
    label_plural="Gadgets",
    ownership="organization",
    object_type_code=10_000,
    primary_id="new_gadgetid",
    solution="gadgets",
    columns={
        "new_gadgetid": IdColumn(name="new_gadgetid", schema_name="new_gadgetId", required="system"),
        "new_parentid": LookupColumn(name="new_parentid", schema_name="new_ParentId", targets=("new_gadget",)),
    },
)

INTERSECT = Table(
    name="new_widget_gadget",
    schema_name="new_widget_gadget",
    set_name="new_widget_gadgetset",
    label="",
    label_plural="",
    ownership="none",
    is_intersect=True,
    primary_id="new_widget_gadgetid",
    solution="Active",
    columns={
        name: IdColumn(name=name, schema_name=name) for name in ("new_widget_gadgetid", "new_widgetid", "new_gadgetid")
    },
)

SCHEMA = Schema(
    tables={table.name: table for table in (WIDGET, GADGET, INTERSECT)},
    relationships=(
        Relationship(
            schema_name="new_gadget_widget",
            referencing_table="new_widget",
            referencing_column="new_gadgetid",
            referencing_navigation="new_GadgetId",
            referenced_table="new_gadget",
            referenced_column="new_gadgetid",
            referenced_navigation="new_gadget_widget",
            customizable=False,
            custom=True,
        ),
        Relationship(
            schema_name="new_gadget_gadget",
            referencing_table="new_gadget",
            referencing_column="new_parentid",
            referencing_navigation="new_ParentId",
            referenced_table="new_gadget",
            referenced_column="new_gadgetid",
            referenced_navigation="new_gadget_gadget",
            hierarchical=True,
        ),
    ),
    many_to_many=(
        ManyToMany(
            schema_name="new_widget_gadget",
            table1="new_widget",
            table2="new_gadget",
            intersect_table="new_widget_gadget",
            column1="new_widgetid",
            column2="new_gadgetid",
            navigation1="new_widget_gadget",
            navigation2="new_widget_gadget",
            custom=True,
        ),
    ),
    choices={"new_color": COLORS},
)
