"""Questions about the organization that need no row.

In:        made by web.functions
Out:       frozen messages, as those of messages.request
Not here:  the answers (operations.facts)
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from verselet.messages.request import ReadingRequest

Side: TypeAlias = Literal["referenced", "referencing", "paired"]
"""What a table is to be in a relationship: the one side, the many side, one of two in a many-to-many relationship."""


class RetrieveLanguages(ReadingRequest, frozen=True, tag=True):
    """Which languages there are for labels: those with a pack, or those that are switched on or off. [FN-25], [OC-20]

    The service calls the ones available that people can choose now.
    """

    which: Literal["available", "provisioned", "deprovisioned", "installed"]


class RetrieveLanguagePackVersion(ReadingRequest, frozen=True, tag=True):
    """How new the pack of a language is. [FN-25]"""

    which: Literal["Installed", "Provisioned"]
    language: int


class RetrieveTimestamp(ReadingRequest, frozen=True, tag=True):
    """A text that is another one when definitions have changed. [FN-25]"""


class FormatAddress(ReadingRequest, frozen=True, tag=True):
    """The parts of an address as people write them below each other. [OC-5]"""

    line: str
    city: str
    region: str
    postal_code: str
    country: str


class RetrieveRelatableTables(ReadingRequest, frozen=True, tag=True):
    """The tables that can be on that side of a relationship with `other`, or with any. [MW-8], [MW-9]"""

    side: Side
    other: str | None = None


class CanBeRelated(ReadingRequest, frozen=True, tag=True):
    """May the table be on that side of a relationship? [MW-8], [MW-9]"""

    side: Side
    table: str
