"""A table or a column goes while a request is at work, on both stores: the answer is that of the new schema. [MW-7]"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.definition_bodies import BOX, column
from tests.scenarios.definitions import made
from tests.scenarios.durable_stores import api, place
from tests.scenarios.harness import Answer, Api
from verselet.operations.failures import LayoutChanged
from verselet.organization import Organization
from verselet.pipeline.execute import Pipeline

__all__ = ["api", "place"]

CODE = f"{BOX}/Attributes(LogicalName='new_code')"


def meanwhile(api: Api, monkeypatch: pytest.MonkeyPatch, of: type, step: str, gone: str) -> None:
    """When the next request comes to that step, somebody else deletes the definition first."""
    original = getattr(of, step)
    left = [gone]

    def delayed(*given: object, **named: object) -> object:
        if left:
            address = left.pop()
            with ThreadPoolExecutor(1) as somebody:
                assert 204 == somebody.submit(api.delete, address).result().status
        return original(*given, **named)

    monkeypatch.setattr(of, step, delayed)


def told(answer: Answer) -> tuple[int, str]:
    """Status and code."""
    return answer.status, answer.code


@pytest.fixture
def with_code(api: Api) -> Api:
    """The box with a column to lose, and a row."""
    made(api, f"{BOX}/Attributes", column("String", "new_Code", MaxLength=10))
    api.make("new_boxes", new_name="one", new_code="x")
    return api


@pytest.mark.parametrize(
    ("target", "gone", "expected"),
    [
        ("new_boxes?$select=new_code", CODE, (400, "0x80060888")),
        ("new_boxes?$filter=new_code eq 'x'", CODE, (400, "0x80060888")),
        ("new_boxes", BOX, (404, "0x80060888")),
    ],
)
def test_a_read_is_answered_as_the_schema_is_now(
    with_code: Api, monkeypatch: pytest.MonkeyPatch, target: str, gone: str, expected: tuple[int, str]
) -> None:
    """Not with a fault of the server: the definition went after the read was prepared. [E-6], [U-8], [E-19]"""
    prepare = Organization.prepare_page
    read: list[str] = []

    def prepared(*given: object) -> object:
        found = prepare(*given)  # type: ignore[arg-type]
        if not read:
            read.append(target)
            with ThreadPoolExecutor(1) as somebody:
                assert 204 == somebody.submit(with_code.delete, gone).result().status
        return found

    monkeypatch.setattr(Organization, "prepare_page", prepared)

    assert expected == told(with_code.get(target))


def test_a_read_that_does_not_need_what_went_is_answered(with_code: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """All columns that are left. [MW-7]"""
    meanwhile(with_code, monkeypatch, Organization, "prepare_page", CODE)

    answer = with_code.get("new_boxes")

    assert [("one", False)] == [(row["new_name"], "new_code" in row) for row in answer.json["value"]]


def test_a_write_is_answered_as_the_schema_is_now(with_code: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of it is done. [E-8], [E-21]"""
    meanwhile(with_code, monkeypatch, Pipeline, "execute", CODE)

    answer = with_code.post("new_boxes", {"new_name": "two", "new_code": "y"})

    assert (400, "0x80048d19") == told(answer)
    assert ["one"] == with_code.values("new_boxes", "new_name")


def test_a_layout_that_never_was_there_is_a_fault_of_ours(with_code: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beginning again would not help, so it is not tried. [E-19]"""

    def failing(*_given: object) -> object:
        raise LayoutChanged("The database has no such table: nothing.")

    monkeypatch.setattr(Organization, "prepare_page", failing)

    assert (500, "0x80040216") == told(with_code.get("new_boxes"))
