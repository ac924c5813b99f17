"""The guide to changing tables, followed step by step."""

from __future__ import annotations

import json
import re

from tests.places import ROOT
from tests.scenarios.definitions import Place

PAGE = ROOT / "docs" / "how-to" / "change-tables.md"
STEP = re.compile(r"POST this to `([^`]+)`[^`]*```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_guide_goes_as_it_says() -> None:
    """A table, columns under live rows, a key on rows that are there; all of it usable at once. [MW-15]"""
    steps = STEP.findall(PAGE.read_text(encoding="utf-8"))

    with Place().opened() as api:
        for number, (address, body) in enumerate(steps):
            assert 204 == api.post(address, json.loads(body)).status
            if number == 0:
                api.make("new_boxes", new_name="one")
        row = api.read("new_boxes(new_name='one')")
        later = api.read(f"new_boxes({api.make('new_boxes', new_name='two', new_count=21)})")
        size = api.read("EntityDefinitions(LogicalName='new_box')/Attributes(LogicalName='new_size')")

    assert 7 == len(steps)
    assert [1033, 1031] == [one["LanguageCode"] for one in size["DisplayName"]["LocalizedLabels"]]
    assert ("one", None, None, 0) == tuple(row[f"new_{name}"] for name in ("name", "count", "code", "pair"))
    assert ("BOX-01000", 42) == (later["new_code"], later["new_pair"])
