"""The rules of CSDL 4.0 that a document without schema files can be held to: structure, names, references, keys.

Each rule is a generator of complaints; a valid document has none. Source: OData Version 4.0, Part 3 (CSDL), the
sections named beside the rules.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from xml.etree import ElementTree as Xml

import msgspec

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX = "{http://docs.oasis-open.org/odata/ns/edmx}"
NAMESPACE = "Microsoft.Dynamics.CRM"

SIMPLE_IDENTIFIER = re.compile(r"[^\W\d]\w{0,127}\Z")
PRIMITIVES = frozenset(
    f"Edm.{name}"
    for name in (
        *("Binary", "Boolean", "Byte", "Date", "DateTimeOffset", "Decimal", "Double", "Duration", "Guid", "Int16"),
        *("Int32", "Int64", "SByte", "Single", "Stream", "String", "TimeOfDay"),
    )
)


class Shape(msgspec.Struct, frozen=True):
    """What an element may have: attributes that must and may be there, children, and those that come first, once."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    children: frozenset[str] = frozenset()
    first: str | None = None


def _shape(required: str, optional: str = "", children: str = "", first: str | None = None) -> Shape:
    return Shape(frozenset(required.split()), frozenset(optional.split()), frozenset(children.split()), first)


_FACETS = "Nullable MaxLength Precision Scale SRID Unicode"
_ANNOTATION_VALUES = "String Bool EnumMember PropertyPath Path Int"

STRUCTURE: Mapping[str, Shape] = {
    f"{EDMX}Edmx": _shape("Version", children="Reference DataServices"),
    f"{EDMX}Reference": _shape("Uri", children="Include IncludeAnnotations Annotation"),
    f"{EDMX}Include": _shape("Namespace", "Alias"),
    f"{EDMX}DataServices": _shape("", children="Schema"),
    f"{EDM}Schema": _shape(
        "Namespace",
        "Alias",
        "EntityType ComplexType EnumType TypeDefinition Action Function EntityContainer Term Annotations Annotation",
    ),
    f"{EDM}EntityType": _shape(
        "Name", "BaseType Abstract OpenType HasStream", "Key Property NavigationProperty Annotation", "Key"
    ),
    f"{EDM}ComplexType": _shape("Name", "BaseType Abstract OpenType", "Property NavigationProperty Annotation"),
    f"{EDM}Key": _shape("", children="PropertyRef"),
    f"{EDM}PropertyRef": _shape("Name", "Alias"),
    f"{EDM}Property": _shape("Name Type", f"{_FACETS} DefaultValue", "Annotation"),
    f"{EDM}NavigationProperty": _shape(
        "Name Type", "Nullable Partner ContainsTarget", "ReferentialConstraint OnDelete Annotation"
    ),
    f"{EDM}ReferentialConstraint": _shape("Property ReferencedProperty", children="Annotation"),
    f"{EDM}EnumType": _shape("Name", "UnderlyingType IsFlags", "Member Annotation"),
    f"{EDM}Member": _shape("Name", "Value", "Annotation"),
    f"{EDM}Function": _shape("Name", "IsBound IsComposable EntitySetPath", "Parameter ReturnType Annotation"),
    f"{EDM}Action": _shape("Name", "IsBound EntitySetPath", "Parameter ReturnType Annotation"),
    f"{EDM}Parameter": _shape("Name Type", _FACETS, "Annotation"),
    f"{EDM}ReturnType": _shape("Type", _FACETS, "Annotation"),
    f"{EDM}EntityContainer": _shape("Name", "Extends", "EntitySet Singleton ActionImport FunctionImport Annotation"),
    f"{EDM}EntitySet": _shape("Name EntityType", "IncludeInServiceDocument", "NavigationPropertyBinding Annotation"),
    f"{EDM}NavigationPropertyBinding": _shape("Path Target"),
    f"{EDM}FunctionImport": _shape("Name Function", "EntitySet IncludeInServiceDocument", "Annotation"),
    f"{EDM}ActionImport": _shape("Name Action", "EntitySet", "Annotation"),
    f"{EDM}Annotation": _shape("Term", f"Qualifier {_ANNOTATION_VALUES}", "Collection Record"),
    f"{EDM}Collection": _shape("", children="Record PropertyPath String"),
    f"{EDM}Record": _shape("", "Type", "PropertyValue Annotation"),
    f"{EDM}PropertyValue": _shape("Property", _ANNOTATION_VALUES, "Collection Record Annotation"),
}
"""Element → what the XML schemas of CSDL allow it."""


class Document(msgspec.Struct, frozen=True, dict=True, eq=False):
    """A parsed document with look-ups by name."""

    root: Xml.Element

    @cached_property
    def schemas(self) -> list[Xml.Element]:
        """All `Schema` elements."""
        return list(self.root.iter(f"{EDM}Schema"))

    @cached_property
    def entity_types(self) -> dict[str, Xml.Element]:
        """Name → entity type."""
        return {found.attrib["Name"]: found for found in self.schemas[0].findall(f"{EDM}EntityType")}

    @cached_property
    def complex_types(self) -> dict[str, Xml.Element]:
        """Name → complex type."""
        return {found.attrib["Name"]: found for found in self.schemas[0].findall(f"{EDM}ComplexType")}

    @cached_property
    def enum_types(self) -> dict[str, Xml.Element]:
        """Name → enum type."""
        return {found.attrib["Name"]: found for found in self.schemas[0].findall(f"{EDM}EnumType")}

    @cached_property
    def container(self) -> Xml.Element:
        """The container."""
        (found,) = self.schemas[0].findall(f"{EDM}EntityContainer")
        return found

    @cached_property
    def sets(self) -> dict[str, Xml.Element]:
        """Name → entity set."""
        return {found.attrib["Name"]: found for found in self.container.findall(f"{EDM}EntitySet")}

    def lineage(self, name: str) -> list[Xml.Element]:
        """An entity or complex type with all it derives from, itself first."""
        types = self.entity_types if name in self.entity_types else self.complex_types
        found = [types[name]]
        while "BaseType" in found[-1].attrib:
            found.append(types[local(found[-1].attrib["BaseType"])])
        return found

    def parts(self, name: str, kind: str) -> dict[str, Xml.Element]:
        """Name → property (or navigation property) of a type, inherited ones too."""
        return {part.attrib["Name"]: part for level in self.lineage(name) for part in level.findall(f"{EDM}{kind}")}


def read(document: bytes) -> Document:
    """A well-formed document."""
    return Document(Xml.fromstring(document))


def local(name: str) -> str:
    """The name of a type of the document, without its namespace or alias."""
    for prefix in (f"{NAMESPACE}.", "mscrm."):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    raise AssertionError(f"{name} is in another namespace")


def one(type_name: str) -> str:
    """The type of a collection's items, or the type itself."""
    found = re.fullmatch(r"Collection\((.+)\)", type_name)
    return found.group(1) if found else type_name


def wrong_structure(document: Document) -> Iterator[str]:
    """Elements, attributes and their places, as the XML schemas say."""
    for element in document.root.iter():
        shape = STRUCTURE.get(element.tag)
        if shape is None:
            yield f"element {element.tag}"
            continue
        given = set(element.attrib)
        if not shape.required <= given <= shape.required | shape.optional:
            yield f"attributes of {element.tag}: {sorted(given)}"
        names = [child.tag.partition("}")[2] for child in element]
        if not set(names) <= shape.children:
            yield f"children of {element.tag}: {sorted(set(names) - shape.children)}"
        if shape.first in names and (names[0] != shape.first or names.count(shape.first) > 1):
            yield f"{shape.first} of {element.attrib}"


def wrong_names(document: Document) -> Iterator[str]:
    """Simple identifiers (§17.2); unique in their scope (§5.1, §6.1, §8.1, §13)."""
    for element in document.root.iter():
        name = element.attrib.get("Name")
        if name is not None and element.tag.startswith(EDM) and not SIMPLE_IDENTIFIER.match(name):
            yield f"name {name}"
    kinds = ("EntityType", "ComplexType", "EnumType", "EntityContainer")
    yield from _twice(f.attrib["Name"] for kind in kinds for f in document.schemas[0].findall(f"{EDM}{kind}"))
    yield from _twice(found.attrib["Name"] for found in document.container)
    for found in document.enum_types.values():
        yield from _twice(member.attrib["Name"] for member in found)
    for name in (*document.entity_types, *document.complex_types):
        parts = [part for level in document.lineage(name) for part in level]
        yield from _twice(f"{name}.{part.attrib['Name']}" for part in parts if "Property" in part.tag)


def _twice(names: Iterator[str]) -> Iterator[str]:
    return (f"{name} occurs {times} times" for name, times in Counter(names).items() if times > 1)


def wrong_references(document: Document) -> Iterator[str]:
    """Each type that is named exists and is of the right kind (§4.1, §6.1, §7.1, §8.1, §12)."""
    entities, complexes, enums = document.entity_types, document.complex_types, document.enum_types
    for element in document.root.iter():
        kind, given = element.tag.removeprefix(EDM), element.attrib
        match kind:
            case "Property" | "Parameter" | "ReturnType":
                name = one(given["Type"])
                known = {**complexes, **enums} if kind == "Property" else {**complexes, **enums, **entities}
                if name not in PRIMITIVES and local(name) not in known:
                    yield f"{kind} {given}"
            case "NavigationProperty" if local(one(given["Type"])) not in entities:
                yield f"{kind} {given}"
            case "EntityType" if "BaseType" in given and local(given["BaseType"]) not in entities:
                yield f"{kind} {given}"
            case "ComplexType" if "BaseType" in given and local(given["BaseType"]) not in complexes:
                yield f"{kind} {given}"
            case "EntitySet" if local(given["EntityType"]) not in entities:
                yield f"{kind} {given}"
            case _:
                pass


def wrong_keys(document: Document) -> Iterator[str]:
    """One key per line of descent, of properties that are never null (§8.2); enough for every set (§13.2)."""
    for name, found in document.entity_types.items():
        own = [level for level in document.lineage(name) if level.find(f"{EDM}Key") is not None]
        is_abstract = found.attrib.get("Abstract") == "true"
        if len(own) > 1 or (not own and not is_abstract):
            yield f"{name} has {len(own)} keys"
        for reference in found.findall(f"{EDM}Key/{EDM}PropertyRef"):
            part = document.parts(name, "Property").get(reference.attrib["Name"])
            if part is None or part.attrib["Type"] not in PRIMITIVES or part.attrib.get("Nullable") != "false":
                yield f"{name}: key {reference.attrib['Name']}"


def wrong_facets(document: Document) -> Iterator[str]:
    """Facets belong to their types (§6.2); a decimal without scale has no digits behind the point (§6.2.4)."""
    for found in document.root.iter(f"{EDM}Property"):
        given, kind = found.attrib, one(found.attrib["Type"])
        if ("Scale" in given) != (kind == "Edm.Decimal") or ("Unicode" in given) != (kind == "Edm.String"):
            yield f"{given}"


def wrong_navigation(document: Document) -> Iterator[str]:
    """Nullability (§7.1.3), partners (§7.1.4) and referential constraints (§7.2)."""
    for name, found in document.entity_types.items():
        for part in found.findall(f"{EDM}NavigationProperty"):
            if part.attrib["Type"].startswith("Collection(") and "Nullable" in part.attrib:
                yield f"{name}.{part.attrib['Name']}: a collection says it is never null"
            yield from _wrong_partner(document, name, part)
            yield from _wrong_constraints(document, name, part)


def _wrong_partner(document: Document, name: str, part: Xml.Element) -> Iterator[str]:
    wanted = part.attrib.get("Partner")
    if wanted is None:
        return
    place = f"{name}.{part.attrib['Name']}"
    partner = document.parts(local(one(part.attrib["Type"])), "NavigationProperty").get(wanted)
    if partner is None:
        yield f"{place}: partner {wanted} is not there"
        return
    ancestors = {level.attrib["Name"] for level in document.lineage(name)}
    if local(one(partner.attrib["Type"])) not in ancestors:
        yield f"{place}: partner {wanted} leads to {partner.attrib['Type']}"
    if partner.attrib.get("Partner", part.attrib["Name"]) != part.attrib["Name"]:
        yield f"{place}: partner {wanted} names {partner.attrib['Partner']}"


def _wrong_constraints(document: Document, name: str, part: Xml.Element) -> Iterator[str]:
    for constraint in part.findall(f"{EDM}ReferentialConstraint"):
        place = f"{name}.{part.attrib['Name']}"
        here = document.parts(name, "Property").get(constraint.attrib["Property"])
        there = document.parts(local(part.attrib["Type"]), "Property").get(constraint.attrib["ReferencedProperty"])
        if here is None or there is None or here.attrib["Type"] != there.attrib["Type"]:
            yield f"{place}: {constraint.attrib}"
            continue
        never_null = {"false"} == {found.attrib.get("Nullable") for found in (part, there)}
        if never_null != (here.attrib.get("Nullable") == "false"):
            yield f"{place}: {constraint.attrib['Property']} disagrees about null"


def wrong_bindings(document: Document) -> Iterator[str]:
    """Each binding leads from a navigation property to a set of its type, once (§13.4)."""
    for name, found in document.sets.items():
        parts = document.parts(local(found.attrib["EntityType"]), "NavigationProperty")
        bindings = found.findall(f"{EDM}NavigationPropertyBinding")
        yield from _twice(f"{name}: {binding.attrib['Path']}" for binding in bindings)
        for binding in bindings:
            part = parts.get(binding.attrib["Path"])
            target = document.sets.get(binding.attrib["Target"])
            if part is None or target is None or one(part.attrib["Type"]) != alias(target.attrib["EntityType"]):
                yield f"{name}: {binding.attrib}"


def alias(name: str) -> str:
    """A full type name with the alias in place of the namespace."""
    return f"mscrm.{local(name)}"


def wrong_operations(document: Document) -> Iterator[str]:
    """Imports name unbound operations (§13.5); bound ones have a binding parameter, each type once (§12.1)."""
    schema = document.schemas[0]
    for kind in ("Function", "Action"):
        found = schema.findall(f"{EDM}{kind}")
        unbound = {f.attrib["Name"] for f in found if f.attrib.get("IsBound") != "true"}
        for imported in document.container.findall(f"{EDM}{kind}Import"):
            if local(imported.attrib[kind]) not in unbound:
                yield f"{kind}Import {imported.attrib}"
        bound = [f for f in found if f.attrib.get("IsBound") == "true"]
        for operation in bound:
            parameter = operation.find(f"{EDM}Parameter")
            if parameter is None or parameter.attrib["Name"] not in ("entity", "entityset"):
                yield f"{kind} {operation.attrib} is bound to nothing"
        yield from _twice(f"{f.attrib['Name']} {f[0].attrib['Type']}" for f in bound)
        yield from _twice(f.attrib["Name"] for f in found if f.attrib.get("IsBound") != "true")


def wrong_annotations(document: Document) -> Iterator[str]:
    """Terms come from vocabularies the document refers to (§14.2)."""
    included = {found.attrib["Namespace"] for found in document.root.iter(f"{EDMX}Include")}
    for found in document.root.iter(f"{EDM}Annotation"):
        if found.attrib["Term"].rpartition(".")[0] not in included:
            yield found.attrib["Term"]


RULES = (
    wrong_structure,
    wrong_names,
    wrong_references,
    wrong_keys,
    wrong_facets,
    wrong_navigation,
    wrong_bindings,
    wrong_operations,
    wrong_annotations,
)
"""All of them."""
