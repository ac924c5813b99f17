"""Queue what happens after the commit: asynchronous steps, as jobs.

In:        an execution, the context of an event, the step that waits for it
Out:       a row of `asyncoperation`, written in the message's own transaction [EVT-2]
Not here:  doing the job (jobs.system_events)
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from verselet.operations.queueing import queue_job
from verselet.pipeline.execution import Execution
from verselet.pipeline.registry import RegisteredStep
from verselet.sdk.context import Context, Facts
from verselet.values import KeyReference, Reference, Row, Value

SYSTEM_EVENT: Final = 1
"""The type of the job. [EVT-61]"""


class KeptContext(msgspec.Struct, frozen=True, kw_only=True):
    """A context as a job keeps it; values are tagged, so that they come back as what they were."""

    step: str
    facts: Facts
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    shared: dict[str, Any]
    pre_images: dict[str, Any]
    post_images: dict[str, Any]
    stage: int


def queue_step(run: Execution, context: Context, step: RegisteredStep) -> None:
    """Write the job of one asynchronous step."""
    facts = context.facts
    kept = KeptContext(
        step=step.id,
        facts=facts,
        inputs=_tagged_all(context.inputs),
        outputs=_tagged_all(context.outputs),
        shared=_tagged_all(context.shared),
        pre_images=_tagged_all(context.pre_images),
        post_images=_tagged_all(context.post_images),
        stage=context.stage,
    )
    values: dict[str, Value] = {
        "name": step.name[:160],
        "operationtype": SYSTEM_EVENT,
        "messagename": facts.message,
        "primaryentitytype": facts.table or None,
        "correlationid": facts.correlation_id,
        "requestid": facts.request_id,
        "depth": facts.depth,
        "owningextensionid": Reference("sdkmessageprocessingstep", step.id) if step.is_row else None,
        "data": msgspec.json.encode(kept).decode(),
        "ownerid": Reference("systemuser", facts.user_id),
    }
    queue_job(run, values)


def kept_context(text: str) -> KeptContext:
    """The context that a job keeps.

    Raises:
        msgspec.DecodeError: the text is none.
    """
    return msgspec.json.decode(text, type=KeptContext)


def opened(kept: KeptContext, send: Any) -> Context:
    """The context a step of a job sees."""
    context = Context(kept.facts, _plain_all(kept.inputs), _plain_all(kept.shared), send)
    context.outputs = _plain_all(kept.outputs)
    context.pre_images, context.post_images = _plain_all(kept.pre_images), _plain_all(kept.post_images)
    context.stage, context.mode = kept.stage, 1
    return context


def _tagged_all(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _tagged(value) for name, value in values.items()}


def _tagged(value: Any) -> Any:
    """A value as JSON that says what it was."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Decimal():
            return {"decimal": str(value)}
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"moment": value.isoformat()}
        case Reference(table=table, id=row_id):
            return {"reference": [table, row_id]}
        case KeyReference(table=table, values=key):
            return {"key": [table, [[name, _tagged(part)] for name, part in key]]}
        case Row(table=table, id=row_id, values=columns):
            return {"row": [table, row_id, _tagged_all(columns)]}
        case Mapping():
            return {"object": _tagged_all(value)}
        case Iterable():
            return {"list": [_tagged(item) for item in value]}
        case _:
            return str(value)


def _plain_all(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    match kind:
        case "decimal":
            return Decimal(held)
        case "bytes":
            return base64.b64decode(held)
        case "moment":
            return datetime.fromisoformat(held)
        case "reference":
            return Reference(*held)
        case "key":
            return KeyReference(held[0], tuple([(name, _plain(part)) for name, part in held[1]]))
        case "row":
            return Row(held[0], held[1], _plain_all(held[2]))
        case "object":
            return _plain_all(held)
        case _:
            return [_plain(item) for item in held]
