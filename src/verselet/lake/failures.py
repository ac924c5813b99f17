"""Say what is wrong with the lake, in a sentence for who asked.

In:        what the libraries of Delta tables raise
Out:       `telling`, `must_be_installed`; what a folder and what object storage say
Not here:  what is read and written (lake.delta)
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from types import MappingProxyType
from typing import Final

from verselet.errors import NotSupportedHere, Unavailable

ERROR_NUMBER: Final = re.compile(r"(?:\(os error |Os \{ code: )(\d+)")
LONGEST_REASON: Final = 300

REFUSALS: Final = (re.compile(r"<Code>(\w{1,60})</Code>"), re.compile(r"\b([45]\d\d) [A-Z][a-z]"))
"""What storage refuses with: a word, or only a status."""

UNKNOWN: Final = "the storage refuses the credentials"

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "NoSuchBucket": "the bucket does not exist",
        "NoSuchKey": "a file is missing",
        "404": "the bucket or a file in it is missing",
        "401": UNKNOWN,
        "403": UNKNOWN,
        "AccessDenied": UNKNOWN,
        "ExpiredToken": UNKNOWN,
        "InvalidAccessKeyId": UNKNOWN,
        "InvalidToken": UNKNOWN,
        "SignatureDoesNotMatch": UNKNOWN,
    }
)
"""What storage refuses with → what that means."""

NOBODY: Final = "169.254."
"""Where the library looks for credentials when it was given none."""

SIGNS: Final = (
    (NOBODY, "there are no credentials for the storage"),
    ("scheme is not allowed", "its endpoint has no TLS, and AWS_ALLOW_HTTP is not true"),
    ("not found", "a file is missing"),
    ("HTTP error", "the storage does not answer"),
)
"""What the library says of storage → what that means; the first that fits."""


def must_be_installed(name: str = "deltalake") -> None:
    """A library of the lake is there; who installs the server decides whether it is.

    Raises:
        NotSupportedHere: it is not.
    """
    if find_spec(name) is None:
        raise NotSupportedHere(f"Long-term retention without the package {name} (pip install 'verselet[lake]')")


def reason_of_machine(text: str) -> str:
    """What the machine says; the libraries wrap it in several layers of their own."""
    found = ERROR_NUMBER.search(text)
    return os.strerror(int(found[1])).lower() if found is not None else text[:LONGEST_REASON].rstrip(".")


def reason_of_storage(text: str) -> str:
    """What object storage says, in our own words: its answers repeat what they were asked with."""
    if "S3" not in text and "Error performing" not in text:
        return reason_of_machine(text)
    if NOBODY not in text:
        for refusal in REFUSALS:
            found = refusal.search(text)
            if found is not None:
                return f"{REASONS.get(found[1], 'the storage does not do what it was asked')} ({found[1]})"
    return next((meaning for sign, meaning in SIGNS if sign in text), "the storage failed")


@contextmanager
def telling(what: str, reason: Callable[[str], str] = reason_of_machine) -> Iterator[None]:
    """What goes wrong inside is that the lake cannot be `what`; `reason` says why.

    Raises:
        NotSupportedHere: the library of Delta tables is not installed.
        Unavailable: a file is missing or damaged, the disk is full, a folder is closed, a storage refuses; says which.
    """
    must_be_installed()
    from deltalake.exceptions import DeltaError

    try:
        yield
    except Exception as error:
        # What breaks while rows come has no class of its own.
        if isinstance(error, DeltaError | OSError) or type(error) is Exception:
            raise Unavailable(f"The lake cannot be {what}: {reason(str(error))}.") from error
        raise
