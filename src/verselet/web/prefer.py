"""Read what a client prefers.

In:        the value of `Prefer`, several lines joined by commas
Out:       `Preferences`
Not here:  acting on them (the other modules of this room)
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

import msgspec

from verselet.query.plan import MAX_PAGE, Annotations

# Nothing is tried twice: a header may be 64 kB long.
ITEM = re.compile(r'(?:[^",]++|"[^"]*+(?:"|\Z))++')
PREFERENCE = re.compile(r'\s*+([^=;\s]++)\s*+(?:=\s*+(?:"([^"]*+)"|([^;]*+)))?+\s*+(?:;.*+)?+\Z', re.DOTALL)
NAMES: Final = {
    "OData.Community.Display.V1.FormattedValue": Annotations.FORMATTED,
    "OData.Community.Display.V1.AttributeName": Annotations.ATTRIBUTE,
    "Microsoft.Dynamics.CRM.lookuplogicalname": Annotations.LOOKUP_TABLE,
    "Microsoft.Dynamics.CRM.associatednavigationproperty": Annotations.NAVIGATION,
}
METADATA_VERSION: Final = "Microsoft.Dynamics.CRM.globalmetadataversion"
TOTALS: Final = frozenset(
    {
        METADATA_VERSION,
        "Microsoft.Dynamics.CRM.totalrecordcount",
        "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded",
        "Microsoft.Dynamics.CRM.fetchxmlpagingcookie",
        "Microsoft.Dynamics.CRM.morerecords",
    }
)


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked, and what of it is acknowledged in `Preference-Applied`. [H-18]

    `everything` is `*`: also details of errors. [E-2] `shown` is the number of `annotations`, for keys.
    """

    representation: bool = False
    annotations: Annotations = Annotations.NONE
    shown: int = 0
    totals: frozenset[str] = frozenset()
    everything: bool = False
    max_page: int | None = None
    track_changes: bool = False
    continue_on_error: bool = False
    respond_async: bool = False
    representation_applied: bytes = b""
    annotations_applied: bytes = b""
    page_applied: bytes = b""


NONE: Final = Preferences()


@lru_cache(maxsize=256)
def parse_prefer(text: str) -> Preferences:
    """The preferences of a request; what is unknown or malformed is ignored. [P-8]"""
    found: dict[str, str] = {}
    for item in ITEM.findall(text):
        match = PREFERENCE.match(item)
        if match is not None:
            found.setdefault(match[1].lower(), match[2] or (match[3] or "").strip())
    annotations, totals = Annotations.NONE, frozenset[str]()
    wanted = [part.strip() for part in found.get("odata.include-annotations", "").split(",") if part.strip()]
    for pattern in wanted:
        for name, flag in NAMES.items():
            if _covers(pattern, name):
                annotations |= flag
        totals |= {name for name in TOTALS if _covers(pattern, name)}
    page = _page_size(found.get("odata.maxpagesize"))
    representation = found.get("return") == "representation"
    return Preferences(
        representation=representation,
        annotations=annotations,
        shown=annotations.value,
        totals=totals,
        everything="*" in wanted,
        max_page=page,
        track_changes="odata.track-changes" in found,
        continue_on_error=found.get("odata.continue-on-error", "false") in {"", "true"},
        respond_async="respond-async" in found,
        representation_applied=b"return=representation" if representation else b"",
        annotations_applied=_applied(found, wanted),
        page_applied=b"" if page is None else f"odata.maxpagesize={page}".encode(),
    )


def _covers(pattern: str, name: str) -> bool:
    if pattern.endswith("*"):
        return name.startswith(pattern[:-1]) if "*" not in pattern[:-1] else fnmatchcase(name, pattern)
    return pattern == name


def _page_size(text: str | None) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or not int(text[:10]) > 0:
        return None
    return min(int(text[:10]), MAX_PAGE)


def _applied(found: dict[str, str], wanted: list[str]) -> bytes:
    if not wanted:
        return b""
    return f'odata.include-annotations="{found["odata.include-annotations"]}"'.encode("ascii", "ignore")
