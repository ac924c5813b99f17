"""Say how PostgreSQL differs.

In:        nothing
Out:       `POSTGRESQL`
Not here:  opening it (store.postgresql)
"""

from __future__ import annotations

from types import MappingProxyType

from verselet.sql.dialects.dialect import Dialect

POSTGRESQL = Dialect(
    name="postgresql",
    placeholder="%s",
    types=MappingProxyType(
        {
            "guid": "uuid",
            "text": "text",
            "code": "text",
            "integer": "integer",
            "bigint": "bigint",
            "float": "double precision",
            "decimal": "numeric",
            "datetime": "timestamptz(0)",
            "date": "date",
            "yesno": "boolean",
            "bytes": "bytea",
        }
    ),
    true="true",
    false="false",
    max_parameters=65_535,
)
"""PostgreSQL through psycopg 3."""
