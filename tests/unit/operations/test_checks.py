"""Values at the bounds of their columns."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.gizmos import GIZMO
from verselet.errors import BadRequest
from verselet.operations.rules.values import MAX_CHOICES, checks_of
from verselet.values import Reference, Value

ID = "0A000000-0000-4000-8000-00000000000A"

TAKEN: list[tuple[str, Value, Value]] = [
    ("new_name", "x" * 40, "x" * 40),
    ("new_name", "😀" * 40, "😀" * 40),
    ("new_name", "", None),
    ("new_notes", "x" * 1000, "x" * 1000),
    ("new_kind", "account", "account"),
    ("new_kind", "", None),
    ("new_count", -5000, -5000),
    ("new_count", 5000, 5000),
    ("new_ticks", -(2**63), -(2**63)),
    ("new_ticks", 2**63 - 1, 2**63 - 1),
    ("new_ratio", Decimal("-1000"), Decimal("-1000.000")),
    ("new_ratio", Decimal("0.0005"), Decimal("0.001")),
    ("new_ratio", Decimal("-0.0005"), Decimal("-0.001")),
    ("new_ratio", 7, Decimal("7.000")),
    ("new_ratio", Decimal("1e-999999"), Decimal("0.000")),
    ("new_price", Decimal("922337203685477"), Decimal("922337203685477.0000")),
    ("new_size", 100_000_000_000, 100_000_000_000.0),
    ("new_size", 47.639583, 47.63958),
    ("new_size", -0.000001, 0.0),
    ("new_at", "1753-01-01T00:00:00Z", "1753-01-01T00:00:00Z"),
    ("new_at", "9999-12-30T23:59:59Z", "9999-12-30T23:59:59Z"),
    ("new_at", "2024-05-01T12:00:00.999Z", "2024-05-01T12:00:00Z"),
    ("new_at", "2024-05-01t12:00:00z", "2024-05-01T12:00:00Z"),
    ("new_at", "2024-05-01T01:00:00+05:30", "2024-04-30T19:30:00Z"),
    ("new_day", "1753-01-01", "1753-01-01"),
    ("new_day", "2024-02-29", "2024-02-29"),
    ("new_ready", False, False),
    ("new_color", 9, 9),
    ("new_tags", "9,1,1", "1,9"),
    ("new_tags", "", None),
    ("new_gizmoid", ID, ID.lower()),
    ("new_face", b"x", b"x"),
    ("new_customerid", Reference("contact", ID), Reference("contact", ID)),
    ("statecode", 1, 1),
]


@pytest.mark.parametrize(("name", "given", "kept"), TAKEN)
def test_a_value_within_its_bounds_is_kept(name: str, given: Value, kept: Value) -> None:
    """Rounded, sorted, converted as the column says. [T-1] to [T-15], [T-26]"""
    found = checks_of(GIZMO)[name](given)
    assert (kept, str(kept)) == (found, str(found))


REFUSED: list[tuple[str, Value, int]] = [
    ("new_name", "x" * 41, 0x80044331),
    ("new_name", "a\0", 0x80040203),
    ("new_name", 5, 0x80040203),
    ("new_notes", "x" * 1001, 0x80044331),
    ("new_kind", "x" * 129, 0x80044331),
    ("new_kind", "\0", 0x80040203),
    ("new_count", -5001, 0x8004432F),
    ("new_count", 5001, 0x8004432F),
    ("new_count", True, 0x80040203),
    ("new_count", 1.0, 0x80040203),
    ("new_ticks", 2**63, 0x8004432F),
    ("new_ticks", -(2**63) - 1, 0x8004432F),
    ("new_ratio", Decimal("1000.0001"), 0x80044330),
    ("new_ratio", Decimal("1e999999"), 0x80044330),
    ("new_ratio", Decimal("NaN"), 0x80040203),
    ("new_ratio", Decimal("Infinity"), 0x80040203),
    ("new_ratio", 1.5, 0x80040203),
    ("new_price", Decimal("922337203685477.00001"), 0x80044330),
    ("new_size", 100_000_000_000.1, 0x80044330),
    ("new_size", float("inf"), 0x80044330),
    ("new_size", float("nan"), 0x80044330),
    ("new_at", "1752-12-31T23:59:59Z", 0x80048D19),
    ("new_at", "9999-12-31T00:00:00Z", 0x80048D19),
    ("new_at", "9999-12-31T23:59:59-14:00", 0x80048D19),
    ("new_at", "0001-01-01T00:00:00+14:00", 0x80048D19),
    ("new_at", "2024-05-01T12:00:00", 0x80048D19),
    ("new_at", "2024-05-01", 0x80048D19),
    ("new_at", "20240501T120000Z", 0x80048D19),
    ("new_at", "", 0x80048D19),
    ("new_day", "1752-12-31", 0x80048D19),
    ("new_day", "2023-02-29", 0x80048D19),
    ("new_day", "2024-2-9", 0x80048D19),
    ("new_day", "2024-05-01T00:00:00Z", 0x80048D19),
    ("new_ready", 1, 0x80040203),
    ("new_color", 3, 0x8004431A),
    ("new_color", True, 0x80040203),
    ("new_tags", "1,3", 0x8004431A),
    ("new_tags", "1;9", 0x80040203),
    ("new_tags", "1,,9", 0x80040203),
    ("new_gizmoid", "x", 0x80040203),
    ("new_face", "x", 0x80040203),
    ("new_accountid", Reference("contact", ID), 0x80040203),
    ("new_accountid", ID, 0x80040203),
    ("statecode", 2, 0x80040233),
]


@pytest.mark.parametrize(("name", "given", "code"), REFUSED)
def test_a_value_outside_is_refused(name: str, given: Value, code: int) -> None:
    """The refusal names the column. [E-10], [E-11], [E-12], [T-1] to [T-26]"""
    with pytest.raises(BadRequest, match=f"'{name}'") as refused:
        checks_of(GIZMO)[name](given)
    assert code == refused.value.code


def test_a_choice_of_many_has_an_end() -> None:
    """[T-14]"""
    assert 150 == MAX_CHOICES
