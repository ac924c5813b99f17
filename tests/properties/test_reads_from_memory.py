"""A read answered from what an earlier one left behind is the read itself. [performance.md §3]"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.gizmo_questions import CONDITIONS, LITERALS, ORDERS, address, filled, literals_for, stock
from tests.scenarios.harness import API, Api, new_organization

ALL = 'odata.include-annotations="*"'


@pytest.fixture(scope="module")
def stocked() -> Iterator[Api]:
    """Gizmos to ask about."""
    with Api(new_organization()) as api:
        stock(api)
        yield api


@settings(max_examples=100)
@given(st.data())
def test_hit_and_miss_are_equal_byte_for_byte(stocked: Api, data: st.DataObject) -> None:
    """The second question of a shape, also with literals of other types, is answered as if it were the first."""
    shape = data.draw(CONDITIONS)
    order = data.draw(ORDERS)
    first = data.draw(literals_for(shape))
    anything = st.one_of(*[LITERALS[kind] for kind in ("text", "number", "guid", "moment", "day", "yesno", "pattern")])
    second = data.draw(literals_for(shape) | st.tuples(*[anything for _ in shape[1]]))
    prefer = data.draw(st.sampled_from(["", ALL, "odata.maxpagesize=5"]))
    warm = Api(stocked.organization)
    warm.get(address(filled(shape, first), order), prefer=prefer)
    target = address(filled(shape, second), order)
    hit = warm.get(target, prefer=prefer)
    miss = Api(stocked.organization).get(target, prefer=prefer)
    assert miss == hit
    assert 500 != hit.status


@settings(max_examples=40)
@given(st.data())
def test_pages_together_are_the_whole(stocked: Api, data: st.DataObject) -> None:
    """Whatever is asked, in whatever order. [PG-7]"""
    shape = data.draw(CONDITIONS)
    target = address(filled(shape, data.draw(literals_for(shape))), data.draw(ORDERS))
    size = data.draw(st.integers(1, 9))
    whole = stocked.get(target)
    if whole.status != 200:
        assert whole.json == stocked.get(target, prefer=f"odata.maxpagesize={size}").json
        return
    rows, link = [], target
    while link:
        page = stocked.get(link.removeprefix(API), prefer=f"odata.maxpagesize={size}").json
        rows += page["value"]
        assert len(page["value"]) <= size
        link = page.get("@odata.nextLink", "")
    assert whole.json["value"] == rows


@settings(max_examples=60)
@given(st.data())
def test_groups_are_equal_byte_for_byte(stocked: Api, data: st.DataObject) -> None:
    """The second question of a shape by `$apply`, also with literals of other types. [A-1]"""
    shape = data.draw(CONDITIONS)
    first = data.draw(literals_for(shape))
    anything = st.one_of(*[LITERALS[kind] for kind in ("text", "number", "guid", "moment", "day", "yesno", "pattern")])
    second = data.draw(literals_for(shape) | st.tuples(*[anything for _ in shape[1]]))
    top = data.draw(st.sampled_from(["", "&$top=1", "&$count=true"]))
    warm = Api(stocked.organization)
    for _ in range(2):
        warm.get(grouped(filled(shape, first)) + top)
    hit = warm.get(grouped(filled(shape, second)) + top)
    assert Api(stocked.organization).get(grouped(filled(shape, second)) + top) == hit
    assert 500 != hit.status


def grouped(condition: str) -> str:
    """How many gizmos there are of each state, of those that meet the condition."""
    return address(f"filter({condition})/groupby((statecode),aggregate($count as n))").replace("$filter=", "$apply=", 1)


@settings(max_examples=40)
@given(st.data())
def test_next_pages_are_equal_byte_for_byte(stocked: Api, data: st.DataObject) -> None:
    """From memory or not, after rows with values and after rows without, also where a link was tampered with. [PG-9]"""
    shape = data.draw(CONDITIONS)
    prefer = f"odata.maxpagesize={data.draw(st.integers(1, 5))}"
    target = address(filled(shape, data.draw(literals_for(shape))), data.draw(ORDERS))
    warm, link = Api(stocked.organization), target
    for _ in range(6):
        hit = warm.get(link, prefer=prefer)
        assert Api(stocked.organization).get(link, prefer=prefer) == hit
        link = hit.json.get("@odata.nextLink", "").removeprefix(API)
        if not link:
            return
        old, new = data.draw(st.sampled_from(TAMPERED))
        broken = link.replace(old, new)
        assert Api(stocked.organization).get(broken, prefer=prefer) == warm.get(broken, prefer=prefer)


TAMPERED = (
    ("%2522", "%2521"),
    ("last", "lust"),
    ("last", "lastnull"),
    ("0", "x"),
    ("%253D", ""),
    ("7", "8"),
    ("&", "&&"),
)
HOSTILE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@settings(max_examples=60)
@given(HOSTILE)
def test_any_text_comes_back_and_is_found(stocked: Api, text: str) -> None:
    """As a value, in a filter, as a key. [T-2], [F-4], [K-1]"""
    organization = stocked.organization
    gizmo = stocked.make("new_gizmos", new_code=text)
    try:
        assert text == stocked.read(f"new_gizmos({gizmo})?$select=new_code")["new_code"]
        if all(letter > "\x08" for letter in text):
            quoted = text.replace("'", "''")
            assert [gizmo] == stocked.values(address(f"new_code eq '{quoted}'"), "new_gizmoid")
    finally:
        stocked.delete(f"new_gizmos({gizmo})")
    assert organization is stocked.organization
