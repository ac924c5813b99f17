"""A part of a `$metadata` document: some tables, and what leads from one of them to another.

The generators take minutes for a whole organization, because they write a class for every table and every operation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
TYPE = re.compile(r"(?:mscrm|Microsoft\.Dynamics\.CRM)\.(\w+)")
BASES = frozenset({"crmbaseentity", "principal"})
AUDIT = "Audit"
TYPES = frozenset({f"{EDM}EntityType", f"{EDM}ComplexType"})
OPERATIONS = frozenset({f"{EDM}Action", f"{EDM}Function"})


def cut_metadata(document: str, tables: Collection[str]) -> str:
    """The document with no table but those."""
    ElementTree.register_namespace("edmx", "http://docs.oasis-open.org/odata/ns/edmx")
    ElementTree.register_namespace("", EDM.strip("{}"))
    root = ElementTree.fromstring(document)
    schema = next(root.iter(f"{EDM}Schema"))
    gone = {found.get("Name", "") for found in schema.iter(f"{EDM}EntityType")} - {*tables, *BASES}
    # A complex type that leads to rows of any table is more than the generator of services can write.
    gone |= {found.get("Name", "") for found in schema.iter(f"{EDM}ComplexType") if AUDIT in found.get("Name", "")}

    def names_one(element: Element) -> bool:
        return any(
            gone & set(TYPE.findall(part.get(name, ""))) for part in element.iter() for name in ("Type", "EntityType")
        )

    gone |= {found.get("Name", "") for found in schema.iter(f"{EDM}ComplexType") if names_one(found)}
    _remove(schema, lambda child: child.tag in TYPES and child.get("Name") in gone)
    for kept in schema.iter(f"{EDM}EntityType"):
        _remove(kept, names_one)
    _remove(schema, lambda child: child.tag in OPERATIONS and names_one(child))
    operations = {found.get("Name") for found in schema if found.tag in OPERATIONS}
    container = next(schema.iter(f"{EDM}EntityContainer"))
    _remove(container, names_one)
    _remove(container, lambda child: child.tag.endswith("Import") and child.get("Name") not in operations)
    sets = {found.get("Name") for found in container}
    for entity_set in container:
        _remove(entity_set, lambda child: child.get("Target") not in sets)
    return ElementTree.tostring(root, encoding="unicode")


def _remove(parent: Element, unwanted: Callable[[Element], bool]) -> None:
    for child in [child for child in parent if unwanted(child)]:
        parent.remove(child)
