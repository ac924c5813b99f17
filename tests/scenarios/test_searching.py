"""The search over several tables, on both stores. [DW-15]"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.harness import Api, new_organization
from tests.scenarios.stores import STORES, url_of

ROWS: tuple[tuple[str, dict[str, object]], ...] = (
    ("accounts", {"name": "Quokka Travel", "address1_city": "Perth", "revenue": 500}),
    ("accounts", {"name": "Quokka Hotel Ltd", "address1_city": "Rottnest", "revenue": 90_000}),
    ("accounts", {"name": "Numbat Hotel", "address1_city": "Perth", "telephone1": "+1(800)555-1234"}),
    ("contacts", {"firstname": "Maria", "lastname": "Quokka", "emailaddress1": "maria@numbat.example"}),
    ("tasks", {"subject": "Call the Quokka Hotel"}),
)


@pytest.fixture(scope="module", params=STORES)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """An organization with some rows to search."""
    with url_of(request) as url, Api(new_organization(url)) as opened:
        for set_name, values in ROWS:
            opened.make(set_name, **values)
        yield opened


def legacy(api: Api, operation: str, **body: object) -> dict[str, Any]:
    """The answer of version 1."""
    answer = api.post(f"/api/search/v1.0/{operation}", body)
    assert 200 == answer.status, answer.body
    return dict(answer.json)


def modern(api: Api, operation: str, **body: object) -> dict[str, Any]:
    """The answer of version 2, taken out of its text; the same at both of its addresses."""
    answers = [api.post(target, body) for target in (f"search{operation}", f"/api/search/v2.0/{operation}")]
    assert [200, 200] == [answer.status for answer in answers], answers
    assert answers[0].body == answers[1].body
    assert answers[0].json["@odata.context"].endswith(f"$metadata#Microsoft.Dynamics.CRM.search{operation}Response")
    return dict(json.loads(answers[0].json["response"]))


def names(found: dict[str, Any]) -> list[str]:
    """The names of the results of version 2."""
    shown = [row["Attributes"] for row in found["Value"]]
    return [next(row[name] for name in ("name", "fullname", "subject") if name in row) for row in shown]


def searched(api: Api, search: str, *, options: object = None, **body: object) -> list[str]:
    """The names of what is found."""
    given = {} if options is None else {"options": json.dumps(options)}
    return names(modern(api, "query", search=search, **given, **body))


# --- what is found ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("numbat", {"Numbat Hotel", "Maria Quokka"}),
        ("NUMBAT+hotel", {"Numbat Hotel"}),
        ("quok", set()),
        ("travel | perth", {"Quokka Travel", "Numbat Hotel"}),
        ('"quokka hotel"', {"Quokka Hotel Ltd", "Call the Quokka Hotel"}),
        ("trav*", {"Quokka Travel"}),
        (r"\+1\(800\)555\-1234", {"Numbat Hotel"}),
        ("wombat", set()),
        ("()", set()),
    ],
)
def test_a_search_goes_over_all_tables_that_are_switched_on(api: Api, search: str, expected: set[str]) -> None:
    """Whole words, in any column of one line, in either case."""
    assert expected == set(searched(api, search))


@pytest.mark.parametrize(
    ("search", "options", "expected"),
    [
        ("quokka perth", {"searchmode": "all"}, {"Quokka Travel"}),
        ("quokka -hotel", {"searchmode": "all"}, {"Quokka Travel", "Maria Quokka"}),
        ("qoukka~1 AND hotel", {"querytype": "lucene"}, {"Quokka Hotel Ltd", "Call the Quokka Hotel"}),
        ("/.*bat/", {"querytype": "lucene"}, {"Numbat Hotel", "Maria Quokka"}),
        ('"hotel numbat"~2', {"querytype": "lucene"}, {"Numbat Hotel"}),
        ("travl", {"besteffortsearchenabled": "true"}, {"Quokka Travel"}),
        ("travl", {"besteffortsearchenabled": "false"}, set()),
    ],
)
def test_options_change_how_a_search_is_read(
    api: Api, search: str, options: dict[str, str], expected: set[str]
) -> None:
    """The syntax, whether all words are needed, whether words may be misspelled."""
    assert expected == set(searched(api, search, options=options))


def test_options_may_stand_in_single_quotes(api: Api) -> None:
    """So the service's documentation writes them."""
    found = modern(api, "query", search="quokka perth", options="{'querytype': 'simple', 'searchmode': 'all'}")
    assert ["Quokka Travel"] == names(found)


def test_a_result_tells_the_row_what_was_found_and_how_well(api: Api) -> None:
    """The members that clients read. `ObjectTypeCode` is always 0, as in the service."""
    entities = [{"Name": "contact", "SelectColumns": ["fullname", "createdon"], "SearchColumns": ["fullname"]}]
    found = modern(api, "query", search="quokka", count=True, entities=json.dumps(entities), facets="null")
    (row,) = found.pop("Value")
    score = row.pop("Score")
    row_id = row.pop("Id")

    assert {"Error": None, "Facets": {}, "QueryContext": None, "Count": 1} == found
    assert score > 0
    assert "Maria Quokka" == api.read(f"contacts({row_id})?$select=fullname")["fullname"]
    assert {
        "EntityName": "contact",
        "ObjectTypeCode": 0,
        "Attributes": {
            "@search.objecttypecode": 2,
            "fullname": "Maria Quokka",
            "createdon": "2026-03-04T05:06:07Z",
            "createdon@OData.Community.Display.V1.FormattedValue": "3/4/2026 5:06 AM",
        },
        "Highlights": {"fullname": ["Maria {crmhit}Quokka{/crmhit}"]},
    } == row


def test_version_1_tells_the_same_in_its_own_words(api: Api) -> None:
    """Flat rows with dates as people write them. Members may be written in any case."""
    found = legacy(api, "query", search="maria", entities=["contact"], returnTotalRecordCount=True, searchMode="all")
    (row,) = found.pop("value")

    assert {"facets": {}, "totalrecordcount": 1, "querycontext": None} == found
    assert isinstance(row["@search.score"], float)
    assert {"fullname", "firstname", "emailaddress1"} == row["@search.highlights"].keys()
    assert ["{crmhit}maria{/crmhit}@numbat.example"] == row["@search.highlights"]["emailaddress1"]
    wanted = ("@search.entityname", "@search.objecttypecode", "fullname", "createdon", "@search.ownerid.logicalname")
    assert ["contact", 2, "Maria Quokka", "3/4/2026 5:06 AM", "systemuser"] == [row[name] for name in wanted]
    assert (row["ownerid"], "System Administrator") == (
        api.organization.administrator.user_id,
        row["owneridname"],
    )


def test_who_names_a_table_and_no_columns_searches_its_name(api: Api) -> None:
    """As documented; version 1 searches all columns of the tables it names."""
    entities = json.dumps([{"name": "contact"}])

    assert [] == searched(api, "numbat", entities=entities)
    assert ["Maria Quokka"] == searched(api, "maria", entities=entities)
    assert 1 == len(legacy(api, "query", search="numbat", entities=["contact"])["value"])


def test_a_row_is_found_as_soon_as_it_is_written(api: Api) -> None:
    """There is no index that has to follow."""
    account = api.make("accounts", name="Bilby Burrow")
    before = searched(api, "bilby")
    api.patch(f"accounts({account})", {"name": "Bandicoot Burrow"})

    assert (["Bilby Burrow"], [], ["Bandicoot Burrow"]) == (before, searched(api, "bilby"), searched(api, "bandicoot"))
    api.delete(f"accounts({account})")
    assert [] == searched(api, "bandicoot")


def test_letters_beyond_ascii_are_found(api: Api) -> None:
    """In either case, on both stores."""
    account = api.make("accounts", name="ÉCLAIR Ärger 寿司")

    assert [["ÉCLAIR Ärger 寿司"]] * 4 == [searched(api, text) for text in ("éclair", "ärger", "ÄRGER", "寿")]
    api.delete(f"accounts({account})")


# --- filters, orders, pages, facets -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filter_text", "expected"),
    [
        ("createdon gt 2022-08-15", {"Quokka Travel", "Quokka Hotel Ltd", "Maria Quokka", "Call the Quokka Hotel"}),
        ("createdon lt 2022-08-15T00:00:00", set()),
        ("revenue gt 1000", {"Quokka Hotel Ltd"}),
        ("account:revenue gt 1000", {"Quokka Hotel Ltd", "Maria Quokka", "Call the Quokka Hotel"}),
        ("account:(revenue lt 1000 or name eq 'x'), activities:subject eq 'x'", {"Quokka Travel", "Maria Quokka"}),
        ("null", {"Quokka Travel", "Quokka Hotel Ltd", "Maria Quokka", "Call the Quokka Hotel"}),
    ],
)
def test_a_filter_is_about_all_tables_or_about_one(api: Api, filter_text: str, expected: set[str]) -> None:
    """A table without the column has no rows that fulfil it."""
    assert expected == set(searched(api, "quokka", filter=filter_text))


def test_a_filter_of_an_owner_takes_the_id_in_quotes(api: Api) -> None:
    """Lookups go by their logical names."""
    owner = api.organization.administrator.user_id

    assert 4 == len(searched(api, "quokka", filter=f"ownerid eq '{owner}'"))
    assert [] == searched(api, "quokka", filter=f"ownerid ne '{owner}'")


def test_results_are_ordered_and_cut_into_pages(api: Api) -> None:
    """By columns, then by score; the count is of all of them."""
    entities = json.dumps([{"name": "account", "selectcolumns": ["name"], "searchcolumns": ["name"], "filter": None}])
    backwards = {"entities": entities, "orderby": '["name desc","@search.score"]'}
    second = modern(api, "query", search="*", skip=1, top=1, count=True, **backwards)

    assert ["Quokka Travel", "Quokka Hotel Ltd", "Numbat Hotel"] == searched(api, "*", **backwards)
    assert (["Quokka Hotel Ltd"], 3) == (names(second), second["Count"])
    by_revenue = searched(api, "*", entities=entities, orderby="revenue asc, name")
    assert ["Numbat Hotel", "Quokka Travel", "Quokka Hotel Ltd"] == by_revenue


def test_results_of_a_table_can_stay_together(api: Api) -> None:
    """`grouprankingenabled`: the table of the best result comes first."""
    found = modern(api, "query", search="quokka hotel", options='{"grouprankingenabled": "true"}')
    tables = [row["EntityName"] for row in found["Value"]]

    assert ["account", "account", "account"] == tables[:3]
    assert {"contact", "task"} == set(tables[3:])


def test_results_are_counted_by_facets(api: Api) -> None:
    """Tables, lookups with names, choices with labels, ranges, months; of all results, not of the page."""
    facets = [
        "entityname,count:100",
        "ownerid",
        "account:statecode",
        "revenue,values:1000",
        "createdon,interval:month",
        "address1_city,sort:value",
    ]
    found = modern(api, "query", search="quokka", top=1, facets=json.dumps(facets))["Facets"]

    assert {"account": 2, "contact": 1, "task": 1} == {item["Value"]: item["Count"] for item in found["entityname"]}
    owner = api.organization.administrator.user_id
    assert [{"Type": "Value", "Value": owner, "OptionalValue": "System Administrator", "Count": 4}] == found["ownerid"]
    assert [{"Type": "Value", "Value": 0, "OptionalValue": "Active", "Count": 2}] == found["account:statecode"]
    low, high = {"Type": "Range", "To": 1000, "Count": 1}, {"Type": "Range", "From": 1000, "Count": 1}
    assert [low, high] == found["revenue"]
    assert [{"Type": "Value", "Value": "2026-03-01T00:00:00Z", "Count": 4}] == found["createdon"]
    assert ["Perth", "Rottnest"] == [item["Value"] for item in found["address1_city"]]


def test_version_1_writes_dates_of_facets_as_people_do(api: Api) -> None:
    """Ranges tell the bounds they have."""
    dates = "createdon,values:2019-04-27T00:00:00|2026-01-01T12:00:00"
    found = legacy(api, "query", search="maria", facets=["@search.entityname,count:100", dates])["facets"]

    assert [{"Type": "Value", "Value": "contact", "Count": 1}] == found["@search.entityname"]
    assert [
        {"Type": "Range", "To": "4/27/2019 12:00 AM", "Count": 0},
        {"Type": "Range", "From": "4/27/2019 12:00 AM", "To": "1/1/2026 12:00 PM", "Count": 0},
        {"Type": "Range", "From": "1/1/2026 12:00 PM", "Count": 1},
    ] == found["createdon"]


# --- suggestions ------------------------------------------------------------------------------------------------------


def test_suggestions_are_rows_whose_names_begin_so(api: Api) -> None:
    """Of several words the last is only begun."""
    found = modern(api, "suggest", search="quokka hot", top=1, orderby="null", options="null", fuzzy=False)
    (suggested,) = found["Value"]

    assert {"Error", "Value", "QueryContext"} == found.keys()
    assert "{crmhit}Quokka{/crmhit} {crmhit}Hot{/crmhit}el Ltd" == suggested["Text"]
    assert ("account", 1, "Quokka Hotel Ltd") == tuple(
        suggested["Document"][name] for name in ("@search.entityname", "@search.objecttypecode", "name")
    )
    assert ["{crmhit}Mar{/crmhit}ia Quokka"] == [item["text"] for item in legacy(api, "suggest", search="mar")["value"]]
    assert [] == legacy(api, "suggest", search="perth")["value"]


def test_suggestions_may_forgive_a_wrong_letter(api: Api) -> None:
    """`fuzzy` in version 2, `usefuzzy` in version 1."""
    assert [] == modern(api, "suggest", search="qoukk")["Value"]
    assert 4 == len(modern(api, "suggest", search="qoukk", fuzzy=True)["Value"])
    assert 4 == len(legacy(api, "suggest", search="qoukk", useFuzzy=True)["value"])


@pytest.mark.parametrize(
    ("search", "fuzzy", "expected"),
    [
        ("qu", False, "{crmhit}quokka{/crmhit}"),
        ("Numbat ho", False, "Numbat {crmhit}hotel{/crmhit}"),
        ("wombat ho", False, ""),
        ("qoukk", True, "{crmhit}quokka{/crmhit}"),
        ("perth", False, ""),
        ("-", False, ""),
    ],
)
def test_a_search_is_completed_by_the_most_frequent_word(api: Api, search: str, fuzzy: bool, expected: str) -> None:
    """Of the names of rows that have the words before it too."""
    assert expected == modern(api, "autocomplete", search=search, fuzzy=fuzzy)["Value"]
    assert expected == legacy(api, "autocomplete", search=search, usefuzzy=fuzzy)["value"]


# --- what is searched -------------------------------------------------------------------------------------------------


def test_the_state_of_the_search_tells_what_is_searched(api: Api) -> None:
    """Tables with the columns that are looked at; nothing is stored for it."""
    answers = [api.get(target) for target in ("searchstatus", "/api/search/v2.0/status")]
    assert answers[0].body == answers[1].body
    told = json.loads(answers[0].json["response"])["value"]
    account = next(table for table in told["entitystatusresults"] if table["entitylogicalname"] == "account")
    counted = json.loads(api.get("searchstatistics").json["response"])["value"]

    assert ("provisioned", "Disabled", "Disabled") == (told["status"], told["lockboxstatus"], told["cmkstatus"])
    assert (1, "name", "EntitySyncComplete") == (
        account["objecttypecode"],
        account["primarynamefield"],
        account["entitystatus"],
    )
    assert {"name", "telephone1", "createdon"} <= account["searchableindexedfieldinfomap"].keys()
    assert "description" not in account["searchableindexedfieldinfomap"]
    assert (0, 0) == (counted["storagesizeinbytes"], counted["storagesizeinmb"])
    assert len(ROWS) <= counted["documentcount"]


@pytest.mark.parametrize(
    ("operation", "body", "said"),
    [
        ("query", {}, "'search' is required"),
        ("query", {"search": ""}, "1 to 100"),
        ("query", {"search": "x" * 101}, "1 to 100"),
        ("suggest", {"search": "ab"}, "3 to 100"),
        ("query", {"search": "x", "top": 101}, "0 to 100"),
        ("query", {"search": "x", "skip": -1}, "'skip'"),
        ("query", {"search": "x", "count": "yes"}, "'count'"),
        ("query", {"search": "x", "often": 1}, "'often'"),
        ("query", {"search": "x", "entities": "[{}]"}, "'name' is required"),
        ("query", {"search": "x", "entities": '{"name":"account"}'}, "'entities'"),
        ("query", {"search": "x", "entities": '["account"]'}, "'entities'"),
        ("query", {"search": "x", "entities": ["account"]}, "'entities'"),
        ("query", {"search": "x", "entities": "no json"}, "JSON"),
        ("query", {"search": "x", "entities": '[{"name":"role"}]'}, "'role' is not enabled"),
        ("query", {"search": "x", "entities": '[{"name":"account","searchcolumns":["revenue"]}]'}, "'revenue'"),
        ("query", {"search": "x", "entities": '[{"name":"account","selectcolumns":["nothing"]}]'}, "'nothing'"),
        ("query", {"search": "x", "filter": "nothing eq 1"}, "'nothing'"),
        ("query", {"search": "x", "filter": "role:name eq 'x'"}, "'role'"),
        ("query", {"search": "x", "filter": "name eq"}, "position"),
        ("query", {"search": "x", "orderby": '["nothing"]'}, "'nothing'"),
        ("query", {"search": "x", "orderby": '["name up"]'}, "'name up'"),
        ("query", {"search": "x", "facets": '["nothing"]'}, "'nothing'"),
        ("query", {"search": "x", "facets": '["account:entityimage"]'}, "'account:entityimage'"),
        ("query", {"search": "(x", "options": '{"querytype":"lucene"}'}, "position"),
        ("query", {"search": "x", "options": '{"querytype":"odd"}'}, "querytype"),
    ],
)
def test_what_cannot_be_searched_is_refused(api: Api, operation: str, body: dict[str, object], said: str) -> None:
    """With a 400 that names it. [E-1]"""
    answer = api.post(f"search{operation}", body)

    assert 400 == answer.status, answer.body
    assert said in answer.message


def test_what_only_the_service_has_is_refused_by_name(api: Api) -> None:
    """An option or an operator that would be passed over in silence. [E-20]"""
    options = {"options": '{"semanticsearch":"true"}'}
    answers = [
        api.post("searchquery", {"search": "x", **options}),
        api.post("/api/search/v1.0/query", {"search": "name:x", "searchtype": "full"}),
    ]

    assert [501, 501] == [answer.status for answer in answers]
    assert ["semanticsearch" in answers[0].message, "name:" in answers[1].message] == [True, True]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/api/search/v1.0/query", 405),
        ("GET", "searchquery", 405),
        ("POST", "searchstatus", 405),
        ("POST", "/api/search/v1.0/status", 404),
        ("POST", "/api/search/v3.0/query", 404),
        ("POST", "/api/search/v2.0/nothing", 404),
        ("PUT", "/api/search/v2.0/query", 405),
    ],
)
def test_a_wrong_address_or_verb_is_refused(api: Api, method: str, target: str, status: int) -> None:
    """As anywhere in the Web API. [E-14], [FN-4]"""
    assert status == api.send(method, target, {"search": "x"}).status


def test_an_organization_can_switch_the_search_off(api: Api) -> None:
    """With the code that clients know; its state says so too."""
    address = f"organizations({api.organization.administrator.organization_id})"
    api.patch(address, {"isexternalsearchindexenabled": False})
    refused = [api.post("searchquery", {"search": "x"}), api.post("/api/search/v1.0/autocomplete", {"search": "x"})]
    state = json.loads(api.get("searchstatus").json["response"])
    api.patch(address, {"isexternalsearchindexenabled": True})

    said = "Dataverse Search feature is disabled for this organization."
    assert [(400, "0x80048d0b", said)] * 2 == [(answer.status, answer.code, answer.message) for answer in refused]
    assert {"value": {"status": "notprovisioned", "lockboxstatus": "Unknown"}} == state


def test_a_table_is_switched_on_by_its_definition(api: Api) -> None:
    """`SyncToExternalSearchIndex`, for tables that came with the server as for those made here. [MW-5]"""
    address = "EntityDefinitions(LogicalName='team')"
    before = api.read(f"{address}?$select=SyncToExternalSearchIndex")["SyncToExternalSearchIndex"]
    refused = api.post("searchquery", {"search": "x", "entities": '[{"name":"team"}]'})
    definition = {**api.read(address), "SyncToExternalSearchIndex": True}
    assert 204 == api.put(address, definition).status

    assert (False, 400) == (before, refused.status)
    assert api.read(f"{address}?$select=SyncToExternalSearchIndex")["SyncToExternalSearchIndex"]
    assert ["dev"] == searched(api, "dev", entities='[{"name":"team"}]')


VIEW = """<fetch><entity name="account"><attribute name="name"/><filter type="and"><condition attribute="statecode"
operator="eq" value="0"/><filter type="or" isquickfindfields="1"><condition attribute="description" operator="like"
value="{0}"/><condition attribute="name" operator="like" value="{0}"/><condition attribute="revenue" operator="eq"
value="{1}"/></filter></filter></entity></fetch>"""


def test_a_quick_find_view_says_which_columns_are_searched(api: Api) -> None:
    """Of texts, also those of several lines; a long one is shown in part. A view that is not active says nothing."""
    account = api.make(
        "accounts", name="Wombat Tours", description=f"{'dust ' * 200}and a potoroo", address1_city="Broome"
    )
    view = api.make("savedqueries", name="Quick Find", returnedtypecode="account", querytype=4, fetchxml=VIEW)
    (found,) = modern(api, "query", search="potoroo")["Value"]
    told = json.loads(api.get("searchstatus").json["response"])["value"]["entitystatusresults"]
    columns = next(table for table in told if table["entitylogicalname"] == "account")["searchableindexedfieldinfomap"]
    hidden = searched(api, "broome")
    api.patch(f"savedqueries({view})", {"statecode": 1, "statuscode": 2})

    (shown,) = found["Highlights"]["description"]
    assert (account, True) == (found["Id"], shown.endswith(" dust and a {crmhit}potoroo{/crmhit}"))
    assert len(shown) < 200
    assert [] == hidden
    assert {"name", "description", "createdon"} <= columns.keys()
    assert not {"revenue", "address1_city"} & columns.keys()
    assert (["Wombat Tours"], []) == (searched(api, "broome"), searched(api, "potoroo"))
    api.delete(f"accounts({account})")
    api.delete(f"savedqueries({view})")


def test_a_quick_find_view_without_texts_leaves_nothing_to_search(api: Api) -> None:
    """Its table is passed over; one that is no XML is refused, for whoever wrote it. [FX-46]"""
    nothing = "<fetch><entity name='task'><filter isquickfindfields='true'/></entity></fetch>"
    view = api.make("savedqueries", name="Nothing", returnedtypecode="task", querytype=4, fetchxml=nothing)
    without = searched(api, "call | quokka")
    api.patch(f"savedqueries({view})", {"fetchxml": "no xml"})
    refused = api.post("searchquery", {"search": "x"})
    api.delete(f"savedqueries({view})")

    assert "Call the Quokka Hotel" not in without
    assert (400, "0x80041106") == (refused.status, refused.code)
