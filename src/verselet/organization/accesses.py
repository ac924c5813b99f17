"""Notice who comes.

In:        an organization, the callers of its requests
Out:       `Accesses`: notes a caller, once in as many hours as the organization says
Not here:  the audit row (operations.rules.audit_switches), who is calling (auth)
"""

from __future__ import annotations

from datetime import datetime, timedelta

from verselet.messages.auditing import NoteAccess
from verselet.operations.failures import LayoutChanged
from verselet.organization.house import Organization
from verselet.security.caller import Caller


class Accesses:
    """Who came when, by one door of one process; the rows tell what came before and elsewhere. [JOB-40]"""

    def __init__(self, organization: Organization, *, to_pages: bool) -> None:
        self._organization, self._to_pages = organization, to_pages
        self._came: dict[str, datetime] = {}

    def note(self, caller: Caller) -> None:
        """The caller comes; most organizations do not want to know."""
        hours = self._organization.access_hours
        if not hours:
            return
        now, last = self._organization.clock.now(), self._came.get(caller.user_id)
        if last is None or not last <= now < last + timedelta(hours=hours):
            self._execute(NoteAccess(hours, self._to_pages), caller)
            # What is written together with other requests may be taken back together with them.
            if self._organization.store.group is None:
                self._came[caller.user_id] = now

    def _execute(self, request: NoteAccess, caller: Caller) -> None:
        try:
            self._organization.execute(request, caller)
        except LayoutChanged as failure:
            self._organization.catch_up(failure)
            self._organization.execute(request, caller)
