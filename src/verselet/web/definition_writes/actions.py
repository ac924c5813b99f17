"""Answer the actions on definitions.

In:        an exchange and the name of an action
Out:       an `Answer`
Not here:  POST, PUT and DELETE of definitions (writes), which actions there are besides (web.actions)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec

from verselet.errors import InvalidArgument
from verselet.ids import name_id
from verselet.messages import definitions as messages
from verselet.messages.request import Request
from verselet.metadata.changes.drafts import NewOption, OptionList
from verselet.organization import Organization
from verselet.web.answers import NO_CONTENT, Answer, json_answer
from verselet.web.body import read_object
from verselet.web.definition_writes.choices import option_list
from verselet.web.definition_writes.labels import Labels, new_table_labels, option_labels, relationship_labels
from verselet.web.definition_writes.members import (
    Body,
    label,
    member,
    members,
    needed,
    number,
    numbers,
    text,
    texts_of,
    yes_no,
)
from verselet.web.definition_writes.relationships import read_lookup, read_one_to_many
from verselet.web.definition_writes.tables import read_new_table
from verselet.web.definition_writes.writes import SOLUTION, solution_of
from verselet.web.exchange import Exchange

LAST: Final = "#-1"
"""The place of an option that is inserted."""

Read: TypeAlias = Callable[[Body, str | None], Request]


def answer_action(organization: Organization, exchange: Exchange, name: str) -> Answer:
    """Run an action on definitions. [MW-12], [MW-13], [MW-15], [MW-17]

    Raises:
        ServiceError: any refusal; nothing has changed.
    """
    body = read_object(exchange.body or b"{}", exchange.content_type, name)
    solution = text(body, SOLUTION) or solution_of(exchange)
    if name == "CreateEntities":
        tables = tuple(read_new_table(organization.schema, table) for table in members(body, "Entities"))
        if not tables:
            raise InvalidArgument("The parameter 'Entities' must hold at least one table.")
        labels: Labels = {}
        for written, made in zip(members(body, "Entities"), tables, strict=True):
            labels |= new_table_labels(written, made)
        message = messages.CreateEntities(solution=solution, labels=labels, tables=tables)
        organization.execute(message, exchange.caller)
        ids = [name_id("table", made.schema_name.lower()) for made in tables]
        return _answer(exchange, name, {"EntityIds": ids})
    asked = READERS[name](body, solution)
    response = organization.execute(asked, exchange.caller)
    if isinstance(response, messages.OptionValueResponse):
        return _answer(exchange, name, {"NewOptionValue": response.value})
    match asked:
        case messages.CreateCustomerRelationships() | messages.CreatePolymorphicLookupAttribute():
            table = asked.relationships[0].referencing_table
            return _answer(
                exchange,
                name,
                {
                    "RelationshipIds": [name_id("relationship", made.schema_name) for made in asked.relationships],
                    "AttributeId": name_id("column", table, asked.lookup.schema_name.lower()),
                },
            )
        case _:
            return NO_CONTENT


def _answer(exchange: Exchange, name: str, properties: Mapping[str, object]) -> Answer:
    context = f"{exchange.api}$metadata#Microsoft.Dynamics.CRM.{name}Response"
    return json_answer(msgspec.json.encode({"@odata.context": context, **properties}))


def _option(body: Body) -> NewOption:
    written = label(body, "Label")
    if not written:
        raise _label_missing()
    return NewOption(written, number(body, "Value"))


def _label_missing() -> InvalidArgument:
    return InvalidArgument("The parameter 'Label' is required.")


def _value(body: Body, name: str = "Value") -> int:
    found = number(body, name)
    if found is None:
        raise InvalidArgument(f"The parameter '{name}' is required.")
    return found


def _insert(body: Body, solution: str | None) -> Request:
    of = option_list(body)
    labels = option_labels(body, of, LAST)
    return messages.InsertOptionValue(solution=solution, labels=labels, of=of, option=_option(body))


def _insert_status(body: Body, solution: str | None) -> Request:
    table = needed(body, "EntityLogicalName")
    return messages.InsertStatusValue(
        solution=solution,
        labels=option_labels(body, OptionList(table, "statuscode"), LAST),
        table=table,
        option=_option(body),
        state=_value(body, "StateCode"),
    )


def _update(body: Body, solution: str | None) -> Request:
    of, value, merges = option_list(body), _value(body), yes_no(body, "MergeLabels") or False
    written = label(body, "Label")
    if written == "" or not texts_of(body, "Label"):
        raise _label_missing()
    return messages.UpdateOptionValue(
        solution=solution,
        labels=option_labels(body, of, value),
        merges_labels=merges,
        of=of,
        value=value,
        label=written,
    )


def _update_state(body: Body, solution: str | None) -> Request:
    table, value = needed(body, "EntityLogicalName"), _value(body)
    return messages.UpdateStateValue(
        solution=solution,
        labels=option_labels(body, OptionList(table, "statecode"), value),
        merges_labels=yes_no(body, "MergeLabels") or False,
        table=table,
        value=value,
        label=label(body, "Label"),
        default_status=number(body, "DefaultStatusCode"),
    )


def _order(body: Body, solution: str | None) -> Request:
    return messages.OrderOption(solution=solution, of=option_list(body), values=numbers(body, "Values"))


def _delete(body: Body, solution: str | None) -> Request:
    return messages.DeleteOptionValue(solution=solution, of=option_list(body), value=_value(body))


def _lookup_labels(body: Body) -> Labels:
    found: Labels = {}
    for relationship in members(body, "OneToManyRelationships"):
        found |= relationship_labels(relationship, member(body, "Lookup"))
    return found


def _customer(body: Body, solution: str | None) -> Request:
    return messages.CreateCustomerRelationships(
        solution=solution,
        relationships=tuple(read_one_to_many(found) for found in members(body, "OneToManyRelationships")),
        lookup=read_lookup(body, "customer"),
        labels=_lookup_labels(body),
    )


def _polymorphic(body: Body, solution: str | None) -> Request:
    return messages.CreatePolymorphicLookupAttribute(
        solution=solution,
        relationships=tuple(read_one_to_many(found) for found in members(body, "OneToManyRelationships")),
        lookup=read_lookup(body),
        labels=_lookup_labels(body),
    )


def _reactivate(body: Body, _solution: str | None) -> Request:
    return messages.ReactivateEntityKey(
        table=needed(body, "EntityLogicalName"), key=needed(body, "EntityKeyLogicalName")
    )


def _provision(body: Body, _solution: str | None) -> Request:
    return messages.ProvisionLanguage(language=_value(body, "Language"))


def _deprovision(body: Body, _solution: str | None) -> Request:
    return messages.DeprovisionLanguage(language=_value(body, "Language"))


def _publish(body: Body, _solution: str | None) -> Request:
    needed(body, "ParameterXml")
    return messages.PublishXml()


READERS: Mapping[str, Read] = MappingProxyType(
    {
        "InsertOptionValue": _insert,
        "InsertStatusValue": _insert_status,
        "UpdateOptionValue": _update,
        "UpdateStateValue": _update_state,
        "OrderOption": _order,
        "DeleteOptionValue": _delete,
        "CreateCustomerRelationships": _customer,
        "CreatePolymorphicLookupAttribute": _polymorphic,
        "ReactivateEntityKey": _reactivate,
        "ProvisionLanguage": _provision,
        "DeprovisionLanguage": _deprovision,
        "PublishXml": _publish,
        "PublishAllXml": lambda _body, _solution: messages.PublishAllXml(),
    }
)
"""Action → its message."""
