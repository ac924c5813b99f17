"""Answer `RetrieveMetadataChanges`: definitions chosen by expressions instead of query options.

In:        the schema and the parameters of the function
Out:       the members of its answer
Not here:  `EntityDefinitions` and its options (answer)

Everything is answered in full, whatever stamp a client brings: its cache is then as good as new. [CC-68], [FN-25]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import structs

from verselet.errors import BadRequest
from verselet.metadata.languages import BASE_LANGUAGE
from verselet.metadata.schema import Schema
from verselet.web.definitions.places import remembered
from verselet.web.definitions.view import view_of
from verselet.web.definitions.wire import NAMESPACE, Subject

Expression: TypeAlias = Mapping[str, Any]

_SET = "EntityDefinitions"
_QUERIES = {
    "Attributes": "AttributeQuery",
    "Keys": "KeyQuery",
    "OneToManyRelationships": "RelationshipQuery",
    "ManyToOneRelationships": "RelationshipQuery",
    "ManyToManyRelationships": "RelationshipQuery",
}
"""Part of a table → which expression chooses among it."""

_ALWAYS = frozenset({"MetadataId", "LogicalName", "HasChanged"})
"""Written whatever properties are named; generators rely on it."""

FALLS_BACK: Final = 1
"""`MissingLabelBehavior` that shows the base language where there is no label in the languages wanted. [CC-68]"""

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda found, wanted: found == wanted,
    "NotEquals": lambda found, wanted: found != wanted,
    "In": lambda found, wanted: isinstance(wanted, list) and found in wanted,
    "NotIn": lambda found, wanted: isinstance(wanted, list) and found not in wanted,
    "GreaterThan": lambda found, wanted: found is not None and found > wanted,
    "LessThan": lambda found, wanted: found is not None and found < wanted,
}


def metadata_changes(schema: Schema, text: str, language: int = BASE_LANGUAGE) -> dict[str, object]:
    """The definitions that an `EntityQueryExpression` chooses. [CC-68]

    Args:
        schema: all tables.
        text: the expression, as JSON.
        language: what the caller reads in. [MD-9]

    Raises:
        BadRequest: no expression, or an operator, property or language that nothing has.
    """
    query = _decoded(text)
    labels = query.get("LabelQuery") or {}
    view = view_of(schema, _languages(labels), language)
    if isinstance(labels, dict) and labels.get("MissingLabelBehavior") == FALLS_BACK:
        view = structs.replace(view, falls_back=True)
    tables = remembered(view, _SET).subjects
    written = [_written(table, query, query) for table in _kept(tables, query)]
    return {"EntityMetadata": written, "ServerVersionStamp": str(schema.generation), "DeletedMetadata": None}


def _languages(wanted: object) -> str | None:
    """The languages whose labels are wanted, as the option of an address says it; None for all. [MD-17]"""
    found = wanted.get("FilterLanguages") if isinstance(wanted, dict) else wanted
    if found is None or found == []:
        return None
    if not isinstance(found, list) or not all(type(code) is int and 0 < code < 2**16 for code in found):
        raise BadRequest("The FilterLanguages of a LabelQuery must be a list of language codes.")
    return ",".join(map(str, found))


def _decoded(text: str) -> Expression:
    try:
        found: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequest(f"The parameter 'Query' is no JSON object. {error}") from None
    if not isinstance(found, dict):
        raise BadRequest("The parameter 'Query' must be an EntityQueryExpression.")
    return found


def _written(subject: Subject, expression: Expression, query: Expression) -> dict[str, object]:
    """One definition with the properties that its expression names; properties its type does not have are left out."""
    properties = expression.get("Properties") or {}
    exact = subject.wire_type
    wanted = None if properties.get("AllProperties") else properties.get("PropertyNames") or []
    written: dict[str, object] = {"@odata.type": f"#{NAMESPACE}.{exact.name}"}
    for name, member in exact.all_members.items():
        if wanted is None or name in wanted or name in _ALWAYS:
            written[name] = member.read(subject)
    for name, link in exact.all_links.items():
        if wanted is not None and name not in wanted:
            continue
        inner = query.get(_QUERIES.get(name, ""), None) or {"Properties": {"AllProperties": True}}
        found = [_written(part, inner, query) for part in _kept(link.read(subject), inner)]
        written[name] = found if link.many else next(iter(found), None)
    return written


def _kept(subjects: Iterable[Subject], expression: Expression) -> list[Subject]:
    criteria = expression.get("Criteria")
    return [subject for subject in subjects if criteria is None or _fits(subject, criteria)]


def _fits(subject: Subject, criteria: Expression) -> bool:
    """All conditions and filters hold, or any where `FilterOperator` is `Or`."""
    answers = [_holds(subject, condition) for condition in criteria.get("Conditions") or []]
    answers += [_fits(subject, inner) for inner in criteria.get("Filters") or []]
    operator = criteria.get("FilterOperator") or "And"
    if operator not in {"And", "Or"}:
        raise BadRequest(f"'{str(operator)[:80]}' is no FilterOperator: it must be And or Or.")
    return any(answers) if operator == "Or" and answers else all(answers)


def _holds(subject: Subject, condition: Expression) -> bool:
    name, operator = condition.get("PropertyName"), condition.get("ConditionOperator")
    compare = _OPERATORS.get(str(operator))
    if compare is None:
        raise BadRequest(f"'{str(operator)[:80]}' is no ConditionOperator. Possible are {', '.join(_OPERATORS)}.")
    member = subject.wire_type.all_members.get(str(name))
    if member is None:
        raise BadRequest(f"'{subject.wire_type.name}' has no property '{str(name)[:80]}' to compare.")
    try:
        return compare(_bare(member.read(subject)), _bare(condition.get("Value")))
    except TypeError:
        raise BadRequest(f"The property '{name}' cannot be compared with that value.") from None


def _bare(value: Any) -> Any:
    """What stands in an object with a `Value`: of managed properties, names of types and typed constants."""
    return value["Value"] if isinstance(value, dict) and "Value" in value else value
