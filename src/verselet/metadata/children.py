"""Say which rows of other tables can hang on every row: jobs, notes, activities, parties, …

In:        a table and the words its file uses for its children
Out:       relationships from the child tables to it
Not here:  relationships a file writes out (metadata.files, metadata.assembly)
"""

from __future__ import annotations

from typing import Final

import msgspec

from verselet.metadata.system import DELETE, NO_CASCADE, PARENTAL, REMOVE_LINK, Kind
from verselet.metadata.tables import Cascades, Relationship, Table


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """One automatic relationship.

    `word` is how files name it and how its schema name ends. `names_itself`: the navigation name also ends in the
    child's name, as it does for concrete activities, whose plain name is inherited. `lower`: the schema name is all
    lower case even where the table's is not.
    """

    word: str
    table: str
    column: str = "regardingobjectid"
    cascades: Cascades
    names_itself: bool = False
    lower: bool = False


def _activity(word: str, table: str) -> Child:
    return Child(word=word, table=table, cascades=PARENTAL, names_itself=True)


_HOUSEKEEPING = (
    Child(word="AsyncOperations", table="asyncoperation", cascades=NO_CASCADE),
    Child(word="BulkDeleteFailures", table="bulkdeletefailure", cascades=DELETE),
    Child(word="DuplicateBaseRecord", table="duplicaterecord", column="baserecordid", cascades=DELETE),
    Child(word="DuplicateMatchingRecord", table="duplicaterecord", column="duplicaterecordid", cascades=DELETE),
    Child(word="MailboxTrackingFolders", table="mailboxtrackingfolder", cascades=DELETE),
    Child(
        word="PrincipalObjectAttributeAccesses",
        table="principalobjectattributeaccess",
        column="objectid",
        cascades=DELETE,
    ),
    Child(word="ProcessSession", table="processsession", cascades=NO_CASCADE),
    Child(word="SyncErrors", table="syncerror", cascades=DELETE),
)
_ACTIVITIES = (
    Child(word="ActivityPointers", table="activitypointer", cascades=REMOVE_LINK),
    _activity("Appointments", "appointment"),
    _activity("Emails", "email"),
    _activity("Faxes", "fax"),
    _activity("Letters", "letter"),
    _activity("PhoneCalls", "phonecall"),
    _activity("RecurringAppointmentMasters", "recurringappointmentmaster"),
    _activity("ServiceAppointments", "serviceappointment"),
    _activity("SocialActivities", "socialactivity"),
    _activity("Tasks", "task"),
    _activity("adx_inviteredemptions", "adx_inviteredemption"),
    _activity("adx_portalcomments", "adx_portalcomment"),
    _activity("msdyn_bookingalerts", "msdyn_bookingalert"),
    _activity("msdyn_ocliveworkitems", "msdyn_ocliveworkitem"),
    _activity("msdyn_ocsessions", "msdyn_ocsession"),
)
_SINGLE = (
    Child(word="activity_parties", table="activityparty", column="activityid", cascades=DELETE, lower=True),
    Child(word="Annotations", table="annotation", column="objectid", cascades=PARENTAL),
    Child(word="DeletedItemReferences", table="deleteditemreference", column="deletedobject", cascades=NO_CASCADE),
    _activity("adx_alertsubscriptions", "adx_alertsubscription"),
    _activity("msdyn_approvals", "msdyn_approval"),
    _activity("msdyn_surveyinvites", "msdyn_surveyinvite"),
)
GROUPS: dict[str, tuple[Child, ...]] = {
    "housekeeping": _HOUSEKEEPING,
    "activities": _ACTIVITIES,
    **{child.word: (child,) for child in (*_HOUSEKEEPING, *_ACTIVITIES, *_SINGLE)},
}
"""Every word a file may use in `children`, with what it stands for."""


DELETED: Final = "DeletedItemReferences"
"""What tells of deleted rows may be about rows of any table. [BIN-5]"""


def children_of_kind(kind: Kind) -> tuple[str, ...]:
    """The words that hold when a file says nothing about children."""
    if kind.is_activity:
        return ("activity_parties", "housekeeping") if kind.custom else ("activity_parties",)
    return ("housekeeping",) if kind.custom and not kind.is_intersect else ()


def child_relationship(child: Child, parent: Kind | Table) -> Relationship:
    """The relationship from the child to a table, or to the table of a kind."""
    name = f"{parent.name if parent.custom or child.lower else parent.schema_name}_{child.word}"
    navigation = f"{child.column}_{parent.name}"
    return Relationship(
        schema_name=name,
        referencing_table=child.table,
        referencing_column=child.column,
        referencing_navigation=f"{navigation}_{child.table}" if child.names_itself else navigation,
        referenced_table=parent.name,
        referenced_column=parent.primary_id,
        referenced_navigation=name,
        cascades=child.cascades,
        custom=parent.custom,
    )
