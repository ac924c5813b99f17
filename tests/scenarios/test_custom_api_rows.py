"""The rows that define custom APIs: what they must be, who may call, what `$metadata` tells, on both stores. [FN-28]"""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest

from tests.csdl_rules import EDM, RULES, Document
from tests.definition_bodies import table as table_body
from tests.scenarios.custom_apis import NAMESPACE, api, custom_api, member, parameter, response, stored_api
from tests.scenarios.family import acting, user
from tests.scenarios.harness import Api
from verselet.messages.custom import Kind
from verselet.operations.founding import builtin_id

__all__ = ["api", "stored_api"]


@pytest.mark.parametrize(
    ("told", "code", "says"),
    [
        ({"uniquename": "Approve"}, "0x80040203", "prefix"),
        ({"uniquename": "new_Ap prove"}, "0x80040203", "valid name"),
        ({"uniquename": ""}, "0x80040203", "valid name"),
        ({"bindingtype": 1}, "0x80040203", "boundentitylogicalname"),
        ({"bindingtype": 2, "boundentitylogicalname": "nothing"}, "0x80040203", "'nothing'"),
        ({"bindingtype": 0, "boundentitylogicalname": "account"}, "0x80040203", "boundentitylogicalname"),
        ({"bindingtype": 3}, "0x8004431a", "bindingtype"),
        ({"isfunction": True, "workflowsdkstepenabled": True}, "0x80040203", "workflows"),
        ({"executeprivilegename": "prvNothing"}, "0x80040203", "'prvNothing'"),
        ({"uniquename": "new_There"}, "0x80047013", "new_There"),
        ({"uniquename": "NEW_there"}, "0x80047013", "NEW_there"),
    ],
)
def test_a_custom_api_that_cannot_be_is_refused(api: Api, told: dict[str, object], code: str, says: str) -> None:
    """A prefix, a name of its own, a table where it is bound to one. [FN-28]"""
    custom_api(api, "new_There")
    body = {"uniquename": "new_Made", "name": "Made", "displayname": "Made", "description": "Made.", **told}
    refused = api.post("customapis", body)
    assert (400, code) == (refused.status, refused.code), refused.body
    assert says in refused.message
    assert ["new_There"] == api.values("customapis?$select=uniquename", "uniquename")


@pytest.mark.parametrize("table", ["customapirequestparameter", "customapiresponseproperty"])
@pytest.mark.parametrize(
    ("told", "code", "says"),
    [
        ({"uniquename": "No name"}, "0x80040203", "'No name'"),
        ({"uniquename": "There"}, "0x80047013", "There"),
        ({"type": 13}, "0x8004431a", "type"),
        ({"type": 10, "logicalentityname": "account"}, "0x80040203", "holds no row"),
        ({"type": 3, "logicalentityname": "nothing"}, "0x80040203", "'nothing'"),
        ({"CustomAPIId@odata.bind": None}, "0x80040203", "CustomAPIId"),
    ],
)
def test_a_member_that_cannot_be_is_refused(
    api: Api, table: str, told: dict[str, object], code: str, says: str
) -> None:
    """A name of its own in its API, and a table only where there are rows. [FN-28]"""
    made = custom_api(api, "new_Made")
    set_name = "customapirequestparameters" if table.endswith("parameter") else "customapiresponseproperties"
    api.make(set_name, **member(made, "There", Kind.STRING))
    body = {name.replace("__bind", "@odata.bind"): value for name, value in member(made, "New", Kind.STRING).items()}
    refused = api.post(set_name, {**body, **told})
    assert (400, code) == (refused.status, refused.code), refused.body
    assert says in refused.message
    assert ["There"] == api.values(f"{set_name}?$select=uniquename", "uniquename")


def test_some_parameters_are_not_for_every_message(api: Api) -> None:
    """The target is there already, and functions take no open objects. [FN-28]"""
    bound = custom_api(api, "new_Bound", bindingtype=1, boundentitylogicalname="account")
    function = custom_api(api, "new_Function", isfunction=True)
    for made, name, kind in ((bound, "Target", Kind.STRING), (function, "Open", Kind.ENTITY)):
        body = {key.replace("__bind", "@odata.bind"): value for key, value in member(made, name, kind).items()}
        refused = api.post("customapirequestparameters", body)
        assert (400, "0x80040203") == (refused.status, refused.code), refused.body
    parameter(api, function, "Closed", Kind.ENTITY, logicalentityname="account")


def test_what_was_saved_once_stays(api: Api) -> None:
    """Columns that decide how a message is called are only read from then on; others may change. [FN-28], [T-21]"""
    made = custom_api(api, "new_Saved", isfunction=True)
    asked = parameter(api, made, "Asked", Kind.INTEGER)
    told = {"uniquename": "new_Other", "isfunction": False, "bindingtype": 1, "boundentitylogicalname": "account"}
    assert 204 == api.patch(f"customapis({made})", {**told, "displayname": "Another"}).status
    kept = api.read(f"customapis({made})")
    assert ("new_Saved", True, 0, None, "Another") == tuple(kept[name] for name in (*told, "displayname"))
    assert 204 == api.patch(f"customapirequestparameters({asked})", {"type": 10, "isoptional": True}).status
    kept = api.read(f"customapirequestparameters({asked})")
    assert (7, False) == (kept["type"], kept["isoptional"])


def test_members_come_with_their_api_and_go_with_it(api: Api) -> None:
    """Made in one request, read in one, deleted in one; the message of the same name as well. [FN-28], [C-9]"""
    body = {
        "uniquename": "new_Whole",
        "name": "Whole",
        "displayname": "Whole",
        "description": "In one request.",
        "isfunction": True,
        "CustomAPIRequestParameters": [{"uniquename": "One", "name": "One", "type": 7}],
        "CustomAPIResponseProperties": [{"uniquename": "Two", "name": "Two", "type": 7}],
    }
    made = api.post("customapis", body)
    assert 204 == made.status, made.body
    expanded = "CustomAPIRequestParameters($select=uniquename),CustomAPIResponseProperties($select=uniquename)"
    found = api.read(f"customapis({made.id})?$select=uniquename&$expand={expanded},SdkMessageId($select=name)")
    assert (["One"], ["Two"], "new_Whole") == (
        [one["uniquename"] for one in found["CustomAPIRequestParameters"]],
        [one["uniquename"] for one in found["CustomAPIResponseProperties"]],
        found["SdkMessageId"]["name"],
    )
    assert 204 == api.get("new_Whole(One=1)").status
    assert 204 == api.delete(f"customapis({made.id})").status
    for set_name in ("customapirequestparameters", "customapiresponseproperties"):
        assert [] == api.values(set_name, "uniquename")
    assert [] == api.values("sdkmessages?$filter=name eq 'new_Whole'", "name")
    assert 404 == api.get("new_Whole(One=1)").status


def test_a_message_takes_the_privilege_its_row_names(api: Api) -> None:
    """Without one, everybody with a role may call it. [FN-28], [SEC-40]"""
    _, anna = user(api, "Anna")
    custom_api(api, "new_Free")
    named = custom_api(api, "new_Guarded", executeprivilegename="prvReparentUser")
    assert 204 == api.post("new_Free", {}, **acting(anna)).status
    refused = api.post("new_Guarded", {}, **acting(anna))
    assert (403, "0x80040220") == (refused.status, refused.code)
    assert "prvReparentUser" in refused.message
    assert 204 == api.post("new_Guarded").status
    assert 204 == api.patch(f"customapis({named})", {"executeprivilegename": "prvReadAccount"}).status
    assert 204 == api.post("new_Guarded", {}, **acting(anna)).status


def test_who_has_no_role_calls_nothing(api: Api) -> None:
    """[SEC-33], [FN-28]"""
    custom_api(api, "new_Free")
    unit = builtin_id("businessunit", "root")
    nobody = api.make("systemusers", lastname="Nobody", businessunitid__bind=f"/businessunits({unit})")
    assert 403 == api.post("new_Free", {}, **acting(nobody)).status


def test_ordinary_users_define_no_messages(api: Api) -> None:
    """Neither may change those of others; customizers do both. [FN-28], [SEC-28]"""
    _, anna = user(api, "Anna")
    made = custom_api(api, "new_Free")
    body = {"uniquename": "new_Mine", "name": "Mine", "displayname": "Mine", "description": "Mine."}
    member_body = {k.replace("__bind", "@odata.bind"): v for k, v in member(made, "New", Kind.STRING).items()}
    assert 403 == api.post("customapis", body, **acting(anna)).status
    assert 403 == api.post("customapirequestparameters", member_body, **acting(anna)).status
    assert 403 == api.patch(f"customapis({made})", {"displayname": "Theirs"}, **acting(anna)).status
    role = {"@odata.id": f"roles({builtin_id('role', 'system-customizer')})"}
    assert 204 == api.post(f"systemusers({anna})/systemuserroles_association/$ref", role).status
    assert 204 == api.post("customapis", body, **acting(anna)).status
    assert 204 == api.post("customapirequestparameters", member_body, **acting(anna)).status
    assert 204 == api.patch(f"customapis({made})", {"displayname": "Theirs"}, **acting(anna)).status


def test_the_metadata_document_tells_of_messages(api: Api) -> None:
    """Actions, functions, imports and types of answers; private ones and those that cannot be called are left out.

    [FN-28], [M-6], [CC-67]
    """
    action = custom_api(api, "new_Act", bindingtype=1, boundentitylogicalname="account")
    for kind in Kind:
        parameter(api, action, kind.name, kind, isoptional=kind is Kind.GUID)
        response(api, action, kind.name, kind)
    function = custom_api(api, "new_Fun", isfunction=True)
    parameter(api, function, "Row", Kind.ENTITY, logicalentityname="contact")
    response(api, function, "Rows", Kind.ENTITY_COLLECTION, logicalentityname="account")
    on_set = custom_api(api, "new_OnSet", isfunction=True, bindingtype=2, boundentitylogicalname="contact")
    response(api, on_set, "Word")
    hidden = custom_api(api, "new_Hidden", isprivate=True)
    custom_api(api, "new_Incomplete", isfunction=True)
    document = Document(Xml.fromstring(api.get("$metadata").body))
    assert [] == [complaint for rule in RULES for complaint in rule(document)]
    declared = [*document.schemas[0].iter(f"{EDM}Function"), *document.schemas[0].iter(f"{EDM}Action")]
    found = {item.get("Name"): item for item in (*declared, *document.complex_types.values())}
    text = api.get("$metadata").body.decode()
    assert {"new_Act", "new_ActResponse", "new_Fun", "new_OnSet", "new_OnSetResponse"} <= found.keys()
    assert not {"new_Hidden", "new_Incomplete", "new_FunResponse"} & found.keys()
    assert '<FunctionImport Name="new_Fun" Function="Microsoft.Dynamics.CRM.new_Fun"/>' in text
    assert 'ActionImport Name="new_Act"' not in text
    parameters = {one.get("Name"): one for one in found["new_Act"].iter(f"{EDM}Parameter")}
    assert ("mscrm.account", "Edm.Decimal", "Collection(mscrm.crmbaseentity)", None) == (
        parameters["entity"].get("Type"),
        parameters["MONEY"].get("Type"),
        parameters["ENTITY_COLLECTION"].get("Type"),
        parameters["GUID"].get("Nullable"),
    )
    assert "Collection(mscrm.account)" == next(found["new_Fun"].iter(f"{EDM}ReturnType")).get("Type")
    assert "Collection(mscrm.contact)" == next(found["new_OnSet"].iter(f"{EDM}Parameter")).get("Type")
    assert 204 == api.post("new_Hidden").status
    assert 204 == api.patch(f"customapis({hidden})", {"isprivate": False}).status
    assert 'Action Name="new_Hidden"' in api.get("$metadata").body.decode()
    assert [False] == api.values("sdkmessages?$filter=name eq 'new_Hidden'", "isprivate")


def test_the_metadata_document_outlives_the_tables_of_messages(api: Api) -> None:
    """A parameter of rows of a table that was deleted since is one of any rows. [FN-28], [M-6]"""
    assert 204 == api.post("EntityDefinitions", table_body()).status
    bound = custom_api(api, "new_OnBox", bindingtype=1, boundentitylogicalname="new_box")
    free = custom_api(api, "new_OfBox")
    for made in (bound, free):
        parameter(api, made, "Box", Kind.ENTITY, logicalentityname="new_box")
        response(api, made, "Boxes", Kind.ENTITY_COLLECTION, logicalentityname="new_box")
    assert 204 == api.delete("EntityDefinitions(LogicalName='new_box')").status
    document = Document(Xml.fromstring(api.get("$metadata").body))
    assert [] == [complaint for rule in RULES for complaint in rule(document)]
    (action,) = [one for one in document.schemas[0].iter(f"{EDM}Action") if "Box" in one.attrib["Name"]]
    assert ("new_OfBox", "mscrm.crmbaseentity") == (
        action.get("Name"),
        next(action.iter(f"{EDM}Parameter")).get("Type"),
    )


def test_a_batch_calls_messages_as_well(api: Api) -> None:
    """A change set that fails undoes what a message in it has done. [FN-28], [BA-8]"""
    custom_api(api, "new_Free")
    lines = [
        "--b", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
        "POST /api/data/v9.2/new_Free HTTP/1.1", "Content-Type: application/json", "", "{}", "--b--", "",
    ]  # fmt: skip
    answer = api.post("$batch", "\r\n".join(lines).encode(), content_type="multipart/mixed;boundary=b")
    assert 200 == answer.status
    assert b"HTTP/1.1 204" in answer.body
    assert NAMESPACE not in answer.body.decode()
