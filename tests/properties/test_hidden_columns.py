"""Whoever may not read a column cannot tell what stands in it, whatever is asked. [SEC-103], [SEC-104], [invariant 10]

Two organizations hold the same rows with other values in the secured columns. A user without column profiles asks both
the same, and must get the same bytes; also one with whom values are shared that are the same in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gizmo_rows import IDS
from tests.properties.gizmo_questions import (
    CONDITIONS,
    ORDERS,
    SELECTS,
    address,
    filled,
    literals_for,
    stock,
)
from tests.queries.test_agreement import in_odata, in_sql, in_xml, questions
from tests.scenarios.harness import API, Answer, Api
from tests.scenarios.stores import STORES, url_of
from tests.secrets_of_gizmos import READER, Person, hire, secret_organization, share_value

Pair = tuple[Person, Person]

NEXT = re.compile(rb'"@odata.nextLink":"([^"]+)"')

GIZMO = "00000000-0000-4000-9000-000000000007"
TASK = "4a570000-0000-4000-8000-000000000001"
SHAREE = "4ead0000-0000-4000-8000-000000000002"


@pytest.fixture(scope="module", params=STORES)
def apis(request: pytest.FixtureRequest) -> Iterator[tuple[Api, Api]]:
    """Both organizations, on one store."""
    with (
        url_of(request) as url,
        url_of(request) as other_url,
        Api(secret_organization(url)) as one,
        Api(secret_organization(other_url)) as other,
    ):
        for number, api in enumerate((one, other)):
            stock(api)
            _make_different(api, number)
            _share(api)
        yield one, other


@pytest.fixture(params=[READER, SHAREE], ids=["nothing shared", "some shared"])
def pair(request: pytest.FixtureRequest, apis: tuple[Api, Api]) -> Pair:
    """One user in both organizations: somebody with whom nothing is shared, or the values of one row."""
    return Person(apis[0], request.param), Person(apis[1], request.param)


def _share(api: Api) -> None:
    """One gizmo has the same values in both organizations, and they are shared with a user."""
    body = {"new_name": "b3", "new_notes": "b3", "new_count": 2, "new_price": 20, "new_ratio": 1.5, "new_color": 1}
    bound = {
        "new_AccountId@odata.bind": f"accounts({IDS[1]})",
        "new_CustomerId_account@odata.bind": f"accounts({IDS[1]})",
    }
    assert 204 == api.patch(f"new_gizmos({GIZMO})", {**body, **bound}).status
    hire(api.organization, SHAREE)
    for column in (*body, "new_accountid", "new_customerid"):
        place = ("new_gizmo", column, GIZMO)
        shared = share_value(Person(api, "admin"), place, f"systemusers({SHAREE})", readaccess=True)
        assert 204 == shared.status, shared.body


def _make_different(api: Api, number: int) -> None:
    """The same writes in both organizations, with other values in what is secured."""
    other = number == 1
    for place, row_id in enumerate(_ids(api, "new_gizmos", "new_gizmoid")):
        word = f"{'b' if other else 'a'}{place % 7}"
        body: dict[str, object] = {
            "new_name": word,
            "new_notes": None if other and place % 3 == 0 else word,
            "new_kind": "contact" if other else "account",
            "new_count": place % 5 - 2 + number,
            "new_minutes": 90 * number,
            "new_ratio": 2.5 - number,
            "new_size": 0.1 + number,
            "new_price": (place % 3) * 10 + number,
            "new_at": "2024-06-01T10:30:00Z" if other else "2024-01-01T00:00:00Z",
            "new_day": "2024-01-01" if other == (place % 2 == 0) else None,
            "new_ready": other == (place % 2 == 0),
            "new_color": 1 if other else 9,
            "new_tags": "1,9" if other else "2",
            "new_AccountId@odata.bind": f"accounts({IDS[(place + number) % 3]})",
            f"new_CustomerId_{'contact' if other else 'account'}@odata.bind": (
                f"contacts({IDS[8]})" if other else f"accounts({IDS[0]})"
            ),
        }
        assert 204 == api.patch(f"new_gizmos({row_id})", body).status
        if place % 10 == 7:
            content = b"file of another size" if other else b"file"
            headers = {"content-type": "application/octet-stream", "x-ms-file-name": f"{word}.bin"}
            answer = api.send("PATCH", f"new_gizmos({row_id})/new_file", content, headers=headers)
            assert 204 == answer.status, answer.body
    others: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("new_parts", "new_partid", {"new_name": f"p{number}"}),
        ("accounts", "accountid", {"name": f"n{number}", "creditonhold": other}),
        ("contacts", "contactid", {"lastname": f"l{number}"}),
    )
    for set_name, key, values in others:
        for row_id in _ids(api, set_name, key):
            assert 204 == api.patch(f"{set_name}({row_id})", values).status
    task = {
        "activityid": TASK,
        "subject": "t",
        "description": f"d{number}",
        "scheduledend": f"2024-01-0{number + 1}T10:00:00Z",
    }
    assert 204 == api.post("tasks", task).status
    assert 204 == api.patch(f"systemusers({READER})", {"lastname": f"{number}"}).status


def _ids(api: Api, set_name: str, key: str) -> list[str]:
    return sorted(api.values(f"{set_name}?$select={key}", key))


def told(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """All that an answer tells; the id of a request is another one each time."""
    headers = {name: text for name, text in answer.headers.items() if "request-id" not in name}
    return answer.status, headers, answer.body


def everything(person: Person, target: str, size: int) -> list[tuple[int, dict[str, str], bytes]]:
    """What every page tells."""
    found: list[tuple[int, dict[str, str], bytes]] = []
    prefer = f'odata.include-annotations="*",odata.maxpagesize={size}'
    while target and len(found) < 60:
        answer = person.get(target, prefer=prefer)
        found.append(told(answer))
        link = NEXT.search(answer.body)
        target = "" if link is None else link[1].decode().removeprefix(API)
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_filter_tells_nothing(pair: Pair, data: st.DataObject) -> None:
    """Filters, orders, joins, lambdas, comparisons of columns and the ends of pages read null. [SEC-104]"""
    shape = data.draw(CONDITIONS)
    target = address(filled(shape, data.draw(literals_for(shape))), data.draw(ORDERS), data.draw(SELECTS))
    size = data.draw(st.sampled_from([3, 11, 100]))

    first, second = (everything(person, target, size) for person in pair)

    assert first == second


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=questions)
def test_no_language_tells_more_than_another(pair: Pair, question: object) -> None:
    """OData, FetchXML and SQL read through the same place. [SEC-104]"""
    for target in (
        f"new_gizmos?$select=new_gizmoid,new_name&$filter={quote(in_odata(question))}",
        f"new_gizmos?fetchXml={quote(_fetch(in_xml(question)))}",
        f"new_gizmos?sql={quote(_select(in_sql(question)))}",
    ):
        first, second = (everything(person, target, 5) for person in pair)
        assert first == second


def _fetch(condition: str) -> str:
    return (
        "<fetch><entity name='new_gizmo'><attribute name='new_name'/><attribute name='new_price'/>"
        f"<attribute name='new_customerid'/><order attribute='new_count'/><filter>{condition}</filter></entity></fetch>"
    )


def _select(condition: str) -> str:
    return f"SELECT new_gizmoid, new_name, new_price FROM new_gizmo WHERE {condition} ORDER BY new_count"


COLUMNS = ("new_name", "new_count", "new_ratio", "new_size", "new_price", "new_at", "new_color", "new_customerid")
AGGREGATES = "".join(
    f"<attribute name='{name}' alias='{name}_{how}' aggregate='{how}'/>"
    for name in ("new_count", "new_ratio", "new_size", "new_price")
    for how in ("sum", "avg", "min", "max", "countcolumn")
)
PART = "<filter><condition attribute='new_name' operator='eq' value='p1'/></filter>"
LINK = "<link-entity name='{}' from='{}' to='{}' link-type='{}' alias='j'>{}</link-entity>"


def _asked(inside: str, **attributes: str) -> str:
    given = "".join([f" {name}='{text}'" for name, text in attributes.items()])
    fetch = f"<fetch{given}><entity name='new_gizmo'>{inside}</entity></fetch>"
    return f"new_gizmos?fetchXml={quote(fetch)}"


QUESTIONS = (
    "new_gizmos",
    "new_gizmos?$expand=new_AccountId,new_CustomerId_account,new_CustomerId_contact($select=lastname),createdby",
    "new_gizmos?$expand=new_gizmo_parts($filter=new_name eq 'p1';$orderby=new_name),new_gizmo_contact",
    "new_gizmos?$filter=_new_customerid_value ne null&$count=true",
    "new_gizmos?$filter=new_AccountId/name eq 'n1' or new_AccountId/creditonhold eq true&$count=true",
    "new_gizmos?$orderby=new_AccountId/name desc,new_price",
    "new_gizmos?$filter=Microsoft.Dynamics.CRM.ContainValues(PropertyName='new_tags',PropertyValues=['1'])",
    "new_gizmos?$filter=Microsoft.Dynamics.CRM.LastXDays(PropertyName='new_at',PropertyValue=900)",
    "new_gizmos?$apply=aggregate(new_price with sum as s,new_count with max as m,$count as n)",
    "new_gizmos?$apply=groupby((new_color),aggregate($count as n))",
    "new_gizmos?$apply=groupby((new_AccountId/name),aggregate(new_ratio with average as a))",
    "new_gizmos?$apply=filter(new_name eq 'b1')/aggregate($count as n)",
    "new_gizmos?$apply=groupby((_new_customerid_value))",
    f"new_gizmos({GIZMO})",
    f"new_gizmos({GIZMO})/new_name",
    f"new_gizmos({GIZMO})/new_price/$value",
    f"new_gizmos({GIZMO})/new_file",
    f"new_gizmos({GIZMO})/new_file/$value",
    f"new_gizmos({GIZMO})/new_AccountId",
    f"new_gizmos({GIZMO})/new_AccountId/$ref",
    f"new_gizmos({GIZMO})/new_gizmo_parts",
    f"accounts({IDS[0]})/new_account_gizmos?$count=true",
    f"accounts({IDS[1]})?$select=name",
    "new_parts?$filter=new_GizmoId/new_name eq 'b1'&$count=true",
    "contacts?$filter=contains(fullname,'l1')&$orderby=lastname",
    "contacts?$select=fullname,lastname",
    "tasks?$select=subject,description",
    "activitypointers?$select=subject,description,scheduledend&$filter=description ne 'd1'",
    "activitypointers?$filter=scheduledend lt 2024-01-02&$count=true",
    "owners",
    "owners?$filter=contains(name,'1')",
    "systemusers?$select=fullname",
    "new_gizmos/$count?$filter=new_price gt 10",
    _asked("".join([f"<attribute name='{name}'/><order attribute='{name}'/>" for name in COLUMNS]), count="7"),
    _asked(AGGREGATES, aggregate="true"),
    *[
        _asked(
            f"<attribute name='{name}' alias='g' groupby='true'/>"
            "<attribute name='new_gizmoid' alias='n' aggregate='count'/><order alias='g'/>",
            aggregate="true",
        )
        for name in COLUMNS
    ],
    _asked("<attribute name='new_at' alias='y' groupby='true' dategrouping='month'/>", aggregate="true"),
    _asked("<attribute name='new_name'/>", distinct="true"),
    _asked(LINK.format("account", "accountid", "new_accountid", "outer", "<attribute name='name'/>")),
    _asked(LINK.format("account", "accountid", "new_accountid", "inner", "<order attribute='name'/>")),
    _asked(LINK.format("account", "accountid", "new_accountid", "exists", "")),
    _asked(f"<filter>{LINK.format('new_part', 'new_gizmoid', 'new_gizmoid', 'any', PART)}</filter>"),
    _asked(LINK.format("contact", "lastname", "new_name", "outer", "<attribute name='fullname'/>")),
    _asked("<filter><condition attribute='new_name' operator='eq' valueof='new_notes'/></filter>"),
    _asked("<filter><condition attribute='new_accountidname' operator='like' value='n%'/></filter>"),
    _asked("<filter><condition attribute='new_customerid' operator='eq-or-under' value='" + IDS[0] + "'/></filter>"),
    f"new_gizmos?sql={quote('SELECT new_color, COUNT(*) AS n, MAX(new_price) AS p FROM new_gizmo GROUP BY new_color')}",
    f"new_gizmos?sql={quote('SELECT DISTINCT new_name FROM new_gizmo WHERE new_price > 5')}",
)


@pytest.mark.parametrize("target", QUESTIONS)
def test_no_question_tells_a_hidden_value(pair: Pair, target: str) -> None:
    """Whatever is grouped, counted, joined, expanded or read alone: null stands in its place. [SEC-103], [SEC-104]"""
    first, second = (everything(person, target, 15) for person in pair)

    assert first == second


def test_whoever_may_read_sees_the_difference(pair: Pair) -> None:
    """The law above is about hidden values: for the administrator the same questions have other answers."""
    same = []
    for target in QUESTIONS:
        first, second = (person.api.get(target, prefer='odata.include-annotations="*"') for person in pair)
        assert {200} == {first.status, second.status}, first.body
        if first.body == second.body:
            same.append(target)

    assert len(same) < 8, same


@pytest.mark.parametrize(
    "message",
    [
        (f"new_gizmos({GIZMO})/Microsoft.Dynamics.CRM.Nothing()", None),
        (
            "InitializeFrom(EntityMoniker=@m,TargetEntityName='contact',TargetFieldType=Microsoft.Dynamics.CRM."
            f"TargetFieldType'All')?@m={{'@odata.id':'accounts({IDS[0]})'}}",
            None,
        ),
        (
            "InitializeFileBlocksDownload",
            {
                "Target": {"@odata.type": "Microsoft.Dynamics.CRM.new_gizmo", "new_gizmoid": GIZMO},
                "FileAttributeName": "new_file",
            },
        ),
    ],
    ids=["unknown function", "InitializeFrom", "InitializeFileBlocksDownload"],
)
def test_no_message_tells_a_hidden_value(pair: Pair, message: tuple[str, object]) -> None:
    """Messages that read rows see what the caller sees. [SEC-103]"""
    target, body = message
    first, second = (told(person.send("POST" if body else "GET", target, body)) for person in pair)

    assert first == second


def test_a_page_cannot_be_asked_to_begin_after_a_guess(pair: Pair) -> None:
    """The values in a paging token are compared with null. [PG-7], [SEC-104]"""
    page = pair[0].get("new_gizmos?$orderby=new_name&$select=new_gizmoid", prefer="odata.maxpagesize=5")
    link = page.json["@odata.nextLink"].removeprefix(API)

    for guess in ("a1", "b1", ""):
        forged = link.replace("last%3D%2522%2522", f"last%3D%2522{guess}%2522")
        assert told(pair[0].get(forged)) == told(pair[1].get(forged))
    assert told(pair[0].get(link)) == told(pair[1].get(link))


def test_what_is_followed_tells_nothing(pair: Pair) -> None:
    """A row that changes is told with null where its values are hidden. [DT-1], [SEC-103]"""
    first, second = (told(person.get("accounts", prefer="odata.track-changes")) for person in pair)

    assert 200 == first[0]
    assert first == second
