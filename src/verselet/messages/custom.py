"""Call messages of one's own: what custom APIs are, and what a call of one carries.

In:        made by operations from the rows that define them; calls made by web and by plug-ins
Out:       `CustomMessage` with its `Member`s; `CallAction`, `CallFunction`, `CallByName` and `Called`
Not here:  the rows (operations.custom_rows), reading and writing values as JSON (web.custom_messages)
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

from msgspec import Struct

from verselet.messages.request import ReadingRequest, Request, Response, RowKey
from verselet.values import Reference


class Kind(IntEnum):
    """What a parameter or a response property holds. [FN-28]"""

    BOOLEAN = 0
    DATE_TIME = 1
    DECIMAL = 2
    ENTITY = 3
    ENTITY_COLLECTION = 4
    ENTITY_REFERENCE = 5
    FLOAT = 6
    INTEGER = 7
    MONEY = 8
    PICKLIST = 9
    STRING = 10
    STRING_ARRAY = 11
    GUID = 12


OF_ROWS: Final = frozenset({Kind.ENTITY, Kind.ENTITY_COLLECTION, Kind.ENTITY_REFERENCE})
"""Kinds that may name a table."""


class Binding(IntEnum):
    """What a message is bound to: nothing, one row, the rows of a table. [FN-3], [FN-28]"""

    GLOBAL = 0
    ROW = 1
    TABLE = 2


class Steps(IntEnum):
    """Which steps may be registered on a message. [EVT-5], [FN-28]"""

    NONE = 0
    ASYNC_ONLY = 1
    ALL = 2


class Member(Struct, frozen=True):
    """One parameter or response property; no `table` where rows of any, or open objects, are meant."""

    name: str
    kind: Kind
    table: str = ""
    is_optional: bool = False


class CustomMessage(Struct, frozen=True, kw_only=True):
    """A message that rows define. `table` is empty where it is bound to none. [FN-28]"""

    name: str
    binding: Binding = Binding.GLOBAL
    table: str = ""
    is_function: bool = False
    is_private: bool = False
    privilege: str = ""
    parameters: tuple[Member, ...] = ()
    properties: tuple[Member, ...] = ()

    @property
    def is_complete(self) -> bool:
        """It can be called: a function has something to answer with."""
        return bool(self.properties) or not self.is_function

    @property
    def alone(self) -> Member | None:
        """The one row, or the rows, that are the whole answer. [FN-5]"""
        only = self.properties[0] if len(self.properties) == 1 else None
        return only if only is not None and only.kind in {Kind.ENTITY, Kind.ENTITY_COLLECTION} else None


class CallAction(Request, frozen=True, tag=True):
    """Call a message that may change something; `target` is the row it is bound to. [FN-28]"""

    api: CustomMessage
    inputs: Mapping[str, Any]
    target: RowKey | None = None


class CallFunction(ReadingRequest, frozen=True, tag=True):
    """Call a function: it waits for no writer as long as its plug-in writes nothing. [FN-28]"""

    api: CustomMessage
    inputs: Mapping[str, Any]
    target: RowKey | None = None


class CallByName(Request, frozen=True, tag=True):
    """Call a message as a plug-in knows it: by its name. `target` is what it is bound to, if to a row. [FN-28]"""

    name: str
    inputs: Mapping[str, Any]
    target: Reference | None = None


CALLS: Final = (CallAction, CallFunction)


class Called(Response, frozen=True):
    """What the main operation and the steps around it have set."""

    outputs: Mapping[str, Any]


def call_of(api: CustomMessage, inputs: Mapping[str, Any], target: RowKey | None = None) -> CallAction | CallFunction:
    """The request that calls the message."""
    return (CallFunction if api.is_function else CallAction)(api, inputs, target)
