"""Make, change and remove columns and keys.

In:        CreateAttribute and its kin
Out:       a plain response; see `applying`
Not here:  which columns can be (metadata.changes.columns), lookups (relationships)
"""

from __future__ import annotations

from typing import cast

from verselet.messages import definitions as messages
from verselet.messages.request import Response
from verselet.metadata.changes.columns import add_column, remove_column, update_column
from verselet.metadata.changes.keys import add_key, key_named, remove_key
from verselet.operations.definitions.applying import apply
from verselet.operations.definitions.publishers import check_solution, option_prefix
from verselet.operations.secured_columns import must_open_columns
from verselet.pipeline.execution import Execution


def create_attribute(run: Execution) -> Response:
    """Make a column. [MW-3]"""
    request = cast(messages.CreateAttribute, run.request)
    prefix = option_prefix(run, request.column.column.schema_name)
    apply(run, add_column(run.schema, request.table, request.column, prefix))
    return Response()


def update_attribute(run: Execution) -> Response:
    """Change a column. [MW-5]

    Raises:
        UnsecuringDenied: it would not be secured any more, and the caller lacks a right on its values. [SEC-100]
    """
    request = cast(messages.UpdateAttribute, run.request)
    check_solution(run)
    if not request.column.is_secured:
        must_open_columns(run, request.table, (request.column.name,))
    apply(run, update_column(run.schema, request.table, request.column))
    return Response()


def delete_attribute(run: Execution) -> Response:
    """Remove a column with what rows hold in it. [MW-7]"""
    request = cast(messages.DeleteAttribute, run.request)
    apply(run, remove_column(run.schema, request.table, request.column))
    return Response()


def create_entity_key(run: Execution) -> Response:
    """Make an alternate key; its index is built with it, and rows that contradict it refuse it. [MW-10]"""
    request = cast(messages.CreateEntityKey, run.request)
    check_solution(run)
    apply(run, add_key(run.schema, request.table, request.key))
    return Response()


def delete_entity_key(run: Execution) -> Response:
    """Remove an alternate key. [MW-7]"""
    request = cast(messages.DeleteEntityKey, run.request)
    apply(run, remove_key(run.schema, request.table, request.key))
    return Response()


def reactivate_entity_key(run: Execution) -> Response:
    """A key that is there has its index, so there is nothing to try again. [MW-10]"""
    request = cast(messages.ReactivateEntityKey, run.request)
    key_named(run.schema, request.table, request.key)
    return Response()
