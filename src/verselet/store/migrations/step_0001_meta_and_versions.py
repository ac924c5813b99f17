"""Lead to format 1: what the server knows about itself, and the counter of row versions.

In:        the dialect
Out:       the statements of the step
Not here:  reading and writing these tables (store.bookkeeping), taking numbers (the sessions)
"""

from __future__ import annotations

from typing import assert_never

from verselet.sql.dialects import Dialect

_META = "CREATE TABLE verselet_meta (key text PRIMARY KEY NOT NULL, value text NOT NULL)"

_SQLITE_COUNTER = (
    "CREATE TABLE verselet_version (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL)",
    "INSERT INTO verselet_version (id, value) VALUES (1, 0)",
)

# A block of numbers is two calls on the sequence, and another writer could take one in between: whoever takes one
# number holds the lock shared, whoever takes a block holds it alone. The lock is held for this call only, not until
# the end of the transaction. 8377353 is "verselet" on the keys of a telephone, without its last letter.
_POSTGRESQL_COUNTER = (
    "CREATE SEQUENCE verselet_version",
    """
    CREATE FUNCTION verselet_take_versions(wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE first bigint;
    BEGIN
        IF wanted = 1 THEN
            PERFORM pg_advisory_lock_shared(8377353);
            first := nextval('verselet_version');
            PERFORM pg_advisory_unlock_shared(8377353);
        ELSE
            PERFORM pg_advisory_lock(8377353);
            first := nextval('verselet_version');
            PERFORM setval('verselet_version', first + wanted - 1);
            PERFORM pg_advisory_unlock(8377353);
        END IF;
        RETURN first;
    END $$
    """,
)


def statements(dialect: Dialect) -> tuple[str, ...]:
    """The statements of the step. [ET-7]"""
    match dialect.name:
        case "sqlite":
            return (_META, *_SQLITE_COUNTER)
        case "postgresql":
            return (_META, *_POSTGRESQL_COUNTER)
        case _:
            assert_never(dialect.name)
