"""Functions: who is calling, what is answering."""

from __future__ import annotations

from urllib.parse import quote

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


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            ("123 Maple St.", "Seattle", "Washington", "98007", "USA"),
            "123 Maple St.\r\nSeattle, Washington 98007\r\nUSA",
        ),
        (("1-2-3 Sakura", "Nagoya", "Aichi", "455-2345", "JAPAN"), "1-2-3 Sakura\r\nNagoya, Aichi 455-2345\r\nJAPAN"),
        (("", "Oslo", "", "", "Norway"), "Oslo\r\nNorway"),
        (("", "", "", "", ""), ""),
    ],
)
def test_an_address_is_put_together(api: Api, parts: tuple[str, ...], expected: str) -> None:
    """Line by line, whatever the country. [OC-5], [T-24]"""
    names = ("Line1", "City", "StateOrProvince", "PostalCode", "Country")
    inside = ",".join([f"{name}=@p{number}" for number, name in enumerate(names)])
    given = "&".join([f"@p{number}='{quote(part)}'" for number, part in enumerate(parts)])

    assert expected == api.get(f"FormatAddress({inside})?{given}").json["Address"]


def test_an_address_needs_all_its_parts(api: Api) -> None:
    """Each parameter must be given. [FN-8]"""
    answer = api.get("FormatAddress(Line1='a',City='b')")

    assert (400, True) == (answer.status, "StateOrProvince" in answer.message)


@pytest.mark.parametrize(
    "call",
    [
        "GetValidManyToMany()",
        "GetValidReferencedEntities(ReferencingEntityName='contact')",
        "GetValidReferencingEntities(ReferencedEntityName='contact')",
    ],
)
def test_tables_that_can_be_related_are_listed(api: Api, call: str) -> None:
    """Those that new relationships can lead to; none that shows or connects rows of others. [MW-8], [MW-9]"""
    found = api.get(call).json

    assert f"{API}$metadata#Microsoft.Dynamics.CRM.{call.partition('(')[0]}Response" == found["@odata.context"]
    assert {"account", "contact", "task"} <= set(found["EntityNames"])
    assert not {"owner", "activitypointer", "systemuserroles"} & set(found["EntityNames"])


@pytest.mark.parametrize("name", ["CanBeReferenced", "CanBeReferencing", "CanManyToMany"])
def test_a_table_says_whether_it_can_be_related(api: Api, name: str) -> None:
    """As the lists do; a table that is not there is refused. [MW-8], [MW-9], [MD-16]"""
    answers = [api.post(name, {"EntityName": table}) for table in ("account", "owner", "nosuch")]

    assert [200, 200, 404] == [answer.status for answer in answers]
    assert [True, False] == [answer.json[name] for answer in answers[:2]]
    assert answers[0].json["@odata.context"].endswith(f"#Microsoft.Dynamics.CRM.{name}Response")
    assert 405 == api.get(name).status


def test_a_table_that_takes_no_relationships_has_no_partners(api: Api) -> None:
    """One that is not there is refused. [MD-16]"""
    view = api.get("GetValidReferencedEntities(ReferencingEntityName='activitypointer')").json
    unknown = api.get("GetValidReferencingEntities(ReferencedEntityName='nosuch')")

    assert [] == view["EntityNames"]
    assert (404, "0x80041102") == (unknown.status, unknown.code)


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
