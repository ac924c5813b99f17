"""Describe relationships: one-to-many and many-to-many.

In:        relationships of the schema
Out:       `ONE_TO_MANY`, `MANY_TO_MANY`, their common type, and the subjects
Not here:  the lookups they belong to (columns), what cascades do (operations)
"""

from __future__ import annotations

import msgspec

from verselet.ids import name_id
from verselet.metadata.tables import ManyToMany, Menu, Relationship
from verselet.web.definitions.view import View
from verselet.web.definitions.wire import (
    GUID,
    METADATA_BASE,
    NUMBER,
    TEXT,
    YES_NO,
    Member,
    WireType,
    always,
    managed,
    wire_type,
)

_CONFIGURATION = "mscrm.AssociatedMenuConfiguration"


class OneToMany(msgspec.Struct, frozen=True):
    """A one-to-many relationship as definitions show it. [MD-11]"""

    view: View
    relationship: Relationship

    @property
    def wire_type(self) -> WireType:
        """Always the same."""
        return ONE_TO_MANY

    @property
    def is_managed(self) -> bool:
        """It comes with the table that refers, and that with a solution."""
        relationship = self.relationship
        return self.view.is_managed(relationship.referencing_table) and not relationship.made_here


class Pairing(msgspec.Struct, frozen=True):
    """A many-to-many relationship as definitions show it. [MD-12]"""

    view: View
    pair: ManyToMany

    @property
    def wire_type(self) -> WireType:
        """Always the same."""
        return MANY_TO_MANY

    @property
    def is_managed(self) -> bool:
        """It belongs to its intersect table."""
        return self.view.is_managed(self.pair.intersect_table)


def one_to_many_of(view: View, table: str) -> tuple[OneToMany, ...]:
    """Relationships in which the table is referred to. [MD-10]"""
    return tuple(OneToMany(view, relationship) for relationship in view.one_to_many[table])


def many_to_one_of(view: View, table: str) -> tuple[OneToMany, ...]:
    """Relationships in which the table refers. [MD-10]"""
    return tuple(OneToMany(view, relationship) for relationship in view.many_to_one[table])


def many_to_many_of(view: View, table: str) -> tuple[Pairing, ...]:
    """Many-to-many relationships of the table. [MD-10]"""
    return tuple(Pairing(view, pair) for pair in view.many_to_many[table])


def all_relationships(view: View) -> tuple[OneToMany | Pairing, ...]:
    """Every relationship. [MD-1]"""
    schema = view.schema
    return (
        *(OneToMany(view, relationship) for relationship in schema.relationships),
        *(Pairing(view, pair) for pair in schema.many_to_many),
    )


def _cascades(shown: OneToMany) -> dict[str, object]:
    cascades = shown.relationship.cascades
    return {
        "Assign": cascades.assign,
        "Delete": cascades.delete,
        "Merge": cascades.merge,
        "Reparent": cascades.reparent,
        "Share": cascades.share,
        "Unshare": cascades.unshare,
        "RollupView": cascades.rollupview,
        "Archive": cascades.archive,
    }


def _menu(view: View, schema_name: str, menu: Menu, *, is_managed: bool) -> dict[str, object]:
    return {
        "Behavior": menu.behavior,
        "Group": menu.group,
        "Label": view.label(menu.label, "relationship", schema_name, "menu", managed=is_managed),
        "Order": menu.order,
        "IsCustomizable": True,
        "Icon": None,
        "ViewId": "00000000-0000-0000-0000-000000000000",
        "AvailableOffline": True,
        "MenuId": None,
        "QueryApi": None,
    }


def _names(shown: OneToMany | Pairing) -> Relationship | ManyToMany:
    return shown.relationship if isinstance(shown, OneToMany) else shown.pair


def _is_customizable(shown: OneToMany | Pairing) -> dict[str, object]:
    named = _names(shown)
    return managed("iscustomizable", value=named.customizable if isinstance(named, Relationship) else True)


def _relationship_type(shown: OneToMany | Pairing) -> str:
    return "OneToManyRelationship" if isinstance(shown, OneToMany) else "ManyToManyRelationship"


def _pair_menu(shown: Pairing) -> dict[str, object]:
    return _menu(shown.view, shown.pair.schema_name, Menu(behavior="UseCollectionName"), is_managed=shown.is_managed)


_BASE: tuple[Member[OneToMany | Pairing], ...] = (
    Member("MetadataId", GUID, lambda s: name_id("relationship", _names(s).schema_name)),
    always("HasChanged", YES_NO),
    Member("SchemaName", TEXT, lambda s: _names(s).schema_name),
    Member("RelationshipType", "mscrm.RelationshipType", _relationship_type),
    Member("IsCustomRelationship", YES_NO, lambda s: _names(s).custom),
    Member("IsCustomizable", "mscrm.BooleanManagedProperty", _is_customizable),
    Member("IsManaged", YES_NO, lambda s: s.is_managed),
    always("IsValidForAdvancedFind", YES_NO, value=True),
    always("SecurityTypes", "mscrm.SecurityTypes", value="Append"),
    always("IntroducedVersion", TEXT),
)

_ONE_TO_MANY: tuple[Member[OneToMany], ...] = (
    Member("ReferencedEntity", TEXT, lambda s: s.relationship.referenced_table),
    Member("ReferencedAttribute", TEXT, lambda s: s.relationship.referenced_column),
    Member("ReferencingEntity", TEXT, lambda s: s.relationship.referencing_table),
    Member("ReferencingAttribute", TEXT, lambda s: s.relationship.referencing_column),
    Member("ReferencedEntityNavigationPropertyName", TEXT, lambda s: s.relationship.referenced_navigation),
    Member("ReferencingEntityNavigationPropertyName", TEXT, lambda s: s.relationship.referencing_navigation),
    Member("IsHierarchical", YES_NO, lambda s: s.relationship.hierarchical),
    Member("CascadeConfiguration", "mscrm.CascadeConfiguration", _cascades),
    Member(
        "AssociatedMenuConfiguration",
        _CONFIGURATION,
        lambda s: _menu(s.view, s.relationship.schema_name, s.relationship.menu, is_managed=s.is_managed),
    ),
    always("EntityKey", TEXT),
    always("IsRelationshipAttributeDenormalized", YES_NO, value=False),
    always("IsDenormalizedLookup", YES_NO, value=False),
    always("DenormalizedAttributeName", TEXT),
    always("RelationshipBehavior", NUMBER),
)

_MANY_TO_MANY: tuple[Member[Pairing], ...] = (
    Member("Entity1LogicalName", TEXT, lambda s: s.pair.table1),
    Member("Entity2LogicalName", TEXT, lambda s: s.pair.table2),
    Member("IntersectEntityName", TEXT, lambda s: s.pair.intersect_table),
    Member("Entity1IntersectAttribute", TEXT, lambda s: s.pair.column1),
    Member("Entity2IntersectAttribute", TEXT, lambda s: s.pair.column2),
    Member("Entity1NavigationPropertyName", TEXT, lambda s: s.pair.navigation1),
    Member("Entity2NavigationPropertyName", TEXT, lambda s: s.pair.navigation2),
    Member("Entity1AssociatedMenuConfiguration", _CONFIGURATION, _pair_menu),
    Member("Entity2AssociatedMenuConfiguration", _CONFIGURATION, _pair_menu),
)

RELATIONSHIP = wire_type("RelationshipMetadataBase", METADATA_BASE, _BASE, absent=("RelationshipAttributes",))
ONE_TO_MANY = wire_type("OneToManyRelationshipMetadata", RELATIONSHIP, _ONE_TO_MANY)
MANY_TO_MANY = wire_type("ManyToManyRelationshipMetadata", RELATIONSHIP, _MANY_TO_MANY)
