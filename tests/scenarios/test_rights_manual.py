"""The guide to units, teams and roles, followed step by step."""

from __future__ import annotations

import json
import re

from tests.places import ROOT
from tests.scenarios.harness import Api
from tests.scenarios.people import as_user, copy_of, root

PAGE = ROOT / "docs" / "how-to" / "give-rights.md"
STEP = re.compile(
    r"POST (?:of )?this to `([^`]+)`[^`]*(?:`[^`\n]+`[^`]*)*```json\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
ROLE = re.compile(r"^\| ([A-Z][A-Za-z ]+) \| ", re.MULTILINE)
UNIT = "b1000000-0000-4000-8000-000000000001"
THE_ROLE = "d1000000-0000-4000-8000-000000000001"


def test_the_guide_goes_as_it_says(api: Api) -> None:
    """A unit, a role, what it holds, a user who has it and works with it. [SEC-10], [SEC-26], [SEC-27]"""
    steps = STEP.findall(PAGE.read_text(encoding="utf-8"))
    for address, body in steps:
        copy = copy_of(api, THE_ROLE, UNIT) if "COPY" in body else ""
        sent = json.loads(body.replace("ROOT", root(api)).replace("COPY", copy))
        assert 204 == api.post(address, sent).status

    made = api.post("contacts", {"lastname": "registered"}, **as_user("registrar@east.example"))

    assert (5, 204) == (len(steps), made.status)
    assert UNIT == api.read(f"contacts({made.id})")["_owningbusinessunit_value"]
    assert 403 == api.delete(f"contacts({made.id})", **as_user("registrar@east.example")).status


def test_the_guide_lists_the_roles_that_are_there(api: Api) -> None:
    """All of them. [SEC-28]"""
    told = set(ROLE.findall(PAGE.read_text(encoding="utf-8"))) - {"Role"}

    assert set(api.values("roles?$select=name", "name")) == told
