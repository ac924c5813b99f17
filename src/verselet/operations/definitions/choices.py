"""Make, change and remove global choices and options.

In:        CreateOptionSet, InsertOptionValue and their kin
Out:       the value of a new option, or a plain response; see `applying`
Not here:  which lists change with a global one (metadata.changes.choices)
"""

from __future__ import annotations

from typing import cast

from verselet.messages import definitions as messages
from verselet.messages.request import Response
from verselet.metadata.changes import choices
from verselet.operations.definitions.applying import apply
from verselet.operations.definitions.publishers import check_solution, option_prefix
from verselet.pipeline.execution import Execution


def create_option_set(run: Execution) -> Response:
    """Make a global choice. [MW-11]"""
    request = cast(messages.CreateOptionSet, run.request)
    prefix = option_prefix(run, request.choice.name)
    apply(run, choices.add_choice(run.schema, request.choice, request.options, prefix))
    return Response()


def update_option_set(run: Execution) -> Response:
    """Change the labels of a global choice. [MW-5]"""
    request = cast(messages.UpdateOptionSet, run.request)
    check_solution(run)
    label, description = request.label, request.description
    apply(run, choices.update_choice(run.schema, request.name, label=label, description=description))
    return Response()


def delete_option_set(run: Execution) -> Response:
    """Remove a global choice. [MW-7]"""
    apply(run, choices.remove_choice(run.schema, cast(messages.DeleteOptionSet, run.request).name))
    return Response()


def insert_option_value(run: Execution) -> messages.OptionValueResponse:
    """Add an option. [MW-12]"""
    request = cast(messages.InsertOptionValue, run.request)
    prefix = option_prefix(run, request.of.choice or request.of.column or "")
    schema, value = choices.insert_option(run.schema, request.of, request.option, prefix)
    apply(run, schema)
    return messages.OptionValueResponse(value)


def insert_status_value(run: Execution) -> messages.OptionValueResponse:
    """Add a status reason. [MW-12]"""
    request = cast(messages.InsertStatusValue, run.request)
    prefix = option_prefix(run, request.table)
    schema, value = choices.insert_status(run.schema, request.table, request.option, request.state, prefix)
    apply(run, schema)
    return messages.OptionValueResponse(value)


def update_option_value(run: Execution) -> Response:
    """Give an option another label. [MW-12]"""
    request = cast(messages.UpdateOptionValue, run.request)
    check_solution(run)
    apply(run, choices.update_option(run.schema, request.of, request.value, request.label))
    return Response()


def update_state_value(run: Execution) -> Response:
    """Give a state another label or default status reason. [MW-12]"""
    request = cast(messages.UpdateStateValue, run.request)
    check_solution(run)
    label, default = request.label, request.default_status
    apply(run, choices.update_state(run.schema, request.table, request.value, label=label, default_status=default))
    return Response()


def order_option(run: Execution) -> Response:
    """Put options into another order. [MW-12]"""
    request = cast(messages.OrderOption, run.request)
    check_solution(run)
    apply(run, choices.order_options(run.schema, request.of, request.values))
    return Response()


def delete_option_value(run: Execution) -> Response:
    """Remove an option. [MW-12]"""
    request = cast(messages.DeleteOptionValue, run.request)
    check_solution(run)
    apply(run, choices.delete_option(run.schema, request.of, request.value))
    return Response()
