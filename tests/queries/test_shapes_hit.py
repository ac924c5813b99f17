"""What was prepared for one question in FetchXML or SQL answers others of its shape. (performance.md §3)"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.queries.both import Both

pytestmark = pytest.mark.postgresql

XML = (
    "<fetch><entity name='new_gizmo'><attribute name='new_name'/><order attribute='new_gizmoid'/><filter type='or'>"
    "<condition attribute='new_name' operator='{}' value={}/><condition attribute='new_count' operator='{}' "
    "value='{}'/></filter></entity></fetch>"
)
SQL = "SELECT new_name FROM new_gizmo WHERE new_name {} {} OR new_count {} {} ORDER BY new_gizmoid"
SIGNS = {"eq": "=", "ne": "<>", "like": "LIKE"}
NAMES = some.sampled_from(["one", "TWO", "o%", "[o]%", "o'", "", "%", "_wo", "a]b", "50%", "7"])
NUMBERS = some.sampled_from(["2", "-4", "7", "2.5", "0"])


def quoted_xml(text: str) -> str:
    """A value in quotes that do not stand in it."""
    return f'"{text}"' if "'" in text else f"'{text}'"


@settings(max_examples=60)
@given(some.sampled_from(["eq", "ne", "like"]), some.lists(some.tuples(NAMES, NUMBERS), min_size=2, max_size=4))
def test_the_same_question_with_other_values_has_its_own_answer(
    both: Both, operator: str, values: list[tuple[str, str]]
) -> None:
    """Asked alone, as part of a longer address that has no shape, and in the other language. [FX-18], [SQL-3]"""
    for name, number in values:
        xml = XML.format(operator, quoted_xml(name), "ge", number)
        quoted = "'" + name.replace("'", "''") + "'"
        by_shape = both.fetch(xml)
        alone = [dict(row) for row in both.ask("new_gizmos", fetchXml=xml, tag="1").json["value"]]
        by_sql = both.rows("new_gizmos", sql=SQL.format(SIGNS[operator], quoted, ">=", number))

        assert (alone, _ids(alone)) == (by_shape, _ids(by_sql))


def _ids(rows: list[dict[str, Any]]) -> list[Any]:
    return [row["new_gizmoid"] for row in rows]


def test_a_value_of_another_type_is_refused_by_a_shape_too(both: Both) -> None:
    """[F-14], [FX-48]"""
    texts = [SQL.format("=", "'a'", "=", number) for number in ("1", "2", "'x'")]

    assert [200, 200, 400] == [both.ask("new_gizmos", sql=text).status for text in texts]
