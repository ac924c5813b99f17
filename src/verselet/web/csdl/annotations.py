"""Write what `?annotations=true` adds.

In:        tables and columns
Out:       `Annotation` elements, and the references to the vocabularies they come from
Not here:  what they annotate (web.csdl.properties, web.csdl.entities)
"""

from __future__ import annotations

from verselet.metadata.columns import Column
from verselet.metadata.tables import Key, Table
from verselet.query.outputs import property_name
from verselet.web.csdl.xml import element

_VOCABULARIES = (
    ("Org.OData.Core.V1", "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.xml"),
    (
        "Org.OData.Capabilities.V1",
        "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Capabilities.V1.xml",
    ),
    ("OData.Community.Keys.V1", "http://vocabularies.odata.org/OData.Community.Keys.V1.xml"),
)


def references() -> str:
    """The vocabularies. Only with annotations: some clients fetch what is referred to."""
    return "".join(
        element("edmx:Reference", (("Uri", uri),), element("edmx:Include", (("Namespace", namespace),)))
        for namespace, uri in _VOCABULARIES
    )


def of_column(column: Column) -> str:
    """What a column is for, and whether it can be written. [M-8], [T-21]"""
    written = _described(column.description)
    if column.create or column.update:
        return written
    computed = _annotation("Org.OData.Core.V1.Computed", ("Bool", "true"))
    return (
        written
        + computed
        + _annotation("Org.OData.Core.V1.Permissions", ("EnumMember", "Org.OData.Core.V1.Permission/Read"))
    )


def of_table(table: Table) -> str:
    """What a table is for, and its alternate keys. [M-8]"""
    written = _described(table.description)
    if not table.keys:
        return written
    keys = "".join(_alternate_key(table, key) for key in table.keys)
    return written + element(
        "Annotation", (("Term", "OData.Community.Keys.V1.AlternateKeys"),), element("Collection", (), keys)
    )


def of_set(table: Table) -> str:
    """Whether changes can be followed. [M-8]"""
    supported = _value("Supported", ("Bool", "true" if table.change_tracking else "false"))
    return element(
        "Annotation", (("Term", "Org.OData.Capabilities.V1.ChangeTracking"),), element("Record", (), supported)
    )


def _alternate_key(table: Table, key: Key) -> str:
    parts = "".join(_key_part(table, name) for name in key.columns)
    return element(
        "Record",
        (("Type", "OData.Community.Keys.V1.AlternateKey"),),
        element("PropertyValue", (("Property", "Key"),), element("Collection", (), parts)),
    )


def _key_part(table: Table, name: str) -> str:
    column = table.columns.get(name)
    path = name if column is None else property_name(column)
    return element(
        "Record",
        (("Type", "OData.Community.Keys.V1.PropertyRef"),),
        _value("Alias", ("String", path)) + _value("Name", ("PropertyPath", path)),
    )


def _described(text: str) -> str:
    return _annotation("Org.OData.Core.V1.Description", ("String", text)) if text else ""


def _annotation(term: str, value: tuple[str, str]) -> str:
    return element("Annotation", (("Term", term), value))


def _value(name: str, value: tuple[str, str]) -> str:
    return element("PropertyValue", (("Property", name), value))
