"""Answer questions about the caller and the organization.

In:        WhoAmI and its kin
Out:       named values
Not here:  rows (operations.reads)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from verselet.errors import BadRequest
from verselet.messages.facts import CanBeRelated, FormatAddress, RetrieveRelatableTables, Side
from verselet.messages.request import PropertiesResponse, RetrieveTotalRecordCount
from verselet.metadata.changes.editing import can_be_related, table_named
from verselet.metadata.schema import Schema
from verselet.operations.rights import READ, must_reach_all
from verselet.operations.rules.computed import address_text
from verselet.pipeline.execution import Execution
from verselet.sql.columns import is_view
from verselet.sql.write import count_sql
from verselet.store.session import Session

RELATABLE: Final[Mapping[Side, tuple[str, str]]] = MappingProxyType(
    {
        "referenced": ("GetValidReferencedEntities", "CanBeReferenced"),
        "referencing": ("GetValidReferencingEntities", "CanBeReferencing"),
        "paired": ("GetValidManyToMany", "CanManyToMany"),
    }
)
"""Side → the question for all tables, and for one."""


def who_am_i(run: Execution) -> PropertiesResponse:
    """The caller's ids. [FN-10]"""
    caller = run.caller
    return PropertiesResponse(
        "WhoAmIResponse",
        {
            "BusinessUnitId": caller.business_unit_id,
            "UserId": caller.user_id,
            "OrganizationId": caller.organization_id,
        },
    )


def retrieve_version(run: Execution) -> PropertiesResponse:
    """The version of the service this server speaks for. [FN-11]"""
    return PropertiesResponse("RetrieveVersionResponse", {"Version": run.facts.version})


def retrieve_current_organization(run: Execution) -> PropertiesResponse:
    """The organization; its endpoints are added where the address is known. [FN-13]"""
    facts = run.facts
    detail = {
        "OrganizationId": facts.id,
        "FriendlyName": facts.name,
        "OrganizationVersion": facts.version,
        "UrlName": facts.name,
        "UniqueName": facts.name,
        "EnvironmentId": facts.id,
        "Geo": "",
        "TenantId": facts.tenant_id,
        "DatacenterId": "00000000-0000-0000-0000-000000000000",
        "State": "Enabled",
    }
    return PropertiesResponse("RetrieveCurrentOrganizationResponse", {"Detail": detail})


def retrieve_timestamp(run: Execution) -> PropertiesResponse:
    """A text that is another one when definitions have changed. [FN-25]"""
    return PropertiesResponse("RetrieveTimestampResponse", {"Timestamp": str(run.schema.generation)})


def format_address(run: Execution) -> PropertiesResponse:
    """The address as address columns hold it; the country changes nothing. [OC-5], [T-24]"""
    asked = cast(FormatAddress, run.request)
    parts = [asked.line, asked.city, asked.region, asked.postal_code, asked.country]
    return PropertiesResponse("FormatAddressResponse", {"Address": address_text(parts) or ""})


def retrieve_relatable_tables(run: Execution) -> PropertiesResponse:
    """The names of the tables, in order; none for a table that can be on no side. [MW-8], [MW-9]"""
    asked = cast(RetrieveRelatableTables, run.request)
    fits = asked.other is None or can_be_related(table_named(run.schema, asked.other[:80]))
    names = [name for name, table in run.schema.tables.items() if fits and can_be_related(table)]
    return PropertiesResponse(f"{RELATABLE[asked.side][0]}Response", {"EntityNames": sorted(names)})


def can_be_in_relationship(run: Execution) -> PropertiesResponse:
    """Yes or no, under the name of the question. [MW-8], [MW-9]"""
    asked = cast(CanBeRelated, run.request)
    name = RELATABLE[asked.side][1]
    return PropertiesResponse(f"{name}Response", {name: can_be_related(table_named(run.schema, asked.table[:80]))})


def retrieve_total_record_count(run: Execution) -> PropertiesResponse:
    """The number of rows of whole tables, for those who may read them all. [FN-12], [SEC-44]"""
    request = cast(RetrieveTotalRecordCount, run.request)
    counts = []
    for name in request.tables:
        table = run.schema.tables.get(name)
        if table is None:
            raise BadRequest(f"The entity with a name = '{name}' was not found.")
        must_reach_all(run, table, READ)
        counts.append(run.session.run(count_sql(table))[0][0])
    collection = {
        "Count": len(counts),
        "IsReadOnly": False,
        "Keys": list(request.tables),
        "Values": counts,
    }
    return PropertiesResponse("RetrieveTotalRecordCountResponse", {"EntityRecordCountCollection": collection})


def count_all_rows(session: Session, schema: Schema) -> dict[str, int]:
    """Table → rows, tables that have rows only."""
    stored = [table for table in schema.tables.values() if not is_view(table)]
    counts = {table.name: session.run(count_sql(table))[0][0] for table in stored}
    return {name: number for name, number in counts.items() if isinstance(number, int) and number}
