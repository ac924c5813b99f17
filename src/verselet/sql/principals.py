"""Write the questions about who belongs where and holds what.

In:        a dialect
Out:       SQL texts; the order of their values is said beside each
Not here:  what the answers mean (operations.standings, security.standing)
"""

from __future__ import annotations

from typing import Final

from verselet.sql.dialects import Dialect
from verselet.sql.write import listed

ORGANIZATION: Final = """
SELECT organizationid, ishierarchicalsecuritymodelenabled, usepositionhierarchy, maxdepthforhierarchicalsecuritymodel
FROM organization
"""

FISCAL_YEAR: Final = """
SELECT weekstartdaycode, fiscalcalendarstart, fiscalperiodtype, fiscalyeardisplaycode FROM organization
"""

ACCESSES: Final = "SELECT isauditenabled, isuseraccessauditenabled, useraccessauditinginterval FROM organization"

ZONE_OF_USER: Final = "SELECT timezonecode FROM usersettings WHERE systemuserid = {0}"

LANGUAGE_OF_USER: Final = "SELECT uilanguageid FROM usersettings WHERE systemuserid = {0}"

UNIT_OF_USER: Final = "SELECT businessunitid FROM systemuser WHERE systemuserid = {0}"

UNIT_OF_TEAM: Final = "SELECT businessunitid, name FROM team WHERE teamid = {0}"

MEMBER_OF: Final = """
SELECT member.teamid, team.businessunitid, team.name FROM teammembership member
JOIN team ON team.teamid = member.teamid WHERE member.systemuserid = {0} ORDER BY member.teamid
"""

ADMINISTERS: Final = "SELECT teamid FROM team WHERE administratorid = {0} ORDER BY teamid"

ROLES_OF_USER: Final = """
SELECT coalesce(role.parentrootroleid, role.roleid), role.roleid, role.name, role.isinherited, NULL
FROM systemuserroles held JOIN role ON role.roleid = held.roleid WHERE held.systemuserid = {0} ORDER BY role.roleid
"""

ROLES_OF_TEAMS: Final = """
SELECT coalesce(role.parentrootroleid, role.roleid), role.roleid, role.name, role.isinherited, held.teamid
FROM teamroles held JOIN role ON role.roleid = held.roleid WHERE held.teamid {listed} ORDER BY held.teamid, role.roleid
"""

UNITS: Final = "SELECT businessunitid, parentbusinessunitid FROM businessunit"

ADMINISTRATORS: Final = "SELECT roleid FROM role WHERE roletemplateid = {0}"

# Copies hold what their original holds, and System Administrator holds everything: neither is asked.
CONTENTS: Final = """
SELECT held.roleid, held.privilegeid, held.privilegedepthmask FROM roleprivileges held
JOIN role ON role.roleid = held.roleid WHERE coalesce(role.parentrootroleid, role.roleid) = role.roleid
AND (role.roletemplateid IS NULL OR role.roletemplateid <> {0})
"""

# A circle ends at the depth; whoever is in one is nobody's own report.
REPORTS: Final = """
WITH RECURSIVE below(id, unit, depth) AS (
  SELECT systemuserid, businessunitid, 1 FROM systemuser WHERE parentsystemuserid = {0}
  UNION
  SELECT person.systemuserid, person.businessunitid, below.depth + 1 FROM systemuser person
  JOIN below ON person.parentsystemuserid = below.id WHERE below.depth < {0})
SELECT id, unit, min(depth) FROM below WHERE id <> {0} GROUP BY id, unit ORDER BY id
"""

HOLDERS_BELOW: Final = """
WITH RECURSIVE below(id, depth) AS (
  SELECT place.positionid, 1 FROM position place WHERE place.parentpositionid =
    (SELECT positionid FROM systemuser WHERE systemuserid = {0})
  UNION
  SELECT place.positionid, below.depth + 1 FROM position place
  JOIN below ON place.parentpositionid = below.id WHERE below.depth < {0})
SELECT person.systemuserid, person.businessunitid, min(below.depth) FROM below
JOIN systemuser person ON person.positionid = below.id AND person.systemuserid <> {0}
GROUP BY person.systemuserid, person.businessunitid ORDER BY person.systemuserid
"""

TEAMS_OF_MANY: Final = (
    "SELECT systemuserid, teamid FROM teammembership WHERE systemuserid {listed} ORDER BY systemuserid, teamid"
)

# Of a user: roles of its own and of its teams; of a team: its own. The list comes first, then the id, three times.
HELD_OF: Final = """
SELECT DISTINCT role.roletemplateid, contents.privilegeid
FROM role LEFT JOIN roleprivileges contents
  ON contents.roleid = coalesce(role.parentrootroleid, role.roleid) AND contents.privilegeid {listed}
WHERE role.roleid IN (
  SELECT roleid FROM systemuserroles WHERE systemuserid = {0} UNION SELECT roleid FROM teamroles WHERE teamid = {0}
  UNION SELECT held.roleid FROM teamroles held JOIN teammembership member ON member.teamid = held.teamid
  WHERE member.systemuserid = {0})
"""

SHARES: Final = """
SELECT objectid, objecttypecode, principalid, accessrightsmask | inheritedaccessrightsmask FROM principalobjectaccess
WHERE objectid {listed}
"""


def written(question: str, dialect: Dialect) -> str:
    """A question of this module in a dialect: `{0}` are its values, `{listed}` a list that is one JSON text."""
    return question.replace("{0}", dialect.placeholder).replace("{listed}", listed(dialect, "uuid"))
