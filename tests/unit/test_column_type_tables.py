"""Each table that is keyed by column type has every column type. [architecture.md §5, 7]"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from verselet.metadata.columns import Column
from verselet.operations.reading import CONVERTERS
from verselet.operations.rules.values import CHECKS
from verselet.query.typing_literals import EDM_TYPES, READERS
from verselet.sql.columns import Kind
from verselet.sql.dialects import POSTGRESQL, SQLITE
from verselet.sql.formats import FORMATS
from verselet.sql.json_forms import POSTGRESQL_FORMS, SQLITE_FORMS

BY_TYPE: dict[str, Mapping[Any, object]] = {
    "EDM_TYPES": EDM_TYPES,
    "READERS": READERS,
    "CONVERTERS": CONVERTERS,
    "CHECKS": CHECKS,
    "FORMATS": FORMATS,
}
BY_KIND: dict[str, Mapping[Any, object]] = {
    "types of SQLite": SQLITE.types,
    "types of PostgreSQL": POSTGRESQL.types,
    "SQLITE_FORMS": SQLITE_FORMS,
    "POSTGRESQL_FORMS": POSTGRESQL_FORMS,
}


@pytest.mark.parametrize("name", BY_TYPE)
def test_every_column_type_is_there(name: str) -> None:
    """No more and no fewer."""
    assert set(get_args(Column)) == set(BY_TYPE[name])


@pytest.mark.parametrize("name", BY_KIND)
def test_every_stored_form_is_there(name: str) -> None:
    """No more and no fewer."""
    assert set(get_args(Kind)) == set(BY_KIND[name])
