"""Names that follow from names, and names that cannot be."""

from __future__ import annotations

import pytest

from verselet.errors import InvalidArgument
from verselet.metadata.changes.naming import logical_name, prefix_of, set_name_of


def test_the_logical_name_is_the_schema_name_in_lower_case() -> None:
    """Whatever capitals the schema name has. [MW-2]"""
    assert "new_vxbox" == logical_name("new_VxBox", "table")


@pytest.mark.parametrize(
    "name", ["Box", "box_", "a_box", "toolongprefix_box", "1new_box", "new_b x", "mscrm_box", "new_" + "x" * 50, ""]
)
def test_a_name_without_a_prefix_is_refused(name: str) -> None:
    """A publisher's prefix, an underscore, letters and digits; not too long, not the platform's prefix. [MW-14]"""
    with pytest.raises(InvalidArgument):
        logical_name(name, "table")


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        ("new_widget", "new_widgets"),
        ("new_party", "new_parties"),
        ("new_box", "new_boxes"),
        ("new_bus", "new_buses"),
        ("new_batch", "new_batches"),
    ],
)
def test_the_set_is_called_by_the_plural(name: str, plural: str) -> None:
    """`…s`, `…y` to `…ies`, `…s`, `…x` and `…ch` to `…es`. [MW-2]"""
    assert plural == set_name_of(name, ())


def test_a_plural_that_is_taken_gives_way() -> None:
    """Two tables never share a set. [MW-2]"""
    assert "new_boxset" == set_name_of("new_box", {"new_boxes"})


def test_a_prefix_is_found_in_lower_case() -> None:
    """It leads to the publisher, and so to the numbers of options. [MW-12]"""
    assert ("new", None) == (prefix_of("New_Size"), prefix_of("size"))
