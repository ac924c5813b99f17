"""Retained rows, kept apart from the active ones in Delta tables.

In:        rows as columns and cells
Out:       `Lake`: write, take out, read
Not here:  which rows are retained (operations.retention), when (jobs.retention)
"""

from verselet.lake.delta import BATCH, ID, RETAINED, Cell, Form, Lake, LakeRow

__all__ = ["BATCH", "ID", "RETAINED", "Cell", "Form", "Lake", "LakeRow"]
