"""Questions about the organization that need no row.

In:        made by web.functions
Out:       frozen messages, as those of messages.request
Not here:  the answers (operations.facts)
"""

from __future__ import annotations

from verselet.messages.request import ReadingRequest


class RetrieveAvailableLanguages(ReadingRequest, frozen=True, tag=True):
    """Which languages there are for labels. [FN-25], [OC-20]"""


class RetrieveProvisionedLanguages(ReadingRequest, frozen=True, tag=True):
    """Which of them are switched on. [FN-25]"""


class RetrieveTimestamp(ReadingRequest, frozen=True, tag=True):
    """A text that is another one when definitions have changed. [FN-25]"""
