"""Every refusal, with its code and status.

    VerseletError
    ├── ServiceError                what the service would answer: code, status, message
    │   ├── BadRequest 400
    │   │   ├── QueryRefused        a query option, an address or a segment; 0x80060888
    │   │   │   └── UnknownColumn
    │   │   ├── KeyRefused          key names in an address that form no key; 0x80060888
    │   │   ├── BodyRefused         a body that cannot be read; 0x80048d19
    │   │   ├── InvalidArgument     0x80040203
    │   │   ├── TextTooLong         0x80044331
    │   │   ├── IntegerOutOfRange   0x8004432f
    │   │   ├── NumberOutOfRange    0x80044330
    │   │   ├── ChoiceOutOfRange    0x8004431a
    │   │   ├── StatusNotOfState    0x80048408
    │   │   ├── TooManyConditions   0x8004430c
    │   │   ├── DefinitionExists    0x80047013
    │   │   └── DefinitionInUse     0x8004f01f
    │   ├── Unauthenticated 401
    │   ├── AccessDenied 403
    │   │   ├── UserDisabled        0x80040225
    │   │   └── CannotActForAnother 0x80040221
    │   │   └── NotAMember          0x80072560
    │   ├── NotFound 404
    │   │   ├── RowDoesNotExist     0x80040217
    │   │   ├── KeyDoesNotExist     0x80060891
    │   │   ├── ResourceNotFound    0x80060888
    │   │   └── TableDefinitionNotFound 0x80041102
    │   ├── MethodNotAllowed 405
    │   │   └── DeleteRestricted    0x80040227
    │   ├── PreconditionFailed 412
    │   │   ├── DuplicateRow        0x80040237
    │   │   ├── DuplicateKey        0x80060892
    │   │   └── VersionMismatch     0x80060882
    │   ├── PayloadTooLarge 413
    │   ├── NotSupportedHere 501    ours to build, named
    │   └── Unexpected 500
    └── OperatorError               for the person at the terminal: code, what, why, do, exit code
        ├── WrongUsage              settings that cannot be meant so; exit code 2
        ├── NotReachable            a server or database that does not answer; exit code 3
        └── RefusedByPolicy         possible, but not allowed here; exit code 4

In:        the facts of a refusal
Out:       an exception that knows its code, status and message
Not here:  how it is written as JSON (web.errors) or as lines (cli)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class VerseletError(Exception):
    """The root: catch it at the edges only."""


class ServiceError(VerseletError):
    """What the service would answer. [E-1]"""

    code: ClassVar[int] = 0x80040216
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadRequest(ServiceError):
    """The request cannot be meant as it is written. [S-2]"""

    code = 0x80040203
    status = 400


class QueryRefused(BadRequest):
    """A query option, address or segment that cannot be understood. [E-7]"""

    code = 0x80060888


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, or nothing."""
    lowered = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return f"Did you mean '{lowered[near[0]]}'?" if near else ""


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


class IntegerOutOfRange(BadRequest):
    """A whole number outside its column's bounds. [E-11]"""

    code = 0x8004432F

    def __init__(self, column: str, table: str, low: int, high: int) -> None:
        super().__init__(
            f"A validation error occurred.  The value of '{column}' on record of type '{table}' is outside the valid "
            f"range. Expected value between {low} and {high}."
        )


class NumberOutOfRange(BadRequest):
    """A decimal, float or money value outside its column's bounds. [E-11]"""

    code = 0x80044330

    def __init__(self, column: str, table: str, low: float, high: float) -> None:
        super().__init__(
            f"A validation error occurred.  The value of '{column}' on record of type '{table}' is outside the valid "
            f"range. Expected value between {low} and {high}."
        )


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


class DefinitionInUse(BadRequest):
    """Something else refers to the definition that should be deleted. [MW-7]"""

    code = 0x8004F01F

    def __init__(self, kind: str, name: str, user: str) -> None:
        super().__init__(f"The {kind} '{name}' cannot be deleted because {user} refers to it.")


class Unauthenticated(ServiceError):
    """No token, or one that names nobody. [H-14]"""

    code = 0x80041D41
    status = 401

    def __init__(self, message: str = "The request carries no valid bearer token.", *, hint: str = "") -> None:
        super().__init__(message, hint=hint)


class AccessDenied(ServiceError):
    """The caller may not. [E-17]"""

    code = 0x80040220
    status = 403


class NotAMember(AccessDenied):
    """The token is good, but it names no user of this organization. [SEC-126]"""

    code = 0x80072560

    def __init__(self, *, hint: str = "") -> None:
        super().__init__("The user is not a member of the organization.", hint=hint)


class UserDisabled(AccessDenied):
    """The user is there but may not work. [E-17]"""

    code = 0x80040225

    def __init__(self, user_id: str) -> None:
        super().__init__(f"The specified user(Id = {user_id}) is disabled. Consider enabling this user.")


class CannotActForAnother(AccessDenied):
    """The caller lacks the privilege to act on behalf of another user. [IP-4], [S-3]"""

    code = 0x80040221

    def __init__(self, user_id: str) -> None:
        super().__init__(f"User (Id={user_id}) does not have the privilege prvActOnBehalfOfAnotherUser.")


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


class MethodNotAllowed(ServiceError):
    """A method that does not fit the resource. [U-15]"""

    code = 0x80060888
    status = 405

    def __init__(self, method: str, resource: str) -> None:
        super().__init__(f"The requested resource does not support http method '{method}'.", hint=resource)


class DeleteRestricted(ServiceError):
    """Rows refer to the row that should be deleted. [E-16]"""

    code = 0x80040227
    status = 405

    def __init__(self, table: str, child: str) -> None:
        super().__init__(
            f"The object you tried to delete is associated with another object and cannot be deleted. "
            f"({table} is referred to by {child})"
        )


class PreconditionFailed(ServiceError):
    """What the request takes for granted does not hold."""

    code = 0x80040237
    status = 412


class DuplicateRow(PreconditionFailed):
    """A row with that primary key is there already. [E-14]"""

    code = 0x80040237

    def __init__(self, message: str = "Cannot insert duplicate key.") -> None:
        super().__init__(message)


class DuplicateKey(PreconditionFailed):
    """A row with the values of an alternate key is there already. [E-14]"""

    code = 0x80060892

    def __init__(self, key: str, columns: Iterable[str]) -> None:
        super().__init__(
            f"A record that has the attribute values {', '.join(columns)} already exists. The entity key {key} "
            "requires that this set of attributes contains unique values. Select unique values and try again."
        )


class VersionMismatch(PreconditionFailed):
    """The row was changed since the caller read it. [E-15]"""

    code = 0x80060882

    def __init__(self) -> None:
        super().__init__("The version of the existing record doesn't match the RowVersion property provided.")


class PayloadTooLarge(ServiceError):
    """A body over the limit. [LM-4]"""

    code = 0x8004418A
    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"The request body is larger than the limit of {limit_bytes} bytes.")


class NotSupportedHere(ServiceError):
    """The service has it and this server has not, yet: refused by name."""

    code = 0x80060888
    status = 501

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not supported by this server yet.", hint="docs/differences.md lists what is missing."
        )
        self.what = what


class Unexpected(ServiceError):
    """A fault of ours. [E-19]"""

    code = 0x80040216
    status = 500

    def __init__(self) -> None:
        super().__init__("An unexpected error occurred.")


class OperatorError(VerseletError):
    """For the person at the terminal: what happened, why, and what to do. [product.md §6]"""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, what: str, why: str, do: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.why = why
        self.do = do


class WrongUsage(OperatorError):
    """Flags, variables or files that cannot be meant as they are written."""

    exit_code = 2


class NotReachable(OperatorError):
    """A server or a database that does not answer."""

    exit_code = 3


class RefusedByPolicy(OperatorError):
    """What could be done, but would not be safe here."""

    exit_code = 4
