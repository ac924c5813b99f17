"""What a question about retained rows reads of the lake, and what of it decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.scenarios.harness import Answer, Api
from tests.scenarios.lakes import api, lake_place
from tests.scenarios.test_bulk_deletion import condition as condition_on
from tests.scenarios.test_bulk_deletion import query, queue
from tests.scenarios.test_retention import kept, policy, retained
from tests.secrets_of_gizmos import Person, hire, secret_organization
from verselet.jobs.queue import run_due
from verselet.lake import ID, Lake
from verselet.operations.failures import TakesLong
from verselet.operations.retention import reading
from verselet.store.kept import KeptRows

__all__ = ["api", "lake_place"]

Read = list[tuple[tuple[str, ...], int]]
"""The cells that were read, and of how many rows."""


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """What is read of the lake from now on."""
    seen: Read = []
    add = KeptRows.add

    def note(self: KeptRows, names: tuple[str, ...], rows: list[object]) -> None:
        seen.append((tuple(names), len(rows)))
        add(self, names, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(KeptRows, "add", note)
    return seen


@pytest.fixture
def stocked(api: Api) -> Api:
    """Twenty retained accounts."""
    for number in range(20):
        api.make("accounts", name=f"old {number:02}", numberofemployees=number, revenue=number + 0.5)
    policy(api)
    assert 1 == run_due(api.organization)
    return api


def names(answer: Answer) -> list[str]:
    """The names of the rows."""
    assert 200 == answer.status, answer.body
    return [row["name"] for row in answer.json["value"]]


def test_a_page_reads_its_rows_and_the_cells_it_shows(stocked: Api, read: Read) -> None:
    """One row more says whether another page follows. [RET-40]"""
    inside = "<attribute name='name'/><order attribute='numberofemployees'/>"
    answer = retained(stocked, "account", inside, prefer="odata.maxpagesize=5")
    assert [f"old {number:02}" for number in range(5)] == names(answer)
    ((cells, number),) = read
    assert 6 == number
    assert {"accountid", "name", "numberofemployees"} <= set(cells)
    assert not {"revenue", "ownerid", "createdon"} & set(cells)


def test_what_is_shown_is_read_of_the_rows_that_are_shown(stocked: Api, read: Read) -> None:
    """The lake does not know the order of texts: of all rows those are read, and nothing else. [RET-40]"""
    inside = "<all-attributes/><order attribute='name' descending='true'/>"
    answer = retained(stocked, "account", inside, prefer="odata.maxpagesize=5")
    assert [f"old {number}" for number in range(19, 14, -1)] == names(answer)
    assert [18.5, 19.5] == sorted(row["revenue"] for row in answer.json["value"])[-2:]
    (first, deciding), (second, shown) = read
    assert (20, 6) == (deciding, shown)
    assert ({"accountid", "name"}, True) == (set(first), len(second) > 50)
    other = retained(stocked, "account", inside.replace("all-attributes", "attribute name='revenue'"))
    assert 20 == len([row for row in other.json["value"] if "revenue" in row])


def test_conditions_decide_what_is_read(stocked: Api, read: Read) -> None:
    """Of numbers, money and texts. [RET-40]"""
    conditions = "<condition attribute='{}' operator='{}' value='{}'/>"
    for column, operator, value, found in [
        ("numberofemployees", "ge", "18", ["old 18", "old 19"]),
        ("revenue", "lt", "1", ["old 00"]),
        ("name", "like", "OLD 1_", [f"old {number}" for number in range(10, 20)]),
    ]:
        read.clear()
        inside = f"<attribute name='name'/><filter>{conditions.format(column, operator, value)}</filter>"
        assert found == sorted(names(retained(stocked, "account", inside)))
        assert {len(found)} == {number for _, number in read}


def test_what_was_read_is_held_while_the_lake_stays_as_it_is(stocked: Api, read: Read) -> None:
    """The same question reads nothing again, until a row comes or goes. [RET-40]"""
    assert 20 == len(kept(stocked))
    assert 20 == len(kept(stocked))
    assert 1 == len(read)
    stocked.make("accounts", name="old one more")
    given = stocked.values("retentionconfigs?$select=retentionconfigid", "retentionconfigid")
    assert 204 == stocked.patch(f"retentionconfigs({given[0]})", {"starttime": None}).status
    assert 1 == run_due(stocked.organization)
    assert 21 == len(kept(stocked))
    assert 2 == len(read)


def test_a_question_that_needs_too_much_is_refused(stocked: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says how to ask for less; a narrower one is answered."""
    monkeypatch.setattr(reading, "MOST_BYTES", 1_000)
    refused = retained(stocked, "account")
    assert (400, True) == (refused.status, "fewer columns" in refused.message)
    inside = (
        "<attribute name='name'/><filter><condition attribute='numberofemployees' operator='eq' value='3'/></filter>"
    )
    assert ["old 03"] == names(retained(stocked, "account", inside))


def test_files_are_not_read_by_who_serves_others(stocked: Api) -> None:
    """The event loop leaves it to a thread. [performance.md §5]"""
    store = stocked.organization.store
    store.hurry(on=True)
    try:
        if store.is_hurried:
            with pytest.raises(TakesLong):
                retained(stocked, "account")
    finally:
        store.hurry(on=False)
    assert 200 == retained(stocked, "account").status


@pytest.mark.parametrize("operator", ["eq-useroruserteams", "eq-useroruserhierarchy"])
def test_conditions_on_rows_of_other_tables_are_refused_by_name(stocked: Api, operator: str) -> None:
    """Those are not in the lake. [RET-41]"""
    inside = f"<filter><condition attribute='ownerid' operator='{operator}'/></filter>"
    answer = retained(stocked, "account", inside)
    assert (501, True) == (answer.status, "other tables" in answer.message)


def test_a_lookup_into_the_same_table_says_the_name_it_had(api: Api) -> None:
    """Also where the row it points to is not retained. [RET-6]"""
    parent = api.make("accounts", name="young parent")
    api.make("accounts", name="old child", parentaccountid__bind=f"/accounts({parent})")
    policy(api)
    run_due(api.organization)
    (row,) = retained(api, "account", prefer='odata.include-annotations="*"').json["value"]
    assert "young parent" == row["_parentaccountid_value@OData.Community.Display.V1.FormattedValue"]
    inside = "<attribute name='name'/><order attribute='parentaccountid'/>"
    assert ["old child"] == names(retained(api, "account", inside))


@pytest.fixture
def secret(tmp_path: Path) -> Iterator[Api]:
    """An organization with a secured price, and one gizmo in the lake whose price is 12.5."""
    from tests.properties.test_retained_rows_agree import copy

    with Api(secret_organization()) as opened:
        opened.organization.lake = Lake(tmp_path / "lake")
        gizmo = opened.make("new_gizmos", new_name="needle", new_price=12.5)
        copy(opened.organization, [gizmo], "batch", "2026-01-01T00:00:00Z")
        yield opened


@pytest.mark.parametrize(
    ("operator", "found"),
    [("operator='eq' value='12.5'", 0), ("operator='null'", 1), ("operator='not-null'", 0)],
)
def test_what_is_hidden_does_not_decide(secret: Api, operator: str, found: int) -> None:
    """Neither in the lake nor behind it. [SEC-103]"""
    person = Person(secret, hire(secret.organization))
    inside = f"<attribute name='new_name'/><filter><condition attribute='new_price' {operator}/></filter>"
    text = f"<fetch datasource='retained'><entity name='new_gizmo'>{inside}</entity></fetch>"
    answer = person.get(f"new_gizmos?fetchXml={quote(text)}")
    assert 200 == answer.status, answer.body
    assert found == len(answer.json["value"])


def test_a_bulk_deletion_removes_retained_rows(stocked: Api) -> None:
    """And no other: neither active ones, nor those that do not match. [JOB-9], [RET-44]"""
    stocked.make("accounts", name="old 03 and active")
    asked = query("account", condition_on("name", "BeginsWith", "old 0"), DataSource="retained")
    assert 200 == queue(stocked, asked).status
    assert 1 == run_due(stocked.organization)
    assert [f"old {number}" for number in range(10, 20)] == kept(stocked)
    assert ["old 03 and active"] == stocked.values("accounts?$select=name", "name")
    (operation,) = stocked.get("bulkdeleteoperations").json["value"]
    assert (10, 0) == (operation["successcount"], operation["failurecount"])


def test_a_bulk_deletion_leaves_rows_on_their_way(stocked: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of the same id that is copied and not yet deleted is another one. [RET-44], [RET-45]"""
    organization = stocked.organization
    snapshot = organization.lake.look("account")
    assert snapshot is not None
    monkeypatch.setattr("verselet.operations.retention.removing.unfinished", lambda _run: tuple(batches(snapshot)))
    assert (
        200 == queue(stocked, query("account", condition_on("name", "BeginsWith", "old"), DataSource="retained")).status
    )
    run_due(organization)
    assert {"account": 20} == organization.lake.tables()


def batches(snapshot: object) -> set[str]:
    """The batches of the rows in the lake."""
    from verselet.lake import BATCH, Scan, Snapshot

    assert isinstance(snapshot, Snapshot)
    return {str(batch) for cells in snapshot.read(Scan(columns=(ID, BATCH))) for batch in cells[BATCH]}


def test_another_data_source_of_a_query_is_refused_by_name(stocked: Api) -> None:
    """Nobody deletes rows of another place than was meant. [RET-44]"""
    answer = queue(stocked, query("account", DataSource="bin"))
    assert (501, True) == (answer.status, "data source" in answer.message)
