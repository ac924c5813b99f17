"""Decide what an address and a method mean.

In:        an exchange
Out:       an `Answer`
Not here:  doing it (web.reads, web.writes and their neighbours)
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final, cast

from verselet.errors import AccessDenied, BadRequest, MethodNotAllowed, NotSupportedHere, ResourceNotFound
from verselet.messages.custom import Binding, CustomMessage
from verselet.messages.request import RowKey
from verselet.metadata.tables import Table
from verselet.operations.failures import LayoutChanged, Unavailable
from verselet.operations.keys import row_key
from verselet.organization import Organization
from verselet.pipeline.execution import ORDINARY
from verselet.query.odata.keys import Segment, parse_key, split_segments
from verselet.query.resolve import Within
from verselet.web.actions import action_named, answer_action
from verselet.web.answers import NO_CONTENT, Answer
from verselet.web.batch.run import Batches
from verselet.web.bulk import bulk_answers
from verselet.web.bypassing import circumstances_of
from verselet.web.cached_reads import KEY
from verselet.web.custom_messages.answer import answer_custom, callable_message
from verselet.web.documents import ServiceDocuments
from verselet.web.exchange import Exchange
from verselet.web.functions import Functions, refuse_operation
from verselet.web.known_sets import refuse_known_set
from verselet.web.navigation import CAST, Destination, Navigator
from verselet.web.properties import RowProperties
from verselet.web.read_events import many_read, one_read
from verselet.web.reads import RowReads
from verselet.web.references import Place, References, reference_answer, reference_page
from verselet.web.retained_limits import RetainedLimits
from verselet.web.row_functions import catalogue as row_operations
from verselet.web.tabular_reads import TabularReads, is_tabular
from verselet.web.tracking import ChangeTracking, is_about_changes
from verselet.web.writes import RowWrites

SIMPLE: Final = re.compile(
    r"([A-Za-z_][A-Za-z0-9_]*)(?:\(([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\))?/?\Z"
)
"""The two addresses nearly all requests have: a set, and a row by its id."""

DEFINITION_SETS: Final = frozenset({"EntityDefinitions", "RelationshipDefinitions", "GlobalOptionSetDefinitions"})


class Dispatcher:
    """Answers the requests of one organization."""

    def __init__(self, organization: Organization, *, is_limited: bool = False) -> None:
        self._organization = organization
        self._reads = RowReads(organization)
        self._writes = RowWrites(organization, self._reads)
        self._properties = RowProperties(organization, self._reads)
        self._references = References(organization)
        self._tabular = TabularReads(organization, RetainedLimits(organization.clock, is_on=is_limited))
        self._tracking = ChangeTracking(organization)
        self._functions = Functions(organization)
        self._navigator = Navigator(organization, self._reads)
        self._documents = ServiceDocuments(organization)
        self._bulk = bulk_answers(organization)
        self._batches = Batches(organization, self.answer)

    def answer(self, exchange: Exchange) -> Answer:
        """Answer one request; once more if a definition it needs went meanwhile, unless steps ran already.

        Raises:
            ServiceError: any refusal.
        """
        if exchange.raw_query and exchange.method != "GET":
            exchange.check_options()
        circumstances = circumstances_of(exchange)
        if circumstances is not ORDINARY:
            with self._organization.amid(circumstances):
                return self._answer(exchange)
        return self._answer(exchange)

    def _answer(self, exchange: Exchange) -> Answer:
        before, acts = self._organization.keep_schema(), self._organization.acts
        try:
            return self._by_path(exchange)
        except LayoutChanged as failure:
            self._organization.catch_up(failure)
            if self._organization.acts != acts:
                raise Unavailable("Definitions changed while the request was at work.") from failure
            return self._by_path(exchange)
        finally:
            self._organization.release_schema(before)

    def _by_path(self, exchange: Exchange) -> Answer:
        simple = SIMPLE.match(exchange.path)
        if simple is not None:
            table = self._organization.schema.table_by_set_name.get(simple[1])
            if table is not None:
                if simple[2] is None:
                    return self._set(exchange, table)
                return self._row(exchange, table, RowKey(simple[2].lower()), simple[2])
        return self._by_segments(exchange, split_segments(exchange.path))

    def _by_segments(self, exchange: Exchange, segments: tuple[Segment, ...]) -> Answer:
        if not segments:
            return self._documents.service_document(exchange)
        first = segments[0]
        if first.name == "$metadata" and len(segments) == 1:
            return self._documents.metadata(exchange)
        if first.name == "$batch" and len(segments) == 1:
            return self._batches.answer(exchange)
        if first.name in DEFINITION_SETS:
            return self._definitions(exchange, segments)
        table = self._organization.schema.table_by_set_name.get(first.name)
        if table is None:
            if len(segments) == 1 and action_named(first.name) is not None:
                _must_answer_now(exchange, first.name)
                return answer_action(self._organization, exchange, first.name)
            if len(segments) == 1 and row_operations.is_known(first.name):
                _must_answer_now(exchange, first.name)
                return row_operations.answer_unbound(self._organization, exchange, first)
            custom = callable_message(self._organization, first.name, Binding.GLOBAL)
            if custom is not None and len(segments) == 1:
                _must_answer_now(exchange, first.name)
                return answer_custom(self._organization, exchange, custom, first.arguments)
            if self._functions.knows(first.name) and len(segments) == 1:
                return self._functions.answer(exchange, first)
            refuse_known_set(first.name)
            self._organization.schema.table_of_set(first.name)
            raise ResourceNotFound(first.name)
        return self._in_set(exchange, table, first, segments[1:])

    def _definitions(self, exchange: Exchange, segments: tuple[Segment, ...]) -> Answer:
        if not (exchange.caller.is_administrator or exchange.caller.has_roles):
            raise AccessDenied(f"The user with id {exchange.caller.user_id} has not been assigned any roles.")
        # Only who asks for definitions pays for their modules: 35 ms at start.
        if exchange.method != "GET":
            from verselet.web.definition_writes.writes import write_definition

            return write_definition(self._organization, exchange, segments)
        from verselet.web.definitions.answer import answer as definitions_answer

        found = definitions_answer(
            self._organization.schema, segments, exchange.options, exchange.api, exchange.caller.language
        )
        return Answer(found.status, found.body, ((b"content-type", found.content_type.encode()),))

    def _in_set(self, exchange: Exchange, table: Table, first: Segment, rest: tuple[Segment, ...]) -> Answer:
        if first.arguments is None:
            return self._behind_set(exchange, table, rest)
        key = row_key(table, parse_key(first.arguments))
        if not rest:
            return self._row(exchange, table, key, first.arguments)
        return self._behind_row(exchange, table, key, rest)

    # --- sets -------------------------------------------------------------------------------------------------------

    def _set(self, exchange: Exchange, table: Table) -> Answer:
        match exchange.method:
            case "GET":
                if is_about_changes(exchange):
                    return self._tracking.page(exchange, table)
                if self._organization.waits("RetrieveMultiple", table.name):
                    return many_read(self._organization, exchange, table, partial(self._page, exchange, table))
                return self._page(exchange, table)
            case "POST":
                return self._writes.create(exchange, table)
            case _:
                raise MethodNotAllowed(exchange.method, table.set_name)

    def _counting(self, exchange: Exchange) -> RowReads | TabularReads:
        """Who counts the rows that are asked for. [CT-2]"""
        return self._tabular if is_tabular(exchange) else self._reads

    def _page(self, exchange: Exchange, table: Table) -> Answer:
        if is_tabular(exchange):
            return self._tabular.page(exchange, table)
        return self._reads.page(exchange, table)

    def _behind_set(self, exchange: Exchange, table: Table, rest: tuple[Segment, ...]) -> Answer:
        if not rest:
            return self._set(exchange, table)
        if len(rest) > 1:
            raise ResourceNotFound(rest[1].name)
        name = rest[0].name
        if name == "$count":
            self._must_be_get(exchange, "$count")
            if "deltatoken" in exchange.raw_query:
                return self._tracking.count(exchange, table)
            return self._counting(exchange).count(exchange, table)
        if name == "$ref":
            self._must_be_get(exchange, "$ref")
            return reference_page(exchange, self._reads, table)
        if name.startswith(CAST):
            return self._called_on_set(exchange, table, Segment(name.removeprefix(CAST), rest[0].arguments))
        if self._functions.knows(name) or action_named(name) is not None:
            # A bound operation without its namespace. [FN-3]
            raise BadRequest(f"Request message has unresolved parameters: '{name}' needs the namespace {CAST[:-1]}.")
        raise ResourceNotFound(name)

    def _called_on_set(self, exchange: Exchange, table: Table, called: Segment) -> Answer:
        """A bulk message, or a custom API that is bound to the table. [BM-1], [FN-28]"""
        bulk = self._bulk.get(called.name)
        custom = callable_message(self._organization, called.name, Binding.TABLE, table)
        if bulk is None and custom is None:
            raise refuse_operation(called.name)
        if bulk is not None and exchange.method != "POST":
            raise MethodNotAllowed(exchange.method, CAST + called.name)
        _must_answer_now(exchange, called.name)
        if bulk is not None:
            return bulk(exchange, table)
        return answer_custom(self._organization, exchange, cast(CustomMessage, custom), called.arguments)

    # --- rows -------------------------------------------------------------------------------------------------------

    def _row(self, exchange: Exchange, table: Table, key: RowKey, key_text: str) -> Answer:
        match exchange.method:
            case "GET":
                if self._organization.waits("Retrieve", table.name):
                    read = partial(self._reads.row, exchange, table, key)
                    return one_read(self._organization, exchange, table, key, read)
                return self._reads.row(exchange, table, key)
            case "PATCH":
                return self._writes.update(exchange, table, key, key_text)
            case "DELETE":
                return self._writes.delete(exchange, table, key)
            case _:
                raise MethodNotAllowed(exchange.method, f"{table.set_name}({key_text})")

    def _behind_row(self, exchange: Exchange, table: Table, key: RowKey, rest: tuple[Segment, ...]) -> Answer:
        segment, following = rest[0], rest[1:]
        cast = self._navigator.cast(segment)
        if cast is not None:
            if cast.name != table.name:
                raise ResourceNotFound(segment.name)
            return (
                self._behind_row(exchange, table, key, following) if following else self._row(exchange, table, key, "")
            )
        if segment.name.startswith(CAST):
            called = Segment(segment.name.removeprefix(CAST), segment.arguments)
            if not following and row_operations.is_known(called.name, table):
                _must_answer_now(exchange, called.name)
                return row_operations.answer_bound(self._organization, exchange, table, key, called)
            custom = callable_message(self._organization, called.name, Binding.ROW, table)
            if custom is None or following:
                raise refuse_operation(called.name)
            _must_answer_now(exchange, called.name)
            target = self._navigator.parent_id(exchange, table, key)
            return answer_custom(self._organization, exchange, custom, called.arguments, target)
        if self._navigator.knows(table, segment.name):
            return self._navigate(exchange, self._navigator.destination(table, key, segment), following)
        raw = len(following) == 1 and following[0].name == "$value"
        if (following and not raw) or segment.arguments is not None:
            raise ResourceNotFound(following[0].name if following else segment.name)
        return self._properties.answer(exchange, table, key, segment.name, raw=raw)

    def _navigate(self, exchange: Exchange, found: Destination, rest: tuple[Segment, ...]) -> Answer:
        last = rest[0].name if len(rest) == 1 else ""
        if last == "$ref":
            return self._reference(exchange, found)
        if found.link is None:
            return self._follow_one(exchange, found, rest)
        if found.item is not None:
            target = found.target
            if target is None:
                raise ResourceNotFound(found.navigation)
            key = self._navigator.item_of(found)
            self._reads.must_belong(exchange, target, key, self._within(exchange, found)[0])
            if rest:
                return self._behind_row(exchange, target, key, rest)
            return self._row(exchange, target, key, found.item)
        if last == "$count":
            self._must_be_get(exchange, "$count")
            within, target = self._within(exchange, found)
            return self._counting(exchange).count(exchange, target, within)
        if rest:
            raise ResourceNotFound(rest[0].name)
        if exchange.method == "POST":
            return self._create_linked(exchange, found)
        self._must_be_get(exchange, found.navigation)
        within, target = self._within(exchange, found)
        if is_tabular(exchange):
            return self._tabular.page(exchange, target, within, exchange.path)
        return self._reads.page(exchange, target, within, exchange.path)

    def _follow_one(self, exchange: Exchange, found: Destination, rest: tuple[Segment, ...]) -> Answer:
        pointed = self._navigator.pointed_to(exchange, found)
        if rest and self._navigator.cast(rest[0]) is not None:
            wanted = self._navigator.cast(rest[0])
            rest = rest[1:]
            if pointed is not None and wanted is not None and pointed[0].name != wanted.name:
                pointed = None
        if not rest:
            self._must_be_get(exchange, found.navigation)
        if pointed is None:
            if exchange.method != "GET":
                # There is no row whose property could be written.
                raise ResourceNotFound(found.navigation)
            return NO_CONTENT
        table, key = pointed
        if rest:
            return self._behind_row(exchange, table, key, rest)
        return self._reads.row(exchange, table, key)

    def _within(self, exchange: Exchange, found: Destination) -> tuple[Within, Table]:
        if found.link is None or found.target is None:
            raise ResourceNotFound(found.navigation)
        parent = self._navigator.parent_id(exchange, found.table, found.key)
        return Within(found.link, parent, found.table.name, KEY, KEY), found.target

    def _create_linked(self, exchange: Exchange, found: Destination) -> Answer:
        """A new row in a collection is linked to the collection's row. [C-17]"""
        if found.target is None:
            raise ResourceNotFound(found.navigation)
        parent = f"/{found.table.set_name}({self._navigator.parent_id(exchange, found.table, found.key)})"
        relationship = self._organization.schema.to_many[found.table.name].get(found.navigation)
        if relationship is not None:
            bind = f"{relationship.referencing_navigation}@odata.bind"
            return self._writes.create(exchange, found.target, {bind: parent})
        way_back = self._organization.schema.across[found.table.name][found.navigation].way_back(found.navigation)
        return self._writes.create(exchange, found.target, {f"{way_back}@odata.bind": [parent]})

    def _reference(self, exchange: Exchange, found: Destination) -> Answer:
        if found.target is None:
            raise ResourceNotFound(found.navigation)
        if exchange.method != "GET":
            place = Place(found.table, found.key, found.navigation, found.item, found.target, found.link is None)
            return self._references.change(exchange, place)
        if found.link is None:
            pointed = self._navigator.pointed_to(exchange, found)
            if pointed is None:
                return NO_CONTENT
            return reference_answer(exchange, pointed[0], str(pointed[1].id))
        within, target = self._within(exchange, found)
        return reference_page(exchange, self._reads, target, within)

    def _must_be_get(self, exchange: Exchange, name: str) -> None:
        if exchange.method != "GET":
            raise MethodNotAllowed(exchange.method, name)


def _must_answer_now(exchange: Exchange, operation: str) -> None:
    """Actions could run in the background; requests for rows never do, and ignore the preference. [DW-16], [P-6]"""
    if exchange.method == "POST" and exchange.preferences.respond_async:
        raise NotSupportedHere(f"The operation '{operation}' in the background (respond-async)")
