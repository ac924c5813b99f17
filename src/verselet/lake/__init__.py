"""Retained rows, kept apart from the active ones in Delta tables.

In:        rows as columns and cells
Out:       `Lake`: write, take out, look; `Snapshot` and the `Scan`s that read one
Not here:  which rows are retained (operations.retention), when (jobs.retention)
"""

from verselet.lake.delta import BATCH, ID, RETAINED, Form, Lake, LakeRow, Snapshot
from verselet.lake.failures import must_be_installed
from verselet.lake.places import Bucket, Folder, Place, place_of
from verselet.lake.scan import Cell, Scan, Test

__all__ = [
    "BATCH",
    "ID",
    "RETAINED",
    "Bucket",
    "Cell",
    "Folder",
    "Form",
    "Lake",
    "LakeRow",
    "Place",
    "Scan",
    "Snapshot",
    "Test",
    "must_be_installed",
    "place_of",
]
