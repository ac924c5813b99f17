"""Run one message through all stages, in order.

In:        a request and its caller
Out:       a response, committed; or a refusal, and nothing done
Not here:  what a message does (operations), how it came here (web)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from msgspec import structs

from verselet.errors import InvalidArgument
from verselet.messages.definitions import DefinitionChange
from verselet.messages.request import READING, Request, Response
from verselet.pipeline.execution import Execution, Surroundings
from verselet.security.authorize import authorize
from verselet.security.caller import Caller
from verselet.store.engine import Store

Operation: TypeAlias = Callable[[Execution], Response]

MAX_DEPTH = 8
"""How many messages deep one message may send others. [EVT-9]"""


class Pipeline:
    """The stages of one organization: open, authorize, begin, operate, commit.

    Steps at the stages 10, 20 and 40 and the outbox have their places here once solutions can register them.
    """

    def __init__(self, store: Store, operations: Mapping[type[Request], Operation], surroundings: Surroundings) -> None:
        self.store = store
        self.operations = operations
        self.surroundings = surroundings
        self._changing = threading.Lock()

    def settled(self) -> Surroundings:
        """Those in force once no change of the schema is at work."""
        with self._changing:
            return self.surroundings

    def execute(self, request: Request, caller: Caller, surroundings: Surroundings) -> Response:
        """Run one message; a refusal at any stage leaves nothing behind. [E-21]

        `surroundings` are those in force when the request came, whatever changed since.
        """
        if isinstance(request, DefinitionChange):
            return self._change(request, caller)
        authorize(request, caller, surroundings.schema).or_refuse()
        # What only reads waits for no writer.
        if isinstance(request, READING):
            with self.store.read() as session:
                return self.operations[type(request)](Execution(request, caller, session, surroundings))
        with self.store.begin() as session:
            return self.operations[type(request)](Execution(request, caller, session, surroundings))

    @contextmanager
    def changing(self) -> Iterator[Callable[[Surroundings], None]]:
        """Only one changes definitions at a time. Gives what puts new ones in force, once they are committed."""
        with self._changing:
            yield self._adopt

    def change(self, request: Request, caller: Caller, surroundings: Surroundings) -> tuple[Response, Surroundings]:
        """Run a message that changes the schema, inside `changing`; with what is in force after it."""
        authorize(request, caller, surroundings.schema).or_refuse()
        with self.store.begin() as session:
            run = Execution(request, caller, session, surroundings)
            response = self.operations[type(request)](run)
        if run.new_schema is not None:
            surroundings = structs.replace(surroundings, schema=run.new_schema)
        return response, surroundings

    def _change(self, request: Request, caller: Caller) -> Response:
        """Run a message that changes the schema: one after the other, each on what the one before it left.

        The new schema is in force once its transaction is committed.
        """
        with self.changing() as adopt:
            response, surroundings = self.change(request, caller, self.surroundings)
            adopt(surroundings)
        return response

    def _adopt(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings

    def inside(self, request: Request, parent: Execution) -> Response:
        """Run a message that another one sent, in its transaction."""
        if parent.depth >= MAX_DEPTH:
            raise InvalidArgument("This message was sent by messages that were sent by messages, too many levels deep.")
        authorize(request, parent.caller, parent.schema).or_refuse()
        run = Execution(request, parent.caller, parent.session, parent.surroundings, depth=parent.depth + 1)
        with parent.session.savepoint():
            return self.operations[type(request)](run)
