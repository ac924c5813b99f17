"""Lead to format 7: how often was changed what processes remember.

In:        the dialect
Out:       the statements of the step
Not here:  counting and comparing (store.generations)
"""

from __future__ import annotations

from verselet.sql.dialects import Dialect


def statements(dialect: Dialect) -> tuple[str, ...]:
    """The statements of the step: one row for each kind."""
    whole = "INTEGER" if dialect.name == "sqlite" else "bigint"
    return (
        f"CREATE TABLE verselet_generation (kind text PRIMARY KEY NOT NULL, value {whole} NOT NULL)",
        "INSERT INTO verselet_generation (kind, value) VALUES ('schema', 1), ('rights', 1), ('steps', 1)",
    )
