"""The tables of a world as clients call them: their sets, keys and columns, and how they hang together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

ToOne: TypeAlias = tuple[str, str, str]
"""Navigation, table it leads to, column that holds the lookup."""

Many: TypeAlias = tuple[str, str, str]
"""Navigation, table of the rows, their column that points back; empty for many-to-many."""

SETS: Final[Mapping[str, str]] = {
    "account": "accounts",
    "contact": "contacts",
    "task": "tasks",
    "new_gizmo": "new_gizmos",
    "new_part": "new_parts",
    "systemuser": "systemusers",
    "team": "teams",
    "businessunit": "businessunits",
    "activitypointer": "activitypointers",
    "owner": "owners",
}
KEYS: Final[Mapping[str, str]] = {
    "account": "accountid",
    "contact": "contactid",
    "task": "activityid",
    "new_gizmo": "new_gizmoid",
    "new_part": "new_partid",
    "systemuser": "systemuserid",
    "team": "teamid",
    "businessunit": "businessunitid",
    "activitypointer": "activityid",
    "owner": "ownerid",
}
TEXTS: Final[Mapping[str, str]] = {
    "account": "name",
    "contact": "lastname",
    "task": "subject",
    "new_gizmo": "new_name",
    "new_part": "new_name",
    "systemuser": "lastname",
    "team": "name",
    "businessunit": "name",
    "activitypointer": "subject",
    "owner": "name",
}
NUMBERS: Final[Mapping[str, str]] = {
    "account": "numberofemployees",
    "contact": "numberofchildren",
    "task": "actualdurationminutes",
    "activitypointer": "actualdurationminutes",
    "new_gizmo": "new_count",
}
TO_ONE: Final[Mapping[str, tuple[ToOne, ...]]] = {
    "account": (
        ("parentaccountid", "account", "parentaccountid"),
        ("primarycontactid", "contact", "primarycontactid"),
        ("preferredsystemuserid", "systemuser", "preferredsystemuserid"),
        ("owninguser", "systemuser", "owninguser"),
        ("owningteam", "team", "owningteam"),
        ("ownerid", "owner", "ownerid"),
        ("owningbusinessunit", "businessunit", "owningbusinessunit"),
    ),
    "contact": (
        ("parentcustomerid_account", "account", "parentcustomerid"),
        ("parentcustomerid_contact", "contact", "parentcustomerid"),
        ("owninguser", "systemuser", "owninguser"),
    ),
    "task": (
        ("regardingobjectid_account_task", "account", "regardingobjectid"),
        ("regardingobjectid_contact_task", "contact", "regardingobjectid"),
        ("owningteam_task", "team", "owningteam"),
    ),
    "activitypointer": (
        ("regardingobjectid_account", "account", "regardingobjectid"),
        ("regardingobjectid_contact", "contact", "regardingobjectid"),
        ("owninguser", "systemuser", "owninguser"),
    ),
    "owner": (),
    "new_gizmo": (
        ("new_AccountId", "account", "new_accountid"),
        ("new_CustomerId_account", "account", "new_customerid"),
        ("new_CustomerId_contact", "contact", "new_customerid"),
    ),
    "new_part": (("new_GizmoId", "new_gizmo", "new_gizmoid"),),
    "systemuser": (
        ("businessunitid", "businessunit", "businessunitid"),
        ("parentsystemuserid", "systemuser", "parentsystemuserid"),
    ),
    "team": (
        ("businessunitid", "businessunit", "businessunitid"),
        ("administratorid", "systemuser", "administratorid"),
    ),
    "businessunit": (("parentbusinessunitid", "businessunit", "parentbusinessunitid"),),
}
TO_MANY: Final[Mapping[str, tuple[Many, ...]]] = {
    "account": (
        ("account_parent_account", "account", "parentaccountid"),
        ("contact_customer_accounts", "contact", "parentcustomerid"),
        ("Account_Tasks", "task", "regardingobjectid"),
        ("Account_ActivityPointers", "activitypointer", "regardingobjectid"),
        ("new_account_gizmos", "new_gizmo", "new_accountid"),
        ("new_account_customer_gizmos", "new_gizmo", "new_customerid"),
    ),
    "contact": (
        ("account_primary_contact", "account", "primarycontactid"),
        ("contact_customer_contacts", "contact", "parentcustomerid"),
        ("Contact_Tasks", "task", "regardingobjectid"),
        ("new_gizmo_contact", "new_gizmo", ""),
    ),
    "task": (),
    "activitypointer": (),
    "owner": (),
    "new_gizmo": (("new_gizmo_parts", "new_part", "new_gizmoid"), ("new_gizmo_contact", "contact", "")),
    "new_part": (),
    "systemuser": (
        ("user_accounts", "account", "owninguser"),
        ("user_parent_user", "systemuser", "parentsystemuserid"),
        ("system_user_accounts", "account", "preferredsystemuserid"),
        ("teammembership_association", "team", ""),
    ),
    "team": (("team_contacts", "contact", "owningteam"), ("teammembership_association", "systemuser", "")),
    "businessunit": (
        ("business_unit_accounts", "account", "owningbusinessunit"),
        ("business_unit_system_users", "systemuser", "businessunitid"),
    ),
}
BETWEEN: Final[Mapping[str, str]] = {
    "new_gizmo_contact": "new_gizmo_contact",
    "teammembership_association": "teammembership",
}
"""Many-to-many navigation → its intersect table; it calls the keys of both ends as their tables do."""
