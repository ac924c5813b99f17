"""Run the steps around one message.

In:        an execution, its events, the registry
Out:       steps run in their stages; asynchronous ones in the outbox
Not here:  which events (pipeline.events), posts (pipeline.posts), what jobs do (jobs)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import structs

from verselet.errors import ServiceError
from verselet.errors.steps import StepAborted, StepFailed, TooLargeForSteps, TooManyLevels
from verselet.messages.custom import Called
from verselet.messages.request import CreateMultipleResponse, CreateResponse, Request, Response, RowKey
from verselet.metadata.columns import is_property
from verselet.pipeline.events import Event
from verselet.pipeline.execution import Circumstances, Execution
from verselet.pipeline.registry import Image, RegisteredStep, Registry, WebHook
from verselet.pipeline.watchdog import Guard, time_limit
from verselet.sdk.context import Context, Facts
from verselet.sdk.solution import Mode, Stage, StepRefused
from verselet.security.caller import Caller
from verselet.values import Row

MOST_LEVELS: Final = 8
"""How deep steps may send messages whose steps send messages. [EVT-9]"""

STEP_LIMIT_S: Final = 120.0
"""How long one step may run. [EVT-8]"""


class Firing:
    """The steps around one message, stage by stage."""

    def __init__(self, run: Execution, events: tuple[Event, ...], registry: Registry, ground: Ground) -> None:
        if run.level > MOST_LEVELS:
            raise TooManyLevels(run.level)
        self.run = run
        self.ground = ground
        self._planned = [_Planned(self, event, registry.of(event.message, event.table)) for event in events]
        self._planned = [planned for planned in self._planned if planned.steps or planned.event.is_parent]

    @property
    def context(self) -> Context | None:
        """What messages sent from here on have as their parent. [EVT-35]"""
        return self._planned[0].context if self._planned else None

    @property
    def contexts(self) -> dict[tuple[str, str, str], Context]:
        """Those of all events, by message, table and row."""
        contexts = [planned.context for planned in self._planned]
        return {(found.message, found.table, found.row_id): found for found in contexts}

    def fire(self, stage: int, *, in_transaction: bool) -> None:
        """Run the synchronous steps of a stage, in order. [EVT-3]"""
        for planned in self._planned:
            planned.fire(stage, in_transaction=in_transaction)

    def take_pre_images(self) -> None:
        """Read the rows as they are, for steps that want to see that afterwards. [EVT-10]"""
        for planned in self._planned:
            planned.take_pre_images()

    def keep_targets(self) -> None:
        """From here on the targets are what was asked, whatever the operation adds. [EVT-12]"""
        for planned in self._planned:
            planned.keep_targets()

    def finish(self, response: Response) -> None:
        """After the operation: outputs, images, stage 40, and what runs later. [EVT-2], [EVT-11]"""
        for planned in self._planned:
            planned.note(response)
        self._finish()

    def finish_reading(self, outputs: Mapping[str, Any]) -> None:
        """After a read: what was read, stage 40, and what runs later."""
        for planned in self._planned:
            planned.context.outputs = dict(outputs)
        self._finish()

    def _finish(self) -> None:
        self.fire(Stage.POST_OPERATION, in_transaction=True)
        for planned in self._planned:
            planned.defer()


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What firing needs of the organization: how to post, how to queue, who is who."""

    post: Callable[[Execution, WebHook, Context, RegisteredStep], None]
    queue: Callable[[Execution, Context, RegisteredStep], None]
    find: Callable[[Execution, str, RowKey], str | None]
    find_caller: Callable[[str], Caller | None]
    organization_name: str


def context_of(run: Execution, cause: Event, ground: Ground) -> Context:
    """What a message sent by a cascade has as its parent: the event whose cascade it is. [EVT-35]

    It is opened now where no step waited for that one.
    """
    own = run
    while own.parent is not None and own.parent.request is own.request:
        own = own.parent
    key = (cause.message, cause.table, _row_id(own, cause, ground))
    if key not in own.opened:
        own.opened[key] = _open(own, cause, ground, own.send_from_step)
    return own.opened[key]


def _open(run: Execution, event: Event, ground: Ground, send: Callable[[Request, Context], Response]) -> Context:
    """The context that the steps around one event share."""
    facts = Facts(
        message=event.message,
        table=event.table,
        row_id=_row_id(run, event, ground),
        user_id=run.caller.user_id,
        initiating_user_id=run.caller.real_user_id or run.caller.user_id,
        business_unit_id=run.caller.business_unit_id,
        organization_id=run.caller.organization_id,
        organization_name=ground.organization_name,
        correlation_id=run.correlation_id,
        request_id=run.ids.new_random_id(),
        operation_id=run.ids.new_random_id(),
        started=_second(run.clock.now()),
        depth=run.level + run.cascades,
    )
    shared: dict[str, object] = {} if run.circumstances.tag is None else {"tag": run.circumstances.tag}
    context = Context(facts, dict(event.inputs), shared, lambda request: send(request, context), run.context)
    return context


def _row_id(run: Execution, event: Event, ground: Ground) -> str:
    key = event.key
    if key is None or (key.id is None and not key.values):
        return ""
    return key.id or ground.find(run, event.table, key) or ""


class _Planned:
    """One event and the steps that wait for it."""

    def __init__(self, firing: Firing, event: Event, steps: tuple[RegisteredStep, ...]) -> None:
        self.run = firing.run
        self.ground = firing.ground
        self.event = event
        circumstances = self.run.circumstances
        self.steps = [step for step in steps if _waits_for(step, event) and not _is_skipped(step, circumstances)]
        self.context = _open(self.run, event, self.ground, self._send)
        self._acting: Caller | None = None
        self._guard: Guard | None = None
        self.before: dict[tuple[str, tuple[str, ...]], list[Row]] = {}

    def fire(self, stage: int, *, in_transaction: bool) -> None:
        for step in self.steps:
            if step.stage == stage and step.mode == Mode.SYNC:
                self._run_step(step, in_transaction=in_transaction)

    def take_pre_images(self) -> None:
        for image in {image for step in self.steps for image in step.pre_images}:
            self.before[image.alias, image.columns] = self._read(image)

    def keep_targets(self) -> None:
        # A new row is shown as it was made, with everything the server filled in.
        if self.event.columns is not None:
            self.context.inputs = {name: _copied(value) for name, value in self.context.inputs.items()}

    def note(self, response: Response) -> None:
        """The id of a new row is known now."""
        keys = self.event.multiple
        match response:
            case CreateResponse(id=row_id):
                self.context.outputs = {"id": row_id} if not keys else {"Ids": [row_id]}
                self._learn(row_id)
            case CreateMultipleResponse(ids=ids) if keys:
                self.context.outputs = {"Ids": list(ids)}
            case CreateMultipleResponse():
                target = self.event.inputs.get("Target")
                row_id = target.id or "" if isinstance(target, Row) else ""
                self.context.outputs = {"id": row_id}
                self._learn(row_id)
            case Called():
                # They are the context's own: the main operation has set them.
                return
            case _:
                self.context.outputs = {}

    def defer(self) -> None:
        for step in self.steps:
            if step.mode == Mode.ASYNC:
                self.run.write()
                context = self._for_step(step, in_transaction=False)
                self.ground.queue(self.run, context, step)

    def _learn(self, row_id: str) -> None:
        self.context.facts = structs.replace(self.context.facts, row_id=row_id)

    def _send(self, request: Request, context: Context) -> Response:
        guard = self._guard
        if guard is None:
            return self.run.send_from_step(request, context, self._acting)
        return guard.let_finish(lambda: self.run.send_from_step(request, context, self._acting))

    def _run_step(self, step: RegisteredStep, *, in_transaction: bool) -> None:
        self.run.surroundings.step_begins()
        context = self._for_step(step, in_transaction=in_transaction)
        if isinstance(step.work, WebHook):
            self.ground.post(self.run, step.work, context, step)
            return
        if self.run.circumstances.too_large_bytes:
            raise TooLargeForSteps(self.run.circumstances.too_large_bytes)
        self._acting = self._acting_for(step)
        try:
            with time_limit(STEP_LIMIT_S, step.name) as self._guard:
                step.work(context)
        except StepRefused as refusal:
            raise StepAborted(str(refusal)) from refusal
        except ServiceError:
            raise
        except Exception as error:
            raise StepFailed(step.name, f"{type(error).__name__}: {error}") from error

    def _acting_for(self, step: RegisteredStep) -> Caller | None:
        """The user the step sends messages as, unless it is the one who asked: with that user's rights. [EVT-18]

        Raises:
            UserDisabled: the user of the step is disabled.
            StepFailed: the user is not there any more.
        """
        asker = self.run.asker
        if step.user_id is None or step.user_id == asker.user_id:
            return None
        found = self.ground.find_caller(step.user_id)
        if found is None:
            raise StepFailed(step.name, f"the user {step.user_id} it runs as is not there any more")
        return structs.replace(found, real_user_id=asker.real_user_id or asker.user_id)

    def _for_step(self, step: RegisteredStep, *, in_transaction: bool) -> Context:
        """The context with what belongs to this step: stage, images, the user it acts for. [EVT-18]"""
        context = self.context
        context.stage, context.mode, context.in_transaction = step.stage, step.mode, in_transaction
        context.facts = structs.replace(context.facts, user_id=step.user_id or self.run.caller.user_id)
        context.pre_images = {
            image.alias: row for image in step.pre_images for row in self.before.get((image.alias, image.columns), [])
        }
        if step.stage == Stage.POST_OPERATION:
            context.post_images = {image.alias: row for image in step.post_images for row in self._read(image)}
        return context

    def _read(self, image: Image) -> list[Row]:
        table = self.run.schema.tables.get(self.event.table)
        row_id = self.context.facts.row_id
        if table is None or not row_id:
            return []
        columns = tuple([name for name in image.columns if name in table.columns]) or _readable(table.columns)
        values = self.run.read_values(table.name, row_id, columns)
        if values is None:
            return []
        return [Row(table.name, row_id, {name: value for name, value in values.items() if value is not None})]


def _readable(columns: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns whose values are kept with the row."""
    return tuple([name for name, column in columns.items() if is_property(column)])


def _copied(value: Any) -> Any:
    if isinstance(value, Row):
        return Row(value.table, value.id, dict(value.values))
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _waits_for(step: RegisteredStep, event: Event) -> bool:
    """A listed column is among those sent, changed or not. [EVT-14]"""
    return not step.columns or event.columns is None or bool(step.columns & event.columns)


def _is_skipped(step: RegisteredStep, circumstances: Circumstances) -> bool:
    """The request passes by this step. [EVT-17]"""
    if not step.can_be_bypassed:
        return False
    by_mode = circumstances.skips_sync if step.mode == Mode.SYNC else circumstances.skips_async
    return by_mode or step.id in circumstances.skipped


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
