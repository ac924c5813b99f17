"""Lead to format 2: which rows were deleted, what files hold, and which versions may not be committed yet.

In:        the dialect
Out:       the statements of the step
Not here:  reading and writing these tables (store.deleted_rows, store.files), taking numbers (the sessions)
"""

from __future__ import annotations

from typing import assert_never

from verselet.sql.dialects import Dialect


def _tables(whole: str, content: str) -> tuple[str, ...]:
    """The tables; `whole` is the type of 64-bit numbers, `content` that of bytes."""
    return (
        f"CREATE TABLE verselet_deleted (table_name text NOT NULL, row_id text NOT NULL, version {whole} NOT NULL, "
        "deleted_at text NOT NULL, PRIMARY KEY (table_name, row_id))",
        "CREATE INDEX ix_verselet_deleted_version ON verselet_deleted (table_name, version)",
        "CREATE INDEX ix_verselet_deleted_at ON verselet_deleted (deleted_at)",
        # A file that is being uploaded is one whose size is not known yet.
        "CREATE TABLE verselet_file (id text PRIMARY KEY NOT NULL, table_name text NOT NULL, "
        f"column_name text NOT NULL, row_id text NOT NULL, name text NOT NULL, mime_type text NOT NULL, "
        f"size_bytes {whole}, began_at text NOT NULL)",
        "CREATE INDEX ix_verselet_file_row ON verselet_file (row_id)",
        # `start` is null until the order of the blocks is known.
        f"CREATE TABLE verselet_file_part (file_id text NOT NULL, block text NOT NULL, start {whole}, "
        f"size_bytes integer NOT NULL, content {content} NOT NULL, PRIMARY KEY (file_id, block))",
        "CREATE INDEX ix_verselet_file_part_start ON verselet_file_part (file_id, start)",
    )


# A transaction that took a number may commit after one that took a larger number. So that nobody believes to have seen
# everything up to the larger one, each transaction holds a lock until its end that names a number no larger than its
# first one: 839 in the upper 16 bits of the key, the number in the others. One lock per transaction is enough, and more
# would fill the table of locks, hence the setting, which ends with the transaction. [DT-3]
_POSTGRESQL_TAKE = """
    CREATE OR REPLACE FUNCTION verselet_take_versions(wanted bigint) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE first bigint;
    BEGIN
        IF coalesce(current_setting('verselet.has_versions', true), '') = '' THEN
            PERFORM pg_advisory_xact_lock_shared((839::bigint << 48) | (last_value + 1)) FROM verselet_version;
            PERFORM set_config('verselet.has_versions', 'yes', true);
        END IF;
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
"""

# The counter is read before the locks: who took a number up to it holds a lock by then, or has committed.
_POSTGRESQL_SEEN = """
    CREATE FUNCTION verselet_versions_seen() RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE taken bigint; lowest bigint;
    BEGIN
        SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO taken FROM verselet_version;
        SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) INTO lowest FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = 839
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
        RETURN least(taken, lowest - 1);
    END $$
"""


def statements(dialect: Dialect) -> tuple[str, ...]:
    """The statements of the step. [DT-3], [FL-1]"""
    match dialect.name:
        case "sqlite":
            return _tables("INTEGER", "BLOB")
        case "postgresql":
            return (*_tables("bigint", "bytea"), _POSTGRESQL_TAKE, _POSTGRESQL_SEEN)
        case _:
            assert_never(dialect.name)
