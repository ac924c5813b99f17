"""Write a whole question as an address of OData.

In:        `Question`
Out:       options by their names, or the address of the set with them
Not here:  the text of single options (query.odata.printing)
"""

from __future__ import annotations

from urllib.parse import quote

from verselet.metadata.schema import Schema
from verselet.query.odata.printing import print_apply, print_expand, print_filter, print_operand, print_orderby
from verselet.query.translating.question import Question

SAFE = "$(),;:'/@*"
"""Characters that an address shows as they are."""


def print_options(question: Question) -> dict[str, str]:
    """Option → its text, not percent-encoded; options that say nothing are left out. [Q-1]"""
    query, apply = question.query, question.apply
    filtered = None if query.filter is None else print_filter(query.filter)
    found = {
        "$select": None if query.select is None or apply is not None else ",".join(query.select),
        "$expand": print_expand(query.expand) or None,
        "$filter": filtered,
        "$apply": None if apply is None else print_apply(apply),
        "$orderby": print_orderby(query.orderby) or None,
        "$top": None if query.top is None else str(query.top),
        "$count": "true" if query.count else None,
        "$skiptoken": query.skip_token,
        **{f"@{name}": print_operand(value) for name, value in query.aliases},
    }
    return {name: text for name, text in found.items() if text is not None}


def print_address(question: Question, schema: Schema) -> str:
    """The address relative to the Web API: the set with its options, percent-encoded. [U-1]"""
    options = [f"{name}={quote(text, safe=SAFE)}" for name, text in print_options(question).items()]
    set_name = schema.tables[question.query.table].set_name
    return "?".join([set_name, *(["&".join(options)] if options else [])])
