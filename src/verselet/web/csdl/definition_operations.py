"""List the actions on definitions that `$metadata` declares.

In:        nothing
Out:       `DEFINITION_OPERATIONS`, `DEFINITION_RESPONSES`
Not here:  running them (web.definition_writes.actions), other operations (operations)
"""

from __future__ import annotations

from collections.abc import Mapping

from verselet.web.csdl.operations import RowOperation, action

_LIST = (
    ("OptionSetName", "Edm.String"),
    ("AttributeLogicalName", "Edm.String"),
    ("EntityLogicalName", "Edm.String"),
)
_LABELLED = (("Label", "mscrm.Label"), ("SolutionUniqueName", "Edm.String"))
_LOOKUP = (
    ("OneToManyRelationships", "Collection(mscrm.OneToManyRelationshipMetadata)"),
    ("Lookup", "mscrm.LookupAttributeMetadata"),
    ("SolutionUniqueName", "Edm.String"),
)
_VALUE = (("Value", "Edm.Int32"),)
_TABLE = (("EntityLogicalName", "Edm.String"),)


DEFINITION_OPERATIONS: tuple[RowOperation, ...] = (
    action("CreateCustomerRelationships", _LOOKUP, answers=True),
    action("CreateEntities", (("Entities", "Collection(mscrm.EntityMetadata)"),), answers=True),
    action("CreatePolymorphicLookupAttribute", _LOOKUP, answers=True),
    action("DeleteOptionValue", (*_LIST, *_VALUE)),
    action("DeprovisionLanguage", (("Language", "Edm.Int32"),)),
    action("InsertOptionValue", (*_LIST, *_VALUE, *_LABELLED), answers=True),
    action("InsertStatusValue", (*_TABLE, *_VALUE, *_LABELLED, ("StateCode", "Edm.Int32")), answers=True),
    action("OrderOption", (*_LIST, ("Values", "Collection(Edm.Int32)"))),
    action("ProvisionLanguage", (("Language", "Edm.Int32"),)),
    action("PublishAllXml", ()),
    action("PublishXml", (("ParameterXml", "Edm.String"),)),
    action("ReactivateEntityKey", (*_TABLE, ("EntityKeyLogicalName", "Edm.String"))),
    action("UpdateOptionValue", (*_LIST, *_VALUE, *_LABELLED, ("MergeLabels", "Edm.Boolean"))),
    action(
        "UpdateStateValue",
        (*_TABLE, *_VALUE, *_LABELLED, ("MergeLabels", "Edm.Boolean"), ("DefaultStatusCode", "Edm.Int32")),
    ),
)
"""[MW-12], [MW-13], [MW-15], [MW-17]"""

_MADE = (("RelationshipIds", "Collection(Edm.Guid)"), ("AttributeId", "Edm.Guid"))
_NUMBERED = (("NewOptionValue", "Edm.Int32"),)

DEFINITION_RESPONSES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "CreateCustomerRelationshipsResponse": _MADE,
    "CreateEntitiesResponse": (("EntityIds", "Collection(Edm.Guid)"),),
    "CreatePolymorphicLookupAttributeResponse": _MADE,
    "InsertOptionValueResponse": _NUMBERED,
    "InsertStatusValueResponse": _NUMBERED,
}
"""Complex type of an answer → its properties. [FN-5]"""
