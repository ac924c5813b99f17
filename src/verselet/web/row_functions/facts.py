"""Read and answer functions that are about no row.

In:        a call
Out:       an `Answer`
Not here:  who is calling and what is answering (web.functions), what they do (operations.facts, operations.languages)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from verselet.messages.facts import (
    CanBeRelated,
    FormatAddress,
    RetrieveLanguagePackVersion,
    RetrieveLanguages,
    RetrieveRelatableTables,
    Side,
)
from verselet.web.answers import Answer
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import number_of, text_of

ADDRESS: Final = ("Line1", "City", "StateOrProvince", "PostalCode", "Country")
"""The parts of an address; each must be given. [FN-8]"""


def format_address(call: Call) -> Answer:
    """An address as people write it. [OC-5]"""
    line, city, region, postal_code, country = [text_of(call.given, name) for name in ADDRESS]
    return call.properties(FormatAddress(line, city, region, postal_code, country))


def valid_pairs(call: Call) -> Answer:
    """The tables for a many-to-many relationship. [MW-9]"""
    return call.properties(RetrieveRelatableTables("paired"))


def valid_referenced(call: Call) -> Answer:
    """The tables that rows of one could refer to. [MW-8]"""
    return call.properties(RetrieveRelatableTables("referenced", text_of(call.given, "ReferencingEntityName")))


def valid_referencing(call: Call) -> Answer:
    """The tables whose rows could refer to those of one. [MW-8]"""
    return call.properties(RetrieveRelatableTables("referencing", text_of(call.given, "ReferencedEntityName")))


def can_be(side: Side) -> Callable[[Call], Answer]:
    """What answers whether one table may be on that side. [MW-8], [MW-9]"""
    return lambda call: call.properties(CanBeRelated(side, text_of(call.given, "EntityName")))


def languages(which: Literal["available", "provisioned", "deprovisioned", "installed"]) -> Callable[[Call], Answer]:
    """What answers which languages there are. [FN-25], [OC-20]"""
    return lambda call: call.properties(RetrieveLanguages(which))


def pack_version(which: Literal["Installed", "Provisioned"]) -> Callable[[Call], Answer]:
    """What answers how new the pack of a language is. [FN-25]"""
    return lambda call: call.properties(RetrieveLanguagePackVersion(which, number_of(call.given, "Language")))
