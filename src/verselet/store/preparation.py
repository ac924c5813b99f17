"""Make a database fit a schema.

In:        an open session, metadata.schema.Schema
Out:       tables, indexes and views, created or changed, and removed where somebody deletes a definition; `newest`
Not here:  what must change (store.layout), the statements (store.ddl), the server's own tables (store.bookkeeping)
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from verselet.metadata.customizations import customized, differences
from verselet.metadata.schema import Schema
from verselet.sql.columns import StoredColumn
from verselet.store.bookkeeping import (
    migrate,
    remember_definitions,
    remember_layout,
    stored_definitions,
    stored_digest,
    stored_layout,
)
from verselet.store.ddl import create_index, create_view, rows_too_large, statements_before_indexes
from verselet.store.failures import StatementTooLarge, UniqueViolation
from verselet.store.generations import advance_schema, raise_schema, read_generations
from verselet.store.layout import (
    Changes,
    IndexLayout,
    changes_between,
    digest_of,
    layout_of,
    with_removals,
    without_removed,
)
from verselet.store.months import is_divided
from verselet.store.refusals import KeyedBesideId, KeyNotUnique, changed_form, key_too_long
from verselet.store.session import Session


def prepare(session: Session, schema: Schema, progress: Callable[[str], None]) -> Schema:
    """Create or upgrade everything `schema` needs; one comparison when there is nothing to do.

    Tables and columns are added, never taken away: what left the schema stays in the database until somebody
    removes it by hand. Indexes and views hold no data of their own and are replaced.

    Returns:
        The schema with the definitions that were made or changed in this database.

    Raises:
        OperatorError: the data has a newer format, a stored column would have to change its form, or rows contradict
            a new key.
    """
    migrate(session, progress)
    schema = customized(schema, stored_definitions(session))
    wanted = layout_of(schema)
    digest = stored_digest(session)
    if digest == digest_of(wanted):
        return _numbered(session, schema, 0)
    stored = stored_layout(session)
    changes = changes_between(stored, wanted)
    _refuse_changed_forms(session, changes)
    if changes.new_tables:
        progress(f"Creating {len(changes.new_tables)} tables")
    if changes.new_columns:
        progress(f"Adding {len(changes.new_columns)} columns")
    make(session, changes)
    remember_layout(session, stored, wanted)
    is_new = digest is None or not any(structs.astuple(changes))
    return _numbered(session, schema, 0 if is_new else read_generations(session).schema + 1)


def hold_off_others(session: Session) -> None:
    """Until the end of the transaction nobody else makes tables: two servers may start at once on one database.

    The number is ours, and no other lock's. Of SQLite only one transaction writes at all.
    """
    if session.dialect.name == "postgresql":
        session.run("SELECT pg_advisory_xact_lock(8377354)")


def newest(session: Session, shipped: Schema) -> Schema:
    """The schema as this session sees it: what came with the solutions, and what was made or changed here."""
    kept = customized(shipped, stored_definitions(session))
    return structs.replace(kept, generation=read_generations(session).schema)


def _numbered(session: Session, schema: Schema, least: int) -> Schema:
    """The schema under the number by which all processes know it; it only grows, from one start to the next."""
    number = raise_schema(session, max(least, schema.generation))
    return schema if number == schema.generation else structs.replace(schema, generation=number)


def change(session: Session, old: Schema, new: Schema) -> None:
    """Turn a database that serves `old` into one that serves `new`, and keep the definitions that differ.

    What `new` no longer has is removed with what it held.

    Raises:
        LayoutChanged: the database does not serve `old` any more.
        OperatorError: a stored column would have to change its form, or rows contradict a new key.
    """
    advance_schema(session, old.generation, new.generation)
    session.outdate("schema")
    stored, wanted = stored_layout(session), layout_of(new)
    changes = with_removals(changes_between(stored, wanted), layout_of(old), wanted)
    _refuse_changed_forms(session, changes)
    make(session, changes)
    remember_layout(session, without_removed(stored, changes), wanted)
    remember_definitions(session, *differences(old, new))


def make(session: Session, changes: Changes) -> None:
    """Do what turns one layout into another, and remember nothing of it."""
    _run_all(session, list(statements_before_indexes(changes, session.dialect)))
    _create_indexes(session, changes)
    _run_all(session, [create_view(name, view, session.dialect) for name, view in changes.new_views.items()])


def _run_all(session: Session, statements: list[str]) -> None:
    """Run statements without values as one script: a hundred round trips become one."""
    if statements:
        session.run_script(";".join(statements))


def _create_indexes(session: Session, changes: Changes) -> None:
    """Build indexes; only a unique one on rows that are there already can be contradicted, so it runs alone."""
    quick: list[str] = []
    for name, index in changes.new_indexes.items():
        statement = create_index(name, index, session.dialect)
        if index.unique and index.table not in changes.new_tables:
            _create_unique_index(session, name, index, statement)
        else:
            quick.append(statement)
    _run_all(session, quick)


def _create_unique_index(session: Session, name: str, index: IndexLayout, statement: str) -> None:
    if is_divided(session, index.table):
        raise KeyedBesideId(index.table, name)
    try:
        session.run_script(statement)
    except UniqueViolation as error:
        raise KeyNotUnique(name, index.table) from error
    except StatementTooLarge as error:
        raise key_too_long(name, index.table, str(error)) from error


def _refuse_changed_forms(session: Session, changes: Changes) -> None:
    """Stop before anything is changed when stored values could not become what is wanted."""
    for change in changes.changed_forms:
        raise changed_form(change.table, change.wanted.name, _said(change.stored), _said(change.wanted))
    if session.dialect.name == "sqlite":
        for rescaled in changes.rescaled:
            if session.run(rows_too_large(rescaled)):
                old = StoredColumn(rescaled.column.name, rescaled.column.kind, rescaled.old_scale)
                raise changed_form(rescaled.table, rescaled.column.name, _said(old), _said(rescaled.column))


def _said(column: StoredColumn) -> str:
    return f"{column.kind} with {column.scale} digits" if column.kind == "decimal" else column.kind
