"""Refuse requests that cannot be meant as they are written.

In:        the facts of a refusal
Out:       400
Not here:  reading requests (query, operations, web)
"""

from __future__ import annotations

from collections.abc import Iterable

from verselet.errors.root import ServiceError, did_you_mean


class BadRequest(ServiceError):
    """The request cannot be meant as it is written. [S-2]"""

    code = 0x80040203
    status = 400


class QueryRefused(BadRequest):
    """A query option, address or segment that cannot be understood. [E-7]"""

    code = 0x80060888


class UnknownColumn(QueryRefused):
    """A property that the table does not have. [E-6]"""

    def __init__(self, name: str, table: str, known: Iterable[str] = ()) -> None:
        super().__init__(
            f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'.",
            hint=did_you_mean(name, known),
        )


class KeyRefused(BadRequest):
    """Key names in an address that form no key of the table. [E-5]"""

    code = 0x80060888

    def __init__(self, table: str) -> None:
        named = f"Microsoft.Dynamics.CRM.{table}"
        super().__init__(
            f"The key in the request URI is not valid for resource '{named}'. Ensure that the names and number of "
            f"key properties match the declared or alternate key properties for the resource '{named}'."
        )


class BodyRefused(BadRequest):
    """A body that cannot be read: unknown property, wrong type, malformed JSON. [E-8]"""

    code = 0x80048D19

    def __init__(self, set_name: str, reason: str, *, hint: str = "") -> None:
        super().__init__(
            f"Error identified in Payload provided by the user for Entity :'{set_name}', For more information on this "
            "error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  "
            f"InnerException : Microsoft.OData.ODataException: {reason}",
            hint=hint,
        )


class LookupWrittenDirectly(BadRequest):
    """`_x_value` in a body. [E-9]"""

    code = 0x80048D19

    def __init__(self) -> None:
        super().__init__(
            "CRM do not support direct update of Entity Reference properties, Use Navigation properties instead."
        )


class InvalidArgument(BadRequest):
    """A value that is wrong for a reason no other code names."""

    code = 0x80040203


class TextTooLong(BadRequest):
    """A text longer than its column. [E-10]"""

    code = 0x80044331

    def __init__(self, column: str, table: str, max_length: int) -> None:
        super().__init__(
            f"A validation error occurred.  The length of the '{column}' attribute of the '{table}' entity exceeded "
            f"the maximum allowed length of '{max_length}'."
        )


def _not_between(column: str, table: str, low: float, high: float) -> str:
    return (
        f"A validation error occurred.  The value of '{column}' on record of type '{table}' is outside the valid "
        f"range. Expected value between {low} and {high}."
    )


class IntegerOutOfRange(BadRequest):
    """A whole number outside its column's bounds. [E-11]"""

    code = 0x8004432F

    def __init__(self, column: str, table: str, low: int, high: int) -> None:
        super().__init__(_not_between(column, table, low, high))


class NumberOutOfRange(BadRequest):
    """A decimal, float or money value outside its column's bounds. [E-11]"""

    code = 0x80044330

    def __init__(self, column: str, table: str, low: float, high: float) -> None:
        super().__init__(_not_between(column, table, low, high))


class ChoiceOutOfRange(BadRequest):
    """A number that is no option of the column. [E-12]"""

    code = 0x8004431A

    def __init__(self, column: str, table: str, value: int) -> None:
        super().__init__(
            f"A validation error occurred.  The value {value} of '{column}' on record of type '{table}' is outside the "
            "valid range. Accepted values: the options of the choice."
        )


class StatusNotOfState(BadRequest):
    """A status reason of another state. [E-13]"""

    code = 0x80048408

    def __init__(self, status: int, state: str, table: str, row_id: str) -> None:
        super().__init__(f"{status} is not a valid status code for state code {state} on {table} with Id {row_id}.")


class TooManyConditions(BadRequest):
    """More than 500 conditions in one query. [F-15]"""

    code = 0x8004430C

    def __init__(self, limit: int) -> None:
        super().__init__(f"Number of conditions and link-entities in query exceeded maximum limit of {limit}.")


class DefinitionExists(BadRequest):
    """A table, column, relationship, key or choice of that name is there already. [MW-14]"""

    code = 0x80047013

    def __init__(self, kind: str, name: str, where: str = "") -> None:
        place = f" of '{where}'" if where else ""
        super().__init__(f"A {kind} with the name '{name}' already exists{place}. The name must be unique.")


class SeveralParents(BadRequest):
    """A table would follow the rows of two others. [SEC-72]"""

    code = 0x80047007

    def __init__(self, child: str, parent: str, other: str) -> None:
        super().__init__(
            f"Entity: {child} is parented to Entity with name {parent}. "
            f"Cannot create another parental relation with Entity: {other}"
        )


class DefinitionInUse(BadRequest):
    """Something else refers to the definition that should be deleted. [MW-7]"""

    code = 0x8004F01F

    def __init__(self, kind: str, name: str, user: str) -> None:
        super().__init__(f"The {kind} '{name}' cannot be deleted because {user} refers to it.")
