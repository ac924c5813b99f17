"""Answer calls of custom APIs.

In:        an exchange, the name of a message, what it is called on
Out:       `callable_message`; an `Answer`
Not here:  values in JSON (web.custom_messages.inputs, web.custom_messages.outputs), the work (pipeline)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from verselet.errors import MethodNotAllowed
from verselet.messages.custom import Binding, Called, CustomMessage, Kind, call_of
from verselet.messages.request import RowKey
from verselet.metadata.tables import Table
from verselet.organization import Organization
from verselet.web.answers import NO_CONTENT, Answer, json_answer
from verselet.web.body import read_object
from verselet.web.custom_messages.inputs import TYPE, Inputs
from verselet.web.custom_messages.outputs import Outputs
from verselet.web.exchange import Exchange
from verselet.web.row_functions.calls import ENCODER
from verselet.web.row_functions.parameters import PREFIX, Given, function_parameters


def callable_message(
    organization: Organization, name: str, binding: Binding, table: Table | None = None
) -> CustomMessage | None:
    """The message of that name, if it is bound to that; None also for a function that answers with nothing. [FN-28]"""
    found = organization.registry.messages.get(name)
    if found is None or found.binding != binding or not found.is_complete:
        return None
    return found if table is None or found.table == table.name else None


def answer_custom(
    organization: Organization,
    exchange: Exchange,
    api: CustomMessage,
    arguments: str | None = None,
    target: str | None = None,
) -> Answer:
    """Call a message; `target` is the id of the row it is bound to. [FN-1], [FN-4], [FN-28]

    Raises:
        MethodNotAllowed: a function is called with GET, an action with POST.
    """
    if exchange.method != ("GET" if api.is_function else "POST"):
        raise MethodNotAllowed(exchange.method, api.name)
    given: Given
    if api.is_function:
        given = function_parameters(exchange, arguments)
    else:
        given = read_object(exchange.body or b"{}", exchange.content_type, api.name)
    inputs = Inputs(organization, api).read(given)
    request = call_of(api, inputs, None if target is None else RowKey(target))
    called = cast(Called, organization.execute(request, exchange.caller))
    return _answer(organization, exchange, api, called.outputs)


def _answer(
    organization: Organization, exchange: Exchange, api: CustomMessage, outputs: Mapping[str, object]
) -> Answer:
    """A row, rows, or named values; 204 where nothing was set. [FN-5], [FN-28]"""
    found = Outputs(organization.schema, api).written(outputs)
    if all(value is None for value in found.values()):
        return NO_CONTENT
    context = f"{PREFIX}{api.name}Response"
    alone = api.alone
    if alone is not None and alone.kind is Kind.ENTITY:
        found = cast("dict[str, object]", found[alone.name])
        type_name = str(found[TYPE]).removeprefix("#").removeprefix(PREFIX)
        table = organization.schema.tables.get(type_name)
        context = PREFIX + type_name if table is None else f"{table.set_name}/$entity"
    elif alone is not None:
        table = organization.schema.tables.get(alone.table)
        context = f"Collection({PREFIX}crmbaseentity)" if table is None else table.set_name
        found = {"value": found[alone.name]}
    return json_answer(ENCODER.encode({"@odata.context": f"{exchange.api}$metadata#{context}", **found}))
