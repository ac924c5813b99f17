"""Have the disk keep what is written to a folder of the lake.

In:        a folder that something inside a `with` writes to; a file or folder
Out:       `lasting`, `flush`; `lasting_files`, what of a lake has to be kept
Not here:  what is written (lake.delta)

The libraries of Delta tables hand their files to the machine and do not wait for the disk. Rows are deleted from the
tables as soon as they lie in the lake, so a power cut in that moment would take them from both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from verselet.lake.failures import telling

KEPT: Final = frozenset({".parquet", ".json"})
"""The endings of what a Delta table is made of."""

LATEST_CHECKPOINT: Final = "_last_checkpoint"
"""The one file of a Delta table that is written again and again; readers find the same without it."""


@contextmanager
def lasting(folder: Path) -> Iterator[None]:
    """What is written inside is on the disk when it is over.

    Raises:
        NotSupportedHere, Unavailable: it cannot be written; says why.
    """
    with telling("written"):
        before = _files(folder)
        yield
        for path in sorted(_files(folder) - before):
            flush(path)
        for path in (folder / "_delta_log", folder, folder.parent, folder.parent.parent):
            flush(path)


def lasting_files(lake: Path) -> list[Path]:
    """The files of a lake's tables and of their logs: none of them changes once it is there."""
    return sorted(path for path in _files(lake) if path.suffix in KEPT and path.name != LATEST_CHECKPOINT)


def flush(path: Path) -> None:
    """Wait until the disk has the file, or the names of a folder."""
    if os.name == "nt" and path.is_dir():
        return  # There the names of a folder are written with its files.
    if path.exists():
        descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}
