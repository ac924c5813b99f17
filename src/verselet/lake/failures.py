"""Say what is wrong with the lake, in a sentence for who asked.

In:        what the libraries of Delta tables raise
Out:       `telling`, `must_be_installed`
Not here:  what is read and written (lake.delta)
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Final

from verselet.errors import NotSupportedHere, Unavailable

ERROR_NUMBER: Final = re.compile(r"(?:\(os error |Os \{ code: )(\d+)")
LONGEST_REASON: Final = 300


def must_be_installed() -> None:
    """The library of Delta tables is there; who installs the server decides whether it is.

    Raises:
        NotSupportedHere: it is not.
    """
    if find_spec("deltalake") is None:
        raise NotSupportedHere("Long-term retention without the package deltalake (pip install 'verselet[lake]')")


@contextmanager
def telling(what: str) -> Iterator[None]:
    """What goes wrong inside is that the lake cannot be `what`.

    Raises:
        NotSupportedHere: the library of Delta tables is not installed.
        Unavailable: a file is missing or damaged, the disk is full, a folder is closed; says which.
    """
    must_be_installed()
    from deltalake.exceptions import DeltaError

    try:
        yield
    except Exception as error:
        # What breaks while rows come has no class of its own.
        if isinstance(error, DeltaError | OSError) or type(error) is Exception:
            raise Unavailable(f"The lake cannot be {what}: {_reason(error)}.") from error
        raise


def _reason(error: Exception) -> str:
    """What the machine says; the libraries wrap it in several layers of their own."""
    found = ERROR_NUMBER.search(str(error))
    if found is not None:
        return os.strerror(int(found[1])).lower()
    return str(error)[:LONGEST_REASON].rstrip(".")
