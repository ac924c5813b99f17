"""A random question has one answer: in FetchXML, SQL and OData, on three stores, and in plain Python.

`make test` asks some hundred questions. With `VERSELET_QUESTIONS=10000` in the environment that many of each kind are
asked, other ones in each run.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st

from tests.gizmos import schema_with_gizmos
from tests.postgres import PostgresqlServer
from tests.properties.gizmo_questions import CONDITIONS, ORDERS, SELECTS, filled, literals_for
from tests.queries.model import Model
from tests.queries.questions import REACHES, questions, stock
from tests.scenarios.harness import API, NOW, Api, new_organization
from verselet.errors import CannotBeSaid
from verselet.query.fetchxml.parse import parse_fetch
from verselet.query.fetchxml.tree import Fetch
from verselet.query.odata.filter import parse_filter
from verselet.query.odata.orderby import parse_orderby
from verselet.query.odata.select import parse_select
from verselet.query.printers.fetchxml import print_fetch
from verselet.query.printers.odata import print_options
from verselet.query.printers.sql_text import print_sql
from verselet.query.translating.question import Question
from verselet.query.translating.to_fetch import fetch_of
from verselet.query.translating.to_odata import question_of
from verselet.query.tree import Query

pytestmark = pytest.mark.postgresql

SETS = {"new_gizmo": "new_gizmos", "contact": "contacts", "account": "accounts", "new_part": "new_parts"}
PAIRS = "new_gizmo_contactset"
IN_LONDON, IN_AUCKLAND = "Bearer dev-admin", "Bearer dev:representative@verselet.example"
ASKING: dict[str, tzinfo] = {IN_LONDON: UTC, IN_AUCKLAND: ZoneInfo("Pacific/Auckland")}
"""Who asks, and the time zone there: the time of the tests is the evening of that day in Auckland."""

FLOAT = "new_size"
"""How the name of a float ends, in a row and as a result."""

MANY = int(os.environ.get("VERSELET_QUESTIONS", "0"))
"""How many questions of each kind; 0 for the number that `make test` asks."""


def several(number: int) -> settings:
    """So many examples in `make test`, more where they are asked for."""
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    phases = [phase for phase in Phase if phase is not Phase.explain]
    return settings(max_examples=MANY or number, derandomize=not MANY, suppress_health_check=quiet, phases=phases)


class World:
    """Organizations with the same rows in memory, on disk and in PostgreSQL, and a model of them."""

    def __init__(self, apis: Mapping[str, Api]) -> None:
        self.apis = apis
        self.asked: Counter[str] = Counter()
        for api in apis.values():
            stock(api)
        first = next(iter(apis.values()))
        rows = {table: _rows(first, set_name) for table, set_name in SETS.items()}
        rows["new_gizmo_contact"] = _rows(first, PAIRS)
        for api in apis.values():
            _settle_in_auckland(api)
        self.models = {token: Model(schema_with_gizmos(), rows, NOW, zone) for token, zone in ASKING.items()}

    def ask(
        self, language: str, options: Mapping[str, str], size: int | None, token: str = IN_LONDON
    ) -> list[dict[str, Any]]:
        """The rows of all pages, the same from all stores."""
        self.asked[language] += 1
        target = "new_gizmos?" + "&".join([f"{name}={quote(text, safe='')}" for name, text in options.items()])
        answers = {store: _comparable(_all_pages(api, target, size, token)) for store, api in self.apis.items()}
        first = next(iter(answers.values()))
        assert dict.fromkeys(answers, first) == answers
        return first

    def ask_if_understood(self, options: Mapping[str, str]) -> list[dict[str, Any]] | None:
        """The same for a question that may be refused; then it is None."""
        target = "new_gizmos?" + "&".join([f"{name}={quote(text, safe='')}" for name, text in options.items()])
        statuses = {api.get(target).status for api in self.apis.values()}
        assert 1 == len(statuses)
        return self.ask("odata", options, None) if statuses == {200} else None

    def fetch(self, fetch: Fetch, size: int | None, token: str = IN_LONDON) -> list[dict[str, Any]]:
        """The rows of all pages of FetchXML, the same from all stores."""
        self.asked["fetchxml"] += 1
        answers = {store: _comparable(_all_fetched(api, fetch, size, token)) for store, api in self.apis.items()}
        first = next(iter(answers.values()))
        assert dict.fromkeys(answers, first) == answers
        return first


@pytest.fixture(scope="module")
def world(postgresql: PostgresqlServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all questions of this module."""
    disk: Path = tmp_path_factory.mktemp("languages") / "rows.db"
    with ExitStack() as opened:
        url = postgresql.fresh()
        opened.callback(postgresql.give_back, url)
        apis = {}
        for store, place in (("memory", None), ("disk", f"sqlite:///{disk}"), ("postgresql", url)):
            organization = new_organization(place)
            opened.callback(organization.close)
            apis[store] = Api(organization)
            opened.callback(apis[store].web.close)
        yield World(apis)


@several(150)
@given(questions(), st.none() | st.sampled_from([1, 3, 7, 30]), st.sampled_from(list(ASKING)))
def test_a_question_has_one_answer_in_every_language(world: World, fetch: Fetch, size: int | None, token: str) -> None:
    """Filters, missing values, links, groups, dates, order, top, pages. [FX-2] to [FX-45], [SQL-3], [A-1], [QF-32]"""
    size = None if fetch.top is not None else size
    expected = _comparable(world.models[token].answer(fetch))

    assert fetch == parse_fetch(print_fetch(fetch))
    assert expected == world.fetch(fetch, size, token)
    text = _said(lambda: print_sql(fetch, schema_with_gizmos()), "SQL")
    if text is not None:
        assert expected == world.ask("sql", {"sql": text}, size, token)
    question = _said(lambda: question_of(fetch, schema_with_gizmos()), "OData")
    if question is not None:
        rows = world.ask("odata", print_options(question), size, token)
        assert expected == _in_shape(rows, fetch)
        again = _said(lambda: fetch_of(question, schema_with_gizmos()), "FetchXML")
        assert again is None or expected == _in_shape(world.fetch(again, size, token), fetch)


@several(100)
@given(st.data())
def test_a_question_of_odata_has_the_same_answer_in_the_others(world: World, data: st.DataObject) -> None:
    """`not`, `ne`, lambdas, paths, query functions. [F-1] to [F-12], [L-1] to [L-8], [FX-41]"""
    shape = data.draw(CONDITIONS)
    text = filled(shape, data.draw(literals_for(shape)))
    order, select = ",".join(data.draw(ORDERS)), ",".join(data.draw(SELECTS)) or "new_gizmoid"
    options = {"$select": select, "$filter": text, **({"$orderby": order} if order else {})}
    rows = world.ask_if_understood(options)
    assume(rows is not None)
    query = Query(
        table="new_gizmo",
        select=parse_select(select),
        filter=parse_filter(text),
        orderby=parse_orderby(order) if order else (),
    )
    fetch = _said(lambda: fetch_of(Question(query), schema_with_gizmos()), "FetchXML")
    if fetch is None:
        return
    names = {*select.split(","), "new_gizmoid"}
    expected = [{name: value for name, value in row.items() if name in names} for row in rows or ()]

    assert fetch == parse_fetch(print_fetch(fetch))
    assert expected == world.fetch(fetch, None)
    sql = _said(lambda: print_sql(fetch, schema_with_gizmos()), "SQL")
    if sql is not None:
        assert expected == world.ask("sql", {"sql": sql}, None)


def _said(say: Any, language: str) -> Any:
    """What the language says; None where it has no words for it."""
    try:
        found = say()
    except CannotBeSaid as refusal:
        event(f"{language} cannot say it: {refusal.what.split(' ')[0]}")
        return None
    event(f"{language} says it")
    return found


def _settle_in_auckland(api: Api) -> None:
    """The second person of a new organization lives there, and may do everything."""
    person = api.get("systemusers?$select=systemuserid&$filter=firstname eq 'Service'".replace(" ", "%20"))
    user = person.json["value"][0]["systemuserid"]
    roles = api.get("roles?$select=roleid&$filter=name%20eq%20'System%20Administrator'").json["value"]
    role = {"@odata.id": f"{API}roles({roles[0]['roleid']})"}
    assert 204 == api.post(f"systemusers({user})/systemuserroles_association/$ref", role).status
    assert 204 == api.patch(f"usersettingscollection({user})", {"timezonecode": 290}).status


# --- asking ----------------------------------------------------------------------------------------------------------


def _rows(api: Api, set_name: str) -> list[dict[str, Any]]:
    answer = api.get(set_name)
    rows = json.loads(answer.body, parse_float=Decimal)["value"]
    return [
        {name.removeprefix("_").removesuffix("_value"): value for name, value in row.items() if "@" not in name}
        for row in rows
    ]


def _all_pages(api: Api, target: str, size: int | None, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    prefer = "" if size is None else f"odata.maxpagesize={size}"
    for _ in range(60):
        answer = api.get(target, prefer=prefer, authorization=token)
        assert 200 == answer.status, (target, answer.body)
        body = json.loads(answer.body, parse_float=Decimal)
        assert size is None or len(body["value"]) <= size
        found += body["value"]
        if "@odata.nextLink" not in body:
            return found
        target = body["@odata.nextLink"].removeprefix(API)
    raise AssertionError(target)


COOKIE = "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
MORE = "@Microsoft.Dynamics.CRM.morerecords"


def _all_fetched(api: Api, fetch: Fetch, size: int | None, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    asked = fetch if size is None else msgspec.structs.replace(fetch, size=size, page=1)
    for number in range(2, 62):
        prefer = f'odata.include-annotations="{COOKIE[1:]},{MORE[1:]}"'
        answer = api.get(
            f"new_gizmos?fetchXml={quote(print_fetch(asked), safe='')}", prefer=prefer, authorization=token
        )
        assert 200 == answer.status, (print_fetch(asked), answer.body)
        body = json.loads(answer.body, parse_float=Decimal)
        found += body["value"]
        if size is None or not body.get(MORE):
            return found
        asked = msgspec.structs.replace(fetch, size=size, page=number, cookie=body.get(COOKIE))
    raise AssertionError(asked)


# --- comparing -------------------------------------------------------------------------------------------------------


def _comparable(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Members with a value, without annotations; floats to eight digits, because they add up in any order."""
    return [
        {name: _number(name, value) for name, value in row.items() if "@" not in name and value is not None}
        for row in rows
    ]


def _number(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _comparable([value])[0]
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        return value
    return f"{float(value):.8g}" if name.endswith(FLOAT) else f"{Decimal(value).normalize():f}"


def _in_shape(rows: Sequence[Mapping[str, Any]], fetch: Fetch) -> list[dict[str, Any]]:
    """Rows of OData with the names of FetchXML: expanded rows are columns of links there."""
    names = _names(fetch)
    return [{name: value for name, value in _flat(row).items() if name in names} | _renamed(row, fetch) for row in rows]


def _names(fetch: Fetch) -> set[str]:
    columns = schema_with_gizmos().tables[fetch.table].columns
    own = {
        item.alias or (f"_{item.name}_value" if type(columns[item.name]).__name__ == "LookupColumn" else item.name)
        for item in fetch.body.attributes
    }
    own |= set() if fetch.aggregate or fetch.distinct else {"new_gizmoid"}
    for link in fetch.body.links:
        own |= {item.alias or f"{link.alias}.{item.name}" for item in link.body.attributes}
    return own


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    aliases = {reach.navigation: reach.alias for reach in REACHES}
    for name, value in row.items():
        navigation, _, column = name.partition(".")
        if navigation in aliases and column:
            found[f"{aliases[navigation]}.{column}"] = value
        elif isinstance(value, dict):
            found |= {f"{aliases[name]}.{inner}": item for inner, item in value.items()}
        else:
            found[name] = value
    return found


def _renamed(row: Mapping[str, Any], fetch: Fetch) -> dict[str, Any]:
    """Keys through lookups, which `$apply` names by their table. [A-3]"""
    if not fetch.distinct:
        return {}
    return {
        f"{link.alias}.{item.name}": row[f"{link.table}_{item.name}"]
        for link in fetch.body.links
        for item in link.body.attributes
        if f"{link.table}_{item.name}" in row
    }
