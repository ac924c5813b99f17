"""Make, change and remove relationships.

In:        CreateOneToMany and its kin
Out:       a plain response; see `applying`
Not here:  the names that follow (metadata.changes.relationships)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import InvalidArgument
from verselet.messages import definitions as messages
from verselet.messages.request import Response
from verselet.metadata.changes.relationships import (
    add_lookup,
    add_many_to_many,
    remove_relationship,
    update_relationship,
)
from verselet.metadata.columns import LookupColumn
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Relationship
from verselet.operations.definitions.applying import apply, forget_references
from verselet.operations.definitions.publishers import check_solution
from verselet.pipeline.execution import Execution

CUSTOMERS = frozenset({"account", "contact"})


def create_one_to_many(run: Execution) -> Response:
    """Make a one-to-many relationship and its lookup. [MW-8]"""
    request = cast(messages.CreateOneToMany, run.request)
    check_solution(run)
    apply(run, add_lookup(run.schema, [request.relationship], request.lookup))
    return Response()


def create_many_to_many(run: Execution) -> Response:
    """Make a many-to-many relationship. [MW-9]"""
    check_solution(run)
    apply(run, add_many_to_many(run.schema, cast(messages.CreateManyToMany, run.request).relationship))
    return Response()


def create_customer_relationships(run: Execution) -> Response:
    """Make a lookup that leads to accounts and contacts. [MW-13]"""
    request = cast(messages.CreateCustomerRelationships, run.request)
    check_solution(run)
    if {found.referenced_table for found in request.relationships} != CUSTOMERS or len(request.relationships) != 2:
        raise InvalidArgument("OneToManyRelationships must lead to 'account' and to 'contact', one to each.")
    apply(run, add_lookup(run.schema, request.relationships, request.lookup))
    return Response()


def create_polymorphic_lookup(run: Execution) -> Response:
    """Make a lookup that leads to rows of several tables. [MW-13]"""
    request = cast(messages.CreatePolymorphicLookupAttribute, run.request)
    check_solution(run)
    if len(request.relationships) < 2:
        raise InvalidArgument("OneToManyRelationships must hold at least two relationships.")
    if len({found.referencing_table for found in request.relationships}) != 1:
        raise InvalidArgument("All relationships of a lookup must have the same ReferencingEntity.")
    apply(run, add_lookup(run.schema, request.relationships, request.lookup))
    return Response()


def change_relationship(run: Execution) -> Response:
    """Change what a one-to-many relationship cascades. [MW-5]"""
    request = cast(messages.UpdateRelationship, run.request)
    check_solution(run)
    changed = update_relationship(
        run.schema, request.name, request.cascades, request.menu, hierarchical=request.hierarchical
    )
    apply(run, changed)
    return Response()


def delete_relationship(run: Execution) -> Response:
    """Remove a relationship; references along it go with it. [MW-7]"""
    name = cast(messages.DeleteRelationship, run.request).name
    changed = remove_relationship(run.schema, name)
    gone = _one_to_many(run.schema, name)
    if gone is not None and gone.referencing_column in changed.tables[gone.referencing_table].columns:
        # The lookup still leads elsewhere, so its column stays; what points along the lost way does not.
        forget_references(run, gone, delete=False)
    apply(run, changed)
    return Response()


def _one_to_many(schema: Schema, name: str) -> Relationship | None:
    found = next((one for one in schema.relationships if one.schema_name == name), None)
    column = schema.tables[found.referencing_table].columns.get(found.referencing_column) if found else None
    return found if isinstance(column, LookupColumn) else None
