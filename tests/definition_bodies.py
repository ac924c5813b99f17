"""Bodies of definitions as clients send them."""

from __future__ import annotations

from typing import Any

NAMESPACE = "Microsoft.Dynamics.CRM"
BOX = "EntityDefinitions(LogicalName='new_box')"


def label(text: str) -> dict[str, Any]:
    """A label in English."""
    return {"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]}


def table(schema_name: str = "new_Box", **more: Any) -> dict[str, Any]:
    """A table whose rows are named by `new_Name`."""
    return {
        "@odata.type": f"{NAMESPACE}.EntityMetadata",
        "SchemaName": schema_name,
        "DisplayName": label(schema_name),
        "DisplayCollectionName": label(f"{schema_name}s"),
        "OwnershipType": "UserOwned",
        "Attributes": [{**column("String", "new_Name", MaxLength=100), "IsPrimaryName": True}],
        **more,
    }


def column(kind: str, schema_name: str, **more: Any) -> dict[str, Any]:
    """A column of some type."""
    return {
        "@odata.type": f"#{NAMESPACE}.{kind}AttributeMetadata",
        "SchemaName": schema_name,
        "DisplayName": label(schema_name),
        "RequiredLevel": {"Value": "None"},
        **more,
    }


def options(*pairs: tuple[int | None, str]) -> dict[str, Any]:
    """A list of options."""
    listed = [{"Label": label(text), **({} if value is None else {"Value": value})} for value, text in pairs]
    return {"OptionSetType": "Picklist", "IsGlobal": False, "Options": listed}


def key(schema_name: str, *columns: str) -> dict[str, Any]:
    """An alternate key."""
    return {"SchemaName": schema_name, "DisplayName": label(schema_name), "KeyAttributes": list(columns)}


def one_to_many(schema_name: str, to: str, table_name: str, lookup: str, delete: str = "RemoveLink") -> dict[str, Any]:
    """A one-to-many relationship with its lookup."""
    return {
        "@odata.type": f"{NAMESPACE}.OneToManyRelationshipMetadata",
        "SchemaName": schema_name,
        "ReferencedEntity": to,
        "ReferencingEntity": table_name,
        "CascadeConfiguration": {"Delete": delete},
        "Lookup": column("Lookup", lookup),
    }


def many_to_many(schema_name: str, one: str, two: str) -> dict[str, Any]:
    """A many-to-many relationship."""
    return {
        "@odata.type": f"{NAMESPACE}.ManyToManyRelationshipMetadata",
        "SchemaName": schema_name,
        "Entity1LogicalName": one,
        "Entity2LogicalName": two,
        "IntersectEntityName": schema_name.lower(),
    }
