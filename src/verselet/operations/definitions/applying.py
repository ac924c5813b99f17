"""Make the store fit a new schema, inside the transaction of the message.

In:        an execution and the schema it should leave behind
Out:       tables, columns, indexes and kept definitions in the store; `run.new_schema`
Not here:  computing the schema (metadata.changes), the statements (store.preparation)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from msgspec import structs

from verselet.errors import InvalidArgument, NotSupportedHere, OperatorError
from verselet.messages.definitions import DefinitionChange
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Relationship
from verselet.metadata.translations import relabelled
from verselet.operations.builtin import SYSTEM_ADMINISTRATOR_ID, SYSTEM_CUSTOMIZER_ID, active_views, message_filters
from verselet.operations.create import create_rows
from verselet.operations.privilege_rows import describe_privileges, forget_privileges
from verselet.operations.rollup_jobs import plan_changed_rollups
from verselet.operations.rules.audit_switches import note_definitions
from verselet.operations.rules.lost_content import forget_lost_content
from verselet.pipeline.execution import Execution
from verselet.sql.columns import stored_columns, target_column
from verselet.sql.definitions import clear_references_sql, delete_rows_of_type_sql
from verselet.store.preparation import change
from verselet.store.refusals import KeyedBesideId, KeyNotUnique
from verselet.values import Reference


def apply(run: Execution, schema: Schema) -> None:
    """Turn the store into one that serves `schema`, with the labels of the message, and remember to put it in force.

    Raises:
        LanguageNotValid: a label in a language that is not switched on.
        InvalidArgument: rows contradict a new key. [MW-14]
        NotSupportedHere: what rows hold would have to be converted.
    """
    old, request = run.schema, cast(DefinitionChange, run.request)
    schema = relabelled(schema, request.labels, merge=request.merges_labels)
    gone = [name for name in old.tables if name not in schema.tables]
    _forget_rows(run, schema, gone)
    forget_lost_content(run, schema)
    try:
        change(run.session, old, schema)
    except OperatorError as refusal:
        raise _refusal(refusal) from refusal
    run.change_schema(schema)
    for name in schema.tables:
        if name not in old.tables:
            _describe(run, name)
    note_definitions(run, old, schema)
    plan_changed_rollups(run, old, schema)


def _refusal(refusal: OperatorError) -> InvalidArgument | NotSupportedHere:
    """What the store says to the person at the terminal, said to a client."""
    if isinstance(refusal, KeyNotUnique):
        return InvalidArgument(f"The key cannot be created: {refusal.why}.")
    if isinstance(refusal, KeyedBesideId):
        return NotSupportedHere("An alternate key of a table that is divided by month")
    return NotSupportedHere(f"Changing how values are stored ({refusal.what})")


def _describe(run: Execution, name: str) -> None:
    """The rows that describe a new table: which messages it takes, and its view of active rows. [OC-20], [OC-4]"""
    of_table = structs.replace(run.schema, tables={name: run.schema.tables[name]})
    organization = Reference("organization", run.facts.id)
    known = frozenset({organization})
    filters, views = message_filters(of_table, organization), active_views(of_table, organization)
    for table_name, rows in (("sdkmessagefilter", filters), ("savedquery", views)):
        table = run.schema.tables.get(table_name)
        if rows and table is not None:
            create_rows(run, table, rows, known)
    describe_privileges(run, run.schema.tables[name], (SYSTEM_ADMINISTRATOR_ID, SYSTEM_CUSTOMIZER_ID))


def _forget_rows(run: Execution, schema: Schema, gone: Iterable[str]) -> None:
    """Take away what other tables hold about tables that go: their rows' notes, references, descriptions. [MW-7]"""
    names = frozenset(gone)
    forget_privileges(run, schema, names)
    lost = [found for found in run.schema.relationships if found.referenced_table in names]
    for relationship in lost:
        if relationship.referencing_table in schema.tables:
            forget_references(run, relationship, delete=relationship.cascades.delete == "Cascade")
    dialect = run.session.dialect
    for name in sorted(names):
        for table_name, column in (("sdkmessagefilter", "primaryobjecttypecode"), ("savedquery", "returnedtypecode")):
            table = run.schema.tables.get(table_name)
            if table is not None:
                run.session.run(delete_rows_of_type_sql(table, column, dialect), (name,))


def forget_references(run: Execution, relationship: Relationship, *, delete: bool) -> None:
    """Delete the rows that point along a relationship that goes, or clear what they point with."""
    table = run.schema.tables[relationship.referencing_table]
    column = table.columns[relationship.referencing_column]
    stored = [part.name for part in stored_columns(table, column)]
    kind = target_column(column.name)
    if kind not in stored or table.name in {"owner", "activitypointer"}:
        return
    dialect = run.session.dialect
    if delete:
        run.session.run(delete_rows_of_type_sql(table, kind, dialect), (relationship.referenced_table,))
    else:
        version = (run.session.next_versions(),) if "versionnumber" in table.columns else ()
        text = clear_references_sql(table, stored, kind, dialect)
        run.session.run(text, (*version, relationship.referenced_table))
