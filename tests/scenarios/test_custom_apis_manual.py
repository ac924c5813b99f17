"""The guide to messages of one's own, followed step by step."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.places import ROOT
from tests.scenarios.custom_apis import api, stored_api
from tests.scenarios.harness import Api
from verselet.messages.custom import Kind
from verselet.server.plugins import Plugins
from verselet.server.reloading import Reloading

__all__ = ["api", "stored_api"]

PAGE = ROOT / "docs" / "how-to" / "custom-apis.md"
FILE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"POST this to `([^`]+)`[^`]*```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ACCOUNT = "c3000000-0000-4000-8000-000000000001"


def test_the_guide_goes_as_it_says(api: Api, tmp_path: Path) -> None:
    """A function, the rows that define the message, a call and its answer. [FN-28]"""
    page = PAGE.read_text(encoding="utf-8")
    looking = Reloading(Plugins(tmp_path), api.organization)
    (tmp_path / "approvals.py").write_text(FILE.findall(page)[0], encoding="utf-8")
    looking.look()
    api.make("accounts", accountid=ACCOUNT, name="to be approved")
    *rows, (address, body) = STEP.findall(page)
    assert [204, 204] == [api.post(set_name, json.loads(row)).status for set_name, row in rows]
    answer = api.post(address, json.loads(body))
    assert (200, True) == (answer.status, answer.json["Approved"])
    assert f"{ACCOUNT} by {api.organization.administrator.user_id}" == answer.json["Told"]
    refused = api.post(address, {"Limit": -1})
    assert (400, "A limit is not below zero.") == (refused.status, refused.message)
    assert 204 == api.delete(f"accounts({ACCOUNT})").status


def test_the_guide_tells_of_every_type() -> None:
    """With its number. [FN-28]"""
    page = PAGE.read_text(encoding="utf-8")
    told = {
        int(number) for line in re.findall(r"^\| (.*?) \|", page, re.MULTILINE) for number in re.findall(r"\d+", line)
    }
    assert set(Kind) <= told
