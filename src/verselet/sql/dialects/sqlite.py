"""Say how SQLite differs.

In:        nothing
Out:       `SQLITE`
Not here:  opening it (store.sqlite)
"""

from __future__ import annotations

from types import MappingProxyType

from verselet.sql.dialects.dialect import Dialect

SQLITE = Dialect(
    name="sqlite",
    placeholder="?",
    types=MappingProxyType(
        {
            "guid": "TEXT",
            "text": "TEXT COLLATE NOCASE",
            "code": "TEXT",
            "integer": "INTEGER",
            "bigint": "INTEGER",
            "float": "REAL",
            "decimal": "INTEGER",  # times 10**scale: exact, and compared and summed as a number
            "datetime": "TEXT",  # the wire form, which sorts correctly as text
            "date": "TEXT",
            "yesno": "INTEGER",
            "bytes": "BLOB",
        }
    ),
    true="1",
    false="0",
    max_parameters=32_766,
)
"""SQLite through apsw."""
