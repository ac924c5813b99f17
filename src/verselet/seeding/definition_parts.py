"""Say how a fixture file describes tables and relationships.

In:        made by the strict reader (seeding.fixture)
Out:       frozen structs, named as in the file
Not here:  what the server makes of them (seeding.definitions)
"""

from __future__ import annotations

from typing import Literal

import msgspec

from verselet.metadata.tables import Cascade


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unknown members are refused."""


class RollupPart(_Strict, frozen=True):
    """What a rollup column adds up: a column of the rows behind a relationship. [JOB-62]"""

    function: Literal["COUNT", "SUM", "MIN", "MAX", "AVG"]
    relationship: str
    column: str


class ColumnPart(_Strict, frozen=True):
    """One column. The target of a lookup is said by its relationship; `targets` must agree with it."""

    logicalname: str
    type: str
    schemaname: str | None = None
    displayname: str | None = None
    maxlength: int | None = None
    precision: int | None = None
    min: int | float | None = None
    max: int | float | None = None
    behavior: Literal["UserLocal", "DateOnly", "TimeZoneIndependent"] | None = None
    format: str | None = None
    options: dict[str, str] = {}
    targets: tuple[str, ...] = ()
    issecured: bool = False
    autonumberformat: str | None = None
    sourcetype: Literal[0, 1, 2] = 0
    formula: str | None = None
    rollup: RollupPart | None = None


class StatePart(_Strict, frozen=True):
    """One state, its status reasons, and which of them a row gets that only changes its state. [UP-6]"""

    name: str
    default: int
    reasons: dict[str, str]


class KeyPart(_Strict, frozen=True):
    """One alternate key."""

    name: str
    columns: tuple[str, ...]


class TablePart(_Strict, frozen=True):
    """One table. With a `capability` it is optional: where the server cannot make it, it is left out, and that is said.

    `duplicatedetection` and `optimisticconcurrency` are on for every table. `transitions` say which status reasons may
    follow each; they count when they are enforced. [MSG-48]
    """

    logicalname: str
    primaryname: str
    schemaname: str | None = None
    displayname: str = ""
    displaycollectionname: str = ""
    entitysetname: str | None = None
    primaryid: str | None = None
    ownership: Literal["UserOwned", "OrganizationOwned"] = "UserOwned"
    columns: tuple[ColumnPart, ...] = ()
    states: dict[str, StatePart] = {}
    keys: tuple[KeyPart, ...] = ()
    audit: bool = False
    changetracking: bool = False
    duplicatedetection: bool = False
    recyclebin: bool = False
    retention: bool = False
    optimisticconcurrency: bool = True
    enforcestatetransitions: bool = False
    transitions: dict[str, tuple[int, ...]] = {}
    tabletype: str = "Standard"
    capability: str | None = None


class CascadePart(_Strict, frozen=True, rename="pascal"):
    """What happens to the referencing rows. [SEC-70]"""

    assign: Cascade = "NoCascade"
    delete: Cascade = "RemoveLink"
    merge: Cascade = "NoCascade"
    reparent: Cascade = "NoCascade"
    share: Cascade = "NoCascade"
    unshare: Cascade = "NoCascade"
    rollup_view: Cascade = "NoCascade"
    archive: Cascade = "NoCascade"


class RelationshipPart(_Strict, frozen=True):
    """One relationship: one-to-many between referenced and referencing table, or many-to-many between 1 and 2."""

    schemaname: str
    type: Literal["OneToMany", "ManyToMany"] = "OneToMany"
    referencedentity: str = ""
    referencingentity: str = ""
    referencingattribute: str = ""
    referencingnavigation: str | None = None
    referencednavigation: str | None = None
    cascade: CascadePart = CascadePart()
    hierarchical: bool = False
    entity1: str = ""
    entity2: str = ""
    intersectentity: str | None = None
    navigation1: str | None = None
    navigation2: str | None = None
