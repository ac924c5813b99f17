"""What is to be done to definitions: tables, columns, relationships, keys, choices.

In:        made by web.definition_writes from what it was asked
Out:       frozen messages, one struct per message
Not here:  what a message does (operations.definitions), what a new definition consists of (metadata.changes.drafts)

`solution` is the unique name of the solution that the definition is put into; None puts it into the default one.
`labels` are the texts of its labels in other languages than the base language; `merges_labels`: those in languages that
are not named stay. [MW-6], [H-8]
"""

from __future__ import annotations

from collections.abc import Mapping

from verselet.messages.request import Request, Response
from verselet.metadata.changes.drafts import (
    NewColumn,
    NewKey,
    NewManyToMany,
    NewOption,
    NewRelationship,
    NewTable,
    OptionList,
    TableFacts,
)
from verselet.metadata.choices import GlobalChoice
from verselet.metadata.columns import Column, LookupColumn
from verselet.metadata.languages import LabelName, Texts
from verselet.metadata.schema import Schema
from verselet.metadata.tables import Cascades, Menu


class DefinitionChange(Request, frozen=True):
    """The root of all messages that change the schema; a change set of rows takes none of them."""

    solution: str | None = None
    labels: Mapping[LabelName, Texts] = {}
    merges_labels: bool = False


class CreateEntity(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Make a table. [MW-1]"""

    table: NewTable


class CreateEntities(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Make several tables, all or none. [MW-17], [PS-14]"""

    tables: tuple[NewTable, ...]


class UpdateEntity(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Change a table. [MW-5]"""

    table: str
    facts: TableFacts


class DeleteEntity(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Remove a table with its rows. [MW-7]"""

    table: str


class CreateAttribute(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Make a column. [MW-3]"""

    table: str
    column: NewColumn


class UpdateAttribute(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Change a column; `column` is all of it. [MW-5]"""

    table: str
    column: Column


class DeleteAttribute(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Remove a column with what rows hold in it. [MW-7]"""

    table: str
    column: str


class CreateOneToMany(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Make a one-to-many relationship and its lookup. [MW-8]"""

    relationship: NewRelationship
    lookup: LookupColumn


class CreateManyToMany(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Make a many-to-many relationship. [MW-9]"""

    relationship: NewManyToMany


class CreateCustomerRelationships(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Make a lookup that leads to accounts or contacts. [MW-13]"""

    relationships: tuple[NewRelationship, ...]
    lookup: LookupColumn


class CreatePolymorphicLookupAttribute(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Make a lookup that leads to rows of several tables. [MW-13]"""

    relationships: tuple[NewRelationship, ...]
    lookup: LookupColumn


class UpdateRelationship(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Change what a one-to-many relationship cascades, and its menu. [MW-5]"""

    name: str
    cascades: Cascades
    menu: Menu
    hierarchical: bool


class DeleteRelationship(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Remove a relationship; a one-to-many one with its lookup. [MW-7]"""

    name: str


class CreateEntityKey(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Make an alternate key. [MW-10]"""

    table: str
    key: NewKey


class DeleteEntityKey(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Remove an alternate key. [MW-7]"""

    table: str
    key: str


class ReactivateEntityKey(Request, frozen=True, tag=True, kw_only=True):
    """Try the index of a key again; a key that is there has its index. [MW-10]"""

    table: str
    key: str


class CreateOptionSet(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Make a global choice. [MW-11]"""

    choice: GlobalChoice
    options: tuple[NewOption, ...]


class UpdateOptionSet(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Change the labels of a global choice; None leaves one as it is. [MW-5]"""

    name: str
    label: str | None = None
    description: str | None = None


class DeleteOptionSet(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Remove a global choice that no column uses. [MW-7]"""

    name: str


class InsertOptionValue(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Add an option. [MW-12]"""

    of: OptionList
    option: NewOption


class InsertStatusValue(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Add a status reason. [MW-12]"""

    table: str
    option: NewOption
    state: int


class UpdateOptionValue(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Give an option another label; None leaves the text in the base language as it is. [MW-12]"""

    of: OptionList
    value: int
    label: str | None


class UpdateStateValue(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Give a state another label or default status reason; None leaves one as it is. [MW-12]"""

    table: str
    value: int
    label: str | None = None
    default_status: int | None = None


class OrderOption(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Put options into another order. [MW-12]"""

    of: OptionList
    values: tuple[int, ...]


class DeleteOptionValue(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Remove an option. [MW-12]"""

    of: OptionList
    value: int


class OptionValueResponse(Response, frozen=True):
    """The value of the new option."""

    value: int


class ProvisionLanguage(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Let labels be in one more language. [FN-25]"""

    language: int


class DeprovisionLanguage(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Let no label be in a language any more; the texts are kept. [FN-25]"""

    language: int


class ReplaceDefinitions(DefinitionChange, frozen=True, tag=True, kw_only=True):
    """Go on with a schema made of the one in force, for whoever makes many definitions at once; no client sends it."""

    schema: Schema


class PublishXml(Request, frozen=True, tag=True):
    """Make changes of the named definitions visible; here they are visible at once. [MW-15]"""


class PublishAllXml(Request, frozen=True, tag=True):
    """Make all changes visible; here they are visible at once. [MW-15]"""
