"""Read relationships.

In:        a JSON object as clients send it
Out:       `NewRelationship` with its lookup, `NewManyToMany`, cascades and menus
Not here:  the names that follow (metadata.changes.relationships)
"""

from __future__ import annotations

from typing import cast, get_args

from msgspec import structs

from verselet.errors import InvalidArgument
from verselet.metadata.changes.drafts import NewManyToMany, NewRelationship
from verselet.metadata.columns import LookupColumn
from verselet.metadata.tables import Cascade, Cascades, Menu
from verselet.web.definition_writes.columns import read_column
from verselet.web.definition_writes.members import Body, choose, label, member, needed, number, text, type_of, yes_no

ONE_TO_MANY = "OneToManyRelationshipMetadata"
MANY_TO_MANY = "ManyToManyRelationshipMetadata"

_CASCADES = {name: name for name in get_args(Cascade)}
_MENUS = {name: name for name in ("UseCollectionName", "UseLabel", "DoNotDisplay")}


def read_one_to_many(body: Body) -> NewRelationship:
    """The one-to-many relationship a client wants to make, without its lookup. [MW-8]

    Raises:
        InvalidArgument: a member that is missing or cannot be.
    """
    return NewRelationship(
        schema_name=needed(body, "SchemaName"),
        referenced_table=needed(body, "ReferencedEntity").lower(),
        referencing_table=needed(body, "ReferencingEntity").lower(),
        cascades=read_cascades(body, Cascades()),
        menu=read_menu(body, Menu(behavior="UseCollectionName")),
        hierarchical=yes_no(body, "IsHierarchical") or False,
        referencing_navigation=text(body, "ReferencingEntityNavigationPropertyName") or None,
        referenced_navigation=text(body, "ReferencedEntityNavigationPropertyName") or None,
    )


def read_lookup(body: Body, kind: str = "lookup") -> LookupColumn:
    """The lookup column that comes with a relationship. [MW-30]

    Raises:
        InvalidArgument: no lookup, or a member of it that cannot be.
    """
    lookup = member(body, "Lookup")
    if not lookup or type_of(lookup) not in {"", "LookupAttributeMetadata"}:
        raise InvalidArgument("The property 'Lookup' must hold the LookupAttributeMetadata of the relationship.")
    name = needed(lookup, "SchemaName")
    column = LookupColumn(name="", schema_name=name, kind="customer" if kind == "customer" else "lookup")
    return cast(LookupColumn, read_column(lookup, column))


def read_many_to_many(body: Body) -> NewManyToMany:
    """The many-to-many relationship a client wants to make. [MW-9]

    Raises:
        InvalidArgument: a member that is missing or cannot be.
    """
    return NewManyToMany(
        schema_name=needed(body, "SchemaName"),
        table1=needed(body, "Entity1LogicalName").lower(),
        table2=needed(body, "Entity2LogicalName").lower(),
        intersect_table=text(body, "IntersectEntityName") or None,
        navigation1=text(body, "Entity1NavigationPropertyName") or None,
        navigation2=text(body, "Entity2NavigationPropertyName") or None,
    )


def read_cascades(body: Body, present: Cascades) -> Cascades:
    """What a relationship cascades; what is not said stays.

    Raises:
        InvalidArgument: no such word.
    """
    written = {name.lower(): value for name, value in member(body, "CascadeConfiguration").items()}
    given = {}
    for name in structs.asdict(present):
        chosen = choose(text(written, name), _CASCADES, f"CascadeConfiguration.{name}")
        if chosen is not None:
            given[name] = chosen
    return structs.replace(present, **given)


def read_menu(body: Body, present: Menu) -> Menu:
    """How the associated rows are listed; what is not said stays.

    Raises:
        InvalidArgument: a member that cannot be.
    """
    written = member(body, "AssociatedMenuConfiguration")
    given = {
        "behavior": choose(text(written, "Behavior"), _MENUS, "Behavior"),
        "group": text(written, "Group"),
        "label": label(written, "Label"),
        "order": number(written, "Order"),
    }
    return structs.replace(present, **{name: value for name, value in given.items() if value is not None})
