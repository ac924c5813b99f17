"""Say what a database must contain for a schema, and what is missing in one that contains something else.

In:        metadata.schema.Schema; the layout the database has
Out:       `Layout`, `Changes`
Not here:  the SQL for it (store.ddl), where the layout of a database is kept (store.bookkeeping)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec
from msgspec import structs

from verselet.metadata.columns import LookupColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.sql.columns import (
    COLUMNS_OF_OWNERS,
    StoredColumn,
    index_name,
    is_view,
    key_index_name,
    pair_index_name,
    stored_columns,
)
from verselet.sql.dialects import POSTGRESQL, SQLITE
from verselet.sql.formulas import formula_sql
from verselet.sql.indexes import SEARCHED, indexed_lookups, indexed_name
from verselet.sql.shares import ONE_SHARE, SHARES

UNIQUE_TOGETHER: Mapping[str, tuple[str, ...]] = MappingProxyType({SHARES: ONE_SHARE})
"""Table → columns whose values together occur once: a principal has one share of a row. [SEC-59]"""


class Generated(msgspec.Struct, frozen=True):
    """What a column is worked out from, as both databases say it."""

    sqlite: str
    postgresql: str


class TableLayout(msgspec.Struct, frozen=True, omit_defaults=True):
    """A table: its primary key, which is one of its columns, and all columns.

    `generated` says of which columns the database works out the values itself. [JOB-61]
    """

    primary_key: str
    columns: tuple[StoredColumn, ...]
    generated: Mapping[str, Generated] = {}


class IndexLayout(msgspec.Struct, frozen=True):
    """An index over columns of one table.

    `folded`: texts lie in it as they are compared and sorted, without regard to letter case. [F-3], [K-1]
    """

    table: str
    columns: tuple[StoredColumn, ...]
    unique: bool
    folded: bool = False


class Source(msgspec.Struct, frozen=True):
    """Where a column of a view comes from: a column, a constant text, or nowhere.

    With `beside` the constant is there only where that column has a value.
    """

    column: str | None = None
    constant: str | None = None
    beside: str | None = None


class ViewPart(msgspec.Struct, frozen=True):
    """The rows one table adds to a view; one source per column of the view."""

    table: str
    sources: tuple[Source, ...]


class ViewLayout(msgspec.Struct, frozen=True):
    """A view: the rows of several tables under one set of columns."""

    columns: tuple[StoredColumn, ...]
    parts: tuple[ViewPart, ...]


class Layout(msgspec.Struct, frozen=True):
    """Everything in a database that follows from the schema, by name."""

    tables: Mapping[str, TableLayout]
    indexes: Mapping[str, IndexLayout]
    views: Mapping[str, ViewLayout]


class Rescaled(msgspec.Struct, frozen=True):
    """A decimal column that got more digits after the point."""

    table: str
    column: StoredColumn
    old_scale: int


class ChangedForm(msgspec.Struct, frozen=True):
    """A column whose stored values cannot become what is wanted."""

    table: str
    stored: StoredColumn
    wanted: StoredColumn


class Changes(msgspec.Struct, frozen=True):
    """What turns one layout into another. Tables and columns are taken away only where that is asked for.

    `regenerated` columns hold nothing of their own: they are taken away, and come again among `new_columns`.
    """

    new_tables: Mapping[str, TableLayout]
    new_columns: tuple[tuple[str, StoredColumn, Generated | None], ...]
    rescaled: tuple[Rescaled, ...]
    changed_forms: tuple[ChangedForm, ...]
    old_indexes: tuple[str, ...]
    new_indexes: Mapping[str, IndexLayout]
    old_views: tuple[str, ...]
    new_views: Mapping[str, ViewLayout]
    regenerated: tuple[tuple[str, str], ...] = ()
    gone_tables: tuple[str, ...] = ()
    gone_columns: tuple[tuple[str, str], ...] = ()


EMPTY = Layout({}, {}, {})


def layout_of(schema: Schema) -> Layout:
    """What a database must contain for `schema`."""
    stored = {name: _columns_of(table) for name, table in schema.tables.items()}
    tables = {name: table_layout(table) for name, table in schema.tables.items() if not is_view(table)}
    indexes: dict[str, IndexLayout] = {}
    for name, table in schema.tables.items():
        if name in tables:
            indexes.update(_indexes_of(schema, table, stored[name]))
    for pair in schema.many_to_many:
        columns = stored.get(pair.intersect_table, {})
        if pair.column1 in columns and pair.column2 in columns:
            first, second = columns[pair.column1], columns[pair.column2]
            name = pair.intersect_table
            indexes[pair_index_name(name)] = IndexLayout(name, (first, second), unique=True)
            indexes[index_name(name, pair.column2)] = IndexLayout(name, (second, first), unique=False)
    return Layout(tables, indexes, dict(_views_of(schema, stored)))


def table_layout(table: Table) -> TableLayout:
    """What a database must contain for one table."""
    return TableLayout(table.primary_id, tuple(_columns_of(table).values()), _generated(table))


def digest_of(layout: Layout) -> str:
    """A short text that differs when the layout does."""
    return hashlib.sha256(msgspec.json.encode(layout, order="sorted")).hexdigest()


def changes_between(old: Layout, new: Layout) -> Changes:
    """What must be done to a database with layout `old` so that it serves `new`."""
    new_columns: list[tuple[str, StoredColumn, Generated | None]] = []
    rescaled: list[Rescaled] = []
    changed_forms: list[ChangedForm] = []
    regenerated: list[tuple[str, str]] = []
    for name, table in new.tables.items():
        if name not in old.tables:
            continue
        known = {column.name: column for column in old.tables[name].columns}
        before = old.tables[name].generated
        for column in table.columns:
            stored, way = known.get(column.name), table.generated.get(column.name)
            if stored is not None and way is not None and column.name in before:
                if (before[column.name], stored) != (way, column):
                    regenerated.append((name, column.name))
                    new_columns.append((name, column, way))
            elif stored is None:
                new_columns.append((name, column, way))
            elif (way is None) != (column.name not in before):
                changed_forms.append(ChangedForm(name, stored, column))
            elif stored.kind == column.kind and stored.scale < column.scale:
                rescaled.append(Rescaled(name, column, stored.scale))
            elif stored != column:
                changed_forms.append(ChangedForm(name, stored, column))
    return Changes(
        new_tables={name: table for name, table in new.tables.items() if name not in old.tables},
        new_columns=tuple(new_columns),
        rescaled=tuple(rescaled),
        changed_forms=tuple(changed_forms),
        regenerated=tuple(regenerated),
        old_indexes=tuple(
            name for name, index in old.indexes.items() if index.table in new.tables and new.indexes.get(name) != index
        ),
        new_indexes={name: index for name, index in new.indexes.items() if old.indexes.get(name) != index},
        old_views=tuple(name for name, view in old.views.items() if new.views.get(name) != view),
        new_views={name: view for name, view in new.views.items() if old.views.get(name) != view},
    )


def with_removals(changes: Changes, old: Layout, new: Layout) -> Changes:
    """The changes, and the removal of all tables and columns that `old` has and `new` has not.

    For definitions that somebody deletes: what they held is to be gone, and their names are to be free. [MW-7]
    """
    gone_columns = []
    for name, table in old.tables.items():
        wanted = {column.name for column in new.tables[name].columns} if name in new.tables else None
        if wanted is not None:
            gone_columns += [(name, column.name) for column in table.columns if column.name not in wanted]
    gone_tables = tuple(name for name in old.tables if name not in new.tables)
    return structs.replace(changes, gone_tables=gone_tables, gone_columns=tuple(gone_columns))


def without_removed(layout: Layout, changes: Changes) -> Layout:
    """A layout without the tables and columns that the changes remove."""
    gone = set(changes.gone_columns)
    tables = {
        name: structs.replace(
            table,
            columns=tuple(part for part in table.columns if (name, part.name) not in gone),
            generated={part: way for part, way in table.generated.items() if (name, part) not in gone},
        )
        for name, table in layout.tables.items()
        if name not in changes.gone_tables
    }
    indexes = {name: index for name, index in layout.indexes.items() if index.table in tables}
    return Layout(tables, indexes, layout.views)


def merged(old: Layout, new: Layout) -> Layout:
    """What a database contains after the changes: everything new, and the tables and columns that were kept."""
    tables = dict(old.tables)
    for name, table in new.tables.items():
        wanted = {column.name for column in table.columns}
        if name in tables:
            tables[name] = _with_kept(table, tables[name], wanted)
        else:
            tables[name] = table
    kept_indexes = {name: index for name, index in old.indexes.items() if index.table not in new.tables}
    return Layout(tables, {**kept_indexes, **new.indexes}, new.views)


def _with_kept(table: TableLayout, old: TableLayout, wanted: set[str]) -> TableLayout:
    """A table with the columns that stayed although nobody wants them any more."""
    kept = [column for column in old.columns if column.name not in wanted]
    ways = {name: way for name, way in old.generated.items() if name not in wanted}
    return structs.replace(table, columns=(*table.columns, *kept), generated={**ways, **table.generated})


def _generated(table: Table) -> dict[str, Generated]:
    """The columns with a formula, and what it says to both databases."""
    return {
        column.name: Generated(formula_sql(table, column, SQLITE), formula_sql(table, column, POSTGRESQL))
        for column in table.columns.values()
        if column.formula is not None
    }


def _columns_of(table: Table) -> dict[str, StoredColumn]:
    """Stored name → column; the primary key first."""
    found = {stored.name: stored for column in table.columns.values() for stored in stored_columns(table, column)}
    return {table.primary_id: found.pop(table.primary_id), **found}


def _indexes_of(schema: Schema, table: Table, stored: Mapping[str, StoredColumn]) -> Iterator[tuple[str, IndexLayout]]:
    """The indexes of one table: lookups, names, alternate keys, the version of tables whose changes are tracked."""
    # An index that also says whose row it is answers a count under row security alone. [performance.md §6]
    owner = ("owningbusinessunit", "ownerid") if table.ownership == "user" else ()
    for column in indexed_lookups(schema, table):
        # Rows come in the order of their keys where nothing else is asked: an index in that order needs no sort.
        names = dict.fromkeys((column.name, table.primary_id, *(name for name in owner if name in stored)))
        parts = tuple(stored[name] for name in names)
        yield index_name(table.name, column.name), IndexLayout(table.name, parts, unique=False)
    called = indexed_name(table)
    if called is not None:
        names = dict.fromkeys((called.name, table.primary_id, *(name for name in owner if name in stored)))
        parts = tuple(stored[name] for name in names)
        yield index_name(table.name, called.name), IndexLayout(table.name, parts, unique=False, folded=True)
    for searched in SEARCHED.get(table.name, ()):
        if set(searched) <= stored.keys():
            parts = tuple(stored[name] for name in searched)
            yield index_name(table.name, searched[0]), IndexLayout(table.name, parts, unique=False)
    together = UNIQUE_TOGETHER.get(table.name, ())
    if together and set(together) <= stored.keys():
        yield (
            pair_index_name(table.name),
            IndexLayout(table.name, tuple(stored[name] for name in together), unique=True),
        )
    for key in table.keys:
        parts = tuple(part for name in key.columns for part in stored_columns(table, table.columns[name]))
        is_folded = any(part.kind == "text" for part in parts)
        yield key_index_name(table.name, key), IndexLayout(table.name, parts, unique=True, folded=is_folded)
    if table.is_tracked:
        parts = (stored["versionnumber"],)
        yield index_name(table.name, "versionnumber"), IndexLayout(table.name, parts, unique=False)


# --- views -----------------------------------------------------------------------------------------------------------


def _views_of(schema: Schema, stored: Mapping[str, Mapping[str, StoredColumn]]) -> Iterator[tuple[str, ViewLayout]]:
    """The views of the schema that have at least one table behind them."""
    if "owner" in stored:
        parts = tuple(
            ViewPart(name, tuple(_owner_source(name, column, stored[name]) for column in stored["owner"].values()))
            for name in COLUMNS_OF_OWNERS
            if name in stored
        )
        if parts:
            yield "owner", ViewLayout(tuple(stored["owner"].values()), parts)
    if "activitypointer" in stored:
        columns = tuple(stored["activitypointer"].values())
        parts = tuple(
            ViewPart(name, tuple(_activity_source(table, column, stored[name]) for column in columns))
            for name, table in sorted(schema.tables.items())
            if table.is_activity and name != "activitypointer"
        )
        if parts:
            yield "activitypointer", ViewLayout(columns, parts)


def _owner_source(table: str, column: StoredColumn, stored: Mapping[str, StoredColumn]) -> Source:
    """A column of `owner`: users and teams call their id and names differently."""
    if column.name == "owneridtype":
        return Source(constant=table)
    return _same_form(stored.get(COLUMNS_OF_OWNERS[table].get(column.name, column.name)), column)


def _activity_source(table: Table, column: StoredColumn, stored: Mapping[str, StoredColumn]) -> Source:
    """A column of `activitypointer`: the activity's own, if it has one of that form. [MT-1]"""
    if column.name == "activitytypecode":
        return Source(constant=table.name)
    if column.name == "activityid":
        return Source(column=table.primary_id)
    name, _, suffix = column.name.rpartition("__")
    lookup = table.columns.get(name)
    if suffix == "table" and isinstance(lookup, LookupColumn) and not lookup.is_polymorphic:
        return Source(constant=lookup.targets[0], beside=name)
    return _same_form(stored.get(column.name), column)


def _same_form(found: StoredColumn | None, wanted: StoredColumn) -> Source:
    """The column that was found, unless it holds something else."""
    if found is None or (found.kind, found.scale) != (wanted.kind, wanted.scale):
        return Source()
    return Source(column=found.name)
