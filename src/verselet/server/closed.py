"""Answer for the pages where they are closed.

In:        requests for `/`, `/tables/…`, `/static/…`
Out:       a refusal by name; the styles, which the pages of sign-in need
Not here:  the pages (ui.pages), the pages of sign-in (server.sign_in_pages)

The pages show every row without asking who looks. That is for `--auth dev` on loopback.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.staticfiles import StaticFiles

from verselet import ui
from verselet.errors import NotSupportedHere
from verselet.server.answers import refuse

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

STATIC: Final = "/static"


class ClosedPages:
    """Styles and refusals."""

    def __init__(self) -> None:
        self._static = StaticFiles(directory=Path(ui.__file__).parent / "static")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith(f"{STATIC}/"):
            await self._static({**scope, "root_path": STATIC}, receive, send)
        else:
            await refuse(send, NotSupportedHere("The user interface without --auth dev"))
