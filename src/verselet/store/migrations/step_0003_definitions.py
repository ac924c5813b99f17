"""Lead to format 3: the definitions somebody made or changed in this organization.

In:        the dialect
Out:       the statements of the step
Not here:  reading and writing them (store.bookkeeping), what they say (metadata.customizations)
"""

from __future__ import annotations

from verselet.sql.dialects import Dialect


def statements(_dialect: Dialect) -> tuple[str, ...]:
    """One row per definition; its content is JSON. [MW-1] to [MW-12]"""
    return (
        "CREATE TABLE verselet_definition "
        "(kind text NOT NULL, name text NOT NULL, content text NOT NULL, PRIMARY KEY (kind, name))",
    )
