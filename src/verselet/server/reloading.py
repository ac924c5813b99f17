"""Let a running server take up plug-ins that changed.

In:        the plug-ins, an organization
Out:       `reloading`, `Reloading`: look now, and a thread that looks every second
Not here:  loading files (server.plugins)

Requests pay nothing for it: a thread of its own compares the times of the files.
"""

from __future__ import annotations

import contextlib
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from verselet.errors import VerseletError
from verselet.server.plugins import PluginFile, Plugins

if TYPE_CHECKING:
    from verselet.organization import Organization

LOOK_EVERY_S: Final = 1.0


def reloading(plugins: Plugins, organization: Organization, cleanup: ExitStack) -> Reloading:
    """Begin to look at the folder, until the clean-up."""
    made = Reloading(plugins, organization)
    cleanup.callback(made.stop)
    made.start()
    return made


class Reloading:
    """Looks at the folder of plug-ins, and lets an organization run what changed."""

    def __init__(self, plugins: Plugins, organization: Organization) -> None:
        self._plugins = plugins
        self._organization = organization
        self._taken = plugins.solutions
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="verselet-plugins", daemon=True)

    def start(self) -> None:
        """Look every second from now on, if there is a folder."""
        if self._plugins.folder is not None:
            self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> tuple[PluginFile, ...]:
        """Look now; what became of each file.

        Raises:
            VerseletError: the organization could not take up what changed; the next look does it.
        """
        with self._turn:
            self._plugins.look()
            solutions = self._plugins.solutions
            if [id(one) for one in solutions] != [id(one) for one in self._taken]:
                self._organization.steps = self._organization.steps.having(solutions)
                self._organization.read_steps()
                self._taken = solutions
        return self._plugins.files

    def files(self) -> tuple[PluginFile, ...]:
        """What became of each file at the last look."""
        return self._plugins.files

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            with contextlib.suppress(VerseletError):
                self.look()
