"""Lead to format 4: what sign-in keeps.

In:        the dialect
Out:       the statements of the step
Not here:  reading and writing this table (store.credentials), what the contents mean (auth)
"""

from __future__ import annotations

from verselet.sql.dialects import Dialect


def statements(_dialect: Dialect) -> tuple[str, ...]:
    """The statements of the step. [SEC-121]

    Secrets that others hold are kept as digests; `expires_at` is null for what stays until it is removed.
    """
    return (
        "CREATE TABLE verselet_credential (kind text NOT NULL, name text NOT NULL, content text NOT NULL, "
        "expires_at text, PRIMARY KEY (kind, name))",
        "CREATE INDEX ix_verselet_credential_expires ON verselet_credential (expires_at)",
    )
