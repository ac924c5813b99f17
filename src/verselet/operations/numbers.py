"""Set and tell the counters of auto-number columns.

In:        a table and one of its columns
Out:       a counter that begins anew, or the number it began with or comes to next
Not here:  numbering rows (operations.rules.autonumbers)
"""

from __future__ import annotations

from typing import TypeAlias, cast

from verselet.errors import InvalidArgument, NotAutoNumber
from verselet.messages.numbers import GetAutoNumberSeed, GetNextAutoNumberValue, SetAutoNumberSeed
from verselet.messages.request import PropertiesResponse, Response
from verselet.metadata.changes.editing import column_named
from verselet.operations.rules.autonumbers import number_formats
from verselet.pipeline.execution import Execution
from verselet.store.numbers import next_number, number_seed, set_seed

Counter: TypeAlias = SetAutoNumberSeed | GetAutoNumberSeed | GetNextAutoNumberValue

LARGEST_SEED = 10**17
"""Leaves room to count in 64 bits, and in the digits of a format."""


def set_auto_number_seed(run: Execution) -> Response:
    """The next row gets the value. [JOB-68]

    Raises:
        InvalidArgument: a value no number can begin with.
    """
    request = cast(SetAutoNumberSeed, run.request)
    _check_counted(run, request)
    if not 0 < request.value <= LARGEST_SEED:
        raise InvalidArgument(f"The parameter 'Value' must lie between 1 and {LARGEST_SEED}.")
    set_seed(run.session, request.table, request.column, request.value)
    return Response()


def get_auto_number_seed(run: Execution) -> PropertiesResponse:
    """Where counting began. [JOB-68]"""
    request = cast(GetAutoNumberSeed, run.request)
    _check_counted(run, request)
    seed = number_seed(run.session, request.table, request.column)
    return PropertiesResponse("GetAutoNumberSeedResponse", {"AutoNumberSeedValue": seed})


def get_next_auto_number_value(run: Execution) -> PropertiesResponse:
    """What comes next; it is not taken. [JOB-68]"""
    request = cast(GetNextAutoNumberValue, run.request)
    _check_counted(run, request)
    number = next_number(run.session, request.table, request.column)
    return PropertiesResponse("GetNextAutoNumberValueResponse", {"NextAutoNumberValue": number})


def _check_counted(run: Execution, request: Counter) -> None:
    """Refuse a column that nobody numbers.

    Raises:
        TableDefinitionNotFound, NotFound: there is no such table or column.
        NotAutoNumber: the column has no format.
    """
    column = column_named(run.schema, request.table, request.column)
    if column.name not in number_formats(run.schema.tables[request.table]):
        raise NotAutoNumber(column.name, request.table)
