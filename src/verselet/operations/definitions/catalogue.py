"""List the operations on definitions.

In:        nothing
Out:       `DEFINITION_OPERATIONS`: message → its one operation
Not here:  messages on rows (operations)
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from verselet.messages import definitions as messages
from verselet.messages.request import Request
from verselet.operations.definitions import choices, columns, languages, relationships, tables
from verselet.pipeline.execute import Operation

DEFINITION_OPERATIONS: Mapping[type[Request], Operation] = MappingProxyType(
    {
        messages.CreateEntity: tables.create_entity,
        messages.CreateEntities: tables.create_entities,
        messages.UpdateEntity: tables.update_entity,
        messages.DeleteEntity: tables.delete_entity,
        messages.CreateAttribute: columns.create_attribute,
        messages.UpdateAttribute: columns.update_attribute,
        messages.DeleteAttribute: columns.delete_attribute,
        messages.CreateEntityKey: columns.create_entity_key,
        messages.DeleteEntityKey: columns.delete_entity_key,
        messages.ReactivateEntityKey: columns.reactivate_entity_key,
        messages.CreateOneToMany: relationships.create_one_to_many,
        messages.CreateManyToMany: relationships.create_many_to_many,
        messages.CreateCustomerRelationships: relationships.create_customer_relationships,
        messages.CreatePolymorphicLookupAttribute: relationships.create_polymorphic_lookup,
        messages.UpdateRelationship: relationships.change_relationship,
        messages.DeleteRelationship: relationships.delete_relationship,
        messages.CreateOptionSet: choices.create_option_set,
        messages.UpdateOptionSet: choices.update_option_set,
        messages.DeleteOptionSet: choices.delete_option_set,
        messages.InsertOptionValue: choices.insert_option_value,
        messages.InsertStatusValue: choices.insert_status_value,
        messages.UpdateOptionValue: choices.update_option_value,
        messages.UpdateStateValue: choices.update_state_value,
        messages.OrderOption: choices.order_option,
        messages.DeleteOptionValue: choices.delete_option_value,
        messages.ProvisionLanguage: languages.provision_language,
        messages.DeprovisionLanguage: languages.deprovision_language,
        messages.ReplaceDefinitions: tables.replace_definitions,
        messages.PublishXml: tables.publish,
        messages.PublishAllXml: tables.publish,
    }
)
"""Message → its one operation. [invariant 6]"""
