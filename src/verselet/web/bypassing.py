"""Read what a request says about steps: a tag for them, which it passes by, and whether it is too long for them.

In:        headers, body and the option `tag` of an exchange
Out:       `Circumstances`; refused for who may not
Not here:  which steps are passed by (pipeline.firing)
"""

from __future__ import annotations

from typing import Final

from verselet.errors import BadRequest, PrivilegeMissing
from verselet.ids import GUID
from verselet.pipeline.execution import MOST_TOLD_BYTES, ORDINARY, Circumstances
from verselet.web.exchange import Exchange

ALL_SYNC: Final = "mscrm.bypasscustompluginexecution"
BY_MODE: Final = "mscrm.bypassbusinesslogicexecution"
BY_STEP: Final = "mscrm.bypassbusinesslogicexecutionstepids"

BYPASS_PLUGINS: Final = "prvBypassCustomPlugins"
BYPASS_LOGIC: Final = "prvBypassCustomBusinessLogic"

BATCH: Final = "$batch"
MODES: Final = ("CustomSync", "CustomAsync")


def circumstances_of(exchange: Exchange) -> Circumstances:
    """What the request says beside its message. [EVT-15], [EVT-17], [LIM-16]

    Raises:
        BadRequest: a header whose value means nothing.
        PrivilegeMissing: the caller may not pass by steps.
    """
    headers = exchange.headers
    tag = exchange.options.value("tag") if "tag=" in exchange.raw_query else None
    skips_all = headers.get(ALL_SYNC, "").strip().lower() == "true"
    modes, steps = headers.get(BY_MODE), headers.get(BY_STEP)
    size = len(exchange.body)
    # A batch is many messages, and each of its parts comes here by itself.
    too_large = size if size > MOST_TOLD_BYTES and exchange.path != BATCH else 0
    if tag is None and not skips_all and modes is None and steps is None and not too_large:
        return ORDINARY
    if skips_all:
        _must_hold(exchange, BYPASS_PLUGINS)
    if modes is not None or steps is not None:
        _must_hold(exchange, BYPASS_LOGIC)
    named = _listed(modes or "")
    unknown = [name for name in named if name not in MODES]
    if unknown:
        raise BadRequest(f"'{unknown[0][:60]}' is no kind of business logic; there are {' and '.join(MODES)}.")
    skipped = [step.lower() for step in _listed(steps or "")]
    if not all(GUID.match(step) for step in skipped):
        raise BadRequest("The steps to pass by are named by their ids, separated by commas.")
    return Circumstances(
        tag=tag,
        skips_sync=skips_all or "CustomSync" in named,
        skips_async="CustomAsync" in named,
        skipped=frozenset(skipped),
        too_large_bytes=too_large,
    )


def _must_hold(exchange: Exchange, privilege: str) -> None:
    if not exchange.caller.holds(privilege):
        raise PrivilegeMissing(exchange.caller.user_id, privilege, "none")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
