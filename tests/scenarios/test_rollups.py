"""Columns that add up the rows that refer to theirs, on both stores. [JOB-62] to [JOB-66]"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote

import pytest

from tests.definition_bodies import BOX, NAMESPACE, column, one_to_many, table
from tests.scenarios.definitions import Place, made, with_box
from tests.scenarios.durable_stores import place, shared_box
from tests.scenarios.harness import NOW, Answer, Api
from tests.secrets_of_gizmos import Person, hire, secret_organization
from verselet.metadata.changes import columns

__all__ = ["place", "shared_box"]

COLUMNS = f"{BOX}/Attributes"
THING = "EntityDefinitions(LogicalName='new_thing')"


def adds_up(kind: str, name: str, rollup: str, **more: Any) -> dict[str, Any]:
    """A rollup column."""
    return column(kind, name, SourceType=2, FormulaDefinition=rollup, **more)


def with_things(api: Api) -> None:
    """Boxes hold things, each with a weight, a number and a time."""
    made(api, "EntityDefinitions", table("new_Thing"))
    made(api, f"{THING}/Attributes", column("Integer", "new_Pieces"))
    made(api, f"{THING}/Attributes", column("Decimal", "new_Weight", Precision=2))
    made(api, f"{THING}/Attributes", column("DateTime", "new_At"))
    made(api, "RelationshipDefinitions", one_to_many("new_box_things", "new_box", "new_thing", "new_BoxId"))


@pytest.fixture(scope="module")
def boxes(shared_box: Api) -> Api:
    """Boxes and things; tests make rollups and take them away again."""
    with_things(shared_box)
    return shared_box


@pytest.fixture(autouse=True)
def without_rollup(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take the rollup of a test away."""
    yield
    if "boxes" in request.fixturenames:
        cast("Api", request.getfixturevalue("boxes")).delete(f"{COLUMNS}(LogicalName='new_total')")


def filled(api: Api) -> str:
    """A box with three things."""
    box = api.make("new_boxes", new_name="one")
    for pieces, weight, at in ((2, 0.5, "2026-01-01T00:00:00Z"), (3, 1.25, "2026-02-01T00:00:00Z"), (None, None, None)):
        api.make(
            "new_things",
            new_name="t",
            new_pieces=pieces,
            new_weight=weight,
            new_at=at,
            new_BoxId__bind=f"/new_boxes({box})",
        )
    api.make("new_things", new_name="elsewhere", new_pieces=100)
    return box


def calculate(api: Api, set_name: str, row: str, name: str) -> Answer:
    """Work out a rollup."""
    return api.get(_calculation(set_name, row, name))


def _calculation(set_name: str, row: str, name: str) -> str:
    target = quote(f"{{'@odata.id':'{set_name}({row})'}}")
    return f"CalculateRollupField(Target=@t,FieldName=@f)?@t={target}&@f='{name}'"


def result(api: Api, box: str, name: str) -> Any:
    """The value a rollup comes to."""
    answer = calculate(api, "new_boxes", box, name)
    assert 200 == answer.status, answer.body
    return answer.json[name]


@pytest.mark.parametrize(
    ("kind", "rollup", "expected", "empty"),
    [
        ("Integer", "COUNT(new_box_things.new_thingid)", 3, 0),
        ("Integer", "COUNT(new_box_things.new_weight)", 2, 0),
        ("Integer", "SUM(new_box_things.new_pieces)", 5, 0),
        ("Decimal", "SUM(new_box_things.new_weight)", 1.75, 0),
        ("Decimal", "AVG(new_box_things.new_weight)", 0.875, None),
        ("Integer", "AVG(new_box_things.new_pieces)", 3, None),
        ("Integer", "MIN(new_box_things.new_pieces)", 2, None),
        ("Decimal", "MAX(new_box_things.new_weight)", 1.25, None),
        ("DateTime", "MAX(new_box_things.new_at)", "2026-02-01T00:00:00Z", None),
        ("Integer", 'COUNT(new_box_things.new_thingid, new_weight > 1 || new_name = "100%")', 1, 0),
        ("Integer", "SUM(new_box_things.new_pieces, statecode = 1)", 0, 0),
    ],
)
def test_a_rollup_adds_up_what_refers_to_its_row(
    boxes: Api, kind: str, rollup: str, expected: object, empty: object
) -> None:
    """Count, sum, mean, smallest and largest; with a condition only what meets it. [JOB-62], [JOB-63]"""
    made(boxes, COLUMNS, adds_up(kind, "new_Total", rollup, **({"Precision": 3} if kind == "Decimal" else {})))

    assert expected == result(boxes, filled(boxes), "new_total")
    assert empty == result(boxes, boxes.make("new_boxes", new_name="empty"), "new_total")


def test_a_rollup_is_kept_with_its_time_and_state(place: Place) -> None:
    """The answer is the row with all three; the row keeps them and does not count as changed. [JOB-62] to [JOB-64]"""
    with place.opened() as api:
        with_things(with_box(api))
        made(api, COLUMNS, adds_up("Integer", "new_Total", "COUNT(new_box_things.new_thingid)"))
        box = filled(api)
        before = api.read(f"new_boxes({box})")
        assert (None, None, None) == tuple(before[f"new_total{part}"] for part in ("", "_state", "_date"))
        answer = calculate(api, "new_boxes", box, "new_total")
        expected = {"new_boxid": box, "new_total": 3, "new_total_state": 1, "new_total_date": NOW}
        assert expected == {name: answer.json[name] for name in expected}
        assert answer.json["@odata.context"].endswith("#new_boxes(new_total,new_total_date,new_total_state)/$entity")
    with place.opened() as api:
        after = api.read(f"new_boxes({box})")
        changed = {name: value for name, value in after.items() if value != before[name]}
        assert {"new_total": 3, "new_total_state": 1, "new_total_date": NOW} == changed
        found = api.read(f"{COLUMNS}(LogicalName='new_total')/{NAMESPACE}.IntegerAttributeMetadata")
        assert (2, "COUNT(new_box_things.new_thingid)") == (found["SourceType"], found["FormulaDefinition"])
        assert [box] == api.values("new_boxes?$filter=new_total eq 3", "new_boxid")


def test_a_rollup_cannot_be_written(boxes: Api) -> None:
    """Nor its companions; they are left out in silence. [JOB-60], [T-21]"""
    made(boxes, COLUMNS, adds_up("Integer", "new_Total", "COUNT(new_box_things.new_thingid)"))
    box = boxes.make("new_boxes", new_name="one", new_total=9, new_total_state=1)
    assert 204 == boxes.patch(f"new_boxes({box})", {"new_total": 8, "new_total_date": NOW}).status

    found = boxes.read(f"new_boxes({box})")
    assert (None, None, None) == tuple(found[f"new_total{part}"] for part in ("", "_state", "_date"))


def test_a_rollup_that_its_column_cannot_hold_is_an_overflow(boxes: Api) -> None:
    """The value is empty then, and the state says why. [JOB-62]"""
    made(boxes, COLUMNS, adds_up("Integer", "new_Total", "SUM(new_box_things.new_pieces)", MaxValue=4))
    box = filled(boxes)
    answer = calculate(boxes, "new_boxes", box, "new_total").json

    assert (None, 2) == (answer["new_total"], answer["new_total_state"])


@pytest.mark.parametrize(("name", "status"), [("new_name", 400), ("new_nothing", 404), ("createdon", 400)])
def test_only_rollups_are_worked_out(boxes: Api, name: str, status: int) -> None:
    """Another column is refused, and so is a row that is not there. [JOB-63]"""
    box = boxes.make("new_boxes", new_name="one")

    assert status == calculate(boxes, "new_boxes", box, name).status
    assert 404 == calculate(boxes, "new_boxes", "00000000-0000-4000-8000-00000000dead", name).status


def test_what_a_rollup_looks_at_cannot_be_deleted(boxes: Api) -> None:
    """Column, relationship and table, until the rollup is gone. [JOB-66]"""
    thing = "EntityDefinitions(LogicalName='new_part')"
    things = f"{thing}/Attributes"
    made(boxes, "EntityDefinitions", table("new_Part"))
    for body in (column("Integer", "new_Pieces"), column("Integer", "new_Weight")):
        made(boxes, things, body)
    made(boxes, "RelationshipDefinitions", one_to_many("new_box_parts", "new_box", "new_part", "new_BoxId"))
    made(boxes, COLUMNS, adds_up("Integer", "new_Total", "SUM(new_box_parts.new_pieces, new_weight > 1)"))
    answers = [boxes.delete(f"{things}(LogicalName='{name}')") for name in ("new_pieces", "new_weight", "new_boxid")]
    others = [boxes.delete(address) for address in ("RelationshipDefinitions(SchemaName='new_box_parts')", thing)]

    assert [(400, "0x80060555")] * 3 == [(answer.status, answer.code) for answer in answers]
    assert [(400, "0x8004f01f")] * 2 == [(answer.status, answer.code) for answer in others]
    assert 204 == boxes.delete(f"{COLUMNS}(LogicalName='new_total')").status
    assert 404 == boxes.get(f"{COLUMNS}(LogicalName='new_total_date')").status
    assert 204 == boxes.delete(thing).status


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (adds_up("Integer", "new_X", "MEDIAN(new_box_things.new_pieces)"), 400, "FormulaDefinition"),
        (adds_up("Integer", "new_X", "COUNT(new_nothing.new_pieces)"), 400, "new_nothing"),
        (adds_up("Integer", "new_X", "SUM(new_box_things.new_name)"), 400, "does not fit"),
        (adds_up("Integer", "new_X", "SUM(new_box_things.new_pieces, new_pieces)"), 400, "condition"),
        (adds_up("Money", "new_X", "SUM(new_box_things.new_pieces)"), 501, "Money"),
        (adds_up("Integer", "new_X", "<Activity/>"), 501, "XAML"),
    ],
)
def test_a_rollup_that_cannot_be_is_refused(boxes: Api, body: dict[str, Any], status: int, says: str) -> None:
    """With its reason. [JOB-62]"""
    answer = boxes.post(COLUMNS, body)

    assert (status, True) == (answer.status, says in answer.message), answer.body


@pytest.mark.parametrize("limit", ["MOST_ROLLUPS", "MOST_ROLLUPS_OF_TABLE"])
def test_there_is_not_room_for_any_number_of_rollups(boxes: Api, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """So many of a table, so many of all tables. [JOB-66], [LIM-20]"""
    found = [column for table in boxes.organization.schema.tables.values() for column in table.columns.values()]
    present = sum(column.source_type == "rollup" for column in found)
    monkeypatch.setattr(columns, limit, present + 1 if limit == "MOST_ROLLUPS" else 1)
    made(boxes, COLUMNS, adds_up("Integer", "new_Total", "COUNT(new_box_things.new_thingid)"))
    refused = boxes.post(COLUMNS, adds_up("Integer", "new_More", "COUNT(new_box_things.new_thingid)"))

    assert (400, True) == (refused.status, "at most" in refused.message)


def test_times_checked_in_equals_the_number_of_check_ins(shared_box: Api) -> None:
    """A client's own number is a base; working it out sets the exact one, and has no time and state. [JOB-65]"""
    api = shared_box
    registration = api.make("msevtmgt_sessionregistrations", msevtmgt_timescheckedin=7)
    bound = f"/msevtmgt_sessionregistrations({registration})"
    for name in "ab":
        api.make("msevtmgt_checkins", msevtmgt_name=name, msevtmgt_SessionRegistration__bind=bound)
    answer = calculate(api, "msevtmgt_sessionregistrations", registration, "msevtmgt_timescheckedin")

    assert (200, 2) == (answer.status, answer.json["msevtmgt_timescheckedin"])
    assert 2 == api.read(f"msevtmgt_sessionregistrations({registration})")["msevtmgt_timescheckedin"]


def test_a_secured_rollup_is_not_told_to_who_may_not_read_it(boxes: Api) -> None:
    """Working it out is no way to its value, nor to when and how it was worked out. [SEC-103], [JOB-63]"""
    made(boxes, COLUMNS, adds_up("Integer", "new_Total", "SUM(new_box_things.new_pieces)", IsSecured=True))
    box = filled(boxes)
    role = boxes.make("roles", name="readers", businessunitid__bind=f"businessunits({_unit(boxes)})")
    (privilege,) = boxes.values("privileges?$filter=name eq 'prvReadnew_Box'", "privilegeid")
    given = {"Privileges": [{"PrivilegeId": privilege, "Depth": "Global"}]}
    assert 204 == boxes.post(f"roles({role})/Microsoft.Dynamics.CRM.AddPrivilegesRole", given).status
    user = boxes.make("systemusers", domainname="reader", businessunitid__bind=f"businessunits({_unit(boxes)})")
    held = {"@odata.id": f"roles({role})"}
    assert 204 == boxes.post(f"systemusers({user})/systemuserroles_association/$ref", held).status

    answer = boxes.get(_calculation("new_boxes", box, "new_total"), authorization=f"Bearer dev:{user}")

    assert 5 == result(boxes, box, "new_total")
    assert (200, None, None) == (answer.status, answer.json["new_total"], answer.json["new_total_date"])


def _unit(api: Api) -> str:
    (unit,) = api.values("businessunits?$filter=_parentbusinessunitid_value eq null", "businessunitid")
    return str(unit)


def test_a_secured_rollup_is_worked_out_and_not_told() -> None:
    """Whoever reads the row may have it counted; who may not see the column sees nothing of it. [JOB-63], [SEC-103]"""
    with Api(secret_organization()) as api:
        counted = adds_up("Integer", "new_Parts", "COUNT(new_gizmo_parts.new_partid)", IsSecured=True)
        made(api, "EntityDefinitions(LogicalName='new_gizmo')/Attributes", counted)
        gizmo = api.make("new_gizmos", new_name="one")
        api.make("new_parts", new_name="a", new_GizmoId__bind=f"/new_gizmos({gizmo})")
        target = quote(f"{{'@odata.id':'new_gizmos({gizmo})'}}")
        asked = f"CalculateRollupField(Target=@t,FieldName='new_parts')?@t={target}"
        told = Person(api, hire(api.organization)).get(asked)
        kept = api.read(f"new_gizmos({gizmo})?$select=new_parts")["new_parts"]

    assert (200, None, None) == (told.status, told.json["new_parts"], told.json["new_parts_state"])
    assert 1 == kept
