"""Write `$metadata`.

In:        the schema, messages of one's own
Out:       `csdl`: the whole document
Not here:  its parts (sibling modules), sending and packing it (web.app)
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from verselet.messages.custom import CustomMessage
from verselet.metadata.schema import Schema
from verselet.web.csdl.annotations import references
from verselet.web.csdl.audit_types import AUDIT_DETAILS, AUDIT_RESPONSES
from verselet.web.csdl.custom_operations import custom_operations, custom_responses
from verselet.web.csdl.definition_operations import DEFINITION_OPERATIONS, DEFINITION_RESPONSES
from verselet.web.csdl.entities import BASE_TYPES, entity_set, entity_type
from verselet.web.csdl.file_operations import FILE_OPERATIONS, FILE_RESPONSES
from verselet.web.csdl.navigation import navigation
from verselet.web.csdl.operation_types import ENUMS, HELD_ROWS, RESPONSES
from verselet.web.csdl.operations import FUNCTIONS, ROW_OPERATIONS, SET_ACTIONS, Function, RowOperation, SetAction
from verselet.web.csdl.xml import element
from verselet.web.definitions.shapes import COMPLEX_TYPES, DERIVED_OPTIONS, ENUM_TYPES, FLAGS
from verselet.web.definitions.types import SET_TYPES, WIRE_TYPES
from verselet.web.definitions.wire import METADATA_BASE, NAMESPACE, WireType

_ID = "MetadataId"


def csdl(schema: Schema, messages: Sequence[CustomMessage] = (), *, annotations: bool = False) -> bytes:
    """The whole document: UTF-8, CSDL 4.0, one `Schema`. [M-2] to [M-9], [CC-67]

    Tables stand in the order of their names.

    Args:
        schema: all tables.
        messages: those of one's own. [FN-28]
        annotations: with descriptions, permissions, alternate keys and change tracking. [M-8]
    """
    types: list[str] = []
    sets: list[str] = []
    for name in sorted(schema.tables):
        table = schema.tables[name]
        found = tuple(navigation(schema, table))
        types.append(entity_type(schema, table, found, annotations=annotations))
        sets.append(entity_set(table, found, annotations=annotations))
    own = custom_operations(messages, schema.tables)
    declared = _declared_types(custom_responses(messages, schema.tables))
    written = "".join(
        (BASE_TYPES, *types, _definition_types(), declared, _operations(schema, own), _container(sets, own))
    )
    attributes = (("xmlns", "http://docs.oasis-open.org/odata/ns/edm"), ("Namespace", NAMESPACE), ("Alias", "mscrm"))
    services = element("edmx:DataServices", (), element("Schema", attributes, written))
    root = (("xmlns:edmx", "http://docs.oasis-open.org/odata/ns/edmx"), ("Version", "4.0"))
    document = element("edmx:Edmx", root, (references() if annotations else "") + services)
    return f'<?xml version="1.0" encoding="utf-8"?>{document}'.encode()


def _container(sets: Iterable[str], own: Sequence[RowOperation]) -> str:
    definitions = (
        element("EntitySet", (("Name", name), ("EntityType", f"{NAMESPACE}.{declared.name}")))
        for name, declared in SET_TYPES.items()
    )
    imports = (
        element("FunctionImport", (("Name", function.name), ("Function", f"{NAMESPACE}.{function.name}")))
        for function in FUNCTIONS
    )
    unbound = (
        element(f"{found.kind}Import", (("Name", found.name), (found.kind, f"{NAMESPACE}.{found.name}")))
        for found in (*ROW_OPERATIONS, *DEFINITION_OPERATIONS, *FILE_OPERATIONS, *own)
        if found.bound_to is None
    )
    return element("EntityContainer", (("Name", "System"),), "".join((*sets, *definitions, *imports, *unbound)))


def _definition_types() -> str:
    """The types of `EntityDefinitions` and its relatives. [MD-6]"""
    return "".join(_definition_type(found) for found in WIRE_TYPES)


def _definition_type(found: WireType) -> str:
    parent = "crmmodelbaseentity" if found.parent is None else found.parent.name
    # The types below the common one have the keys; what derives from them inherits theirs.
    key = element("Key", (), element("PropertyRef", (("Name", _ID),))) if found.parent is METADATA_BASE else ""
    members = [_property(m.name, m.edm, nullable=m.name != _ID) for m in found.members]
    links = [
        element("NavigationProperty", (("Name", link.name), ("Type", _many(link.target.name, many=link.many))))
        for link in found.links
    ]
    attributes = (
        ("Name", found.name),
        ("BaseType", f"mscrm.{parent}"),
        ("Abstract", "true" if found is METADATA_BASE else None),
    )
    return element("EntityType", attributes, key + "".join((*members, *links)))


def _declared_types(own: Mapping[str, tuple[tuple[str, str], ...]]) -> str:
    answers = {**RESPONSES, **DEFINITION_RESPONSES, **FILE_RESPONSES, **AUDIT_RESPONSES, **own}
    complexes = (_complex_type(name, inner) for name, inner in (*COMPLEX_TYPES.items(), *answers.items()))
    derived = (_complex_type(name, inner, "mscrm.OptionMetadata") for name, inner in DERIVED_OPTIONS.items())
    details = (_complex_type(name, inner, "mscrm.AuditDetail") for name, inner in AUDIT_DETAILS.items())
    enums = (_enum_type(name, members) for name, members in (*ENUM_TYPES.items(), *ENUMS.items()))
    return "".join((*complexes, *derived, *details, *enums))


def _complex_type(name: str, inner: Iterable[tuple[str, str]], parent: str | None = None) -> str:
    written = "".join(
        element("NavigationProperty", (("Name", name), ("Type", edm)))
        if edm in HELD_ROWS
        else _property(name, edm, nullable=True)
        for name, edm in inner
    )
    return element("ComplexType", (("Name", name), ("BaseType", parent)), written)


def _enum_type(name: str, members: Iterable[tuple[str, int]]) -> str:
    written = "".join(element("Member", (("Name", member), ("Value", str(value)))) for member, value in members)
    return element("EnumType", (("Name", name), ("IsFlags", "true" if name in FLAGS else None)), written)


def _property(name: str, edm: str, *, nullable: bool) -> str:
    attributes = (("Name", name), ("Type", edm), ("Nullable", None if nullable else "false"), *_facets(edm))
    return element("Property", attributes)


def _operations(schema: Schema, own: Sequence[RowOperation]) -> str:
    functions = (_function(function) for function in FUNCTIONS)
    actions = (
        _action(action, f"mscrm.{name}")
        for action in SET_ACTIONS
        for name in sorted(schema.tables)
        if action.name in schema.tables[name].messages
    )
    rows = (
        _row_operation(found)
        for found in (*ROW_OPERATIONS, *DEFINITION_OPERATIONS, *FILE_OPERATIONS, *own)
        if found.bound_to is None or found.bound_to in schema.tables
    )
    return "".join((*functions, *actions, *rows))


def _row_operation(found: RowOperation) -> str:
    bound = () if found.bound_to is None else (_binding(found.bound_to, on_set=found.on_set),)
    inner = _parameters((*bound, *found.parameters), found.optional) + (
        "" if found.returns is None else _returns(found.returns)
    )
    attributes = (("Name", found.name), ("IsBound", "true" if bound else None))
    return element(found.kind, attributes, inner)


def _binding(table: str, *, on_set: bool) -> tuple[str, str]:
    return ("entityset", f"Collection(mscrm.{table})") if on_set else ("entity", f"mscrm.{table}")


def _function(function: Function) -> str:
    inner = _parameters(function.parameters) + _returns(function.returns)
    return element("Function", (("Name", function.name),), inner)


def _action(action: SetAction, type_name: str) -> str:
    bound = ("entityset", "Collection({})")
    filled = [(name, edm.format(type_name)) for name, edm in (bound, *action.parameters)]
    returns = "" if action.returns is None else _returns(action.returns)
    return element("Action", (("Name", action.name), ("IsBound", "true")), _parameters(filled) + returns)


def _parameters(parameters: Iterable[tuple[str, str]], optional: Container[str] = ()) -> str:
    return "".join(
        element(
            "Parameter",
            (("Name", name), ("Type", edm), ("Nullable", None if name in optional else "false"), *_facets(edm)),
        )
        for name, edm in parameters
    )


def _facets(edm: str) -> tuple[tuple[str, str | None], ...]:
    """What belongs to the type; a decimal that says no scale has no digits behind the point. [M-4]"""
    scale = "variable" if edm == "Edm.Decimal" else None
    return (("Scale", scale), ("Unicode", "false" if "Edm.String" in edm else None))


def _returns(edm: str) -> str:
    return element("ReturnType", (("Type", edm), ("Nullable", "false")))


def _many(name: str, *, many: bool) -> str:
    return f"Collection(mscrm.{name})" if many else f"mscrm.{name}"
