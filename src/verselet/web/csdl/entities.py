"""Write the entity types and entity sets of tables.

In:        the schema
Out:       `BASE_TYPES`, `entity_type`, `entity_set`
Not here:  their parts (web.csdl.properties, web.csdl.navigation)
"""

from __future__ import annotations

from collections.abc import Sequence

from verselet.metadata.schema import Schema
from verselet.metadata.tables import Table
from verselet.web.csdl.annotations import of_set, of_table
from verselet.web.csdl.navigation import OWNER, PRINCIPAL, Navigation, never_null
from verselet.web.csdl.properties import properties
from verselet.web.csdl.xml import element
from verselet.web.definitions.wire import NAMESPACE

_PRINCIPALS = frozenset({OWNER, "systemuser", "team"})
_PRINCIPAL_KEY = "ownerid"

BASE_TYPES = "".join(
    (
        element("EntityType", (("Name", "crmbaseentity"), ("Abstract", "true"))),
        element("EntityType", (("Name", "crmmodelbaseentity"), ("Abstract", "true"))),
        element(
            "EntityType",
            (("Name", "expando"), ("BaseType", "mscrm.crmbaseentity"), ("Abstract", "true"), ("OpenType", "true")),
        ),
        element(
            "EntityType",
            (("Name", PRINCIPAL), ("BaseType", "mscrm.crmbaseentity"), ("Abstract", "true")),
            element("Property", (("Name", _PRINCIPAL_KEY), ("Type", "Edm.Guid"), ("Nullable", "false"))),
        ),
    )
)
"""What tables derive from: abstract and without key, for a type must not have a key when its base has one, and each
type with a set has its own. [M-3], [CC-67]"""


def entity_type(schema: Schema, table: Table, found: Sequence[Navigation], *, annotations: bool) -> str:
    """The type of a table. [M-3], [M-4]

    Activities have sets, and so has `activitypointer`: each needs a key of its own [CC-67], which a type that derives
    from another with a key must not have. So activities derive from `crmbaseentity` like other tables and declare all
    they have; nothing is inherited that would have to be looked up.
    """
    is_principal = table.name in _PRINCIPALS
    inherited = frozenset({_PRINCIPAL_KEY}) if is_principal else frozenset[str]()
    required = never_null(schema, table) | {table.primary_id}
    inner = "".join(
        (
            element("Key", (), element("PropertyRef", (("Name", table.primary_id),))),
            properties(table, required, inherited, annotations=annotations),
            *(item.text for item in found),
            of_table(table) if annotations else "",
        )
    )
    parent = PRINCIPAL if is_principal else "crmbaseentity"
    return element("EntityType", (("Name", table.name), ("BaseType", f"mscrm.{parent}")), inner)


def entity_set(table: Table, found: Sequence[Navigation], *, annotations: bool) -> str:
    """The set of a table; its type is written with the full name. [M-5], [CC-67]"""
    bindings = "".join(
        element("NavigationPropertyBinding", (("Path", item.name), ("Target", item.bound_to)))
        for item in found
        if item.bound_to is not None
    )
    return element(
        "EntitySet",
        (("Name", table.set_name), ("EntityType", f"{NAMESPACE}.{table.name}")),
        bindings + (of_set(table) if annotations else ""),
    )
