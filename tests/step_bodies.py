"""Bodies of steps and of the web hooks they post to, as clients send them."""

from __future__ import annotations

from verselet.operations.founding import builtin_id


def hook_body(url: str, **more: object) -> dict[str, object]:
    """A web hook that is told a key, unless `more` says otherwise."""
    return {"name": "a hook", "url": url, "contract": 8, "authtype": 4, "authvalue": "k-1", **more}


def step_body(message: str, table: str, endpoint: str | None, **more: object) -> dict[str, object]:
    """A step after the operation, within the message unless `more` says otherwise; it posts to the web hook."""
    hook = {} if endpoint is None else {"eventhandler_serviceendpoint@odata.bind": f"/serviceendpoints({endpoint})"}
    return {
        "name": f"{message} of {table}",
        "stage": 40,
        "mode": 0,
        "rank": 1,
        "sdkmessageid@odata.bind": f"/sdkmessages({builtin_id('sdkmessage', message)})",
        "sdkmessagefilterid@odata.bind": f"/sdkmessagefilters({builtin_id('sdkmessagefilter', f'{message}/{table}')})",
        **hook,
        **more,
    }
