"""Run one message through all stages, in order.

In:        a request and its caller
Out:       a response, committed; or a refusal, and nothing done
Not here:  what a message does (operations), how it came here (web)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias, TypeVar

from msgspec import structs

from verselet.errors import InvalidArgument
from verselet.messages.custom import CALLS
from verselet.messages.definitions import DefinitionChange
from verselet.messages.request import READING, Request, Response, Update, UpdateMultiple, WhoAmI
from verselet.metadata.schema import Schema
from verselet.pipeline.events import Event, events_of, parts_of, tables_of
from verselet.pipeline.execution import ORDINARY, Circumstances, Execution, Surroundings
from verselet.pipeline.firing import Firing, Ground, context_of
from verselet.pipeline.reading_first import ReadingFirst
from verselet.pipeline.registry import MAIN, Registry
from verselet.sdk.solution import Stage
from verselet.security.authorize import authorize
from verselet.security.caller import Caller
from verselet.store.engine import Store
from verselet.store.generations import hold_schema
from verselet.store.session import Session

Read = TypeVar("Read")

Operation: TypeAlias = Callable[[Execution], Response]

MAX_DEPTH = 8
"""How many messages deep one message may send others. [EVT-9]"""


class Pipeline:
    """The stages of one organization: open, authorize, begin, the steps before, operate, the steps after, commit.

    `registry` holds the steps there are; `ground` is what they need. Most messages concern no step and pay nothing.
    """

    def __init__(self, store: Store, operations: Mapping[type[Request], Operation], surroundings: Surroundings) -> None:
        self.store = store
        self.operations = operations
        self.surroundings = surroundings
        self.registry = Registry()
        self.ground: Ground | None = None
        # Whoever finds out while changing definitions that others have done so too takes theirs over first.
        self._changing = threading.RLock()

    def settled(self) -> Surroundings:
        """Those in force once no change of the schema is at work."""
        with self._changing:
            return self.surroundings

    def execute(
        self, request: Request, caller: Caller, surroundings: Surroundings, circumstances: Circumstances = ORDINARY
    ) -> Response:
        """Run one message; a refusal at any stage leaves nothing behind. [E-21]

        `surroundings` are those in force when the request came, whatever this process changed since.

        Raises:
            LayoutChanged: another process has changed definitions since.
        """
        if isinstance(request, DefinitionChange):
            return self._change(request, caller)
        if self._is_among_steps(request):
            return self._among_steps(request, caller, surroundings, circumstances)
        authorize(request, caller, surroundings.schema).or_refuse()
        # What only reads waits for no writer.
        if isinstance(request, READING):
            with self.store.read() as session:
                return self.operations[type(request)](Execution(request, caller, session, surroundings))
        with self.store.begin(surroundings.schema.generation, versions=1) as session:
            run = _writing(request, caller, session, surroundings)
            run.circumstances = circumstances
            return self.operations[type(request)](run)

    def _is_among_steps(self, request: Request) -> bool:
        """Steps may have to do with the message; one of somebody's own is nothing else."""
        registry = self.registry
        return (registry.concerns_some and registry.concerns(tables_of(request))) or isinstance(request, CALLS)

    def _among_steps(
        self, request: Request, caller: Caller, surroundings: Surroundings, circumstances: Circumstances
    ) -> Response:
        """Run a message that steps may wait for. They may write, whatever the message does."""
        if isinstance(request, READING):
            with ReadingFirst(self.store, surroundings.schema.generation) as first:
                return self._fire(_reading(first, request, (caller, surroundings, circumstances)))
        with self.store.begin(surroundings.schema.generation) as session:
            run = _writing(request, caller, session, surroundings)
            run.circumstances = circumstances
            return self._fire(run)

    def around_reading(
        self,
        event: Event,
        setting: tuple[Caller, Surroundings, Circumstances],
        read: Callable[[], Read],
        outputs: Callable[[Read], dict[str, Any]],
    ) -> Read:
        """Run the steps around a read that goes its own way to the rows. [EVT-1], [EVT-11]"""
        if self.ground is None:
            return read()
        with ReadingFirst(self.store, setting[1].schema.generation) as first:
            run = _reading(first, WhoAmI(), setting)
            firing = Firing(run, (event,), self.registry, self.ground)
            firing.fire(Stage.PRE_VALIDATION, in_transaction=False)
            firing.fire(Stage.PRE_OPERATION, in_transaction=True)
            found = read()
            firing.finish_reading(outputs(found))
            return found

    def _fire(self, run: Execution) -> Response:
        """The stages of a message, or of each of the messages it runs as. [EVT-1], [EVT-31]"""
        response = Response()
        for part in parts_of(run.request):
            response = self._fire_one(run.about(part))
        return response

    def _fire_one(self, run: Execution) -> Response:
        firing = None
        if self.ground is not None:
            firing = Firing(run, events_of(run.request, in_bulk=_is_item(run)), self.registry, self.ground)
            run.opened = firing.contexts
            run.context = firing.context or run.context
            firing.take_pre_images()
            firing.fire(Stage.PRE_VALIDATION, in_transaction=run.level > 1)
        authorize(run.request, run.caller, run.schema).or_refuse()
        if firing is not None:
            firing.fire(Stage.PRE_OPERATION, in_transaction=True)
            firing.keep_targets()
            firing.fire(MAIN, in_transaction=True)
        response = self.operations[type(run.request)](run)
        if firing is not None:
            firing.finish(response)
        return response

    @contextmanager
    def changing(self) -> Iterator[Callable[[Surroundings], None]]:
        """Only one changes definitions at a time. Gives what puts new ones in force, once they are committed."""
        with self._changing:
            yield self._adopt

    def change(self, request: Request, caller: Caller, surroundings: Surroundings) -> tuple[Response, Surroundings]:
        """Run a message that changes the schema, inside `changing`; with what is in force after it."""
        authorize(request, caller, surroundings.schema).or_refuse()
        with self.store.begin(surroundings.schema.generation) as session:
            run = _writing(request, caller, session, surroundings)
            response = self.operations[type(request)](run)
        if run.new_schema is not None:
            surroundings = structs.replace(surroundings, schema=run.new_schema)
        return response, surroundings

    def _change(self, request: Request, caller: Caller) -> Response:
        """Run a message that changes the schema: one after the other, each on what the one before it left.

        The new schema is in force once its transaction is committed.
        """
        with self.changing() as adopt:
            with self.store.begin() as session:
                response, surroundings = self.change(request, caller, self.hold(session))
            adopt(surroundings)
        return response

    def hold(self, session: Session) -> Surroundings:
        """What is in force, for whoever changes it, inside `changing`: until the end of the transaction nobody else
        does, in no process.
        """
        self.take_over(self.store.newest_schema, hold_schema(session))
        return self.surroundings

    def take_over(self, read: Callable[[], Schema], generation: int) -> None:
        """Put in force what another process has put in force, unless it is known already."""
        if self.surroundings.schema.generation >= generation:
            return
        with self._changing:
            newest = read()
            if newest.generation > self.surroundings.schema.generation:
                self.surroundings = structs.replace(self.surroundings, schema=newest)

    def _adopt(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings

    def inside(self, request: Request, parent: Execution) -> Response:
        """Run a message that another one sent, in its transaction."""
        if parent.depth >= MAX_DEPTH:
            raise InvalidArgument("This message was sent by messages that were sent by messages, too many levels deep.")
        if parent.cause is not None and self.ground is not None:
            parent.context = context_of(parent, parent.cause, self.ground)
        if not isinstance(request, READING) or self.registry.concerns(tables_of(request)):
            parent.write()
        run = _writing(request, parent.caller, parent.session, parent.surroundings, parent)
        if not parent.is_step or not parent.writes:
            # Operations let every refusal pass, so the whole transaction goes with it: nothing to guard.
            return self._run_inside(run)
        with parent.session.savepoint():
            return self._run_inside(run)

    def _run_inside(self, run: Execution) -> Response:
        request = run.request
        if self._is_among_steps(request):
            return self._fire(run)
        authorize(request, run.caller, run.schema).or_refuse()
        return self.operations[type(request)](run)


def _writing(
    request: Request, caller: Caller, session: Session, surroundings: Surroundings, parent: Execution | None = None
) -> Execution:
    """A message in a transaction that may write: what it makes out of date is so for all processes at the commit."""
    outdated = surroundings.outdated_by(request)
    if outdated:
        session.outdate(*outdated)
    return Execution(request, caller, session, surroundings, parent=parent)


def _reading(first: ReadingFirst, request: Request, setting: tuple[Caller, Surroundings, Circumstances]) -> Execution:
    """A message in a transaction that reads as long as nothing writes."""
    caller, surroundings, circumstances = setting
    run = Execution(request, caller, first.session, surroundings)
    run.first, run.circumstances = first, circumstances
    return run


def _is_item(run: Execution) -> bool:
    """The update, or the one it is a part of, is one of several in a message. [EVT-16]"""
    above = run.parent
    while above is not None and isinstance(above.request, Update):
        above = above.parent
    return above is not None and isinstance(above.request, UpdateMultiple)
