"""Have the disk keep what is written to a folder of the lake.

In:        a folder that something inside a `with` writes to
Out:       `lasting`
Not here:  what is written (lake.delta)

The libraries of Delta tables hand their files to the machine and do not wait for the disk. Rows are deleted from the
tables as soon as they lie in the lake, so a power cut in that moment would take them from both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verselet.lake.failures import telling


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
            _flush(path)
        for path in (folder / "_delta_log", folder, folder.parent, folder.parent.parent):
            _flush(path)


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def _flush(path: Path) -> None:
    """Wait until the disk has the file, or the names of a folder."""
    if os.name == "nt" and path.is_dir():
        return  # There the names of a folder are written with its files.
    if path.exists():
        descriptor = os.open(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
