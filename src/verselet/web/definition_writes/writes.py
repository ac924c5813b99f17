"""Answer POST, PUT and DELETE on definitions.

In:        an exchange and the segments of its path
Out:       an `Answer`; the schema has changed, or nothing
Not here:  reading bodies (the sibling modules), reading definitions (web.definitions), actions (actions)
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from verselet.errors import DefinitionPatched, InvalidArgument, MethodNotAllowed
from verselet.ids import name_id
from verselet.messages import definitions as messages
from verselet.metadata.schema import Schema
from verselet.organization import Organization
from verselet.query.odata.keys import Segment
from verselet.web.answers import NO_CONTENT, Answer
from verselet.web.body import read_object
from verselet.web.definition_writes.choices import read_choice
from verselet.web.definition_writes.columns import read_column, read_new_column
from verselet.web.definition_writes.labels import (
    choice_labels,
    column_labels,
    labels_of,
    menu_labels,
    new_choice_labels,
    new_column_labels,
    new_table_labels,
    relationship_labels,
    table_labels,
    without_silent_labels,
)
from verselet.web.definition_writes.members import Body, label, member, type_of, yes_no
from verselet.web.definition_writes.relationships import (
    MANY_TO_MANY,
    ONE_TO_MANY,
    read_cascades,
    read_lookup,
    read_many_to_many,
    read_menu,
    read_one_to_many,
)
from verselet.web.definition_writes.tables import read_facts, read_key, read_new_table
from verselet.web.definitions.choices import OptionSet
from verselet.web.definitions.columns import ShownColumn
from verselet.web.definitions.keys import ShownKey
from verselet.web.definitions.places import Collection, One, find
from verselet.web.definitions.relationships import OneToMany, Pairing
from verselet.web.definitions.tables import ShownTable
from verselet.web.definitions.view import view_of
from verselet.web.definitions.wire import NAMESPACE, Subject
from verselet.web.exchange import Exchange

SOLUTION = "SolutionUniqueName"

Made = tuple[messages.DefinitionChange, str]
"""A message, and the address of what it makes behind the address of the API."""


def write_definition(organization: Organization, exchange: Exchange, segments: Sequence[Segment]) -> Answer:
    """Make, change or remove a definition. [MW-1] to [MW-11]

    Raises:
        ServiceError: any refusal; nothing has changed.
    """
    place = find(view_of(organization.schema), segments)
    match exchange.method, place:
        case "PATCH", _:
            raise DefinitionPatched
        case "POST", Collection():
            body = read_object(exchange.body, exchange.content_type, segments[0].name)
            message, address = _create(organization.schema, exchange, segments, body)
            organization.execute(message, exchange.caller)
            return Answer(204, b"", ((b"odata-entityid", f"{exchange.api}{address}".encode()),))
        case "PUT", One(subject=subject) if subject is not None:
            body = read_object(exchange.body, exchange.content_type, segments[0].name)
            merges = exchange.headers.get("mscrm.mergelabels", "").strip().lower() == "true"
            message = _update(exchange, subject, without_silent_labels(body) if merges else body)
            organization.execute(structs.replace(message, merges_labels=merges), exchange.caller)
        case "DELETE", One(subject=subject) if subject is not None:
            organization.execute(_delete(exchange, subject), exchange.caller)
        case _:
            raise MethodNotAllowed(exchange.method, segments[-1].name)
    return NO_CONTENT


def solution_of(exchange: Exchange) -> str | None:
    """The solution that a header or an option names. [MW-16], [H-8]"""
    return exchange.headers.get(f"mscrm.{SOLUTION.lower()}") or exchange.options.value(SOLUTION) or None


# --- making -----------------------------------------------------------------------------------------------------------


def _create(schema: Schema, exchange: Exchange, segments: Sequence[Segment], body: Body) -> Made:
    """The message for a POST, by the collection it goes to."""
    solution = solution_of(exchange)
    path = [segment.name for segment in segments if not segment.name.startswith(f"{NAMESPACE}.")]
    match path:
        case ["EntityDefinitions"]:
            table = read_new_table(schema, body)
            address = f"EntityDefinitions({name_id('table', table.schema_name.lower())})"
            return messages.CreateEntity(solution=solution, labels=new_table_labels(body, table), table=table), address
        case ["EntityDefinitions", ("Attributes" | "Keys") as part]:
            return _create_part(schema, segments[0], part, body, solution)
        case ["RelationshipDefinitions"]:
            return _create_relationship(body, solution)
        case ["GlobalOptionSetDefinitions"]:
            choice, options = read_choice(body)
            address = f"GlobalOptionSetDefinitions({name_id('choice', choice.name.lower())})"
            labels = new_choice_labels(body)
            return messages.CreateOptionSet(solution=solution, labels=labels, choice=choice, options=options), address
        case _:
            raise MethodNotAllowed(exchange.method, path[-1])


def _create_part(schema: Schema, owner: Segment, part: str, body: Body, solution: str | None) -> Made:
    """A column or a key of a table. The address names the table and has one id, which suits every client. [CC-65]"""
    place = find(view_of(schema), [owner])
    table = place.subject.table.name if isinstance(place, One) and isinstance(place.subject, ShownTable) else ""
    message: messages.DefinitionChange
    if part == "Attributes":
        column = read_new_column(schema, body)
        made = name_id("column", table, column.column.schema_name.lower())
        labels = new_column_labels(body, table, column)
        message = messages.CreateAttribute(solution=solution, labels=labels, table=table, column=column)
    else:
        key = read_key(body)
        made = name_id("key", table, key.schema_name.lower())
        labels = labels_of(body, ("key", table, key.schema_name.lower()), "DisplayName")
        message = messages.CreateEntityKey(solution=solution, labels=labels, table=table, key=key)
    return message, f"EntityDefinitions(LogicalName='{table}')/{part}({made})"


def _create_relationship(body: Body, solution: str | None) -> Made:
    message: messages.DefinitionChange
    match type_of(body):
        case kind if kind == ONE_TO_MANY:
            one = read_one_to_many(body)
            lookup, labels = read_lookup(body), relationship_labels(body, member(body, "Lookup"))
            message = messages.CreateOneToMany(solution=solution, labels=labels, relationship=one, lookup=lookup)
            name = one.schema_name
        case kind if kind == MANY_TO_MANY:
            pair = read_many_to_many(body)
            message = messages.CreateManyToMany(solution=solution, relationship=pair)
            name = pair.schema_name
        case other:
            raise InvalidArgument(f"'@odata.type' must be {ONE_TO_MANY} or {MANY_TO_MANY}, not '{other[:80]}'.")
    return message, f"RelationshipDefinitions({name_id('relationship', name)})"


# --- changing and removing --------------------------------------------------------------------------------------------


def _update(exchange: Exchange, subject: Subject, body: Body) -> messages.DefinitionChange:
    """The message for a PUT of a whole definition. [MW-5]"""
    solution = solution_of(exchange)
    match subject:
        case ShownTable():
            name = subject.table.name
            labels = table_labels(body, name)
            return messages.UpdateEntity(solution=solution, labels=labels, table=name, facts=read_facts(body))
        case ShownColumn():
            column, name = read_column(body, subject.column), subject.table.name
            labels = column_labels(body, name, column.name)
            return messages.UpdateAttribute(solution=solution, labels=labels, table=name, column=column)
        case OneToMany(relationship=present):
            hierarchical = yes_no(body, "IsHierarchical")
            return messages.UpdateRelationship(
                solution=solution,
                labels=menu_labels(body, present.schema_name),
                name=present.schema_name,
                cascades=read_cascades(body, present.cascades),
                menu=read_menu(body, present.menu),
                hierarchical=present.hierarchical if hierarchical is None else hierarchical,
            )
        case OptionSet(is_global=True):
            return messages.UpdateOptionSet(
                solution=solution,
                labels=choice_labels(body, subject.name),
                name=subject.name,
                label=label(body, "DisplayName"),
                description=label(body, "Description"),
            )
        case _:
            raise MethodNotAllowed(exchange.method, subject.wire_type.name)


def _delete(exchange: Exchange, subject: Subject) -> messages.DefinitionChange:
    """The message for a DELETE. [MW-7]"""
    match subject:
        case ShownTable():
            return messages.DeleteEntity(table=subject.table.name)
        case ShownColumn():
            return messages.DeleteAttribute(table=subject.table.name, column=subject.column.name)
        case ShownKey():
            return messages.DeleteEntityKey(table=subject.table.name, key=subject.key.name)
        case OneToMany():
            return messages.DeleteRelationship(name=subject.relationship.schema_name)
        case Pairing():
            return messages.DeleteRelationship(name=subject.pair.schema_name)
        case OptionSet(is_global=True):
            return messages.DeleteOptionSet(name=subject.name)
        case _:
            raise MethodNotAllowed(exchange.method, subject.wire_type.name)
