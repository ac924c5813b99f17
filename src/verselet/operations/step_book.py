"""Keep an organization's steps: those of solutions, those registered as rows, and how events leave the house.

In:        solutions, rows of the step tables
Out:       `StepBook`: the registry of the moment; posts; the steps of jobs
Not here:  when steps run (pipeline), what jobs do (jobs)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from verselet.errors.steps import StepAborted
from verselet.messages.request import RowKey
from verselet.operations.custom_rows import custom_messages, main_steps
from verselet.operations.finding import find_id
from verselet.operations.outbox import queue_step
from verselet.operations.step_rows import registered_steps
from verselet.pipeline.execution import Execution
from verselet.pipeline.firing import Ground
from verselet.pipeline.posts import Delivery, Post, Poster
from verselet.pipeline.registry import Image, RegisteredStep, Registry, WebHook
from verselet.pipeline.remote_context import remote_context
from verselet.sdk.context import Context
from verselet.sdk.solution import Solution, Step
from verselet.security.caller import Caller


class StepBook:
    """The steps of one organization. `solutions` are those with code; `poster` posts to web hooks."""

    def __init__(self, solutions: Iterable[Solution], poster: Poster, name: str) -> None:
        self._solutions = tuple(solutions)
        self._poster = poster
        self._name = name

    def ground(self, find_caller: Callable[[str], Caller | None]) -> Ground:
        """What the stages need of the organization; `find_caller` knows its users."""
        return Ground(
            post=self.post_now,
            queue=queue_step,
            find=_find,
            find_caller=find_caller,
            organization_name=self._name,
        )

    def having(self, solutions: Iterable[Solution]) -> StepBook:
        """The same book with other solutions."""
        return StepBook(solutions, self._poster, self._name)

    def registry(self, run: Execution) -> Registry:
        """All steps and all messages of one's own there are, as this session sees them. [EVT-4], [FN-28]"""
        steps = [step for solution in self._solutions for step in solution.steps]
        works = {step.name: step for step in steps}
        own = [_of_solution(step) for step in steps]
        main = {(made.name, made.message): made for solution in self._solutions for made in solution.operations}
        return Registry([*own, *registered_steps(run, works), *main_steps(run, main)], custom_messages(run))

    def post_now(self, run: Execution, hook: WebHook, context: Context, step: RegisteredStep) -> None:
        """Post within the message.

        Raises:
            StepAborted: the receiver did not take it; the message does not happen. [EVT-7], [EVT-46]
        """
        delivery = self.deliver(self.prepare(run, hook, context, step))
        if not delivery.is_taken:
            raise StepAborted(f"The web hook of the step '{step.name}' failed. {delivery.reason}")

    def prepare(self, run: Execution, hook: WebHook, context: Context, step: RegisteredStep) -> Post:
        """What is posted of an event. [EVT-42], [EVT-43]"""
        posted = remote_context(context, step, run.schema, _people(run, context), run.surroundings.message_named)
        return Post(
            hook=hook,
            body=posted.body,
            organization=self._name,
            table=context.facts.table,
            message=context.facts.message,
            correlation_id=context.facts.correlation_id,
            is_shortened=posted.shortened,
        )

    def deliver(self, post: Post) -> Delivery:
        """Post, and say how it went. [EVT-46], [EVT-47]"""
        return self._poster.post(post)


def _of_solution(step: Step) -> RegisteredStep:
    """A step that came with code. It belongs to the solution, so no request passes by it. [EVT-17]"""
    return RegisteredStep(
        id=step.id,
        name=step.name,
        message=step.message,
        table=step.table or "",
        stage=int(step.stage),
        mode=int(step.mode),
        rank=step.rank,
        work=step.handler,
        columns=step.columns,
        pre_images=(Image("pre", step.pre_image),) if step.pre_image else (),
        post_images=(Image("post", step.post_image),) if step.post_image else (),
        can_be_bypassed=False,
        is_row=False,
    )


def _find(run: Execution, table: str, key: RowKey) -> str | None:
    found = run.schema.tables.get(table)
    return None if found is None else find_id(run, found, key)


def _people(run: Execution, context: Context) -> Mapping[str, str]:
    """The Entra object ids of the users an event names."""
    found = {}
    for user in {context.facts.user_id, context.facts.initiating_user_id}:
        values = run.read_values("systemuser", user, ("azureactivedirectoryobjectid",)) or {}
        entra = values.get("azureactivedirectoryobjectid")
        if isinstance(entra, str):
            found[user] = entra
    return found
