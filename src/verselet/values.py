"""Say what a column can hold.

In:        nothing
Out:       `Value`, `Reference`, `Row`
Not here:  how a value is stored (store.codecs) or written as JSON (sql, web)

Inside the server a GUID is its lower-case text, a point in time its wire form `YYYY-MM-DDThh:mm:ssZ`, a plain date
`YYYY-MM-DD`: these forms compare correctly as text, and nothing has to be converted on the way to the store and back.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

import msgspec


class Reference(msgspec.Struct, frozen=True, gc=False):
    """What a lookup holds: the logical name of a table and the id of a row in it.

    Texts form no circles, so the garbage collector need not look at the thousands there are of it.
    """

    table: str
    id: str


class KeyReference(msgspec.Struct, frozen=True):
    """A lookup's target named by an alternate key; becomes a `Reference` before anything is written. [C-5]

    `values` are the key's columns and their values.
    """

    table: str
    values: tuple[tuple[str, str | int | Decimal | Reference], ...]


Value: TypeAlias = str | int | float | Decimal | bool | bytes | Reference | KeyReference | None
"""None means "no value"; a column that is not meant is absent from the row."""

Stored: TypeAlias = str | int | float | Decimal | bool | bytes | None
"""A value as a driver takes and gives it."""


class Row(msgspec.Struct):
    """Some columns of one row: the one mutable value, changed by steps before it is written.

    `id` is the primary key, None until a new row got one.
    """

    table: str
    id: str | None
    values: dict[str, Value]
