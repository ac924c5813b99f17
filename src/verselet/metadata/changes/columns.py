"""Add columns to a table, change them, and take them away.

In:        a schema, the table's name, what is wanted
Out:       a new schema
Not here:  lookups, which come with a relationship (relationships), options of a list that is there (choices)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import structs

from verselet.errors import DefinitionExists, DefinitionInUse, InvalidArgument, NotFound, NotSupportedHere
from verselet.metadata.autonumber import parse_number_format
from verselet.metadata.changes.dependents import check_no_calculation
from verselet.metadata.changes.drafts import NewColumn
from verselet.metadata.changes.editing import (
    column_named,
    open_table,
    with_columns,
    with_relationships,
    with_tables,
    without_relationships,
)
from verselet.metadata.changes.naming import logical_name
from verselet.metadata.changes.numbering import numbered
from verselet.metadata.columns import (
    ChoiceColumn,
    ChoicesColumn,
    Column,
    DateTimeColumn,
    DecimalColumn,
    FileColumn,
    FloatColumn,
    ImageColumn,
    IntegerColumn,
    LookupColumn,
    MemoColumn,
    MoneyColumn,
    SourceType,
    TextColumn,
)
from verselet.metadata.companions import companions as file_companions
from verselet.metadata.formulas import check_calculation
from verselet.metadata.schema import Schema
from verselet.metadata.securing import check_securing
from verselet.metadata.system import RESTRICT
from verselet.metadata.tables import Relationship, Table

CURRENCY = "transactioncurrencyid"
_INT32 = 2_147_483_648
_LARGE = 100_000_000_000
_AMOUNT = 922_337_203_685_477
_LIMITS: Mapping[type[Column], tuple[tuple[str, float, float], ...]] = {
    TextColumn: (("max_length", 1, 4_000),),
    MemoColumn: (("max_length", 1, 1_048_576),),
    IntegerColumn: (("min", -_INT32, _INT32 - 1), ("max", -_INT32, _INT32 - 1)),
    DecimalColumn: (("min", -_LARGE, _LARGE), ("max", -_LARGE, _LARGE), ("precision", 0, 10)),
    FloatColumn: (("min", -_LARGE, _LARGE), ("max", -_LARGE, _LARGE), ("precision", 0, 5)),
    MoneyColumn: (("min", -_AMOUNT, _AMOUNT), ("max", -_AMOUNT, _AMOUNT), ("precision", 0, 4)),
    FileColumn: (("max_size_kb", 1, 10_485_760),),
    ImageColumn: (("max_size_kb", 1, 30_720),),
}
"""Column type → what of it can be chosen, and within which bounds. [T-2] to [T-8], [MW-28], [MW-29]"""


MOST_ROLLUPS: Final = 200
MOST_ROLLUPS_OF_TABLE: Final = 50
"""Rollups are worked out for all rows every hour. [JOB-66]"""


def add_column(schema: Schema, table_name: str, draft: NewColumn, option_prefix: int) -> Schema:
    """The schema with a new column, and the companions its type brings. [MW-3]

    Raises:
        DefinitionExists: the table has a column of that name. [MW-14]
        InvalidArgument: a name, bound or option that cannot be.
        ColumnNotSecurable: it should be secured and cannot. [SEC-100]
    """
    table = open_table(schema, table_name)
    column = finished(schema, table, draft, option_prefix)
    if isinstance(column, LookupColumn):
        raise InvalidArgument("A lookup column is created together with its relationship.")
    schema = with_tables(schema, _with_image(with_columns(table, [column, *companions(table, column)]), column))
    return with_currency(schema, table_name) if isinstance(column, MoneyColumn) else schema


def finished(schema: Schema, table: Table, draft: NewColumn, option_prefix: int) -> Column:
    """The column a draft means, with its logical name and its options.

    Raises:
        DefinitionExists, InvalidArgument, NotFound: as `add_column`; no global choice of that name.
    """
    column = draft.column
    name = logical_name(column.schema_name, "column")
    if name in table.columns:
        raise DefinitionExists("column", name, table.name)
    column = _derived(structs.replace(column, name=name, custom=True, made_here=True))
    check_bounds(column)
    check_securing(table, column)
    check_calculation(schema, table, column)
    if column.rollup is not None:
        _check_rollups(schema, table)
    if not isinstance(column, ChoiceColumn | ChoicesColumn):
        return column
    if draft.choice is not None:
        found = schema.choices.get(draft.choice)
        if found is None:
            raise NotFound(f"Could not find a global choice with the name '{draft.choice}'.")
        return structs.replace(column, choice_name=found.name, global_choice=True, options=found.options)
    options = numbered(draft.options, option_prefix)
    column = structs.replace(column, choice_name=f"{table.name}_{name}", options=options)
    _check_default(column)
    return column


def _check_rollups(schema: Schema, table: Table) -> None:
    """There is room for one more rollup. [JOB-66], [LIM-20]"""
    rollups = {
        name: sum(column.source_type == "rollup" for column in found.columns.values())
        for name, found in schema.tables.items()
    }
    if rollups[table.name] >= MOST_ROLLUPS_OF_TABLE:
        raise InvalidArgument(f"A table has at most {MOST_ROLLUPS_OF_TABLE} rollup columns.")
    if sum(rollups.values()) >= MOST_ROLLUPS:
        raise InvalidArgument(f"There are at most {MOST_ROLLUPS} rollup columns in an organization.")


def _derived(column: Column) -> Column:
    """What follows from others is not written: its values come from a formula or a rollup. [JOB-60]"""
    if column.formula is None and column.rollup is None:
        return column
    kind: SourceType = "rollup" if column.formula is None else "calculated"
    return structs.replace(column, source_type=kind, create=False, update=False)


def update_column(schema: Schema, table_name: str, column: Column) -> Schema:
    """The schema with another definition of a column: label, bounds, formats, how strongly it is asked for. [MW-5]

    Raises:
        NotFound: no such column.
        InvalidArgument: another type, name, or bounds that cannot be.
        ColumnNotSecurable, KeyColumnSecured: it should be secured and cannot. [SEC-100]
        NotSupportedHere: what rows hold would have to be converted with loss.
    """
    old = column_named(schema, table_name, column.name)
    if type(old) is not type(column):
        raise InvalidArgument(f"The type of the column '{column.name}' cannot be changed.")
    if old.required == "system" and column.required != "system":
        raise InvalidArgument(f"The requirement level of the column '{column.name}' cannot be changed.")
    check_bounds(column)
    _check_form(old, column)
    if isinstance(column, ChoiceColumn):
        _check_default(column)
    table = schema.tables[table_name]
    check_securing(table, column)
    check_calculation(schema, table, column)
    return with_tables(schema, _with_image(with_columns(table, [column]), column))


def remove_column(schema: Schema, table_name: str, name: str) -> Schema:
    """The schema without a column, its companions and the relationships it carries. [MW-7]

    Raises:
        NotFound: no such column.
        InvalidArgument: it came with the table.
        DefinitionInUse: a key names it, it names the table's rows, or a formula looks at it.
        ColumnInRollup: a rollup adds it up. [JOB-66]
    """
    column = column_named(schema, table_name, name)
    table = schema.tables[table_name]
    if not column.made_here or column.attribute_of is not None or getattr(column, "base_of", None) is not None:
        raise InvalidArgument(f"The column '{name}' of '{table_name}' is a system column and cannot be deleted.")
    if name == table.primary_name:
        raise DefinitionInUse("column", name, f"the table '{table_name}', whose rows it names,")
    check_no_key(schema, table_name, name)
    check_no_calculation(schema, table_name, name)
    carried = [found.schema_name for found in schema.by_column.get((table_name, name), ())]
    schema = without_relationships(schema, carried)
    return with_tables(schema, without_column(schema.tables[table_name], name))


def check_no_key(schema: Schema, table_name: str, name: str) -> None:
    """Refuse to lose a column that a key names.

    Raises:
        DefinitionInUse: one does.
    """
    for key in schema.tables[table_name].keys:
        if name in key.columns:
            raise DefinitionInUse("column", name, f"the key '{key.name}'")


def without_column(table: Table, name: str) -> Table:
    """The table without a column and its companions."""
    kept = {
        found.name: found
        for found in table.columns.values()
        if name not in {found.name, found.attribute_of} and getattr(found, "base_of", None) != name
    }
    image = None if table.primary_image == name else table.primary_image
    return structs.replace(table, columns=kept, primary_image=image)


def companions(table: Table, column: Column) -> list[Column]:
    """The columns that come with one of that type: base amounts, names of files, ids of images. [T-8], [FL-4], [IM-3]

    Raises:
        DefinitionExists: the table has a column of a companion's name.
    """
    found = list(file_companions(column))
    if isinstance(column, MoneyColumn):
        amount = structs.replace(column, required="none", create=False, update=False, form=False, base_of=column.name)
        label, written = f"{column.label} (Base)", f"{column.schema_name}_Base"
        found.append(structs.replace(amount, name=f"{column.name}_base", schema_name=written, label=label))
    for companion in found:
        if companion.name in table.columns:
            raise DefinitionExists("column", companion.name, table.name)
    return found


def with_currency(schema: Schema, table_name: str) -> Schema:
    """The schema in which a table with amounts also has the row's currency and its rate. [T-8]"""
    table = schema.tables[table_name]
    if CURRENCY in table.columns or CURRENCY not in schema.tables.get("transactioncurrency", table).columns:
        return schema
    lookup = LookupColumn(
        name=CURRENCY,
        schema_name="TransactionCurrencyId",
        label="Currency",
        description="The currency of the amounts of the row.",
        targets=("transactioncurrency",),
    )
    rate = DecimalColumn(
        name="exchangerate",
        schema_name="ExchangeRate",
        label="Exchange Rate",
        description="The rate of the currency when the row was written.",
        min=1e-12,
        precision=12,
        create=False,
        update=False,
    )
    relationship = Relationship(
        schema_name=f"TransactionCurrency_{table_name}",
        referencing_table=table_name,
        referencing_column=CURRENCY,
        referencing_navigation=f"{CURRENCY}_{table_name}" if table.is_activity else CURRENCY,
        referenced_table="transactioncurrency",
        referenced_column=CURRENCY,
        referenced_navigation=f"TransactionCurrency_{table_name}",
        cascades=RESTRICT,
        custom=True,
    )
    return with_relationships(with_tables(schema, with_columns(table, [lookup, rate])), [relationship])


def check_bounds(column: Column) -> None:
    """Refuse bounds outside what the type can hold. [T-2] to [T-8], [T-17], [T-18]

    Raises:
        InvalidArgument: a bound that cannot be, or a format of automatic numbers.
    """
    if isinstance(column, IntegerColumn | DecimalColumn | FloatColumn | MoneyColumn) and column.min > column.max:
        raise InvalidArgument(f"MinValue of '{column.name}' is larger than MaxValue.")
    if isinstance(column, TextColumn) and column.auto_number_format:
        _check_numbering(column, column.auto_number_format)
    for member, low, high in _LIMITS.get(type(column), ()):
        value = getattr(column, member)
        if not low <= value <= high:
            raise InvalidArgument(
                f"'{value}' is outside the valid range of {member} of the column '{column.name}': {low} to {high}."
            )


def _check_numbering(column: TextColumn, form: str) -> None:
    """Only plain text is numbered, by a format that can be read. [JOB-67]"""
    parse_number_format(form)
    if column.format != "Text":
        raise InvalidArgument(f"The column '{column.name}' has the format {column.format}; only Text can be numbered.")


def _check_default(column: Column) -> None:
    default = column.default if isinstance(column, ChoiceColumn) else None
    if default is not None and default not in {option.value for option in getattr(column, "options", ())}:
        raise InvalidArgument(f"The default value {default} of '{column.name}' is no option of its list.")


def _check_form(old: Column, new: Column) -> None:
    """What is stored must stay readable."""
    match old, new:
        case (DecimalColumn() | MoneyColumn(), DecimalColumn() | MoneyColumn()) if new.precision < old.precision:
            raise NotSupportedHere(f"Fewer digits after the point ('{old.name}')")
        case (DateTimeColumn(), DateTimeColumn()) if old.behavior != new.behavior:
            if not old.can_change_behavior:
                raise InvalidArgument(f"The behavior of the column '{old.name}' cannot be changed.")
            if "date_only" in {old.behavior, new.behavior}:
                raise NotSupportedHere(f"Changing a column between dates and points in time ('{old.name}')")


def _with_image(table: Table, column: Column) -> Table:
    """A table has one primary image: the first, or the one that says so. [MW-29]"""
    if not isinstance(column, ImageColumn) or not (column.primary or table.primary_image is None):
        return table
    others: Iterable[Column] = [
        structs.replace(found, primary=False)
        for found in table.columns.values()
        if isinstance(found, ImageColumn) and found.name != column.name and found.primary
    ]
    changed = with_columns(table, [*others, structs.replace(column, primary=True)])
    return structs.replace(changed, primary_image=column.name)
