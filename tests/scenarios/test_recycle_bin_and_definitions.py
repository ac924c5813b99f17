"""The recycle bin while tables change: deleted rows fit what the table has become."""

from __future__ import annotations

from urllib.parse import quote

from tests.definition_bodies import BOX, column
from tests.scenarios.durable_stores import api, place
from tests.scenarios.harness import Answer, Api

__all__ = ["api", "place"]

COLUMNS = f"{BOX}/Attributes"


def deleted(api: Api) -> str:
    """A box with a text and a number, deleted."""
    for name in ("organization", "new_box"):
        api.make("recyclebinconfigs", name=name)
    assert 204 == api.post(COLUMNS, column("String", "new_Held", MaxLength=20)).status
    assert 204 == api.post(COLUMNS, column("Decimal", "new_Ratio", Precision=2)).status
    box = api.make("new_boxes", new_name="first", new_held="words", new_ratio=1.25)
    assert 204 == api.delete(f"new_boxes({box})").status
    return box


def binned(api: Api, *columns: str) -> Answer:
    """All boxes in the bin."""
    shown = "".join([f"<attribute name='{name}'/>" for name in columns])
    fetch = f"<fetch datasource='bin'><entity name='new_box'>{shown}</entity></fetch>"
    return api.get(f"new_boxes?fetchXml={quote(fetch)}")


def restored(api: Api, box: str) -> dict[str, object]:
    """The box, back."""
    assert 200 == api.post("Restore", {"Target": {"@odata.id": f"new_boxes({box})"}}).status
    return api.read(f"new_boxes({box})")


def test_a_column_that_was_made_again_holds_nothing_of_before(api: Api) -> None:
    """Not even where it has another type now. [MW-7], [BIN-11]"""
    box = deleted(api)
    assert 204 == api.delete(f"{COLUMNS}(LogicalName='new_held')").status
    assert 204 == api.post(COLUMNS, column("Integer", "new_Held")).status
    (found,) = binned(api, "new_name", "new_held").json["value"]
    assert ("first", None) == (found["new_name"], found.get("new_held"))
    back = restored(api, box)
    assert ("first", None, 1.25) == (back["new_name"], back["new_held"], back["new_ratio"])


def test_a_decimal_with_more_digits_keeps_its_value(api: Api) -> None:
    """[MW-6], [BIN-11]"""
    box = deleted(api)
    wanted = {**column("Decimal", "new_Ratio", Precision=4), "LogicalName": "new_ratio"}
    assert 204 == api.put(f"{COLUMNS}(LogicalName='new_ratio')", wanted).status
    assert [1.25] == [found["new_ratio"] for found in binned(api, "new_ratio").json["value"]]
    assert 1.25 == restored(api, box)["new_ratio"]


def test_a_table_that_goes_takes_its_deleted_rows_along(api: Api) -> None:
    """[MW-7]"""
    deleted(api)
    assert 204 == api.delete(BOX).status
    with api.organization.store.begin() as session:
        assert [(0,)] == session.run("SELECT count(*) FROM verselet_bin")
