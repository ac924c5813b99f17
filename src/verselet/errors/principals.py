"""Refuse what users, teams, units and roles do not take.

In:        the facts of a refusal
Out:       400, 403 and 405
Not here:  deciding it (operations.table_rules), who may what (security)
"""

from __future__ import annotations

from verselet.errors.access import AccessDenied
from verselet.errors.requests import BadRequest
from verselet.errors.root import ServiceError


class HierarchyLoop(BadRequest):
    """A row would be above itself. [SEC-10]"""

    code = 0x80040387

    def __init__(self, table: str, row_id: str) -> None:
        super().__init__(
            f"Creating this parental association would create a loop in the {table} hierarchy.", hint=row_id
        )


class UnitNotDeletable(ServiceError):
    """The root unit, and one that is not disabled. [SEC-10], [SEC-15]"""

    code = 0x80040227
    status = 405

    def __init__(self, unit_id: str, why: str) -> None:
        super().__init__(f"The business unit (Id = {unit_id}) cannot be deleted: {why}.")


class DefaultTeamNotDeletable(BadRequest):
    """The default team goes with its unit. [SEC-12]"""

    code = 0x80048307

    def __init__(self, team_id: str) -> None:
        super().__init__(f"The default business unit team can't be deleted (TeamId = {team_id}).")


class DefaultTeamNotMovable(BadRequest):
    """The default team stays in its unit. [SEC-12]"""

    code = 0x80048308

    def __init__(self, team_id: str) -> None:
        super().__init__(f"The parent of a default business unit team can't be changed (TeamId = {team_id}).")


class DefaultTeamNotRenamable(BadRequest):
    """The default team is called as its unit. [SEC-12]"""

    code = 0x8004830A

    def __init__(self, team_id: str) -> None:
        super().__init__(f"The default business unit team can't be renamed (TeamId = {team_id}).")


class DefaultTeamKeepsMembers(BadRequest):
    """The members of a default team are the users of the unit. [SEC-12]"""

    code = 0x8004830C

    def __init__(self, team_id: str) -> None:
        super().__init__(f"Can't add members to the default business unit team, or remove them (TeamId = {team_id}).")


class TeamOwnsRows(BadRequest):
    """What a team owns has no owner without it. [SEC-38]"""

    code = 0x8004830E

    def __init__(self, team_id: str) -> None:
        super().__init__(
            f"Can't delete a team which owns records. Reassign the records and try again (TeamId = {team_id})."
        )


class UserOwnsRows(BadRequest):
    """What a user owns has no owner without it. [SEC-38]"""

    code = 0x80048610

    def __init__(self, user_id: str) -> None:
        super().__init__(
            f"Can't delete a user who owns records. Reassign the records and try again (UserId = {user_id})."
        )


class GroupTeamTakesInheritedRoles(BadRequest):
    """A role for the team alone is nothing for a group of the directory. [SEC-36]"""

    code = 0x80048350

    def __init__(self, team_id: str) -> None:
        super().__init__(
            'Cannot assign security role with "Team Privileges only" Inheritance to AAD Group or Office Group teams. '
            f"(TeamId = {team_id})"
        )


class InheritedRole(BadRequest):
    """The copy of a role changes with the role only. [SEC-13]"""

    code = 0x80044152

    def __init__(self) -> None:
        super().__init__("Inherited roles cannot be modified.", hint="Change the role that parentrootroleid names.")


class AdministratorRoleFixed(BadRequest):
    """System Administrator holds everything, always. [SEC-28]"""

    code = 0x80041D31

    def __init__(self) -> None:
        super().__init__("The System Administrator Role cannot be modified.")


class AdministratorRoleNotDeletable(BadRequest):
    """An organization needs somebody who may do everything. [SEC-28]"""

    code = 0x80041D2E

    def __init__(self) -> None:
        super().__init__("The System Administrator Role cannot be deleted.")


class LastAdministratorStays(BadRequest):
    """The last holder of System Administrator keeps it. [SEC-28]"""

    code = 0x80041D30

    def __init__(self) -> None:
        super().__init__(
            "A user cannot be removed from the System Administrator Role if they are the only user that has the role."
        )


class LastAdministratorEnabled(BadRequest):
    """The last holder of System Administrator can work. [SEC-28]"""

    code = 0x80041D2F

    def __init__(self) -> None:
        super().__init__("A user cannot be disabled if they are the only user that has the System Administrator Role.")


class ApplicationUserExists(BadRequest):
    """One user per application. [SEC-127]"""

    code = 0x8004F511

    def __init__(self, application_id: str) -> None:
        super().__init__(f"Another user has the application id {application_id} already.")


class ApplicationUserFixed(BadRequest):
    """Who an application is does not change. [SEC-127]"""

    code = 0x80041D48

    def __init__(self) -> None:
        super().__init__("The user representing an OAuth application cannot not be updated")


class ApplicationUserKeepsAccessMode(BadRequest):
    """An application is not interactive. [SEC-127]"""

    code = 0x80040D40

    def __init__(self) -> None:
        super().__init__("An application user's access mode cannot be changed.")


class GrantsMoreThanHeld(AccessDenied):
    """Nobody can give what they do not hold. [SEC-29]"""

    def __init__(self, user_id: str, privilege: str) -> None:
        super().__init__(
            f"Principal user (Id={user_id}) is missing {privilege} privilege at the depth that it should give."
        )
