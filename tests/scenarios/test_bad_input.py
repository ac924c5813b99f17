"""What cannot be meant is refused: with its status and code, naming the thing, and leaving every row as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.harness import NOBODY, Api, Scenario, undone
from verselet.web.functions import KNOWN_ACTIONS, KNOWN_FUNCTIONS
from verselet.web.known_sets import KNOWN_SETS

QUERY, BODY, ARGUMENT = "0x80060888", "0x80048d19", "0x80040203"
MISSING = "0x80040217"
GIZMO = "00000000-0000-4000-8000-0000000000a1"
ACCOUNT = "00000000-0000-4000-8000-0000000000a2"
ROW = f"new_gizmos({GIZMO})"


@pytest.fixture(scope="module")
def stocked(shared_api: Api) -> Iterator[Api]:
    """A gizmo and an account that must come through all this unchanged."""
    with undone(shared_api.organization):
        shared_api.make("accounts", accountid=ACCOUNT, name="Birch")
        shared_api.make("new_gizmos", new_gizmoid=GIZMO, new_name="G", new_code="C")
        yield shared_api


def get(target: str, says: str, *, status: int = 400, code: str = QUERY) -> Scenario:
    """A question that is refused."""
    return Scenario(method="GET", target=target.replace(" ", "%20"), status=status, error=code, says=says)


def change(body: object, says: str, *, status: int = 400, code: str = BODY) -> Scenario:
    """A change of the gizmo that is refused."""
    return Scenario(method="PATCH", target=ROW, send=body, status=status, error=code, says=says)


def where(condition: str, says: str, *, status: int = 400, code: str = QUERY) -> Scenario:
    """A filter that is refused."""
    return get(f"new_gizmos?$filter={condition}", says, status=status, code=code)


ADDRESSES = [
    get("nothings", "'nothings'", status=404),
    get("account", "'account'", status=404),
    get(f"accounts({ACCOUNT})/nonsense", "'nonsense'", status=404),
    get(f"accounts({ACCOUNT})/name/nonsense", "'nonsense'", status=404),
    get(f"accounts({ACCOUNT})/Account_tasks", "'Account_tasks'", status=404),
    get(f"accounts({ACCOUNT})/statecodename", "'statecodename'", status=404),
    get(f"accounts({NOBODY})", NOBODY, status=404, code=MISSING),
    get(f"accounts({NOBODY})/name", NOBODY, status=404, code=MISSING),
    get(f"accounts({NOBODY})/Account_Tasks", NOBODY, status=404, code=MISSING),
    get("accounts()", "syntax"),
    get("accounts(1)", "syntax"),
    get("accounts({" + ACCOUNT + "})", "syntax"),
    get(f"accounts('{ACCOUNT}')", "syntax"),
    get("accounts(name='x')", "not valid for resource 'Microsoft.Dynamics.CRM.account'"),
    get("new_gizmos(new_code=null)", "syntax"),
    get("new_gizmos(new_code=5)", "Edm.String"),
    get("new_gizmos(new_code='%00')", "Edm.String"),
    get("new_gizmos(new_code='nobody')", "new_gizmo", status=404, code="0x80060891"),
    get(f"systemusers(systemuserid={NOBODY})", "systemuser"),
    get("accounts(", "syntax"),
    get("accounts/$nonsense", "'$nonsense'", status=404),
    get("%ff", "UTF-8"),
    get("/api/data/v8.2/accounts", "'v8.2'", status=404),
    get("/api/data/v9.3/accounts", "'v9.3'", status=404),
    get("accounts?$filter=name eq '" + "x" * 33_000 + "'", "too long"),
]

OPTIONS = [
    get("accounts?$select=nonsense", "'nonsense' on type 'Microsoft.Dynamics.CRM.account'"),
    get("accounts?$select=Name", "'Name'"),
    get("accounts?$select=primarycontactid", "'primarycontactid'"),
    get("accounts?$select=name,", "position 5"),
    get("accounts?$select=name&$select=name", "'$select'"),
    get("accounts?$orderby=nonsense", "'nonsense'"),
    get("new_gizmos?$orderby=new_tags", "'new_tags'"),
    get("new_gizmos?$orderby=new_face", "'new_face'"),
    get("accounts?$orderby=name up", "position 5"),
    get("accounts?$expand=nonsense", "'nonsense'"),
    get("accounts?$expand=primaryContactid", "'primaryContactid'"),
    get("accounts?$expand=_primarycontactid_value", "'_primarycontactid_value'"),
    get("accounts?$expand=primarycontactid($top=1)", "Only $select and $filter"),
    get("accounts?$expand=Account_Tasks/$ref", "$ref"),
    get("accounts?$expand=Account_Tasks($count=true)", "$count"),
    get("accounts?$expand=Account_Tasks,Account_Tasks", "'Account_Tasks' is expanded more than once"),
    get("accounts?$expand=" + "parentaccountid($expand=" * 15 + "parentaccountid" + ")" * 15, "15"),
    get("accounts?$skip=5", "Skip Clause is not supported in CRM"),
    get("accounts?$search=x", "'$search'"),
    get("accounts?$Filter=name eq 'x'", "'$Filter'"),
    get("accounts?$format=json", "'$format'"),
    get("accounts?$top=-1", "$top"),
    get("accounts?$top=x", "$top"),
    get("accounts?$count=maybe", "$count"),
    get("accounts?$id=accounts(1)", "'$id'"),
    get("accounts?$filter=%ff", "UTF-8"),
    get("accounts?$filter=name eq '%00'", "control character"),
    get(f"accounts({ACCOUNT})?$filter=name eq 'x'", "'$filter'"),
    get(f"accounts({ACCOUNT})?$top=1", "'$top'"),
    get(f"accounts({ACCOUNT})?$orderby=name", "'$orderby'"),
    get(f"accounts({ACCOUNT})?$count=true", "'$count'"),
    Scenario(method="PATCH", target=f"{ROW}?$nonsense=1", send={}, status=400, error=QUERY, says="'$nonsense'"),
    Scenario(method="DELETE", target=f"{ROW}?$nonsense=1", status=400, error=QUERY, says="'$nonsense'"),
    Scenario(
        method="POST",
        target="accounts?$select=nonsense",
        send={"name": "x"},
        headers={"prefer": "return=representation"},
        status=400,
        error=QUERY,
        says="'nonsense'",
    ),
]

FILTERS = [
    where("new_name eq", "position 11"),
    where("new_name eq 'a' and", "position"),
    where("new_name eq 'open", "position 12"),
    where("new_name is 'a'", "position 9"),
    where("(new_name eq 'a'", "position 16"),
    where("new_name eq 'a')", "position 15"),
    where("new_ready", "position"),
    where("true", "position"),
    where("length(new_name) eq 1", "length"),
    where("new_count add 1 eq 2", "add"),
    where("nonsense eq 1", "'nonsense'"),
    where("new_AccountId/nonsense eq 1", "'nonsense' on type 'Microsoft.Dynamics.CRM.account'"),
    where("new_accountid eq null", "'new_accountid'"),
    where("new_name eq 1", "'Edm.String' and 'Edm.Decimal'"),
    where("new_count eq 'x'", "'Edm.Int32' and 'Edm.String'"),
    where("new_count eq true", "'Edm.Int32' and 'Edm.Boolean'"),
    where("new_ready eq 1", "'Edm.Boolean'"),
    where("new_color eq 'Red'", "'Edm.Int32'"),
    where("new_at eq 'yesterday'", "'Edm.DateTimeOffset'"),
    where("new_at gt 2024-13-01T00:00:00Z", "'Edm.DateTimeOffset'"),
    where("new_at gt 1752-12-31T23:59:59Z", "'Edm.DateTimeOffset'"),
    where("new_day eq 2024-02-30", "'Edm.Date'"),
    where("new_gizmoid eq 5", "'Edm.Guid'"),
    where("new_gizmoid eq 'x'", "'Edm.Guid'"),
    where("new_face eq 'x'", "'new_face'"),
    where("new_name eq new_count", "'Edm.String' and 'Edm.Int32'"),
    where("contains(new_count,'1')", "'contains'"),
    where("contains(new_name,5)", "Edm.String"),
    where("contains(new_name,'[z-a]')", "'z-a'"),
    where("contains(new_name,'" + "x" * 20_000 + "')", "16000"),
    where("new_account_gizmos/any()", "'new_account_gizmos'"),
    where("new_AccountId/any(a:a/name eq 'x')", "'new_AccountId'"),
    where("new_gizmo_parts/new_name eq 'x'", "'new_gizmo_parts'"),
    where("new_AccountId/Account_Tasks/any(t:t/subject eq 'x')", "any"),
    where("new_gizmo_parts/any(p:new_name eq 'x')", "new_name"),
    where("Microsoft.Dynamics.CRM.Nonsense(PropertyName='new_name')", "'Microsoft.Dynamics.CRM.Nonsense'"),
    where("In(PropertyName='new_name',PropertyValues=['x'])", "In"),
    where("Microsoft.Dynamics.CRM.In(PropertyName='new_name')", "'PropertyValues'"),
    where("Microsoft.Dynamics.CRM.In(PropertyName='nonsense',PropertyValues=['x'])", "'nonsense'"),
    where("Microsoft.Dynamics.CRM.In(PropertyName='new_count',PropertyValues=['x'])", "'x'"),
    where("Microsoft.Dynamics.CRM.In(PropertyName='new_count',PropertyValues=['nan'])", "'nan'"),
    where("Microsoft.Dynamics.CRM.Between(PropertyName='new_count',PropertyValues=['1'])", "two values"),
    where(" or ".join(["new_count eq 1"] * 501), "500", code="0x8004430c"),
    where("(" * 2000 + "new_count eq 1" + ")" * 2000, ""),
]

BODIES = [
    change(b"", "empty"),
    change(b"{", "Invalid JSON"),
    change(b"[]", "StartObject"),
    change(b"5", "StartObject"),
    change(b"null", "StartObject"),
    change(b'{"new_name":"\xff"}', "Invalid JSON"),
    change(b'{"new_name":"\\ud800"}', "Invalid JSON"),
    change(b'{"new_size":NaN}', "Invalid JSON"),
    change(b'{"new_price":1e99999999999999999999}', "Invalid JSON"),
    change(b"[" * 100_000, "nested"),
    change(b'{"a":' * 70 + b"1" + b"}" * 70, "64 levels"),
    change({"nonsense": 1}, "'nonsense'"),
    change({"New_Name": "x"}, "'New_Name'"),
    change({"new_accountid": "x"}, "'new_accountid'"),
    change({"_new_accountid_value": NOBODY}, "CRM do not support direct update of Entity Reference properties"),
    change({"new_gizmo_parts": [{"new_name": "x"}]}, "Deep update"),
    change({"new_AccountId": {"name": "x"}}, "Deep update"),
    change({"new_gizmo_parts@odata.bind": [f"/new_parts({NOBODY})"]}, "Deep update"),
    change({"nonsense@odata.bind": f"/accounts({ACCOUNT})"}, "'nonsense'"),
    change({"new_accountid@odata.bind": f"/accounts({ACCOUNT})"}, "'new_accountid'"),
    change({"new_AccountId@odata.bind": f"/contacts({NOBODY})"}, "leads to 'account'"),
    change({"new_AccountId@odata.bind": f"/nothings({NOBODY})"}, "'nothings'"),
    change({"new_AccountId@odata.bind": "rubbish"}, "'rubbish'"),
    change({"new_AccountId@odata.bind": "/accounts(5)"}, "syntax"),
    change({"new_AccountId@odata.bind": "/accounts(name='x')"}, "not valid for resource"),
    change({"new_AccountId@odata.bind": 5}, "new_AccountId@odata.bind"),
    change({"new_AccountId@odata.bind": f"/accounts({NOBODY})"}, NOBODY, status=404, code=MISSING),
    change({"new_CustomerId_contact@odata.bind": f"/accounts({ACCOUNT})"}, "leads to 'contact'"),
]

VALUES = [
    change({"new_name": "x" * 41}, "'new_name' attribute of the 'new_gizmo'", code="0x80044331"),
    change({"new_notes": "x" * 1001}, "'1000'", code="0x80044331"),
    change({"new_kind": "x" * 129}, "'new_kind'", code="0x80044331"),
    change({"new_name": "a\0b"}, "'new_name'", code=ARGUMENT),
    change({"new_kind": "a\0b"}, "'new_kind'", code=ARGUMENT),
    change({"new_name": 5}, "'5' to the expected type 'Edm.String' of the property 'new_name'"),
    change({"new_count": 5001}, "between -5000 and 5000", code="0x8004432f"),
    change({"new_count": -5001}, "'new_count'", code="0x8004432f"),
    change({"new_count": "5"}, "'Edm.Int32' of the property 'new_count'"),
    change({"new_count": 5.0}, "'new_count'"),
    change({"new_count": True}, "'new_count'"),
    change({"new_count": 2**70}, "'new_count'", code="0x8004432f"),
    change({"new_ticks": 2**63}, "'new_ticks'", code="0x8004432f"),
    change({"new_ticks": -(2**63) - 1}, "'new_ticks'", code="0x8004432f"),
    change({"new_ratio": 1000.001}, "'new_ratio'", code="0x80044330"),
    change({"new_ratio": "1"}, "'new_ratio'"),
    change({"new_size": 1e12}, "'new_size'", code="0x80044330"),
    change(b'{"new_size":1e999999}', "'new_size'", code="0x80044330"),
    change(b'{"new_price":1e999999}', "'new_price'", code="0x80044330"),
    change({"new_price": -922337203685478}, "'new_price'", code="0x80044330"),
    change({"new_at": "2024-01-01T00:00:00"}, "'new_at'"),
    change({"new_at": "2024-01-01"}, "2024-01-01"),
    change({"new_at": "1752-12-31T23:59:59Z"}, "'new_at'"),
    change({"new_at": "9999-12-31T23:59:59-05:00"}, "'new_at'"),
    change({"new_at": "2024-02-30T00:00:00Z"}, "'new_at'"),
    change({"new_at": 5}, "'new_at'"),
    change({"new_day": "2024-01-01T00:00:00Z"}, "'new_day'"),
    change({"new_day": "20240101"}, "'new_day'"),
    change({"new_ready": "true"}, "'new_ready'"),
    change({"new_ready": 1}, "'new_ready'"),
    change({"new_color": 3}, "3 of 'new_color'", code="0x8004431a"),
    change({"new_color": "Red"}, "'new_color'"),
    change({"new_tags": "1,3"}, "3 of 'new_tags'", code="0x8004431a"),
    change({"new_tags": "1,Red"}, "'new_tags'", code=ARGUMENT),
    change({"new_tags": [1]}, "'new_tags'"),
    change({"new_face": "not base64!"}, "'new_face'"),
    change({"statecode": 7}, "7 of 'statecode'", code="0x80040233"),
    change({"statecode": None}, "'statecode'", code=ARGUMENT),
    change({"statuscode": 2}, "2 is not a valid status code for state code new_GizmoState.Active", code="0x80048408"),
    change({"statecode": 1, "statuscode": 3}, "3 is not a valid status code", code="0x80048408"),
]

METHODS = [
    Scenario(method="DELETE", target="accounts", status=405, error=QUERY, says="'DELETE'"),
    Scenario(method="PATCH", target="accounts", send={}, status=405, error=QUERY, says="'PATCH'"),
    Scenario(method="PUT", target=ROW, send={}, status=405, error=QUERY, says="'PUT'"),
    Scenario(method="POST", target=ROW, send={}, status=405, error=QUERY, says="'POST'"),
    Scenario(method="PATCH", target=f"{ROW}/new_name", send={"value": "x"}, status=405, error=QUERY, says="'PATCH'"),
    Scenario(method="PUT", target=f"{ROW}/new_name/$value", send={"value": "x"}, status=405, error=QUERY, says="'PUT'"),
    Scenario(method="PUT", target=f"{ROW}/new_gizmo_parts", send={}, status=405, error=QUERY, says="'PUT'"),
    Scenario(method="DELETE", target=f"{ROW}/new_gizmo_contact/$ref", status=405, error=QUERY, says="'DELETE'"),
    Scenario(method="POST", target="accounts/$count", send={}, status=405, error=QUERY, says="'POST'"),
    Scenario(method="POST", target="WhoAmI", send={}, status=405, error=QUERY, says="'POST'"),
    Scenario(method="POST", target="$metadata", send={}, status=405, error=QUERY, says="'POST'"),
    Scenario(method="DELETE", target="", status=405, error=QUERY, says="'DELETE'"),
    Scenario(method="HEAD", target="accounts", status=405, error=QUERY, says="'HEAD'"),
    Scenario(method="TRACE", target="accounts", status=405, error=QUERY, says="'TRACE'"),
    Scenario(method="POST", target="owners", send={}, status=405, error=QUERY, says="'POST'"),
    Scenario(method="POST", target="activitypointers", send={}, status=405, error=QUERY, says="'POST'"),
    Scenario(method="PATCH", target=f"owners({NOBODY})", send={}, status=405, error=QUERY, says="method"),
    Scenario(method="DELETE", target=f"owners({NOBODY})", status=405, error=QUERY, says="'DELETE'"),
]

HEADERS = [
    Scenario(
        method="PATCH",
        target=ROW,
        send={},
        headers={"if-match": "1x"},
        status=400,
        error=ARGUMENT,
        says="1x",
    ),
    Scenario(
        method="PATCH",
        target=ROW,
        send={},
        headers={"if-match": 'W/"²"'},
        status=400,
        error=ARGUMENT,
        says="entity tag",
    ),
    Scenario(
        method="DELETE", target=ROW, headers={"if-match": 'W/"1", W/"2"'}, status=400, error=ARGUMENT, says="entity tag"
    ),
    Scenario(
        method="PATCH",
        target=ROW,
        send={},
        headers={"content-type": "text/plain"},
        status=400,
        error=BODY,
        says="text/plain",
    ),
    Scenario(
        method="GET",
        target="accounts",
        headers={"authorization": "Basic x"},
        status=401,
        error="0x80041d41",
        says="token",
    ),
    Scenario(
        method="GET",
        target="accounts",
        headers={"authorization": "Bearer dev:nobody"},
        status=403,
        error="0x80072560",
        says="not a member",
    ),
]

FUNCTIONS = [
    get("Nonsense()", "'Nonsense'", status=404),
    get("Microsoft.Dynamics.CRM.WhoAmI()", "WhoAmI", status=404),
    get("WhoAmI(x=1)", "'x'", code=ARGUMENT),
    get("RetrieveTotalRecordCount", "'EntityNames'", code=ARGUMENT),
    get("RetrieveTotalRecordCount(EntityNames=@p1)", "'@p1'", code=ARGUMENT),
    get("RetrieveTotalRecordCount(EntityNames=@p1)?@p1=5", "'EntityNames'", code=ARGUMENT),
    get('RetrieveTotalRecordCount(EntityNames=@p1)?@p1=["nothing"]', "'nothing'", code=ARGUMENT),
    get("RetrieveCurrentOrganization(AccessType=@p1)?@p1='Sideways'", "Sideways", code=ARGUMENT),
    get("accounts/WhoAmI", "Microsoft.Dynamics.CRM", code=ARGUMENT),
    get("accounts/Microsoft.Dynamics.CRM.Nonsense", "'Nonsense'", status=404),
]

NOT_HERE = [
    get("new_gizmos?$filter=contains(new_name,new_code)", "'contains'", status=501),
    *[
        Scenario(
            method="POST",
            target=target,
            send={},
            headers={"prefer": "respond-async"},
            status=501,
            error=QUERY,
            says=f"'{name}' in the background",
        )
        for target, name in (
            ("GrantAccess", "GrantAccess"),
            ("PublishAllXml", "PublishAllXml"),
            ("accounts/Microsoft.Dynamics.CRM.CreateMultiple", "CreateMultiple"),
            (f"teams({NOBODY})/Microsoft.Dynamics.CRM.AddMembersTeam", "AddMembersTeam"),
        )
    ],
    *[get(name, name, status=501) for name in sorted([*KNOWN_FUNCTIONS, *KNOWN_SETS])],
    *[
        Scenario(method="POST", target=name, send={}, status=501, error=QUERY, says=name)
        for name in sorted([*KNOWN_ACTIONS, *KNOWN_SETS])
    ],
]

EVERYTHING = {
    "address": ADDRESSES,
    "option": OPTIONS,
    "filter": FILTERS,
    "body": BODIES,
    "value": VALUES,
    "method": METHODS,
    "header": HEADERS,
    "function": FUNCTIONS,
    "not here": NOT_HERE,
}
CASES = [
    pytest.param(scenario, id=f"{kind}-{number}")
    for kind, found in EVERYTHING.items()
    for number, scenario in enumerate(found)
]


@pytest.mark.parametrize("scenario", CASES)
def test_it_is_refused_and_nothing_changes(stocked: Api, scenario: Scenario) -> None:
    """[S-2], [E-1] to [E-17], [E-21], [U-8] to [U-15], [Q-2], [F-14] to [F-18], [T-2] to [T-26], [FN-8]"""
    with undone(stocked.organization):
        scenario.run(stocked)
