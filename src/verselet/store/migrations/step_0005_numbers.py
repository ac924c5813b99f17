"""Lead to format 5: the counters of automatic numbers.

In:        the dialect
Out:       the statements of the step
Not here:  counting (store.numbers)
"""

from __future__ import annotations

from typing import assert_never

from verselet.sql.dialects import Dialect

# Two transactions may want the first number at once: one makes the sequence, the other waits for the lock, looks
# again, and finds it. 8377355 is the number after that of the lock for preparing.
_POSTGRESQL_HAVE = """
    CREATE FUNCTION verselet_have_sequence(name text, first bigint) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(8377355);
        IF to_regclass(format('%I', name)) IS NULL THEN
            EXECUTE format('CREATE SEQUENCE %I START WITH %s', name, first);
        END IF;
    END $$
"""


def statements(dialect: Dialect) -> tuple[str, ...]:
    """The statements of the step. `next` counts in SQLite only; PostgreSQL has a sequence for each column. [JOB-67]"""
    whole = "INTEGER" if dialect.name == "sqlite" else "bigint"
    table = (
        f"CREATE TABLE verselet_number (table_name text NOT NULL, column_name text NOT NULL, seed {whole} NOT NULL, "
        f"next {whole} NOT NULL, PRIMARY KEY (table_name, column_name))"
    )
    match dialect.name:
        case "sqlite":
            return (table,)
        case "postgresql":
            return (table, _POSTGRESQL_HAVE)
        case _:
            assert_never(dialect.name)
