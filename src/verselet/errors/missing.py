"""Refuse what is addressed and not there.

In:        the facts of a refusal
Out:       404
Not here:  looking for it (operations, metadata.schema)
"""

from __future__ import annotations

from collections.abc import Iterable

from verselet.errors.root import ServiceError, did_you_mean


class NotFound(ServiceError):
    """Something addressed is not there."""

    code = 0x80060888
    status = 404


class RowDoesNotExist(NotFound):
    """No row with that id. [E-3]"""

    code = 0x80040217

    def __init__(self, table: str, row_id: object) -> None:
        super().__init__(f"Entity '{table}' With Id = {row_id} Does Not Exist")


class KeyDoesNotExist(NotFound):
    """No row with those key values. [E-4]"""

    code = 0x80060891

    def __init__(self, table: str) -> None:
        super().__init__(f"A record with the specified key values does not exist in {table} entity")


class ResourceNotFound(NotFound):
    """A segment that names nothing. [U-8]"""

    def __init__(self, segment: str, known: Iterable[str] = ()) -> None:
        super().__init__(f"Resource not found for the segment '{segment}'.", hint=did_you_mean(segment, known))


class TableDefinitionNotFound(NotFound):
    """A table definition that is asked for by a name nobody has. [MD-16]"""

    code = 0x80041102

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(f"Could not find an entity with name {name}.", hint=did_you_mean(name, known))
