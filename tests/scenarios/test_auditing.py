"""What is written down about rows: who changed what, and who may know. [JOB-40] to [JOB-47]"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from tests.families import schema_with_families
from tests.scenarios.family import acting, assign, revoke, row, share, user
from tests.scenarios.harness import Api, new_organization, undone
from tests.scenarios.stores import STORES, url_of
from verselet.metadata.schema import Schema

AUDITED = ("fam_project", "fam_task", "account", "systemuser", "role")


def _audited_families() -> Schema:
    schema = schema_with_families()
    switched = {name: msgspec.structs.replace(schema.tables[name], audit=True) for name in AUDITED}
    account = switched["account"]
    secured = msgspec.structs.replace(account.columns["description"], is_secured=True)
    switched["account"] = msgspec.structs.replace(account, columns={**account.columns, "description": secured})
    return msgspec.structs.replace(schema, tables={**schema.tables, **switched})


@pytest.fixture(scope="module", params=STORES)
def audited_api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """The Web API of an organization that writes changes down, on each store."""
    with url_of(request) as url, Api(new_organization(url, _audited_families())) as opened:
        assert 204 == _switch(opened, isauditenabled=True).status
        yield opened


@pytest.fixture
def api(audited_api: Api) -> Iterator[Api]:
    """The same, for one test that may write."""
    with undone(audited_api.organization):
        yield audited_api


def _switch(api: Api, **values: object) -> Any:
    return api.patch(f"organizations({api.organization.id})", values)


def _audits(api: Api, row_id: str, select: str = "action") -> list[Any]:
    """One member of what was written down about a row, oldest first."""
    asked = f"audits?$select={select},versionnumber&$filter=_objectid_value%20eq%20{row_id}&$orderby=versionnumber"
    return api.values(asked, select)


def _history(api: Api, table: str, row_id: str, paging: str = "null", **headers: str) -> Any:
    target = quote(f"{{'@odata.id':'{table}s({row_id})'}}")
    asked = f"RetrieveRecordChangeHistory(Target=@t,PagingInfo=@p)?@t={target}&@p={quote(paging)}"
    return api.get(asked, **headers)


def _details(api: Api, table: str, row_id: str) -> list[dict[str, Any]]:
    answer = _history(api, table, row_id)
    assert 200 == answer.status, answer.body
    return list(answer.json["AuditDetailCollection"]["AuditDetails"])


def _auditor(api: Api, *further: str) -> dict[str, str]:
    """The headers of a new user who may read the history of all projects."""
    unit = api.organization.administrator.business_unit_id
    role = api.make("roles", name="Auditor", businessunitid__bind=f"/businessunits({unit})")
    names = ("prvReadAuditSummary", "prvReadRecordAuditHistory", "prvReadfam_project", *further)
    given = [{"Depth": "Global", "PrivilegeName": name} for name in names]
    assert 200 >= api.post(f"roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole", {"Privileges": given}).status - 4
    made = api.make(
        "systemusers", lastname="Auditor", nickname="auditor", businessunitid__bind=f"/businessunits({unit})"
    )
    api.post(f"systemusers({made})/systemuserroles_association/$ref", {"@odata.id": f"roles({role})"})
    return acting(made)


def test_a_row_has_a_history_from_its_first_values_to_its_last(api: Api) -> None:
    """[JOB-41], [JOB-42], [JOB-43], [JOB-45]"""
    project = row(api, "project")
    api.patch(f"fam_projects({project})", {"fam_name": "another"})
    api.patch(f"fam_projects({project})", {"fam_name": "another"})
    api.delete(f"fam_projects({project})")
    assert [1, 2, 3] == _audits(api, project)
    assert [1, 2, 3] == _audits(api, project, "operation")
    deleted, updated, created = _details(api, "fam_project", project)
    assert ("another", "project") == (updated["NewValue"]["fam_name"], updated["OldValue"]["fam_name"])
    assert {"@odata.type", "fam_name"} == set(updated["NewValue"])
    assert ({"@odata.type"}, {"@odata.type"}) == (set(created["OldValue"]), set(deleted["NewValue"]))
    assert "another" == deleted["OldValue"]["fam_name"]


def test_an_owner_and_a_state_are_written_down_as_such(api: Api) -> None:
    """[JOB-42]"""
    ben, project = user(api, "Ben"), row(api, "project")
    assign(api, "project", project, ben)
    api.patch(f"fam_projects({project})", {"statecode": 1})
    assert [1, 13, 41] == _audits(api, project)
    state, owner, _ = _details(api, "fam_project", project)
    assert (1, ben[1]) == (state["NewValue"]["statecode"], owner["NewValue"]["_ownerid_value"])


def test_children_that_follow_are_written_down_as_well(api: Api) -> None:
    """Assigned and deleted with their parent. [JOB-42], [SEC-70]"""
    ben, project = user(api, "Ben"), row(api, "project")
    task = row(api, "task", project=project)
    assign(api, "project", project, ben)
    api.delete(f"fam_projects({project})")
    assert [1, 13, 3] == _audits(api, task)


def test_shares_are_written_down_with_what_they_give(api: Api) -> None:
    """[JOB-42], [JOB-46]"""
    ben, project = user(api, "Ben"), row(api, "project")
    share(api, "project", project, ben, "ReadAccess")
    share(api, "project", project, ben, "WriteAccess", "ModifyAccess")
    revoke(api, "project", project, ben)
    assert [1, 14, 48, 49] == _audits(api, project)
    modified = _details(api, "fam_project", project)[1]
    expected = {
        "@odata.type": "#Microsoft.Dynamics.CRM.ShareAuditDetail",
        "OldPrivileges": "ReadAccess",
        "NewPrivileges": "WriteAccess",
        "Principal": {"@odata.type": "#Microsoft.Dynamics.CRM.systemuser", "ownerid": ben[1]},
    }
    assert expected == modified


def test_roles_of_users_and_privileges_of_roles_are_written_down(api: Api) -> None:
    """[JOB-42], [JOB-46]"""
    ben = user(api, "Ben")
    unit = api.organization.administrator.business_unit_id
    role = api.make("roles", name="Reader", businessunitid__bind=f"/businessunits({unit})")
    given = {"Privileges": [{"Depth": "Basic", "PrivilegeName": "prvReadfam_project"}]}
    api.post(f"roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole", given)
    api.post(f"systemusers({ben[1]})/systemuserroles_association/$ref", {"@odata.id": f"roles({role})"})
    api.delete(f"systemusers({ben[1]})/systemuserroles_association({role})/$ref")
    assert [55, 56] == _audits(api, ben[1])[-2:]
    assert 57 == _audits(api, role)[-1]
    (added, *_), (taken, *_) = _details(api, "role", role), _details(api, "systemuser", ben[1])
    gained = [held for held in added["NewRolePrivileges"] if held not in added["OldRolePrivileges"]]
    assert [("prvReadfam_project", "Basic")] == [(held["PrivilegeName"], held["Depth"]) for held in gained]
    assert [role] == [target["roleid"] for target in taken["TargetRecords"]]


def test_many_rows_are_written_down_in_one_statement(api: Api) -> None:
    """[JOB-43]"""
    targets = [{"@odata.type": "Microsoft.Dynamics.CRM.fam_project", "fam_name": str(number)} for number in range(9)]
    made = api.post("fam_projects/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets}).json["Ids"]
    assert [[1]] * 9 == [_audits(api, row_id) for row_id in made]


def test_what_is_refused_leaves_nothing(api: Api) -> None:
    """[JOB-47]"""
    project = row(api, "project")
    assert 400 == api.patch(f"fam_projects({project})", {"fam_name": "x", "statuscode": 77}).status
    assert [1] == _audits(api, project)


def test_each_of_the_three_switches_turns_auditing_off(stored_alone: Api) -> None:
    """The organization's, the table's and the column's, from the next request on. [JOB-40]"""
    api = stored_alone
    document, project = row(api, "document"), row(api, "project")
    _switch(api, isauditenabled=True)
    api.patch(f"fam_documents({document})", {"fam_name": "unseen"})
    api.patch(f"fam_projects({project})", {"fam_name": "seen"})
    column = "EntityDefinitions(LogicalName='fam_project')/Attributes(LogicalName='fam_name')"
    definition = api.read(column)
    assert (True, True) == (definition["IsAuditEnabled"]["Value"], definition["IsAuditEnabled"]["CanBeChanged"])
    assert 204 == api.put(column, {**definition, "IsAuditEnabled": {"Value": False}}).status
    assert False is api.read(column)["IsAuditEnabled"]["Value"]
    api.patch(f"fam_projects({project})", {"fam_name": "unseen"})
    table = api.read("EntityDefinitions(LogicalName='fam_document')")
    switched = {**table, "IsAuditEnabled": {"Value": True}}
    assert 204 == api.put("EntityDefinitions(LogicalName='fam_document')", switched).status
    api.patch(f"fam_documents({document})", {"fam_name": "seen"})
    _switch(api, isauditenabled=False)
    api.patch(f"fam_documents({document})", {"fam_name": "unseen"})
    assert ([2], [2]) == (_audits(api, document), _audits(api, project))


@pytest.fixture(params=STORES)
def stored_alone(request: pytest.FixtureRequest) -> Iterator[Api]:
    """An organization of a test's own: what it writes is committed."""
    with url_of(request) as url, Api(new_organization(url, _audited_families())) as opened:
        yield opened


def test_audit_rows_are_not_written_by_hand(api: Api) -> None:
    """[JOB-41]"""
    project = row(api, "project")
    (audit,) = _audits(api, project, "auditid")
    answers = (
        api.post("audits", {"useradditionalinfo": "x"}),
        api.patch(f"audits({audit})", {"useradditionalinfo": "x"}),
        api.delete(f"audits({audit})"),
    )
    assert [(400, "0x80040800")] * 3 == [(answer.status, answer.code) for answer in answers]


def test_history_takes_its_privileges_and_read_on_the_row(api: Api) -> None:
    """[JOB-44]"""
    project, task = row(api, "project"), row(api, "task")
    auditor, ben = _auditor(api), user(api, "Ben")
    assert 403 == _history(api, "fam_project", project, **acting(ben[1])).status
    assert 403 == api.get("audits", **acting(ben[1])).status
    assert 200 == _history(api, "fam_project", project, **auditor).status
    assert 403 == _history(api, "fam_task", task, **auditor).status
    seen = api.get("audits?$select=objecttypecode", **auditor).json["value"]
    assert {"fam_project"} == {found["objecttypecode"] for found in seen}


def test_rows_one_cannot_read_have_no_history_for_one(api: Api) -> None:
    """Who reads own rows only sees what was written down about those. [JOB-44]"""
    unit = api.organization.administrator.business_unit_id
    role = api.make("roles", name="Own", businessunitid__bind=f"/businessunits({unit})")
    given = [
        {"Depth": "Basic", "PrivilegeName": "prvReadfam_project"},
        {"Depth": "Global", "PrivilegeName": "prvReadAuditSummary"},
        {"Depth": "Global", "PrivilegeName": "prvReadRecordAuditHistory"},
    ]
    api.post(f"roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole", {"Privileges": given})
    ben = user(api, "Ben")
    api.post(f"systemusers({ben[1]})/systemuserroles_association/$ref", {"@odata.id": f"roles({role})"})
    own, foreign = row(api, "project", ben), row(api, "project")
    asked = "audits?$select=_objectid_value&$filter=objecttypecode%20eq%20'fam_project'"
    asked = api.get(asked, **acting(ben[1])).json["value"]
    assert {own} == {found["_objectid_value"] for found in asked}
    assert [200, 403] == [_history(api, "fam_project", one, **acting(ben[1])).status for one in (own, foreign)]
    api.delete(f"fam_projects({own})")
    assert 403 == _history(api, "fam_project", own, **acting(ben[1])).status


def test_the_data_of_changes_is_for_administrators(api: Api) -> None:
    """`changedata` may hold values of secured columns: it is a secured column itself. [SEC-103]"""
    project = row(api, "project")
    asked = f"audits?$select=changedata&$filter=_objectid_value%20eq%20{project}"
    (data,) = api.values(asked, "changedata")
    assert "fam_name" in {changed["logicalName"] for changed in json.loads(data)["changedAttributes"]}
    assert [None] == [found["changedata"] for found in api.get(asked, **_auditor(api)).json["value"]]


def test_a_secured_value_is_told_to_those_only_who_may_read_it(api: Api) -> None:
    """Neither by the history of the row nor by that of the column, also when the row is gone. [SEC-103], [JOB-44]"""
    account = api.make("accounts", name="Contour", description="secret")
    api.patch(f"accounts({account})", {"description": "more"})
    auditor = _auditor(api, "prvReadAccount")
    target = quote(f"{{'@odata.id':'accounts({account})'}}")
    asked = f"RetrieveAttributeChangeHistory(Target=@t,AttributeLogicalName='description',PagingInfo=null)?@t={target}"
    assert "more" == _details(api, "account", account)[0]["NewValue"]["description"]
    for _ in range(2):
        told = _history(api, "account", account, **auditor).body + api.get(asked, **auditor).body
        assert b"Contour" in told
        assert not any(value in told for value in (b"secret", b"more"))
        api.delete(f"accounts({account})")


def test_history_comes_in_pages_and_by_column(api: Api) -> None:
    """[JOB-45]"""
    project = row(api, "project")
    for name in ("b", "c"):
        api.patch(f"fam_projects({project})", {"fam_name": name})
    second = _history(api, "fam_project", project, "{'PageNumber':2,'Count':2}").json["AuditDetailCollection"]
    first = _history(api, "fam_project", project, "{'PageNumber':1,'Count':2}").json["AuditDetailCollection"]
    assert ((1, False, 3), (2, True, 3)) == tuple(
        (len(page["AuditDetails"]), page["MoreRecords"], page["TotalRecordCount"]) for page in (second, first)
    )
    target = quote(f"{{'@odata.id':'fam_projects({project})'}}")
    of_column = "RetrieveAttributeChangeHistory(Target=@t,AttributeLogicalName='{}',PagingInfo=null)?@t=" + target
    counts = [
        api.read(of_column.format(name))["AuditDetailCollection"]["TotalRecordCount"]
        for name in ("fam_name", "statecode", "fam_projectid")
    ]
    assert [3, 1, 0] == counts
    assert 400 == api.get(of_column.format("nothing")).status


def test_one_audit_row_tells_its_details(api: Api) -> None:
    """[JOB-45]"""
    project = row(api, "project")
    (audit,) = _audits(api, project, "auditid")
    detail = api.read(f"audits({audit})/Microsoft.Dynamics.CRM.RetrieveAuditDetails()")["AuditDetail"]
    assert "project" == detail["NewValue"]["fam_name"]
    nobody = f"audits({project})/Microsoft.Dynamics.CRM.RetrieveAuditDetails()"
    assert 404 == api.get(nobody).status


def test_long_texts_are_cut(api: Api) -> None:
    """After 5 KB. [JOB-46]"""
    account = api.make("accounts", name="Contour", description="é" * 2_000)
    assert 204 == api.patch(f"accounts({account})", {"description": "€" * 2_000}).status
    (newest, *_) = _details(api, "account", account)
    assert (1_706, 2_000) == tuple(len(newest[side]["description"]) for side in ("NewValue", "OldValue"))


def test_audit_rows_go_when_their_time_is_over(api: Api) -> None:
    """30 days unless the organization says otherwise. [JOB-40]"""
    project = row(api, "project")
    clock = api.organization.clock
    clock.advance(timedelta(days=31))
    try:
        for number in range(260):
            api.patch(f"fam_projects({project})", {"fam_name": str(number)})
    finally:
        clock.advance(timedelta(days=-31))
    assert 2 in _audits(api, project)
    assert 1 not in _audits(api, project)
