"""Do asynchronous steps: post their event, or run their function.

In:        an organization, a job that keeps an event
Out:       how it went; what a function wrote, in one transaction
Not here:  the job's states (jobs.queue), writing the job (operations.outbox)

A server that is killed between the post and the end of the job posts again at its next start, with the same ids: a
receiver may see an event twice, never not at all. What a function wrote is committed together with the end of its job.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from verselet.errors import ServiceError
from verselet.errors.steps import StepAborted, StepFailed, StepTooSlow
from verselet.jobs.outcome import Outcome, signed
from verselet.messages.request import Request, Response, WhoAmI
from verselet.operations.outbox import KeptContext, kept_context, opened
from verselet.organization import Organization
from verselet.pipeline.firing import STEP_LIMIT_S
from verselet.pipeline.registry import RegisteredStep, WebHook
from verselet.pipeline.watchdog import Guard, time_limit
from verselet.sdk.solution import Retry, StepRefused
from verselet.security.caller import Caller
from verselet.values import Row


class _Which(msgspec.Struct, frozen=True):
    """The step of a job, without everything else it keeps."""

    step: str


def run_event(organization: Organization, job: Row, _is_stopping: Callable[[], bool]) -> Outcome:
    """Do the step that waits for the event. [EVT-2], [EVT-48]"""
    try:
        kept = kept_context(str(job.values["data"]))
    except msgspec.DecodeError as error:
        return Outcome(reason=f"The job keeps no event: {error}", code=signed(StepFailed.code))
    step = organization.registry.by_id.get(kept.step)
    if step is None:
        return Outcome(reason="The step of the job is not registered any more.", code=signed(StepFailed.code))
    if isinstance(step.work, WebHook):
        return _post(organization, kept, step, step.work)
    return _run(organization, kept, step)


def is_function(organization: Organization, job: Row) -> bool:
    """What the job does is a function, which writes nowhere but here."""
    try:
        which = msgspec.json.decode(str(job.values["data"]), type=_Which)
    except msgspec.DecodeError:
        return False
    step = organization.registry.by_id.get(which.step)
    return step is not None and not isinstance(step.work, WebHook)


def _post(organization: Organization, kept: KeptContext, step: RegisteredStep, hook: WebHook) -> Outcome:
    context = opened(kept, _no_sending)
    context.mode = 1
    with organization.store.read() as session:
        run = organization.opened(WhoAmI(), session)
        post = organization.steps.prepare(run, hook, context, step)
    delivery = organization.steps.deliver(post)
    if delivery.is_taken:
        return Outcome(is_forgotten=step.forgets_success)
    return Outcome(reason=delivery.reason, code=signed(StepAborted.code))


def _run(organization: Organization, kept: KeptContext, step: RegisteredStep) -> Outcome:
    """Run a function; what it sends happens together, as the user of the step. [EVT-18]"""
    caller = _caller(organization, kept)
    if caller is None or isinstance(step.work, WebHook):
        return Outcome(reason="The user of the step is not there any more.", code=signed(StepFailed.code))
    try:
        with organization.transaction(), time_limit(STEP_LIMIT_S, step.name) as guard:
            step.work(opened(kept, _sender(organization, caller, guard)))
    except Retry as again:
        return Outcome(reason=str(again), code=signed(StepAborted.code), asks_again=True)
    except StepRefused as refusal:
        return Outcome(reason=str(refusal), code=signed(StepAborted.code))
    except (StepTooSlow, ServiceError) as refusal:
        return Outcome(reason=refusal.message, code=signed(refusal.code))
    except Exception as error:  # noqa: BLE001  a step of somebody else may break in any way; the row says how
        return Outcome(reason=f"{type(error).__name__}: {error}", code=signed(StepFailed.code))
    return Outcome(is_forgotten=step.forgets_success)


def _caller(organization: Organization, kept: KeptContext) -> Caller | None:
    """The user of the step, for whoever caused the event. [EVT-18]"""
    found, cause = organization.find_caller(kept.facts.user_id), kept.facts.initiating_user_id
    if found is None or found.user_id == cause:
        return found
    return msgspec.structs.replace(found, real_user_id=cause)


def _sender(organization: Organization, caller: Caller, guard: Guard) -> Callable[[Request], Response]:
    return lambda request: guard.let_finish(lambda: organization.execute(request, caller))


def _no_sending(_request: Request) -> Response:
    raise StepAborted("A post sends no messages.")
