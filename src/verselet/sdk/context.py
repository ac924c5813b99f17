"""Show a step what happens.

In:        made by the pipeline for each event
Out:       `Context`
Not here:  when a step runs (sdk.solution)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

import msgspec

from verselet.messages.custom import CallByName, Called
from verselet.messages.request import Request, Response
from verselet.values import Reference, Row, Value

Image: TypeAlias = Mapping[str, Value]

NOTHING: Final[Image] = MappingProxyType({})


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Who and where: the same for all steps of one message. Ids as texts. [EVT-44]"""

    message: str
    table: str
    row_id: str
    user_id: str
    initiating_user_id: str
    business_unit_id: str
    organization_id: str
    organization_name: str
    correlation_id: str
    request_id: str
    operation_id: str
    started: datetime
    depth: int
    secondary_table: str = "none"


class Context:
    """One event as a step sees it.

    `inputs` and `outputs` are the parameters of the message by their names; `outputs` are filled after the operation,
    and by the operation of a custom API and the steps around it. [FN-28]
    `shared` passes values from one step of the operation to later ones. [EVT-15] Changes of `target` before the
    operation are stored. [EVT-13]
    """

    def __init__(
        self,
        facts: Facts,
        inputs: Mapping[str, Any],
        shared: dict[str, object],
        send: Callable[[Request], Response],
        parent: Context | None = None,
    ) -> None:
        self.facts = facts
        self.inputs = inputs
        self.shared = shared
        self.parent = parent
        self.outputs: dict[str, Any] = {}
        self.stage = 0
        self.mode = 0
        self.in_transaction = False
        self.pre_images: Mapping[str, Row] = {}
        self.post_images: Mapping[str, Row] = {}
        self._send = send

    @property
    def message(self) -> str:
        """The name of the message, as `Create`."""
        return self.facts.message

    @property
    def table(self) -> str:
        """The logical name of the table the message is about; empty for none."""
        return self.facts.table

    @property
    def row_id(self) -> str:
        """The id of the row the message is about; empty while there is none."""
        return self.facts.row_id

    @property
    def user_id(self) -> str:
        """The systemuserid of whom the step acts for."""
        return self.facts.user_id

    @property
    def depth(self) -> int:
        """1 for a message of a client, one more for each message a step sent. [EVT-9]"""
        return self.facts.depth

    @property
    def now(self) -> datetime:
        """When the operation began, by the organization's clock."""
        return self.facts.started

    @property
    def target(self) -> dict[str, Value]:
        """The columns of the request's row; may be changed before the operation. [EVT-12], [EVT-13]

        Raises:
            KeyError: the message has no row as its target.
        """
        target = self.inputs["Target"]
        if not isinstance(target, Row):
            raise KeyError(f"{self.message} has no row as its target")
        return target.values

    @property
    def pre_image(self) -> Image:
        """The row as it was, the columns the registration names; empty for a new row."""
        return next((row.values for row in self.pre_images.values()), NOTHING)

    @property
    def post_image(self) -> Image:
        """The row as it is after the operation, the columns the registration names."""
        return next((row.values for row in self.post_images.values()), NOTHING)

    def send(self, request: Request) -> Response:
        """Send a message as the user of the step, in the same transaction where there is one. [EVT-9]"""
        return self._send(request)

    def call(self, message: str, target: Reference | None = None, **inputs: Any) -> Mapping[str, Any]:
        """Call a custom API as `send` sends a message: what it answers with, by name. [FN-28]

        Args:
            message: its unique name.
            target: the row it is bound to, if to one.
            inputs: its parameters.
        """
        return cast("Called", self._send(CallByName(message, inputs, target))).outputs
