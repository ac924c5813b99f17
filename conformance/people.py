"""Who and what the scenarios speak of: users, teams, roles, units, profiles.

In:        behaviour/fixtures.json
Out:       the values of `${user:…}` and its like; how a user signs in
Not here:  loading the fixtures into a server (`--seed`)
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from conformance.cases import HERE, Json, Unmet

FIXTURES = HERE / "behaviour" / "fixtures.json"

IDS: Final = {
    "team": ("teams", "teamid"),
    "role": ("roles", "roleid"),
    "bu": ("businessunits", "businessunitid"),
    "profile": ("columnsecurityprofiles", "fieldsecurityprofileid"),
}
USER_FACTS: Final = {
    "": "systemuserid",
    "oid": "azureactivedirectoryobjectid",
    "name": "fullname",
    "appid": "applicationid",
    "secret": "clientsecret",
}


class People:
    """The fixture file, by key."""

    def __init__(self, file: Path = FIXTURES) -> None:
        self._fixtures: Json = msgspec.json.decode(file.read_bytes())
        self._by_key = {
            part: {row["key"]: row for row in self._fixtures[part]} for part in ("users", *(p for p, _ in IDS.values()))
        }

    @property
    def tenant_id(self) -> str:
        """The tenant of the sign-in authority."""
        return str(self._fixtures["organization"]["tenantid"])

    @property
    def organization_id(self) -> str:
        """The organization's id."""
        return str(self._fixtures["organization"]["organizationid"])

    def value(self, kind: str, argument: str) -> Json:
        """What `${kind:argument}` stands for; None where the kind is not one of people."""
        if kind == "user":
            key, _, fact = argument.partition(":")
            return self.user(key, fact)
        if kind in IDS:
            part, member = IDS[kind]
            return self._row(part, argument)[member]
        return None

    def user(self, key: str, fact: str = "") -> Json:
        """A fact of a user, its id unless another is named."""
        row = self._row("users", key)
        if fact == "bu":
            return self._row("businessunits", row["businessunit"])["businessunitid"]
        return row.get(USER_FACTS[fact])

    def _row(self, part: str, key: str) -> Json:
        if key not in self._by_key[part]:
            raise Unmet(f"the fixtures have no {key} among their {part}")
        return self._by_key[part][key]
