"""Answer functions and actions.

In:        a name and its parameters, from an address or a body
Out:       an `Answer`
Not here:  what they do (operations.facts)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

import msgspec

from verselet.errors import BadRequest, MethodNotAllowed, NotSupportedHere, QueryRefused, ResourceNotFound
from verselet.messages.facts import RetrieveTimestamp
from verselet.messages.request import (
    PropertiesResponse,
    Request,
    RetrieveCurrentOrganization,
    RetrieveTotalRecordCount,
    RetrieveVersion,
    WhoAmI,
)
from verselet.organization import Organization
from verselet.query.odata.keys import Segment
from verselet.web.answers import Answer, json_answer
from verselet.web.exchange import Exchange
from verselet.web.file_actions import FileActions

PARAMETERS: Final = {"RetrieveCurrentOrganization": ("AccessType",), "RetrieveTotalRecordCount": ("EntityNames",)}
"""Function → its parameters, for those that take any. [FN-8]"""

METADATA_CHANGES: Final = "RetrieveMetadataChanges"

ACCESS_TYPES: Final = frozenset({"Default", "Internet", "Intranet"})

KNOWN_FUNCTIONS: Final = frozenset(
    [
        "DownloadReportDefinition",
        "ExpandCalendar",
        "QueryMultipleSchedules",
        "QuerySchedule",
        "RetrieveAllEntities",
        "RetrieveAuditPartitionList",
        "RetrieveEntityChanges",
        "RetrieveLocLabels",
        "Search",
    ]
)
KNOWN_ACTIONS: Final = frozenset(
    [
        "AddSolutionComponent",
        "CloseIncident",
        "DeleteAuditData",
        "DeleteRecordChangeHistory",
        "ExportRetainedData",
        "ExportSolution",
        "ImportSolution",
        "ProvisionLanguageAsync",
        "RemoveSolutionComponent",
        "SetLocLabels",
        "WinOpportunity",
    ]
)
"""What the service has and this server not yet: refused by name, so that nobody takes it for a wrong address."""

EVENTS_ONLY: Final = frozenset(
    ["BulkRetain", "PurgeRetainedContent", "Retain", "RollbackRetain", "ValidateRetentionConfig"]
)
"""What the platform does by itself: others can hear of it, and not ask for it. [MSG-2]"""


class Functions:
    """The unbound functions of one organization."""

    def __init__(self, organization: Organization) -> None:
        self._organization = organization
        self._file_actions = FileActions(organization)
        self._messages: Mapping[str, Callable[[Exchange, dict[str, str]], Request]] = MappingProxyType(
            {
                "WhoAmI": lambda _exchange, _given: WhoAmI(),
                "RetrieveVersion": lambda _exchange, _given: RetrieveVersion(),
                "RetrieveCurrentOrganization": _current_organization,
                "RetrieveTotalRecordCount": _total_record_count,
                "RetrieveTimestamp": lambda _exchange, _given: RetrieveTimestamp(),
            }
        )

    def knows(self, name: str) -> bool:
        """The name is that of a function or action of the service."""
        is_known = (
            name in self._messages or name == METADATA_CHANGES or name in KNOWN_FUNCTIONS | KNOWN_ACTIONS | EVENTS_ONLY
        )
        return is_known or self._file_actions.knows(name)

    def answer(self, exchange: Exchange, segment: Segment) -> Answer:
        """Call a function. [FN-1], [FN-2], [FN-5]

        Raises:
            NotSupportedHere: the service has it, this server not yet.
            ResourceNotFound: nobody has it. [FN-29]
            MethodNotAllowed: a function is called with GET only. [FN-4]
        """
        if self._file_actions.knows(segment.name):
            return self._file_actions.answer(exchange, segment.name)
        if segment.name == METADATA_CHANGES:
            return self._metadata_changes(exchange, segment)
        make = self._messages.get(segment.name)
        if make is None:
            raise refuse_operation(segment.name)
        if exchange.method != "GET":
            raise MethodNotAllowed(exchange.method, segment.name)
        given = _parameters(exchange, segment.arguments)
        for name in given:
            if name not in PARAMETERS.get(segment.name, ()):
                raise BadRequest(f"The function '{segment.name}' has no parameter '{name[:80]}'.")
        message = make(exchange, given)
        response = cast(PropertiesResponse, self._organization.execute(message, exchange.caller))
        body = {
            "@odata.context": f"{exchange.api}$metadata#Microsoft.Dynamics.CRM.{response.name}",
            **response.properties,
        }
        if isinstance(message, RetrieveCurrentOrganization):
            detail = cast(dict[str, object], body["Detail"])
            body["Detail"] = {**detail, "Endpoints": _endpoints(exchange.api)}
        return json_answer(msgspec.json.encode(body))

    def _metadata_changes(self, exchange: Exchange, segment: Segment) -> Answer:
        """Definitions chosen by expressions; a read, so no message. [CC-68]"""
        # Only who asks for definitions pays for their modules: 35 ms at start.
        from verselet.web.definitions.expressions import metadata_changes

        if exchange.method != "GET":
            raise MethodNotAllowed(exchange.method, segment.name)
        given = _parameters(exchange, segment.arguments)
        query = given.pop("Query", None)
        for name in given:
            if name not in {"ClientVersionStamp", "DeletedMetadataFilters", "AppModuleId"}:
                raise BadRequest(f"The function '{segment.name}' has no parameter '{name[:80]}'.")
        if query is None:
            raise BadRequest(f"The function {segment.name} needs the parameter 'Query'.")
        context = f"{exchange.api}$metadata#Microsoft.Dynamics.CRM.{segment.name}Response"
        found = metadata_changes(self._organization.schema, query, exchange.caller.language)
        return json_answer(msgspec.json.encode({"@odata.context": context, **found}))


def refuse_operation(name: str) -> NotSupportedHere | ResourceNotFound | BadRequest:
    """The refusal of an operation that is not built, that is not for callers, or that nobody knows."""
    if name in EVENTS_ONLY:
        return BadRequest(f"'{name}' is an event of the platform: it can be subscribed to, not called.")
    if name in KNOWN_FUNCTIONS or name in KNOWN_ACTIONS:
        return NotSupportedHere(f"The operation '{name}'")
    return ResourceNotFound(name, [*KNOWN_FUNCTIONS, *KNOWN_ACTIONS])


def _parameters(exchange: Exchange, arguments: str | None) -> dict[str, str]:
    """Parameter → text, aliases replaced by what they stand for. [FN-2]"""
    found: dict[str, str] = {}
    aliases = dict(exchange.options.aliases)
    for part in (arguments or "").split(","):
        if not part.strip():
            continue
        name, sign, value = part.partition("=")
        if not sign:
            raise QueryRefused(f"Each parameter needs a name: '{part.strip()[:80]}'.")
        value = value.strip()
        if value.startswith("@"):
            if value[1:] not in aliases:
                raise BadRequest(f"The parameter alias '{value[:80]}' has no value in the query string.")
            value = aliases[value[1:]]
        found[name.strip()] = value
    return found


def _current_organization(_exchange: Exchange, given: dict[str, str]) -> Request:
    wanted = given.get("AccessType", "Microsoft.Dynamics.CRM.EndpointAccessType'Default'")
    member = wanted.removeprefix("Microsoft.Dynamics.CRM.EndpointAccessType").strip("'\"")
    if member not in ACCESS_TYPES:
        raise BadRequest(f"'{wanted[:80]}' is no member of EndpointAccessType.")
    return RetrieveCurrentOrganization()


def _total_record_count(_exchange: Exchange, given: dict[str, str]) -> Request:
    if "EntityNames" not in given:
        raise BadRequest("The function RetrieveTotalRecordCount needs the parameter 'EntityNames'.")
    try:
        names: Any = msgspec.json.decode(given["EntityNames"].replace("'", '"'))
    except (msgspec.DecodeError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadRequest("The parameter 'EntityNames' must be a list such as [\"account\"].")
    return RetrieveTotalRecordCount(tuple(names))


def _endpoints(api: str) -> dict[str, object]:
    # The service lists its SOAP addresses too; this server has none.
    base = api.partition("/api/data/")[0] + "/"
    return {"Count": 1, "IsReadOnly": False, "Keys": ["WebApplication"], "Values": [base]}
