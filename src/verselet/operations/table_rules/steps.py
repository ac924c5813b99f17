"""Keep the registrations of steps, images and web hooks in order.

In:        rows of `sdkmessageprocessingstep`, `sdkmessageprocessingstepimage` and `serviceendpoint` on their way
Out:       refusals; what the server fills in
Not here:  what a registration means (operations.step_rows, pipeline)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import msgspec

from verselet.errors import CannotActForAnother, InvalidArgument, NotSupportedHere
from verselet.errors.steps import ImageNotAllowed, ImageTypeUnknown, PostImageTooEarly, StepNotAllowed
from verselet.messages.custom import Steps
from verselet.operations.asking import rows_where
from verselet.operations.custom_rows import CUSTOM
from verselet.operations.step_rows import ENDPOINTS, HEADERS, IMAGES, KEY, QUERY, STEPS, settings_in
from verselet.operations.table_rules.rules import TableRules
from verselet.pipeline.events import SUBSCRIBABLE
from verselet.pipeline.execution import Execution
from verselet.pipeline.posts import OWN_HEADERS
from verselet.sdk.solution import Stage
from verselet.security.privileges import ACT_ON_BEHALF
from verselet.sql.write import unpair_listed_sql
from verselet.values import Reference, Row, Value

WEB_HOOK: Final = 8
"""The contract of a web hook among those of service endpoints. [EVT-41]"""

LONGEST_URL: Final = 2_000

WITH_IMAGES: Final = frozenset({"Assign", "Create", "Delete", "Merge", "SetState", "SetStateDynamicEntity", "Update"})
"""Messages whose rows can be shown as images. [EVT-10]"""

PRE, POST, BOTH = 0, 1, 2
"""Kinds of images. [EVT-10]"""

_STEP = ("stage", "mode", "sdkmessageid", "sdkmessagefilterid", "eventhandler")


def _create_steps(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        row.values.setdefault("canbebypassed", True)
        row.values.setdefault("rank", 1)
        row.values.setdefault("mode", 0)
        _must_fit(run, row.values)
        _may_name_user(run, row.values)


def _change_step(run: Execution, row: Row) -> None:
    present = run.read_values(STEPS, row.id or "", _STEP) or {}
    if not row.values.keys().isdisjoint(_STEP):
        _must_fit(run, {**present, **row.values})
    _may_name_user(run, row.values)


def _may_name_user(run: Execution, given: dict[str, Value]) -> None:
    """Whoever lets a step run as somebody else acts for them. [EVT-18], [SEC-91]

    Raises:
        CannotActForAnother: the caller may not act for others.
    """
    named = given.get("impersonatinguserid")
    if isinstance(named, Reference) and named.id != run.caller.user_id and not run.caller.holds(ACT_ON_BEHALF):
        raise CannotActForAnother(run.caller.user_id)


def _must_fit(run: Execution, step: dict[str, Value]) -> None:
    """The message raises events for the table, and the step can run then. [EVT-1], [EVT-2], [EVT-6]"""
    if step.get("stage") not in set(Stage):
        raise InvalidArgument("The stage of a step is 10, 20 or 40.")
    if step.get("mode") not in {0, 1}:
        raise InvalidArgument("The mode of a step is 0 or 1.")
    if step["mode"] == 1 and step["stage"] != Stage.POST_OPERATION:
        raise StepNotAllowed("An asynchronous step can only be registered after the operation (stage 40).")
    message = _name_of(run, step.get("sdkmessageid"), "sdkmessage", "name")
    if message not in SUBSCRIBABLE:
        _must_be_let(run, message, step["mode"])
    listed = step.get("sdkmessagefilterid")
    if isinstance(listed, Reference):
        found = run.read_values("sdkmessagefilter", listed.id, ("sdkmessageid", "iscustomprocessingstepallowed")) or {}
        if found.get("sdkmessageid") != step.get("sdkmessageid") or not found.get("iscustomprocessingstepallowed"):
            raise StepNotAllowed(f"No steps can be registered on the message '{message}' of that table.")
    if not isinstance(step.get("eventhandler"), Reference):
        raise InvalidArgument("A step needs an event handler: a plug-in type or a service endpoint.")


def _must_be_let(run: Execution, message: str, mode: Value) -> None:
    """A custom API says which steps it takes. [EVT-5], [EVT-6], [FN-28]"""
    column = "allowedcustomprocessingsteptype"
    found = rows_where(run, CUSTOM, (column,), {"uniquename": message})
    allows = found[0].values[column] if found else Steps.NONE
    if allows not in {Steps.ASYNC_ONLY, Steps.ALL}:
        raise StepNotAllowed(f"No steps can be registered on the message '{message}'.")
    if allows == Steps.ASYNC_ONLY and mode != 1:
        raise StepNotAllowed(f"Only asynchronous steps can be registered on the message '{message}'.")


def _name_of(run: Execution, named: Value, table: str, column: str) -> str:
    if not isinstance(named, Reference):
        raise InvalidArgument("A step needs a message ('sdkmessageid').")
    return str((run.read_values(table, named.id, (column,)) or {}).get(column) or "")


def _delete_step(run: Execution, row_id: str) -> None:
    """Its images go along."""
    listed = msgspec.json.encode([row_id]).decode()
    images = run.schema.tables[IMAGES]
    run.session.run(unpair_listed_sql(images, "sdkmessageprocessingstepid", run.session.dialect), (listed,))


def _create_images(run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        _must_show(run, row.values)


def _change_image(run: Execution, row: Row) -> None:
    present = run.read_values(IMAGES, row.id or "", ("imagetype", "sdkmessageprocessingstepid")) or {}
    _must_show(run, {**present, **row.values})


def _must_show(run: Execution, image: dict[str, Value]) -> None:
    """The step's message has rows to show, at that time. [EVT-6], [EVT-10]"""
    kind, named = image.get("imagetype"), image.get("sdkmessageprocessingstepid")
    if kind not in {PRE, POST, BOTH}:
        raise ImageTypeUnknown
    if not isinstance(named, Reference):
        raise InvalidArgument("An image needs a step ('sdkmessageprocessingstepid').")
    step = run.read_values(STEPS, named.id, ("stage", "sdkmessageid")) or {}
    message = _name_of(run, step.get("sdkmessageid"), "sdkmessage", "name")
    wanted = {PRE: {"pre"}, POST: {"post"}, BOTH: {"pre", "post"}}[int(str(kind))]
    if (
        message not in WITH_IMAGES
        or (message == "Create" and "pre" in wanted)
        or (message == "Delete" and "post" in wanted)
    ):
        raise ImageNotAllowed(f"The message '{message}' has no such image.")
    if "post" in wanted and step.get("stage") != Stage.POST_OPERATION:
        raise PostImageTooEarly


def _create_endpoints(_run: Execution, rows: Sequence[Row]) -> None:
    for row in rows:
        _must_be_hook(row.values)
        row.values["isauthvalueset"] = bool(row.values.get("authvalue"))


def _change_endpoint(run: Execution, row: Row) -> None:
    present = run.read_values(ENDPOINTS, row.id or "", ("contract", "authtype", "url", "authvalue")) or {}
    _must_be_hook({**present, **row.values})
    if "authvalue" in row.values:
        row.values["isauthvalueset"] = bool(row.values["authvalue"])


def _must_be_hook(endpoint: dict[str, Value]) -> None:
    """It is a web hook with an address and a way to say who posts. [EVT-40], [EVT-41]"""
    if endpoint.get("contract") != WEB_HOOK:
        raise NotSupportedHere("Service endpoints that are no web hooks (contract other than 8)")
    url = str(endpoint.get("url") or "")
    parts = urlsplit(url)
    if len(url) > LONGEST_URL or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidArgument("A web hook needs a 'url' that begins with http:// or https://.")
    if parts.username is not None or parts.password is not None:
        raise InvalidArgument("The 'url' of a web hook holds no name and no password; 'authvalue' says who posts.")
    if endpoint.get("authtype") not in {KEY, HEADERS, QUERY}:
        raise InvalidArgument("The 'authtype' of a web hook is 4 (key), 5 (headers) or 6 (query string).")
    if endpoint["authtype"] in {HEADERS, QUERY}:
        for name, _ in settings_in(str(endpoint.get("authvalue") or "")):
            if endpoint["authtype"] == HEADERS and name.lower() in OWN_HEADERS:
                raise InvalidArgument(f"A web hook cannot set the header '{name}'.")


STEP_RULES: Final = TableRules(creating=_create_steps, changing=_change_step, deleting=_delete_step, judges_caller=True)
IMAGE_RULES: Final = TableRules(creating=_create_images, changing=_change_image)
ENDPOINT_RULES: Final = TableRules(creating=_create_endpoints, changing=_change_endpoint)
