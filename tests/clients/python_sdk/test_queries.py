"""Filters, orders, pages, expansions, FetchXML and SQL through the SDK's synchronous client."""

from __future__ import annotations

import uuid
import warnings
from typing import Any

import pytest
import requests
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col
from PowerPlatform.Dataverse.models.query_builder import ExpandOption

from tests.clients.python_sdk.connection import TOKEN, Sdk

NUMBER = "msevtmgt_sessionmaxcapacity"


def test_every_filter_of_the_builder_finds_its_rows(sdk: Sdk) -> None:
    """Between, in, not in, begins, ends, contains; numbers in texts match numbers. [PS-11]"""
    sdk.make_sessions(25)
    name = f"{sdk.mark}-"

    assert [3, 4, 5, 6] == sdk.session_numbers(str(col(NUMBER).between(3, 6)))
    assert [1, 4, 24] == sdk.session_numbers(str(col(NUMBER).in_([1, 4, 24])))
    assert [2, 3] == sdk.session_numbers(str(col("msevtmgt_name").in_([f"{name}02", f"{name}03"])))
    assert [20, 21, 22, 23, 24] == sdk.session_numbers(str(col(NUMBER).not_in(list(range(20)))))
    assert [11] == sdk.session_numbers(str(col("msevtmgt_name").endswith("-11")))
    assert list(range(10, 20)) == sdk.session_numbers(str(col("msevtmgt_name").contains(f"{name}1")))


@pytest.mark.parametrize(
    ("condition", "numbers"),
    [
        ("msevtmgt_qna eq true", [0, 2, 4, 6, 8]),
        (f"not ({NUMBER} lt 8)", [8, 9]),
        ("msevtmgt_sessiontype eq 100000001", [0, 5]),
        ("msevtmgt_starttime ge 2030-01-09T00:00:00Z", [8, 9]),
        (f"{NUMBER} eq 1 or {NUMBER} eq 2 and msevtmgt_qna eq true", [1, 2]),
        ("createdon ne null", list(range(10))),
    ],
)
def test_a_filter_in_words_finds_its_rows(sdk: Sdk, condition: str, numbers: list[int]) -> None:
    """Yes/no, not, choices, times, and before or, and null. [PS-10]"""
    sdk.make_sessions(10)

    assert numbers == sdk.session_numbers(condition)


def test_text_compares_without_letter_case(sdk: Sdk) -> None:
    """As the service compares. [PS-10]"""
    sdk.make_sessions(4)

    assert [3] == sdk.session_numbers(f"contains(msevtmgt_name,'{sdk.mark.upper()}-03')")


def test_rows_come_in_order_and_only_so_many(sdk: Sdk) -> None:
    """Two orders, a limit, the count of all, and the key beside the selected columns. [PS-10]"""
    sdk.make_sessions(25)

    top = sdk.client.records.list(
        "msevtmgt_session",
        filter=sdk.mine,
        select=["msevtmgt_name"],
        orderby=["msevtmgt_sessiontype desc", f"{NUMBER} desc"],
        top=3,
        count=True,
    )
    parameters = {"$filter": sdk.mine, "$count": "true", "$top": "2", "$select": "msevtmgt_name"}
    answer = requests.get(
        f"{sdk.api}/msevtmgt_sessions", params=parameters, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60
    ).json()

    assert ["24", "23", "22"] == [row["msevtmgt_name"][-2:] for row in top]
    assert (25, 2) == (answer["@odata.count"], len(answer["value"]))
    assert {"@odata.etag", "msevtmgt_name", "msevtmgt_sessionid"} == set(answer["value"][0])


def test_pages_hold_every_row_once_and_in_order(sdk: Sdk) -> None:
    """The link to the next page is followed as it is. [PS-10], [CC-26]"""
    sdk.make_sessions(25)

    pages = list(
        sdk.client.records.list_pages(
            "msevtmgt_session", filter=sdk.mine, select=["msevtmgt_name"], orderby=["msevtmgt_name asc"], page_size=10
        )
    )

    assert [10, 10, 5] == [len(page) for page in pages]
    assert [f"{sdk.mark}-{number:02d}" for number in range(25)] == [
        row["msevtmgt_name"] for page in pages for row in page
    ]


def test_the_query_builder_expands_with_options(sdk: Sdk) -> None:
    """Select, filter, order and limit inside an expansion; a key in quotes; a path in a filter. [PS-11], [CC-19]"""
    account, lastnames = _family(sdk)

    rows: list[Any] = list(
        sdk.client.query.builder("account")
        .select("name")
        .where(col("accountid") == uuid.UUID(account))
        .expand(
            ExpandOption("contact_customer_accounts")
            .select("lastname")
            .filter("startswith(lastname,'Child')")
            .order_by("lastname", descending=True)
            .top(2)
        )
        .execute()
    )
    found = sdk.client.records.list(
        "contact", filter=f"parentcustomerid_account/name eq 'Parent {sdk.mark}'", select=["lastname"]
    )

    assert 1 == len(rows)
    assert lastnames[:0:-1] == [child["lastname"] for row in rows for child in row["contact_customer_accounts"]]
    assert lastnames == sorted(child["lastname"] for child in found)


def test_fetchxml_filters_and_orders(sdk: Sdk) -> None:
    """Like, in, and filters within filters. [PS-13]"""
    sdk.make_sessions(25)
    fetch = f"""<fetch><entity name="msevtmgt_session"><attribute name="{NUMBER}"/>
      <order attribute="{NUMBER}" descending="true"/><filter>
        <condition attribute="msevtmgt_name" operator="like" value="{sdk.mark}-%"/><filter type="or">
          <condition attribute="{NUMBER}" operator="in"><value>2</value><value>9</value></condition>
          <condition attribute="{NUMBER}" operator="gt" value="22"/></filter></filter></entity></fetch>"""

    rows = sdk.client.query.fetchxml(fetch).execute()

    assert [24, 23, 9, 2] == [row[NUMBER] for row in rows]


def test_fetchxml_pages_by_its_cookie(sdk: Sdk) -> None:
    """Three pages, and no warning that the cookie is missing. [PS-13]"""
    sdk.make_sessions(25)
    fetch = f"""<fetch count="10"><entity name="msevtmgt_session"><attribute name="msevtmgt_name"/>
      <order attribute="msevtmgt_name"/>
      <filter><condition attribute="msevtmgt_name" operator="like" value="{sdk.mark}-%"/></filter></entity></fetch>"""

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pages = list(sdk.client.query.fetchxml(fetch).execute_pages())

    assert [10, 10, 5] == [len(page) for page in pages]
    assert [f"{number:02d}" for number in range(25)] == [row["msevtmgt_name"][-2:] for page in pages for row in page]


def test_fetchxml_links_a_table_under_an_alias(sdk: Sdk) -> None:
    """The columns of the linked table carry its alias. [PS-13]"""
    _, lastnames = _family(sdk)
    fetch = f"""<fetch><entity name="contact"><attribute name="lastname"/><order attribute="lastname"/>
      <link-entity name="account" from="accountid" to="parentcustomerid" alias="acc" link-type="inner">
        <attribute name="name"/><filter><condition attribute="name" operator="eq" value="Parent {sdk.mark}"/></filter>
      </link-entity></entity></fetch>"""

    rows = sdk.client.query.fetchxml(fetch).execute()

    assert [(name, f"Parent {sdk.mark}") for name in lastnames] == [(row["lastname"], row["acc.name"]) for row in rows]


def test_fetchxml_aggregates(sdk: Sdk) -> None:
    """Count, sum and greatest by group. [PS-13]"""
    sdk.make_sessions(25)
    fetch = f"""<fetch aggregate="true"><entity name="msevtmgt_session">
      <attribute name="msevtmgt_sessiontype" groupby="true" alias="kind"/>
      <attribute name="msevtmgt_sessionid" aggregate="count" alias="number"/>
      <attribute name="{NUMBER}" aggregate="sum" alias="total"/>
      <attribute name="{NUMBER}" aggregate="max" alias="greatest"/>
      <filter><condition attribute="msevtmgt_name" operator="like" value="{sdk.mark}-%"/></filter></entity></fetch>"""

    rows = sdk.client.query.fetchxml(fetch).execute()

    found = {row["kind"]: (row["number"], row["total"], row["greatest"]) for row in rows}
    assert {100000001: (5, 50, 20), 100000004: (20, 250, 24)} == found


def test_sql_selects_filters_orders_and_limits(sdk: Sdk) -> None:
    """Top, like, in, is not null, and no rows at all. [PS-12]"""
    sdk.make_sessions(10)
    named = "FROM msevtmgt_session WHERE msevtmgt_name"

    top = sdk.client.query.sql(f"SELECT TOP 4 {NUMBER} {named} LIKE '{sdk.mark}-%' AND {NUMBER} > 3 ORDER BY {NUMBER}")
    listed = sdk.client.query.sql(
        f"SELECT msevtmgt_name {named} IN ('{sdk.mark}-01','{sdk.mark}-02') AND msevtmgt_starttime IS NOT NULL "
        "ORDER BY msevtmgt_name DESC"
    )

    assert [4, 5, 6, 7] == [row[NUMBER] for row in top]
    assert ["02", "01"] == [row["msevtmgt_name"][-2:] for row in listed]
    assert [] == list(sdk.client.query.sql(f"SELECT msevtmgt_name {named} = 'none {sdk.mark}'"))


def test_sql_skips_and_leaves_out_doubles(sdk: Sdk) -> None:
    """Offset and fetch, distinct, between. [PS-12]"""
    sdk.make_sessions(25)
    mine = f"FROM msevtmgt_session WHERE msevtmgt_name LIKE '{sdk.mark}-%'"

    skipped = sdk.client.query.sql(f"SELECT {NUMBER} {mine} ORDER BY {NUMBER} OFFSET 10 ROWS FETCH NEXT 3 ROWS ONLY")
    kinds = sdk.client.query.sql(f"SELECT DISTINCT msevtmgt_sessiontype {mine} AND {NUMBER} BETWEEN 1 AND 6")

    assert [10, 11, 12] == [row[NUMBER] for row in skipped]
    assert [100000001, 100000004] == sorted(row["msevtmgt_sessiontype"] for row in kinds)


def test_sql_groups(sdk: Sdk) -> None:
    """Count, sum, least and greatest by group. [PS-12]"""
    sdk.make_sessions(25)

    rows = sdk.client.query.sql(
        f"SELECT msevtmgt_sessiontype, COUNT(*) as n, SUM({NUMBER}) as total, MIN({NUMBER}) as lo, MAX({NUMBER}) as hi "
        f"FROM msevtmgt_session WHERE msevtmgt_name LIKE '{sdk.mark}-%' "
        "GROUP BY msevtmgt_sessiontype ORDER BY msevtmgt_sessiontype"
    )

    found = [(row["msevtmgt_sessiontype"], row["n"], row["total"], row["lo"], row["hi"]) for row in rows]
    assert [(100000001, 5, 50, 0, 20), (100000004, 20, 250, 1, 24)] == found


def test_sql_joins(sdk: Sdk) -> None:
    """An inner join by a lookup, and a left join that counts. [PS-12]"""
    _, lastnames = _family(sdk)
    parent = f"Parent {sdk.mark}"

    inner = sdk.client.query.sql(
        "SELECT c.lastname, a.name FROM contact c JOIN account a ON c.parentcustomerid = a.accountid "
        f"WHERE a.name = '{parent}' ORDER BY c.lastname"
    )
    left = sdk.client.query.sql(
        "SELECT a.name, COUNT(c.contactid) as children FROM account a "
        f"LEFT JOIN contact c ON a.accountid = c.parentcustomerid WHERE a.name = '{parent}' GROUP BY a.name"
    )

    assert [(name, parent) for name in lastnames] == [(row["lastname"], row["name"]) for row in inner]
    assert [(parent, 3)] == [(row["name"], row["children"]) for row in left]


def test_sql_keeps_what_stands_in_quotes(sdk: Sdk) -> None:
    """Quotes, equals signs and percent signs survive the address, in a batch too. [PS-12], [CC-27]"""
    name = f"a=b & c% 'q' {sdk.mark}"
    sdk.client.records.create("account", {"name": name})
    statement = f"SELECT name FROM account WHERE name = '{name.replace(chr(39), chr(39) * 2)}'"

    direct = sdk.client.query.sql(statement)
    batch = sdk.client.batch.new()
    batch.query.sql(statement)
    inside = batch.execute().responses[0].data

    assert [name] == [row["name"] for row in direct]
    assert inside is not None
    assert [name] == [row["name"] for row in inside["value"]]


@pytest.mark.parametrize("statement", ["SELECT nosuchcolumn FROM account", "SELECT name FROM account ORDER"])
def test_wrong_sql_is_refused(sdk: Sdk, statement: str) -> None:
    """With a status that says whose fault it is, and a code. [PS-12], [CC-33]"""
    with pytest.raises(HttpError) as refused:
        sdk.client.query.sql(statement)

    assert 400 == refused.value.status_code, refused.value.message
    assert refused.value.details["service_error_code"]


def _family(sdk: Sdk) -> tuple[str, list[str]]:
    """An account with three contacts: its id, and their names in order."""
    account = sdk.client.records.create("account", {"name": f"Parent {sdk.mark}"})
    lastnames = [f"Child{number} {sdk.mark}" for number in range(3)]
    for lastname in lastnames:
        sdk.client.records.create(
            "contact", {"lastname": lastname, "parentcustomerid_account@odata.bind": f"/accounts({account})"}
        )
    return account, lastnames
