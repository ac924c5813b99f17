"""Answer calls of messages of one's own.

In:        a call whose main operation has run, as stage 30 among the steps around it; a call by name
Out:       `Called`: what was set
Not here:  running plug-ins (pipeline.firing), values as JSON (web.custom_messages)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import InvalidArgument
from verselet.messages.custom import Binding, CallByName, Called, call_of
from verselet.messages.request import RowKey
from verselet.operations.finding import must_find_id
from verselet.pipeline.execution import Execution


def call(run: Execution) -> Called:
    """Steps after the operation may still set more, into the same outputs. [EVT-1], [FN-28]"""
    return Called({} if run.context is None else run.context.outputs)


def call_by_name(run: Execution) -> Called:
    """Call a message for a plug-in, which brings values of the right types. [FN-8], [FN-28]

    Raises:
        InvalidArgument: there is no such message, it is not bound to that, or its parameters are others.
        RowDoesNotExist: the row it is bound to is not there.
    """
    request = cast(CallByName, run.request)
    api, target = run.surroundings.message_named(request.name), request.target
    if api is None or not api.is_complete:
        raise InvalidArgument(f"There is no message '{request.name[:100]}' that can be called.")
    if (api.binding is Binding.ROW) != (target is not None) or (target is not None and target.table != api.table):
        raise InvalidArgument(f"The message '{api.name}' is bound to something else.")
    given = {name: value for name, value in request.inputs.items() if value is not None}
    for name in given.keys() - {member.name for member in api.parameters}:
        raise InvalidArgument(f"The message '{api.name}' has no parameter '{name[:80]}'.")
    for member in api.parameters:
        if not member.is_optional and member.name not in given:
            raise InvalidArgument(f"The parameter '{member.name}' is required.")
    key = None if target is None else RowKey(target.id)
    if key is not None:
        must_find_id(run, run.schema.tables[api.table], key)
    return cast(Called, run.send(call_of(api, given, key)))
