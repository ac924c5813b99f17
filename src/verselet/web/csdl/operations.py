"""List the functions and actions that `$metadata` declares: those the server answers.

In:        nothing
Out:       `FUNCTIONS`, `SET_ACTIONS`, `RESPONSES`
Not here:  running them (operations), how they are written as XML (web.csdl.document)
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Function(msgspec.Struct, frozen=True):
    """An unbound function with an import in the container. [FN-1], [M-6]"""

    name: str
    returns: str
    parameters: tuple[tuple[str, str], ...] = ()


class SetAction(msgspec.Struct, frozen=True):
    """An action bound to the entity set of each table that has the message. [M-6]

    In types `{}` stands for the table's type.
    """

    name: str
    returns: str | None
    parameters: tuple[tuple[str, str], ...]


FUNCTIONS: tuple[Function, ...] = (
    Function(
        "RetrieveCurrentOrganization",
        "mscrm.RetrieveCurrentOrganizationResponse",
        (("AccessType", "mscrm.EndpointAccessType"),),
    ),
    Function(
        "RetrieveTotalRecordCount",
        "mscrm.RetrieveTotalRecordCountResponse",
        (("EntityNames", "Collection(Edm.String)"),),
    ),
    Function("RetrieveVersion", "mscrm.RetrieveVersionResponse"),
    Function("WhoAmI", "mscrm.WhoAmIResponse"),
)
"""[FN-10] to [FN-13]"""

SET_ACTIONS: tuple[SetAction, ...] = (
    SetAction("CreateMultiple", "mscrm.CreateMultipleResponse", (("Targets", "Collection({})"),)),
)
"""Only what is built: the service has more."""

RESPONSES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "CreateMultipleResponse": (("Ids", "Collection(Edm.Guid)"),),
    "RetrieveCurrentOrganizationResponse": (("Detail", "mscrm.OrganizationDetail"),),
    "RetrieveTotalRecordCountResponse": (("EntityRecordCountCollection", "mscrm.EntityRecordCountCollection"),),
    "RetrieveVersionResponse": (("Version", "Edm.String"),),
    "WhoAmIResponse": (("BusinessUnitId", "Edm.Guid"), ("UserId", "Edm.Guid"), ("OrganizationId", "Edm.Guid")),
}
"""Complex type of an answer → its properties. [FN-5]"""
