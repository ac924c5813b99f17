"""Write the questions about column security: what profiles give, what is shared.

In:        a dialect
Out:       SQL texts; the order of their values is said beside each
Not here:  what the answers mean (operations.secured_columns)
"""

from __future__ import annotations

from typing import Final

from verselet.sql.dialects import Dialect

_PRINCIPALS: Final = (
    "SELECT {0} UNION ALL SELECT member.teamid FROM teammembership member WHERE member.systemuserid = {0}"
)
_PROFILES: Final = """
  SELECT held.fieldsecurityprofileid FROM systemuserprofiles held WHERE held.systemuserid = {0}
  UNION SELECT held.fieldsecurityprofileid FROM teamprofiles held
  JOIN teammembership member ON member.teamid = held.teamid WHERE member.systemuserid = {0}
"""

# The user, twice.
PROFILES_OF_USER: Final = _PROFILES

# The user, twice.
PERMISSIONS_OF_USER: Final = f"""
SELECT allowed.entityname, allowed.attributelogicalname, max(allowed.canread), max(allowed.cancreate),
  max(allowed.canupdate), max(allowed.canreadunmasked)
FROM fieldpermission allowed WHERE allowed.fieldsecurityprofileid IN ({_PROFILES})
GROUP BY allowed.entityname, allowed.attributelogicalname
"""

# The user, twice.
SHARED_COLUMNS: Final = f"""
SELECT DISTINCT share.attributeid FROM principalobjectattributeaccess share
WHERE share.readaccess = {{true}} AND share.principalid IN ({_PRINCIPALS})
"""

# The row, then the user, twice.
SHARES_OF_ROW: Final = f"""
SELECT share.attributeid, share.readaccess, share.updateaccess FROM principalobjectattributeaccess share
WHERE share.objectid = {{0}} AND share.principalid IN ({_PRINCIPALS})
"""


MASKS: Final = """
SELECT place.entityname, place.attributelogicalname, rule.regularexpression, rule.maskedcharacter
FROM attributemaskingrule place JOIN maskingrule rule ON rule.maskingruleid = place.maskingruleid
WHERE place.statecode = 0 AND rule.statecode = 0 ORDER BY place.attributemaskingruleid
"""


def written(question: str, dialect: Dialect) -> str:
    """A question of this module in a dialect: `{0}` are its values."""
    cast = "{0}::uuid" if dialect.name == "postgresql" else "{0}"
    question = question.replace("SELECT {0} UNION", f"SELECT {cast} UNION")
    return question.replace("{0}", dialect.placeholder).replace("{true}", dialect.true)
