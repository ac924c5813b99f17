"""Functions: who is calling, what is answering."""

from __future__ import annotations

import pytest

from tests.scenarios.harness import API, Api


@pytest.mark.parametrize("name", ["WhoAmI", "WhoAmI()", "RetrieveVersion", "RetrieveVersion()"])
def test_functions_need_no_parentheses(api: Api, name: str) -> None:
    """[FN-1], [FN-5], [FN-10], [FN-11], [CC-32]"""
    answer = api.get(name).json
    assert f"{API}$metadata#Microsoft.Dynamics.CRM.{name.rstrip('()')}Response" == answer["@odata.context"]
    if name.startswith("WhoAmI"):
        assert api.organization.administrator.user_id == answer["UserId"]
    else:
        assert answer["Version"].startswith("9.2.")


@pytest.mark.parametrize("name", ["RetrieveAvailableLanguages", "RetrieveProvisionedLanguages()"])
def test_english_is_the_only_language(api: Api, name: str) -> None:
    """With and without parentheses. [FN-25], [OC-20]"""
    found = api.get(name).json
    assert [[1033]] == [value for member, value in found.items() if not member.startswith("@")]


def test_the_time_stamp_of_definitions_is_a_text(api: Api) -> None:
    """It is that of the metadata cache. [FN-25], [CC-68]"""
    assert str(api.organization.schema.generation) == api.get("RetrieveTimestamp()").json["Timestamp"]


def test_whole_tables_are_counted(api: Api) -> None:
    """[FN-2], [FN-12], [CC-32]"""
    api.make("accounts", name="a")
    answer = api.get("RetrieveTotalRecordCount(EntityNames=@p1)?@p1=%5B%22account%22,%22task%22%5D").json
    counted = answer["EntityRecordCountCollection"]
    assert (2, ["account", "task"], [1, 0]) == (counted["Count"], counted["Keys"], counted["Values"])


@pytest.mark.parametrize(
    "given",
    ["(AccessType=Microsoft.Dynamics.CRM.EndpointAccessType'Default')", "(AccessType=@p)?@p='Internet'", "", "()"],
)
def test_the_organization_says_where_it_is(api: Api, given: str) -> None:
    """[FN-7], [FN-13]"""
    detail = api.get(f"RetrieveCurrentOrganization{given}").json["Detail"]
    assert (api.organization.id, "Enabled") == (detail["OrganizationId"], detail["State"])
    assert API.startswith(detail["Endpoints"]["Values"][0])
