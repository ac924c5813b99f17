"""Rollups stay up to date without anybody asking, on both stores. [JOB-62], [JOB-64], [EVT-61]"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.definition_bodies import one_to_many
from tests.scenarios.definitions import Place, made, with_box
from tests.scenarios.durable_stores import place
from tests.scenarios.harness import NOW, Api
from tests.scenarios.test_rollups import COLUMNS, adds_up, filled, with_things
from verselet.jobs.queue import run_due
from verselet.jobs.worker import Worker
from verselet.operations import rollups

__all__ = ["place"]

JOBS = "asyncoperations?$filter=operationtype eq 57 or operationtype eq 58&$orderby=operationtype"
COUNT = "COUNT(new_box_things.new_thingid)"


def with_total(api: Api, rollup: str = COUNT) -> Api:
    """Boxes that count their things."""
    with_things(with_box(api))
    made(api, COLUMNS, adds_up("Integer", "new_Total", rollup))
    return api


def jobs(api: Api) -> list[dict[str, Any]]:
    """The jobs that refresh rollups: the table's, then the columns'."""
    return list(api.read(JOBS)["value"])


def wait(api: Api, hours: int) -> int:
    """Some time later; how many jobs were done."""
    api.organization.clock.advance(timedelta(hours=hours))
    return run_due(api.organization)


def shown(api: Api, box: str) -> tuple[Any, ...]:
    """The rollup of a box, its state and its time."""
    found = api.read(f"new_boxes({box})")
    return tuple(found[f"new_total{part}"] for part in ("", "_state", "_date"))


def test_a_rollup_comes_with_jobs(place: Place) -> None:
    """One for its table, every hour; one for itself, twelve hours from now. [JOB-62], [EVT-61], [EVT-65]"""
    with place.opened() as api:
        with_total(api)
        of_table, of_column = jobs(api)
        expected = [
            (57, 1, 10, "new_box", "FREQ=HOURLY;INTERVAL=1", "2026-03-04T06:06:07Z"),
            (58, 1, 10, "new_box", "FREQ=YEARLY;INTERVAL=10", "2026-03-04T17:06:07Z"),
        ]
        names = ("operationtype", "statecode", "statuscode", "primaryentitytype", "recurrencepattern", "postponeuntil")
        assert expected == [tuple(job[name] for name in names) for job in (of_table, of_column)]


def test_a_rollup_follows_what_refers_to_its_row_within_the_hour(place: Place) -> None:
    """Rows that were added, moved and deleted; a row that is right is not worked out again. [JOB-62], [JOB-64]"""
    with place.opened() as api:
        with_total(api)
        box, empty = filled(api), api.make("new_boxes", new_name="empty")
        version = api.read(f"new_boxes({box})")["@odata.etag"]
        assert (0, (None, None, None)) == (wait(api, 0), shown(api, box))
        assert 1 == wait(api, 1)
        assert [(3, 1, "2026-03-04T06:06:07Z"), (0, 1, "2026-03-04T06:06:07Z")] == [shown(api, box), shown(api, empty)]
        assert version == api.read(f"new_boxes({box})")["@odata.etag"]
        moved, gone, _ = api.values(f"new_things?$filter=_new_boxid_value eq {box}", "new_thingid")
        api.patch(f"new_things({moved})", {"new_BoxId@odata.bind": f"/new_boxes({empty})"})
        assert 1 == wait(api, 1)
        assert [(2, "2026-03-04T07:06:07Z"), (1, "2026-03-04T07:06:07Z")] == [
            shown(api, one)[::2] for one in (box, empty)
        ]
        api.delete(f"new_things({gone})")
        assert 1 == wait(api, 1)
        assert [(1, "2026-03-04T08:06:07Z"), (1, "2026-03-04T07:06:07Z")] == [
            shown(api, one)[::2] for one in (box, empty)
        ]
        assert "2026-03-04T09:06:07Z" == jobs(api)[0]["postponeuntil"]


def test_all_rows_are_worked_out_twelve_hours_after_the_definition(place: Place) -> None:
    """Whatever they hold; then there is nothing to do for ten years, unless the definition changes. [JOB-62]"""
    with place.opened() as api:
        with_total(api)
        box = filled(api)
        assert 2 == wait(api, 12)
        assert (3, 1, "2026-03-04T17:06:07Z") == shown(api, box)
        assert (1, 10, "2036-03-04T17:06:07Z") == tuple(
            jobs(api)[1][name] for name in ("statecode", "statuscode", "postponeuntil")
        )
        address = f"{COLUMNS}(LogicalName='new_total')"
        definition = api.read(f"{address}/Microsoft.Dynamics.CRM.IntegerAttributeMetadata")
        body = {**definition, "FormulaDefinition": "SUM(new_box_things.new_pieces)"}
        assert 204 == api.put(address, body).status
        assert ["2026-03-04T18:06:07Z", "2026-03-05T05:06:07Z"] == [job["postponeuntil"] for job in jobs(api)]
        assert (1, 5) == (wait(api, 1), shown(api, box)[0])


def test_many_rows_go_page_by_page(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is left out, none comes twice, and a server that stops goes on at its next start. [JOB-62]"""
    monkeypatch.setattr(rollups, "AT_ONCE", 2)
    with place.opened() as api:
        with_total(api)
        boxes = [filled(api) for _ in range(4)]
        api.organization.clock.advance(timedelta(hours=1))
        answers = iter([False, False, False, True])
        run_due(api.organization, lambda: next(answers, True))
        assert 0 == jobs(api)[0]["statecode"]
        assert [3] * 2 == [total for total in [shown(api, box)[0] for box in boxes] if total is not None]
        run_due(api.organization)
        assert [3] * 4 == [shown(api, box)[0] for box in boxes]


def test_a_table_may_sum_up_its_own_rows(place: Place) -> None:
    """The names in a condition are those of the rows that are added up. [JOB-62]"""
    with place.opened() as api:
        with_box(api)
        made(api, "RelationshipDefinitions", one_to_many("new_box_boxes", "new_box", "new_box", "new_InId"))
        rollup = 'COUNT(new_box_boxes.new_boxid, new_name = "in")'
        made(api, COLUMNS, adds_up("Integer", "new_Total", rollup))
        box = api.make("new_boxes", new_name="out")
        for name in ("in", "in", "other"):
            api.make("new_boxes", new_name=name, new_InId__bind=f"/new_boxes({box})")
        wait(api, 1)
        assert 2 == shown(api, box)[0]


def test_jobs_go_with_what_they_refresh(place: Place) -> None:
    """The column's with the column, the table's with its last rollup. [JOB-62]"""
    with place.opened() as api:
        with_total(api)
        made(api, COLUMNS, adds_up("Integer", "new_Pieces", "SUM(new_box_things.new_pieces)"))
        assert [57, 58, 58] == [job["operationtype"] for job in jobs(api)]
        assert 204 == api.delete(f"{COLUMNS}(LogicalName='new_total')").status
        assert [57, 58] == [job["operationtype"] for job in jobs(api)]
        assert 204 == api.delete(f"{COLUMNS}(LogicalName='new_pieces')").status
        assert [] == jobs(api)


def test_the_server_plans_what_is_missing_when_it_starts(place: Place) -> None:
    """Once, however often it starts. [JOB-62]"""
    with place.opened() as api:
        with_total(api)
        planned = [job["asyncoperationid"] for job in jobs(api)]
        with api.organization.store.begin() as session:
            session.run("DELETE FROM asyncoperation WHERE operationtype = 58")
        for _ in range(2):
            worker = Worker(api.organization)
            worker.start()
            assert worker.rests.wait(60)
            worker.stop()
        assert planned == [job["asyncoperationid"] for job in jobs(api)]


def test_an_administrator_decides_how_often_and_whether(place: Place) -> None:
    """The job may be put off and come less often; it is neither cancelled nor deleted. [EVT-62], [EVT-65]"""
    with place.opened() as api:
        with_total(api)
        box = filled(api)
        address = f"asyncoperations({jobs(api)[0]['asyncoperationid']})"
        refused = [api.patch(address, {"statecode": 3, "statuscode": 32}), api.delete(address)]
        assert [(400, "0x80044f02")] * 2 == [(answer.status, answer.code) for answer in refused]
        assert 400 == api.patch(address, {"recurrencepattern": "FREQ=MINUTELY;INTERVAL=1"}).status
        assert 204 == api.patch(address, {"recurrencepattern": "FREQ=DAILY;INTERVAL=1"}).status
        assert (1, "2026-03-05T05:06:07Z") == (wait(api, 1), jobs(api)[0]["postponeuntil"])
        assert 204 == api.patch(address, {"postponeuntil": "2026-03-04T07:00:00Z"}).status
        api.make("new_things", new_name="fourth", new_BoxId__bind=f"/new_boxes({box})")
        assert (1, 4) == (wait(api, 1), shown(api, box)[0])
        assert NOW < shown(api, box)[2]
