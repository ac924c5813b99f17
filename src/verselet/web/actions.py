"""List the unbound actions and who answers them.

In:        the name of an action
Out:       `action_named`: a function from organization, exchange and name to an `Answer`
Not here:  functions (web.functions), messages bound to a set (web.bulk)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from verselet.errors import MethodNotAllowed
from verselet.organization import Organization
from verselet.web.answers import Answer
from verselet.web.exchange import Exchange

Action: TypeAlias = Callable[[Organization, Exchange, str], Answer]


def action_named(name: str) -> Action | None:
    """What answers an action; None where this server has no such action."""
    return ACTIONS.get(name)


def answer_action(organization: Organization, exchange: Exchange, name: str) -> Answer:
    """Run an action that `action_named` knows. [FN-6]

    Raises:
        MethodNotAllowed: an action is called with POST only.
    """
    if exchange.method != "POST":
        raise MethodNotAllowed(exchange.method, name)
    return ACTIONS[name](organization, exchange, name)


def _on_definitions(organization: Organization, exchange: Exchange, name: str) -> Answer:
    # Only who changes definitions pays for their modules: 35 ms at start.
    from verselet.web.definition_writes.actions import answer_action as answer

    return answer(organization, exchange, name)


ACTIONS: Final[Mapping[str, Action]] = MappingProxyType(
    {
        "CreateCustomerRelationships": _on_definitions,
        "CreateEntities": _on_definitions,
        "CreatePolymorphicLookupAttribute": _on_definitions,
        "DeleteOptionValue": _on_definitions,
        "DeprovisionLanguage": _on_definitions,
        "InsertOptionValue": _on_definitions,
        "InsertStatusValue": _on_definitions,
        "OrderOption": _on_definitions,
        "ProvisionLanguage": _on_definitions,
        "PublishAllXml": _on_definitions,
        "PublishXml": _on_definitions,
        "ReactivateEntityKey": _on_definitions,
        "UpdateOptionValue": _on_definitions,
        "UpdateStateValue": _on_definitions,
    }
)
"""Action → what answers it."""
