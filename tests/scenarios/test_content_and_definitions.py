"""Files, images and deleted rows of tables and columns that are made and deleted. [MW-7], [MW-28], [MW-29]"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest

from tests.definition_bodies import column, table
from tests.scenarios.definitions import Place, made
from tests.scenarios.harness import API, Api
from tests.scenarios.stores import STORES
from tests.scenarios.test_files import stored
from tests.scenarios.test_images import encoded, image

BOX = "EntityDefinitions(LogicalName='new_box')"
BYTES = {"content_type": "application/octet-stream"}


@pytest.fixture(params=STORES)
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    """An organization with boxes that hold a file and a picture."""
    url = cast("str", request.getfixturevalue("postgresql_url")) if request.param == "postgresql" else None
    with Place(url).opened() as opened:
        make_boxes(opened)
        yield opened


def make_boxes(api: Api) -> None:
    """The table and its columns."""
    made(api, "EntityDefinitions", table(ChangeTrackingEnabled=True))
    made(api, f"{BOX}/Attributes", column("File", "new_Paper", MaxSizeInKB=100))
    made(api, f"{BOX}/Attributes", column("Image", "new_Photo", CanStoreFullImage=True))


def fill(api: Api) -> str:
    """The id of a box with both."""
    row = api.make("new_boxes", new_photo=encoded(image()))
    assert 204 == api.patch(f"new_boxes({row})/new_paper", b"text", x_ms_file_name="a.txt", **BYTES).status
    assert 2 == stored(api)
    return row


def test_companions_come_with_columns_that_are_made(api: Api) -> None:
    """And hold what they are for. [FL-4], [IM-3]"""
    row = api.read(f"new_boxes({fill(api)})")

    assert ("a.txt", 36) == (row["new_paper_name"], len(row["new_photoid"]))
    assert row["new_photo_url"].startswith("/Image/download.aspx?Entity=new_box&Attribute=new_photo&")


@pytest.mark.parametrize(("name", "left"), [("new_paper", 1), ("new_photo", 1)])
def test_content_goes_with_its_column(api: Api, name: str, left: int) -> None:
    """The other column keeps its own. [MW-7]"""
    fill(api)
    assert 204 == api.delete(f"{BOX}/Attributes(LogicalName='{name}')").status
    assert left == stored(api)


def test_a_new_table_of_an_old_name_begins_with_nothing(api: Api) -> None:
    """Neither files nor deleted rows of the one before. [MW-7], [DT-3]"""
    fill(api)
    gone = api.make("new_boxes")
    link = api.get("new_boxes?$select=new_name", prefer="odata.track-changes").json["@odata.deltaLink"]
    assert 204 == api.delete(f"new_boxes({gone})").status
    assert 204 == api.delete(BOX).status
    assert 0 == stored(api)
    make_boxes(api)

    assert [] == api.get(link.removeprefix(API)).json["value"]
