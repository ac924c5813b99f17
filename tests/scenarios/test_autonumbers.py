"""Rows get numbers by themselves, on both stores. [JOB-67] to [JOB-69]"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.definition_bodies import BOX, NAMESPACE, column, key
from tests.scenarios.definitions import Place, made, with_box
from tests.scenarios.durable_stores import box, place, shared_box
from tests.scenarios.harness import Api

__all__ = ["box", "place", "shared_box"]

COLUMNS = f"{BOX}/Attributes"
CODE = f"{COLUMNS}(LogicalName='new_code')"
OF_CODE = {"EntityName": "new_box", "AttributeName": "new_code"}


def with_code(api: Api, form: str = "PRJ-{SEQNUM:5}") -> None:
    """The box with a column that numbers itself."""
    made(api, COLUMNS, column("String", "new_Code", MaxLength=40, AutoNumberFormat=form))


def code_of(api: Api, box: str) -> str:
    """What the row got."""
    return str(api.read(f"new_boxes({box})?$select=new_code")["new_code"])


def asked(api: Api, name: str) -> int:
    """What an operation on the counter answers."""
    answer = api.post(name, OF_CODE)
    assert 200 == answer.status, answer.body
    assert answer.json["@odata.context"].endswith(f"{name}Response")
    return int(next(value for member, value in answer.json.items() if "@" not in member))


def test_rows_are_numbered_from_a_thousand(place: Place) -> None:
    """Each gets the next number, also after a restart; a bulk create numbers each of its rows. [JOB-67]"""
    with place.opened() as api:
        with_code(with_box(api))
        assert ["PRJ-01000", "PRJ-01001"] == [code_of(api, api.make("new_boxes", new_name=name)) for name in "ab"]
    with place.opened() as api:
        answer = api.post(
            f"new_boxes/{NAMESPACE}.CreateMultiple",
            {"Targets": [{"@odata.type": f"{NAMESPACE}.new_box", "new_name": name} for name in "cd"]},
        )
        assert ["PRJ-01002", "PRJ-01003"] == [code_of(api, box) for box in answer.json["Ids"]]
        assert "PRJ-{SEQNUM:5}" == api.read(CODE)["AutoNumberFormat"]


def test_a_value_that_is_given_goes_before(box: Api) -> None:
    """It takes no number; null and an upsert without the value take one. [JOB-67]"""
    with_code(box)
    own = box.make("new_boxes", new_name="own", new_code="OWN-1")
    first = box.make("new_boxes", new_name="first", new_code=None)
    second = "0b0b0b0b-0000-4000-8000-000000000001"
    assert 204 == box.patch(f"new_boxes({second})", {"new_name": "second"}).status

    assert ["OWN-1", "PRJ-01000", "PRJ-01001"] == [code_of(box, row) for row in (own, first, second)]


def test_a_number_can_be_changed_and_cleared_like_any_text(box: Api) -> None:
    """Only a new row is numbered. [JOB-67]"""
    with_code(box)
    row = box.make("new_boxes", new_name="one")
    assert 204 == box.patch(f"new_boxes({row})", {"new_code": None}).status

    assert None is box.read(f"new_boxes({row})")["new_code"]


def test_counting_begins_anew_at_a_seed(box: Api) -> None:
    """The next row gets the value; the other operations tell where counting began and what comes next. [JOB-68]"""
    with_code(box)
    assert (1000, 1000) == (asked(box, "GetAutoNumberSeed"), asked(box, "GetNextAutoNumberValue"))
    box.make("new_boxes", new_name="one")
    assert (1000, 1001) == (asked(box, "GetAutoNumberSeed"), asked(box, "GetNextAutoNumberValue"))
    assert 204 == box.post("SetAutoNumberSeed", {**OF_CODE, "Value": 700_000}).status

    assert (700_000, 700_000) == (asked(box, "GetAutoNumberSeed"), asked(box, "GetNextAutoNumberValue"))
    assert ["PRJ-700000", "PRJ-700001"] == [code_of(box, box.make("new_boxes", new_name=name)) for name in "ab"]
    assert (700_000, 700_002) == (asked(box, "GetAutoNumberSeed"), asked(box, "GetNextAutoNumberValue"))


@pytest.mark.parametrize(
    ("named", "status", "code"),
    [
        ({"EntityName": "new_box", "AttributeName": "new_name"}, 400, "0x80090470"),
        ({"EntityName": "new_box", "AttributeName": "createdon"}, 400, "0x80090470"),
        ({"EntityName": "new_box", "AttributeName": "new_nothing"}, 404, "0x80060888"),
        ({"EntityName": "new_nothing", "AttributeName": "new_name"}, 404, "0x80041102"),
        ({"EntityName": "new_box"}, 400, "0x80040203"),
    ],
)
def test_a_column_that_nobody_numbers_has_no_counter(box: Api, named: dict[str, str], status: int, code: str) -> None:
    """All three operations refuse it. [JOB-68]"""
    answers = [box.post("SetAutoNumberSeed", {**named, "Value": 5})]
    answers += [box.post(name, named) for name in ("GetAutoNumberSeed", "GetNextAutoNumberValue")]

    assert [(status, code)] * 3 == [(answer.status, answer.code) for answer in answers]


@pytest.mark.parametrize("value", [0, -1, 10**18, "5"])
def test_a_seed_is_a_number_that_can_be_counted_from(box: Api, value: object) -> None:
    """And leaves room to count. [JOB-68]"""
    with_code(box)

    assert 400 == box.post("SetAutoNumberSeed", {**OF_CODE, "Value": value}).status
    assert 1000 == asked(box, "GetNextAutoNumberValue")


def test_numbers_are_unique_whoever_creates_at_once(box: Api) -> None:
    """Many clients at a time get different numbers, and each client rising ones. [JOB-67]"""
    with_code(box)
    made(box, f"{BOX}/Keys", key("new_CodeKey", "new_code"))

    def several(client: int) -> list[str]:
        return [code_of(box, box.make("new_boxes", new_name=f"{client}.{number}")) for number in range(10)]

    with ThreadPoolExecutor(4) as clients:
        found = list(clients.map(several, range(4)))

    assert 40 == len({code for codes in found for code in codes})
    assert all(codes == sorted(codes) for codes in found)


def test_a_text_column_becomes_numbered_and_plain_again(box: Api) -> None:
    """PUT of its definition gives it a format and takes it. [JOB-67], [MW-5]"""
    made(box, COLUMNS, column("String", "new_Code", MaxLength=40))
    before = box.make("new_boxes", new_name="before")
    assert 204 == box.put(CODE, column("String", "new_Code", AutoNumberFormat="B{SEQNUM:1}")).status
    numbered = box.make("new_boxes", new_name="numbered")
    assert 204 == box.put(CODE, column("String", "new_Code", AutoNumberFormat="")).status
    after = box.make("new_boxes", new_name="after")

    codes = [box.read(f"new_boxes({row})")["new_code"] for row in (before, numbered, after)]
    assert [None, "B1000", None] == codes


def test_a_deleted_column_takes_its_counter_along(box: Api) -> None:
    """A new one of that name begins at the beginning. [MW-7]"""
    with_code(box)
    box.make("new_boxes", new_name="one")
    assert 204 == box.delete(CODE).status
    with_code(box)

    assert "PRJ-01000" == code_of(box, box.make("new_boxes", new_name="two"))


def test_only_plain_text_is_numbered(box: Api) -> None:
    """An e-mail address is none, and a format that cannot be read is refused. [JOB-67]"""
    email = column("String", "new_Mail", FormatName={"Value": "Email"}, AutoNumberFormat="B{SEQNUM:1}")

    assert (400, 400) == (
        box.post(COLUMNS, email).status,
        box.post(COLUMNS, column("String", "new_Code", AutoNumberFormat="B{SEQNUM:99}")).status,
    )


def test_chance_and_time_are_part_of_a_number(box: Api) -> None:
    """The clock is the organization's. [JOB-67]"""
    with_code(box, "{DATETIMEUTC:yyyyMMddHHmmss}-{RANDSTRING:6}")

    assert re.fullmatch(r"20260304050607-[A-Z0-9]{6}", code_of(box, box.make("new_boxes", new_name="one")))


def test_a_registration_without_a_name_gets_a_registration_id(box: Api) -> None:
    """The shipped table numbers its rows. [JOB-69]"""
    made_rows = [box.make("msevtmgt_sessionregistrations", msevtmgt_name=name) for name in (None, "Own", None)]
    names = [box.read(f"msevtmgt_sessionregistrations({row})?$select=msevtmgt_name") for row in made_rows]

    assert ["SREG-001000", "Own", "SREG-001001"] == [row["msevtmgt_name"] for row in names]
