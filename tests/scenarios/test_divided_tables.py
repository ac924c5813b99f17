"""Tables that are divided by month answer as whole ones do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from urllib.parse import quote

import pytest

from tests.definition_bodies import column, key, one_to_many
from tests.postgres import PostgresqlServer
from tests.scenarios.harness import API, Answer, Api, new_organization
from tests.scenarios.stores import divide_all
from verselet.jobs.queue import run_due
from verselet.jobs.worker import Worker
from verselet.messages.lifecycle import EmptyBin, KeepMonths
from verselet.messages.request import Request, Response
from verselet.metadata.compiled import load_schema
from verselet.operations.rules.auditing import Action
from verselet.organization import Organization
from verselet.security.caller import Caller
from verselet.store.dividing import divide
from verselet.store.engine import open_store

pytestmark = pytest.mark.postgresql

BEFORE = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
"""When the tables are divided: months from December on have parts."""

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
TYPE = "Microsoft.Dynamics.CRM.msdyn_sessionevent"
EVENTS = "msdyn_sessionevents"
OWN = (
    "019ad000-0000-7000-8000-000000000001",
    "01a25000-0000-7000-8000-000000000001",
    "c1000000-0000-4000-8000-00000000aa01",
)
"""Ids that a client brings along: of November, of December, by chance."""


def begins_at(organization: Organization, at: datetime) -> None:
    """From here on its ids and its clock are of that time."""
    organization.clock.freeze(at)
    organization.ids._ticks = itertools.count(int(at.timestamp() * 1000))


@pytest.fixture
def both(postgresql: PostgresqlServer) -> Iterator[tuple[Api, Api]]:
    """Two organizations that differ in nothing but that the tables of the second are divided.

    Ten ids are of December yet, those after them of January.
    """
    urls = [postgresql.fresh(), postgresql.fresh()]
    with Api(new_organization(urls[0])) as whole, Api(new_organization(urls[1])) as parted:
        divide_all(urls[1], BEFORE)
        for api in (whole, parted):
            begins_at(api.organization, NEW_YEAR - timedelta(milliseconds=10))
        yield whole, parted
    for url in urls:
        postgresql.give_back(url)


def told(answer: Answer) -> tuple[int, str, bytes]:
    """What a client sees of it."""
    return answer.status, answer.headers.get("odata-entityid", ""), answer.body


def talk(api: Api) -> Iterator[tuple[int, str, bytes]]:
    """Everything that is asked of session events."""
    session = told(api.post("msdyn_ocsessions", {"subject": "a session"}))
    yield session
    of_session = {"msdyn_omnichannelsession@odata.bind": f"/msdyn_ocsessions({session[1][-37:-1]})"}
    for number, row_id in enumerate(OWN):
        yield told(api.post(EVENTS, {"msdyn_sessioneventid": row_id, "msdyn_name": f"own {number}", **of_session}))
        yield told(api.post(EVENTS, {"msdyn_sessioneventid": row_id, "msdyn_name": "again"}))
    for number in range(12):
        yield told(api.post(EVENTS, {"msdyn_name": f"event {number % 3}", **of_session}))
    targets = [{"@odata.type": TYPE, "msdyn_name": f"bulk {number}"} for number in range(20)]
    yield told(api.post(f"{EVENTS}/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": targets}))
    changed = [{"@odata.type": TYPE, "msdyn_sessioneventid": row_id, "msdyn_name": "changed"} for row_id in OWN]
    yield told(api.post(f"{EVENTS}/Microsoft.Dynamics.CRM.UpdateMultiple", {"Targets": changed}))
    more = [*changed, {**changed[0], "msdyn_sessioneventid": OWN[1][:-1] + "9"}]
    yield told(api.post(f"{EVENTS}/Microsoft.Dynamics.CRM.UpsertMultiple", {"Targets": more}))
    for row_id in (*OWN, OWN[1][:-1] + "7", OWN[2][:-1] + "7"):
        yield told(api.patch(f"{EVENTS}({row_id})", {"msdyn_name": "upserted"}))
        yield told(api.get(f"{EVENTS}({row_id})"))
        yield told(api.patch(f"{EVENTS}({row_id})", {"msdyn_name": "late"}, if_match='W/"1"'))
    yield told(api.delete(f"{EVENTS}({OWN[1]})"))
    yield told(api.get(f"{EVENTS}({OWN[1]})"))
    yield from asked(api)
    yield told(api.delete(f"msdyn_ocsessions({session[1][-37:-1]})"))
    yield told(api.get(f"{EVENTS}?$count=true&$select=msdyn_name"))


def asked(api: Api) -> Iterator[tuple[int, str, bytes]]:
    """Pages, counts and groups."""
    link = f"{EVENTS}?$select=msdyn_name&$count=true&$expand=msdyn_omnichannelsession($select=subject)"
    while link:
        page = api.get(link.removeprefix(API), prefer="odata.maxpagesize=7")
        yield told(page)
        link = page.json.get("@odata.nextLink", "")
    fetch = (
        "<fetch aggregate='true'><entity name='msdyn_sessionevent'>"
        "<attribute name='msdyn_name' alias='n' groupby='true'/>"
        "<attribute name='msdyn_sessioneventid' alias='c' aggregate='count'/><order alias='n'/></entity></fetch>"
    )
    for target in (
        f"{EVENTS}?$apply=groupby((msdyn_name),aggregate($count as c))&$orderby=msdyn_name",
        f"{EVENTS}?fetchXml={quote(fetch)}",
        f"{EVENTS}?$filter=startswith(msdyn_name,'bulk') and createdon ge 2026-12-31&$orderby=msdyn_name desc",
        f"{EVENTS}?$filter=msdyn_omnichannelsession/subject eq 'a session'&$top=4",
        f"{EVENTS}/$count",
        "msdyn_ocsessions?$expand=msdyn_ocsession_sessionevent_nested($select=msdyn_name;$top=5)",
        "activitypointers?$select=subject,activitytypecode",
        "RetrieveTotalRecordCount(EntityNames=['msdyn_sessionevent'])",
    ):
        yield told(api.get(target.replace(" ", "%20")))


def test_a_divided_table_answers_as_a_whole_one(both: tuple[Api, Api]) -> None:
    """To the letter, whichever part a row is in. [C-1], [BM-11], [UP-1], [PG-7], [CT-1], [AG-1]"""
    whole, parted = both
    for one, other in zip(talk(whole), talk(parted), strict=True):
        assert one == other
    parts = parted.organization.store.fetch("SELECT DISTINCT tableoid::regclass::text FROM msdyn_sessionevent", ())
    assert {"before", "2026_12", "2027_01"} == {str(part[0]).rpartition("__")[2] for part in parts}


def test_jobs_are_taken_out_of_all_parts(both: tuple[Api, Api]) -> None:
    """In the order they were made, each of them once. [EVT-64]"""
    for api in both:
        for number in range(3):
            api.make("accounts", name=f"old {number}")
        body = {
            "QuerySet": [{"EntityName": "account", "Criteria": {}}],
            "JobName": "all accounts", "SendEmailNotification": False, "ToRecipients": [], "CCRecipients": [],
            "RecurrencePattern": "", "StartDateTime": "2026-01-01T00:00:00Z",
        }  # fmt: skip
        for _ in range(12):
            assert 200 == api.post("BulkDelete", body).status
        assert (12, []) == (run_due(api.organization), api.values("accounts", "name"))
        done = api.get("asyncoperations?$filter=statecode%20eq%203&$count=true")
        assert 12 == done.json["@odata.count"]


def months(api: Api, table: str) -> list[str]:
    """The parts with rows."""
    found = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1"
    rows = api.organization.store.fetch(found, (f"{table}__months",))
    return [str(row[0]).rpartition("__")[2] for row in rows]


def day(year: int, month: int, number: int) -> datetime:
    """Noon of that day."""
    return datetime(year, month, number, 12, tzinfo=UTC)


def keep(api: Api) -> None:
    """What a server does once an hour."""
    api.organization.execute(KeepMonths(), api.organization.administrator)


def test_audit_rows_go_with_their_month(both: tuple[Api, Api]) -> None:
    """Once the time of all its rows is over; that is written down. Those of before go one by one. [JOB-40], [JOB-42]"""
    _, api = both
    begins_at(api.organization, day(2026, 11, 12))
    assert 204 == api.patch(f"organizations({api.organization.id})", {"isauditenabled": True}).status
    table = {"@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata", "IsAuditEnabled": {"Value": True}}
    assert 204 == api.put("EntityDefinitions(LogicalName='account')", table).status
    made = []
    for at in (day(2026, 11, 20), day(2026, 12, 20), day(2027, 1, 10)):
        begins_at(api.organization, at)
        keep(api)
        made.append(api.make("accounts", name="kept in mind"))

    def stay() -> list[bool]:
        return [bool(api.values(f"audits?$filter=_objectid_value%20eq%20{row_id}", "auditid")) for row_id in made]

    found = []
    for at in (day(2027, 1, 15), day(2027, 1, 31), day(2027, 3, 4)):
        begins_at(api.organization, at)
        many = [{"@odata.type": "Microsoft.Dynamics.CRM.account", "name": str(number)} for number in range(256)]
        assert 200 == api.post("accounts/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": many}).status
        keep(api)
        found.append((stay(), months(api, "audit")))
    assert [
        ([False, True, True], ["2026_12", "2027_01", "2027_02", "2027_03", "others"]),
        ([False, False, True], ["2027_01", "2027_02", "2027_03", "others"]),
        ([False, False, False], ["2027_03", "2027_04", "2027_05", "others"]),
    ] == found
    assert api.values(f"audits?$filter=action%20eq%20{int(Action.AUDITS_DELETED)}", "auditid")


def test_a_server_keeps_months_by_itself(both: tuple[Api, Api], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its background work looks after them, and at the recycle bin, until it is stopped. [BIN-8]"""
    monkeypatch.setattr("verselet.jobs.worker.LEASE_S", 0.04)
    _, api = both
    begins_at(api.organization, day(2026, 12, 5))
    done, execute, months_kept = [], api.organization.execute, Event()

    def noted(request: Request, caller: Caller) -> Response:
        response = execute(request, caller)
        done.append(type(request))
        if type(request) is KeepMonths:
            months_kept.set()
        return response

    monkeypatch.setattr(api.organization, "execute", noted)
    worker = Worker(api.organization)
    worker.start()
    assert months_kept.wait(60)
    worker.stop()
    assert EmptyBin in done
    assert ["2026_12", "2027_01", "2027_02", "others"] == months(api, "msdyn_sessionevent")


def test_a_column_and_a_key_of_a_divided_table(both: tuple[Api, Api]) -> None:
    """The column comes to all parts; the key is refused by name. [MW-14], [K-1]"""
    _, api = both
    address = "EntityDefinitions(LogicalName='msdyn_sessionevent')"
    assert 204 == api.post(f"{address}/Attributes", column("String", "new_Colour", MaxLength=20)).status
    rows = [api.make(EVENTS, msdyn_sessioneventid=row_id, new_colour="teal") for row_id in OWN]
    assert 3 == api.get(f"{EVENTS}?$filter=new_colour%20eq%20'teal'&$count=true").json["@odata.count"]
    refused = api.post(f"{address}/Keys", key("new_ByColour", "new_colour"))
    assert (501, True) == (refused.status, "divided by month" in refused.message), refused.body
    assert ["teal"] * 3 == [api.read(f"{EVENTS}({row})")["new_colour"] for row in rows]


def test_a_lookup_of_a_divided_table(both: tuple[Api, Api]) -> None:
    """Its index comes to all parts, goes with it, and months that are made between have it. [MW-7], [MD-12]"""
    _, api = both
    relationship = one_to_many("new_account_event", "account", "msdyn_sessionevent", "new_AccountId")
    assert 204 == api.post("RelationshipDefinitions", relationship).status
    begins_at(api.organization, day(2026, 12, 5))
    keep(api)
    account = api.make("accounts", name="Birch")
    for row_id in OWN:
        api.make(EVENTS, msdyn_sessioneventid=row_id, new_AccountId__bind=f"/accounts({account})")
    assert len(OWN) == len(api.values(f"accounts({account})/new_account_event", "msdyn_sessioneventid"))
    indexes = (
        "SELECT count(*) FROM pg_partition_tree('msdyn_sessionevent') p JOIN pg_index i ON i.indrelid = p.relid "
        "WHERE pg_get_indexdef(i.indexrelid) LIKE '%%(new_accountid%%'"
    )
    found = [api.organization.store.fetch(indexes, ())]
    assert 204 == api.delete("RelationshipDefinitions(SchemaName='new_account_event')").status
    found.append(api.organization.store.fetch(indexes, ()))
    # The table itself, the rows of before, the months: three, the others, and what holds them.
    assert [[(7,)], [(0,)]] == found
    assert len(OWN) == len(api.values(EVENTS, "msdyn_sessioneventid"))


def test_a_server_writes_while_its_table_is_divided(postgresql_url: str) -> None:
    """Another one as well: both go on with what they have prepared, and no row is lost or told twice."""
    with Api(new_organization(postgresql_url)) as first, Api(second_server(postgresql_url)) as second:
        stop, servers = Event(), (first, second)

        def write(api: Api) -> list[str]:
            made: list[str] = []
            while not stop.is_set() or len(made) < 40:
                answer = api.post(EVENTS, {"msdyn_name": "written"})
                assert 204 == answer.status, answer.body
                assert 200 == api.get(f"{EVENTS}({answer.id})?$select=msdyn_name").status
                made.append(answer.id)
            return made

        with ThreadPoolExecutor(2) as pool:
            writing = [pool.submit(write, api) for api in servers]
            try:
                divide(postgresql_url, load_schema(), ("msdyn_sessionevent", "audit"), BEFORE, lambda *_: None)
            finally:
                stop.set()
            made = sorted(row_id for one in writing for row_id in one.result())
        for api in servers:
            rows = api.organization.store.fetch("SELECT msdyn_sessioneventid FROM msdyn_sessionevent", ())
            assert made == sorted(str(row[0]) for row in rows)
        for api in servers:
            begins_at(api.organization, NEW_YEAR)
            assert 204 == api.post(EVENTS, {"msdyn_name": "in its month"}).status


def second_server(url: str) -> Organization:
    """Another server on the same organization."""
    from tests.gizmos import schema_with_gizmos
    from verselet.clock import Clock
    from verselet.ids import Ids

    store = open_store(url)
    schema = store.prepare_schema(schema_with_gizmos())
    return Organization("dev", schema, store, clock=Clock(), ids=Ids())
