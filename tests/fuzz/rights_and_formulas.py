"""Requests about rights, numbers, formulas and links, which the cases of single requests hold few of."""

from __future__ import annotations

import json

from tests.fuzz.requests import Seed
from verselet.ids import name_id
from verselet.operations.builtin import SYSTEM_ADMINISTRATOR_ID, SYSTEM_CUSTOMIZER_ID, SYSTEM_ID
from verselet.operations.founding import ROOT_TEAM_ID, ROOT_UNIT_ID, builtin_id

ACCOUNT = "accounts(5f3e0000-0000-4000-8000-0000a0000025)"
USER = {"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": builtin_id("systemuser", "administrator")}
TEAM = {"@odata.type": "Microsoft.Dynamics.CRM.team", "teamid": ROOT_TEAM_ID}
UNIT = {"@odata.type": "Microsoft.Dynamics.CRM.businessunit", "businessunitid": ROOT_UNIT_ID}
ROW = {"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": "5f3e0000-0000-4000-8000-0000a0000025"}
CRM = "Microsoft.Dynamics.CRM"
PRIVILEGE = {"Depth": "Basic", "PrivilegeId": name_id("privilege/prvReadAccount"), "BusinessUnitId": ROOT_UNIT_ID,
             "PrivilegeName": "prvReadAccount"}  # fmt: skip
COLUMNS = "EntityDefinitions(LogicalName='new_vfwidget')/Attributes"
FORMULAS = (
    "new_count * 3 + 1",
    "(new_price - 0.5) / (new_count + 1) - -2",
    "new_ratio * new_weight",
    'new_code & "-" & new_name',
    "If(new_count > 10 && !IsBlank(new_code), new_count * 2.5, 0 - new_ratio)",
    "COUNT(new_vfwidget_vfgadget_main.new_vfgadgetid)",
    "MAX(new_vfwidget_vfgadget_main.createdon, statecode = 0)",
    'SUM(new_vfwidget_vfgadget_main.versionnumber, new_name = "a" || statecode <> 1)',
)


def rights_seeds() -> list[Seed]:
    """Bodies of actions about rights, teams and numbers."""
    access = {"AccessMask": "ReadAccess,WriteAccess", "Principal": TEAM}
    bodies: tuple[tuple[str, object], ...] = (
        ("GrantAccess", {"Target": ROW, "PrincipalAccess": access}),
        ("ModifyAccess", {"Target": ROW, "PrincipalAccess": access}),
        ("RevokeAccess", {"Target": ROW, "Revokee": TEAM}),
        (f"roles({SYSTEM_CUSTOMIZER_ID})/{CRM}.AddPrivilegesRole", {"Privileges": [PRIVILEGE]}),
        (f"roles({SYSTEM_CUSTOMIZER_ID})/{CRM}.ReplacePrivilegesRole", {"Privileges": [PRIVILEGE]}),
        (f"roles({SYSTEM_ADMINISTRATOR_ID})/{CRM}.RemovePrivilegeRole", {"PrivilegeId": PRIVILEGE["PrivilegeId"]}),
        (f"teams({ROOT_TEAM_ID})/{CRM}.AddMembersTeam", {"Members": [USER]}),
        (f"teams({ROOT_TEAM_ID})/{CRM}.ConvertOwnerTeamToAccessTeam", {}),
        (
            f"systemusers({SYSTEM_ID})/{CRM}.AddUserToRecordTeam",
            {"Record": ROW, "TeamTemplate": {"@odata.type": f"{CRM}.teamtemplate", "teamtemplateid": ROOT_TEAM_ID}},
        ),
        (f"systemusers({SYSTEM_ID})/{CRM}.SetBusinessSystemUser", {"BusinessUnit": UNIT, "ReassignPrincipal": USER}),
        (f"systemusers({SYSTEM_ID})/{CRM}.ReassignObjectsSystemUser", {"ReassignPrincipal": TEAM}),
        ("ReassignObjectsOwner", {"FromPrincipal": USER, "ToPrincipal": TEAM}),
        ("CreateAsyncJobToRevokeInheritedAccess", {"RelationshipSchema": "account_parent_account"}),
        ("SetAutoNumberSeed", {"EntityName": "new_vfwidget", "AttributeName": "new_code", "Value": 5}),
        ("GetNextAutoNumberValue", {"EntityName": "new_vfwidget", "AttributeName": "new_code"}),
        ("businessunits", {"name": "North", "parentbusinessunitid@odata.bind": f"/businessunits({ROOT_UNIT_ID})"}),
        ("teams", {"name": "T", "teamtype": 0, "businessunitid@odata.bind": f"/businessunits({ROOT_UNIT_ID})"}),
        ("roles", {"name": "R", "businessunitid@odata.bind": f"/businessunits({ROOT_UNIT_ID})"}),
        ("systemusers", {"domainname": "a@b", "businessunitid@odata.bind": f"/businessunits({ROOT_UNIT_ID})"}),
        ("emails", {"subject": "s", "email_activity_parties": [{"participationtypemask": 1}]}),
    )  # fmt: skip
    return [Seed(method="POST", path=path, body=json.dumps(body), focus="body") for path, body in bodies]


def formula_seeds() -> list[Seed]:
    """New columns that the server works out, numbers, or secures."""
    label = {"LocalizedLabels": [{"Label": "F", "LanguageCode": 1033}]}
    columns = [
        (kind, {"SourceType": 2 if "gadget_main" in text else 1, "FormulaDefinition": text})
        for text in FORMULAS
        for kind in ("Integer", "String", "Decimal", "DateTime")
    ]
    columns += [
        ("String", {"AutoNumberFormat": text}) for text in ("W-{SEQNUM:5}", "{DATETIMEUTC:yyMM}-{RANDSTRING:4}")
    ]
    columns += [("String", {"IsSecured": True}), ("Memo", {"MaxLength": 10})]
    return [
        Seed(
            method="POST",
            path=COLUMNS,
            body=json.dumps(
                {
                    "@odata.type": f"{CRM}.{kind}AttributeMetadata",
                    "SchemaName": f"new_F{number}",
                    "DisplayName": label,
                    **more,
                }
            ),
            focus="body",
        )
        for number, (kind, more) in enumerate(columns)
    ]
