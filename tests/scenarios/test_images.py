"""Images of rows: thumbnails, full images, companions. [IM-1] to [IM-6]"""

from __future__ import annotations

import io
import zlib
from base64 import b64decode, b64encode
from typing import Any

import pytest
from PIL import Image

from tests.scenarios.harness import API, NOBODY, Api
from tests.scenarios.stores import api
from tests.scenarios.test_files import stored

__all__ = ["api"]

BYTES = {"content_type": "application/octet-stream"}
COMPANIONS = ("new_faceid", "new_face_timestamp", "new_face_url")
FORMATS = ("GIF", "JPEG", "PNG", "BMP", "TIFF")


def image(kind: str = "PNG", size: tuple[int, int] = (300, 200), mode: str = "RGB") -> bytes:
    """Three stripes: red, green in the middle, blue."""
    made = Image.new("RGB", size, "red")
    made.paste("green", (size[0] // 3, 0, size[0] * 2 // 3, size[1]))
    made.paste("blue", (size[0] * 2 // 3, 0, size[0], size[1]))
    written = io.BytesIO()
    made.convert(mode).save(written, kind)
    return written.getvalue()


def encoded(content: bytes) -> str:
    """As JSON takes it."""
    return b64encode(content).decode()


def opened(content: bytes) -> Image.Image:
    """The image, decoded."""
    found = Image.open(io.BytesIO(content))
    found.load()
    return found


def read(api: Api, row: str) -> dict[str, Any]:
    """The image and what comes with it."""
    return api.read(f"new_gizmos({row})?$select=new_face,{','.join(COMPANIONS)}")


@pytest.mark.parametrize("kind", FORMATS)
def test_an_image_is_shown_as_its_middle(api: Api, kind: str) -> None:
    """144 pixels square, cropped to the centre, whatever the format. [IM-2], [IM-4], [T-18]"""
    row = api.make("new_gizmos", new_name="a", new_face=encoded(image(kind, (432, 144))))
    thumbnail = opened(b64decode(read(api, row)["new_face"])).convert("RGB")

    assert (144, 144) == thumbnail.size
    red, green, blue = thumbnail.resize((1, 1), box=(60, 60, 84, 84)).tobytes()
    assert red < 30
    assert 100 < green < 160
    assert blue < 30


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA", "1", "I;16"])
def test_an_image_of_any_colours_is_taken(api: Api, mode: str) -> None:
    """Palettes, grey, transparency. [IM-4]"""
    row = api.make("new_gizmos", new_name="a", new_face=encoded(image("PNG", (16, 16), mode)))

    assert (144, 144) == opened(b64decode(read(api, row)["new_face"])).size


def test_companions_come_with_it(api: Api) -> None:
    """Id, time and address. [IM-3]"""
    row = api.make("new_gizmos", new_name="a", new_face=encoded(image()))
    found = read(api, row)
    ticks = 639_081_975_670_000_000  # the frozen time, in tenths of microseconds since the year 1

    assert (36, ticks) == (len(found["new_faceid"]), found["new_face_timestamp"])
    assert (
        f"/Image/download.aspx?Entity=new_gizmo&Attribute=new_face&Id={row}&Timestamp={ticks}" == found["new_face_url"]
    )


def test_the_raw_value_is_the_thumbnail_and_the_full_image_on_demand(api: Api) -> None:
    """[IM-2]"""
    given = image()
    row = api.make("new_gizmos", new_name="a", new_face=encoded(given))
    thumbnail = api.get(f"new_gizmos({row})/new_face/$value")
    full = api.get(f"new_gizmos({row})/new_face/$value?size=full")

    assert ((144, 144), "image/png") == (opened(thumbnail.body).size, thumbnail.headers["content-type"])
    assert (200, given, "image/png") == (full.status, full.body, full.headers["mimetype"])
    assert encoded(thumbnail.body) == api.read(f"new_gizmos({row})/new_face")["value"]
    assert encoded(given) == api.read(f"new_gizmos({row})/new_face?size=full")["value"]


def test_the_address_it_shows_leads_to_it(api: Api) -> None:
    """With the caller's token, the thumbnail or the whole of it. [IM-3]"""
    given = image()
    row = api.make("new_gizmos", new_name="a", new_face=encoded(given))
    address = read(api, row)["new_face_url"]

    assert b64decode(read(api, row)["new_face"]) == api.get(address).body
    assert given == api.get(f"{address}&Full=true").body
    assert 401 == api.get(address, authorization="").status
    assert 405 == api.delete(address).status


@pytest.mark.parametrize(
    "query",
    [
        "",
        f"Entity=nothing&Attribute=new_face&Id={NOBODY}",
        f"Entity=new_gizmo&Attribute=new_name&Id={NOBODY}",
        f"Entity=new_gizmo&Attribute=new_face&Id={NOBODY}",
        "Entity=new_gizmo&Attribute=new_face&Id=1",
    ],
)
def test_an_address_of_no_image_leads_nowhere(api: Api, query: str) -> None:
    """[IM-3], [U-8]"""
    assert 404 == api.get(f"/Image/download.aspx?{query}").status


def test_a_full_image_that_was_not_kept_is_no_value(api: Api) -> None:
    """The column decides. [IM-2]"""
    row = api.make("new_gizmos", new_name="a")
    assert 204 == api.patch(f"new_gizmos({row})", {"new_badge": encoded(image())}).status

    assert 204 == api.get(f"new_gizmos({row})/new_badge/$value?size=full").status
    assert 200 == api.get(f"new_gizmos({row})/new_badge/$value").status


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_raw_bytes_are_taken_too(api: Api, method: str) -> None:
    """[IM-1]"""
    given = image("JPEG")
    row = api.make("new_gizmos", new_name="a")
    headers = {"content-type": "application/octet-stream"}

    assert 204 == api.send(method, f"new_gizmos({row})/new_face", given, headers=headers).status
    assert given == api.get(f"new_gizmos({row})/new_face/$value?size=full").body


def test_one_property_is_set_as_json(api: Api) -> None:
    """[SP-1]"""
    row = api.make("new_gizmos", new_name="a")

    assert 204 == api.put(f"new_gizmos({row})/new_face", {"value": encoded(image())}).status
    assert 1 == stored(api)


@pytest.mark.parametrize("how", ["null", "DELETE", "the row"])
def test_an_image_goes_with_all_that_comes_with_it(api: Api, how: str) -> None:
    """Also the full one. [IM-6]"""
    row = api.make("new_gizmos", new_name="a", new_face=encoded(image()))
    if how == "the row":
        api.delete(f"new_gizmos({row})")
        assert 0 == stored(api)
        return
    if how == "null":
        assert 204 == api.patch(f"new_gizmos({row})", {"new_face": None}).status
    else:
        assert 204 == api.delete(f"new_gizmos({row})/new_face").status
    found = read(api, row)

    assert [None] * 4 == [found[name] for name in ("new_face", *COMPANIONS)]
    assert (204, 0) == (api.get(f"new_gizmos({row})/new_face/$value").status, stored(api))


def test_a_new_image_replaces_the_old_one(api: Api) -> None:
    """And has another id. [FL-8]"""
    row = api.make("new_gizmos", new_name="a", new_face=encoded(image()))
    before = read(api, row)["new_faceid"]
    api.patch(f"new_gizmos({row})", {"new_face": encoded(image("GIF"))})

    assert before != read(api, row)["new_faceid"]
    assert 1 == stored(api)


def test_only_the_primary_image_comes_with_a_new_row(api: Api) -> None:
    """[IM-4]"""
    answer = api.post("new_gizmos", {"new_name": "a", "new_badge": encoded(image())})

    assert (400, "0x80090487") == (answer.status, answer.code)
    assert [] == api.values("new_gizmos", "new_name")


def _bomb() -> bytes:
    """A few kilobytes that say they hold 400 million pixels."""
    written = io.BytesIO()
    Image.new("1", (8, 8)).save(written, "PNG")
    found = bytearray(written.getvalue())
    found[16:24] = (20_000).to_bytes(4, "big") * 2
    found[29:33] = zlib.crc32(found[12:29]).to_bytes(4, "big")
    return bytes(found)


@pytest.mark.parametrize(
    "given",
    [b"not an image", image()[:60], _bomb(), b"<svg xmlns='http://www.w3.org/2000/svg'/>", image("WEBP")],
    ids=["text", "damaged", "bomb", "svg", "another format"],
)
def test_what_is_no_image_is_refused(api: Api, given: bytes) -> None:
    """With the row, and as raw bytes; nothing is written. [IM-4], [E-21]"""
    row = api.make("new_gizmos", new_name="a")
    answers = (
        api.post("new_gizmos", {"new_name": "b", "new_face": encoded(given)}),
        api.patch(f"new_gizmos({row})/new_face", given, **BYTES),
    )

    assert [(400, "0x80072553")] * 2 == [(answer.status, answer.code) for answer in answers]
    assert (["a"], 0) == (api.values("new_gizmos", "new_name"), stored(api))


def test_an_image_above_the_size_of_its_column_is_refused(api: Api) -> None:
    """[FL-7]"""
    answer = api.post("new_gizmos", {"new_face": encoded(image("BMP", (600, 200)))})

    assert (400, "0x80044a02") == (answer.status, answer.code)


def test_images_move_in_blocks_too(api: Api) -> None:
    """[IM-5], [FL-6]"""
    given = image()
    row = api.make("new_gizmos", new_name="a")
    target = {"Target": {"@odata.id": f"{API}new_gizmos({row})"}, "FileAttributeName": "new_face"}
    token = api.post("InitializeFileBlocksUpload", {**target, "FileName": "f.png"}).json["FileContinuationToken"]
    for name, part in (("1", given[:100]), ("2", given[100:])):
        api.post("UploadBlock", {"BlockId": name, "BlockData": encoded(part), "FileContinuationToken": token})
    done = api.post("CommitFileBlocksUpload", {"BlockList": ["1", "2"], "FileContinuationToken": token}).json
    found = api.post("InitializeFileBlocksDownload", target).json

    assert (len(given), read(api, row)["new_faceid"]) == (found["FileSizeInBytes"], done["FileId"])
    assert given == api.get(f"new_gizmos({row})/new_face/$value?size=full").body


def test_built_in_tables_have_images(api: Api) -> None:
    """Their companions included, also in pages and expanded. [IM-3]"""
    account = api.make("accounts", name="A", entityimage=encoded(image()))
    contact = api.make("contacts", lastname="B", parentcustomerid_account__bind=f"/accounts({account})")
    found = api.read(f"contacts({contact})?$select=entityimage&$expand=parentcustomerid_account($select=entityimage)")

    assert None is found["entityimage"]
    assert (144, 144) == opened(b64decode(found["parentcustomerid_account"]["entityimage"])).size
    assert api.values("accounts?$select=entityimage_url", "entityimage_url")[0].startswith("/Image/download.aspx?")
    assert 404 == api.get(f"accounts({NOBODY})/entityimage/$value").status
