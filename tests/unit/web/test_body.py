"""JSON bodies: objects, read exactly, or refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from verselet.errors import BodyRefused
from verselet.web.body import MAX_DEPTH, read_object, read_value

JSON = "application/json"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", {}),
        (b' \r\n{"a":1}\n', {"a": 1}),
        (b'{"a":1.10}', {"a": Decimal("1.10")}),
        (b'{"a":922337203685477.5807}', {"a": Decimal("922337203685477.5807")}),
        (b'{"a":1e3}', {"a": Decimal("1E+3")}),
        (b'{"a":12345678901234567890123}', {"a": 12345678901234567890123}),
        (b'{"a":"\\u00e9\\ud83d\\ude00"}', {"a": "é😀"}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'"{\\"a\\":true}"', {"a": True}),
    ],
)
def test_an_object_is_read_exactly(body: bytes, expected: object) -> None:
    """Decimals keep their digits; an object in a string is an object. [E-8], [T-8], [CC-20]"""
    found = read_object(body, JSON, "accounts")
    assert expected == found
    assert str(expected) == str(found)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"{",
        b"[]",
        b"1",
        b"null",
        b'"x"',
        b'"[]"',
        b'{"a":NaN}',
        b"{'a':1}",
        b'{"a":1}x',
        b"\xff",
        b'{"a":01}',
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    """Naming the set. [C-15], [E-8]"""
    with pytest.raises(BodyRefused, match="'accounts'"):
        read_object(body, JSON, "accounts")


@pytest.mark.parametrize(("levels", "is_read"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False), (100_000, False)])
def test_objects_lie_so_deep_and_no_deeper(levels: int, is_read: bool) -> None:
    """A body cannot exhaust the stack."""
    body = b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)
    if is_read:
        assert ["a"] == list(read_object(body, JSON, "accounts"))
        return
    with pytest.raises(BodyRefused):
        read_object(body, JSON, "accounts")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/mixed", "application/xml", "json"])
def test_only_json_is_read(kind: str) -> None:
    """[H-2]"""
    with pytest.raises(BodyRefused, match=kind):
        read_object(b"{}", kind, "accounts")


def test_a_property_is_set_by_the_member_value() -> None:
    """Null clears it; without the member nothing is meant. [SP-1]"""
    assert None is read_value(b'{"value":null}', JSON, "accounts")
    with pytest.raises(BodyRefused, match="'value'"):
        read_value(b"{}", JSON, "accounts")
