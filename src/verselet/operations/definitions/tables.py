"""Make, change and remove tables.

In:        CreateEntity and its kin
Out:       a plain response; see `applying`
Not here:  what a table gets from its kind (metadata.changes.tables)
"""

from __future__ import annotations

from typing import cast

from verselet.messages import definitions as messages
from verselet.messages.request import Response
from verselet.metadata.changes.tables import add_table, remove_table, update_table
from verselet.operations.definitions.applying import apply
from verselet.operations.definitions.publishers import check_solution, option_prefix
from verselet.pipeline.execution import Execution


def create_entity(run: Execution) -> Response:
    """Make a table. [MW-1], [MW-15]"""
    request = cast(messages.CreateEntity, run.request)
    apply(run, add_table(run.schema, request.table, option_prefix(run, request.table.schema_name)))
    return Response()


def create_entities(run: Execution) -> Response:
    """Make several tables, all or none. [MW-17]"""
    schema = run.schema
    for table in cast(messages.CreateEntities, run.request).tables:
        schema = add_table(schema, table, option_prefix(run, table.schema_name))
    apply(run, schema)
    return Response()


def update_entity(run: Execution) -> Response:
    """Change a table. [MW-5]"""
    request = cast(messages.UpdateEntity, run.request)
    check_solution(run)
    apply(run, update_table(run.schema, request.table, request.facts))
    return Response()


def delete_entity(run: Execution) -> Response:
    """Remove a table with its rows. [MW-7]"""
    apply(run, remove_table(run.schema, cast(messages.DeleteEntity, run.request).table))
    return Response()


def replace_definitions(run: Execution) -> Response:
    """Let the store serve another schema; what differs is made, changed or removed. [contract.md §4]"""
    apply(run, cast(messages.ReplaceDefinitions, run.request).schema)
    return Response()


def publish(_run: Execution) -> Response:
    """Nothing waits to be published: a change is visible once it is committed. [MW-15]"""
    return Response()
