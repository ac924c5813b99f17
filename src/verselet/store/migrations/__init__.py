"""List the steps that bring the server's own tables from one format to the next.

In:        nothing
Out:       `MIGRATIONS`, in order; the n-th leads to format n
Not here:  running them (store.bookkeeping), tables that follow the schema (store.layout)

A step that was released is never changed: a later one corrects it.
"""

from __future__ import annotations

from collections.abc import Callable

from verselet.sql.dialects import Dialect
from verselet.store.migrations import (
    step_0001_meta_and_versions,
    step_0002_deleted_rows_and_files,
    step_0003_definitions,
    step_0004_credentials,
    step_0005_numbers,
    step_0006_recycle_bin,
    step_0007_generations,
)

MIGRATIONS: tuple[Callable[[Dialect], tuple[str, ...]], ...] = (
    step_0001_meta_and_versions.statements,
    step_0002_deleted_rows_and_files.statements,
    step_0003_definitions.statements,
    step_0004_credentials.statements,
    step_0005_numbers.statements,
    step_0006_recycle_bin.statements,
    step_0007_generations.statements,
)
