"""Read and answer the operations on duplicates and their rules.

In:        a call
Out:       an `Answer`
Not here:  finding them (operations.duplicates)
"""

from __future__ import annotations

from typing import cast

from verselet.errors import BadRequest, BodyRefused
from verselet.ids import GUID
from verselet.messages.duplicates import (
    Duplicates,
    PublishDuplicateRule,
    RetrieveDuplicates,
    UnpublishDuplicateRule,
)
from verselet.messages.request import RowKey
from verselet.web.answers import Answer
from verselet.web.exchange import Exchange
from verselet.web.reads import RowReads
from verselet.web.row_functions.calls import Call
from verselet.web.row_functions.parameters import object_of, paging_of, text_of, type_of

MOST = 500
"""So many duplicates are told at once."""


def retrieve_duplicates(call: Call) -> Answer:
    """The duplicates of a row that need not be stored, as rows. [DD-3], [JOB-20]"""
    body = object_of(call.given, "BusinessEntity")
    table = call.schema.tables.get(type_of(body, "BusinessEntity"))
    if table is None:
        raise BodyRefused("BusinessEntity", f"There is no type '{str(body['@odata.type'])[:80]}'.")
    row = call.organization.row_reader(table, creating=True).read(body)
    page, size = paging_of(call.given, MOST)
    message = RetrieveDuplicates(row, text_of(call.given, "MatchingEntityName"), page, size)
    found = cast(Duplicates, call.execute(message))
    matching = call.schema.tables[found.table]
    if not found.ids:
        return call.written(matching.set_name, {"value": []})
    listed = ",".join([f"'{row_id}'" for row_id in found.ids])
    query = f"$filter=Microsoft.Dynamics.CRM.In(PropertyName='{matching.primary_id}',PropertyValues=[{listed}])"
    exchange = call.exchange
    asking = Exchange("GET", exchange.api, matching.set_name, query, {"prefer": exchange.headers.get("prefer", "")})
    asking.caller = exchange.caller
    return RowReads(call.organization).page(asking, matching)


def publish_rule(call: Call) -> Answer:
    """A rule finds duplicates from now on. [JOB-17]"""
    return call.properties(PublishDuplicateRule(call.bound[1]))


def unpublish_rule(call: Call) -> Answer:
    """A rule finds nothing from now on. [JOB-17]"""
    rule = text_of(call.given, "DuplicateRuleId")
    if not GUID.match(rule):
        raise BadRequest("The parameter 'DuplicateRuleId' must be a GUID.")
    return call.done(UnpublishDuplicateRule(RowKey(rule.lower())))
