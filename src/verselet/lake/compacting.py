"""Make few large files of the many small ones that runs of policies leave.

In:        an open Delta table
Out:       `small_files`, `compacted`
Not here:  when (jobs.retention, cli.lake), whose commit is the next (lake.delta)

The rows stay as they are, in one commit: whoever reads sees them in the old files or in the new one. The old files are
removed a week after they went out of use: until then whoever had begun to read them goes on, and the table can be taken
back to what it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from deltalake import DeltaTable

MANY: Final = 50
"""So many small files of a table are too many."""

SMALL_BYTES: Final = 16 * 1024 * 1024

LARGE_BYTES: Final = 64 * 1024 * 1024
"""So large are files made."""

KEPT_HOURS: Final = 7 * 24
"""So long files stay that are not in use any more."""


def small_files(found: DeltaTable) -> int:
    """How many files are small."""
    sizes: Any = found.get_add_actions()["size_bytes"]
    return sum(size < SMALL_BYTES for size in sizes.to_pylist())


def compacted(found: DeltaTable, kept_hours: int = KEPT_HOURS) -> tuple[int, int]:
    """Merge the small files, and remove those that went out of use longer ago; how many there were, and are."""
    before = len(found.file_uris())
    made = found.optimize.compact(target_size=LARGE_BYTES, max_concurrent_tasks=1)
    # The rule of a week is ours: the library's own only knows the configuration of the table.
    found.vacuum(kept_hours, dry_run=False, enforce_retention_duration=False)
    if made["numFilesAdded"]:
        found.create_checkpoint()
    return before, len(found.file_uris())
