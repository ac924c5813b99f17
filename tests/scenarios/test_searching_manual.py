"""The guide to the search, followed step by step."""

from __future__ import annotations

import json
import re

from tests.places import ROOT
from tests.scenarios.harness import Api

PAGE = ROOT / "docs" / "how-to" / "search-rows.md"
STEP = re.compile(r"POST this to `([^`]+)`[^\n]*\n\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAID = re.compile(r"^\| (`.+?`(?:, `.+?`)*) \| ", re.MULTILINE)


def test_the_guide_goes_as_it_says(api: Api) -> None:
    """A query of each version, a suggestion, a completion. [DW-15]"""
    api.make("accounts", name="Quokka Hotel", revenue=5000)
    answers = []
    for address, body in STEP.findall(PAGE.read_text(encoding="utf-8")):
        answer = api.post(address, json.loads(body))
        assert answer.status in {200, 204}, answer.body
        if answer.status == 200:
            answers.append(json.loads(answer.json["response"]) if "response" in answer.json else answer.json)

    described = api.make("accounts", name="Other", description="near the quokka")
    (found,) = api.post("/api/search/v1.0/query", {"search": "near"}).json["value"]

    query, legacy, suggested, completed = answers
    assert (1, {"entityname", "createdon"}) == (query["Count"], query["Facets"].keys())
    assert (1, ["Quokka Hotel"]) == (legacy["totalrecordcount"], [row["name"] for row in legacy["value"]])
    assert ["{crmhit}Quokka{/crmhit} Hotel"] == [item["Text"] for item in suggested["Value"]]
    assert "{crmhit}quokka{/crmhit}" == completed["Value"]
    assert described == found["@search.objectid"]


def test_what_the_guide_lets_people_write_is_understood(api: Api) -> None:
    """Each search of its two lists; the second list is the full syntax."""
    _, simple, full = PAGE.read_text(encoding="utf-8").split("| You write |")
    for rows, kind in ((simple, "simple"), (full, "full")):
        searches = [text for row in SAID.findall(rows) for text in re.findall(r"`(.+?)`", row)]
        assert len(searches) > 4
        for search in searches:
            body = {"search": search.replace("\\|", "|"), "searchtype": kind}
            assert 200 == api.post("/api/search/v1.0/query", body).status, search


def test_the_guide_names_tables_that_are_searched(api: Api) -> None:
    """Those of the built-in ones that it names are switched on."""
    told = re.findall(
        r"`(\w+)`", PAGE.read_text(encoding="utf-8").split("of the built-in ones these are")[1].split("\n")[0]
    )

    assert ["account", "contact", "systemuser", "annotation"] == told
    assert all(api.organization.schema.tables[name].searched for name in told)
