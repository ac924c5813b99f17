"""Refuse what steps do not allow, and steps that cannot be registered.

In:        the facts of a refusal
Out:       400; 500 where a message is too large for any step
Not here:  running steps (pipeline)
"""

from __future__ import annotations

from verselet.errors.requests import BadRequest
from verselet.errors.root import ServiceError


class StepAborted(BadRequest):
    """A step does not let the message happen. [EVT-7]"""

    code = 0x80040265


class StepFailed(BadRequest):
    """A step broke; what it was is said as far as it is known. [EVT-7]"""

    code = 0x80040224

    def __init__(self, step: str, why: str) -> None:
        super().__init__(f"An unexpected error occurred in the step '{step}': {why}")


class StepTooSlow(BadRequest):
    """A step ran longer than it may. [EVT-8]"""

    code = 0x80081111

    def __init__(self, step: str, seconds: float) -> None:
        super().__init__(f"The step '{step}' was stopped after {seconds:g} seconds.")


class TooManyLevels(BadRequest):
    """Steps send messages whose steps send messages, without end. [EVT-9]"""

    code = 0x80044182

    def __init__(self, depth: int) -> None:
        super().__init__(
            f"The message was sent by steps of messages, {depth} levels deep. Cancelling the operation: this looks "
            "like an infinite loop."
        )


class TooLargeForSteps(ServiceError):
    """A step with code waits for a message whose request is longer than what such a step is told of. [LIM-16]"""

    code = 0x80040216
    status = 500

    def __init__(self, size_bytes: int) -> None:
        super().__init__(
            f"Message size exceeded when sending context to Sandbox. Message size: {size_bytes / 2**20:.2f} Mb"
        )


class StepNotAllowed(BadRequest):
    """No steps can be registered on the message or table. [EVT-5], [EVT-6]"""

    code = 0x80044187


class ImageNotAllowed(BadRequest):
    """The message has no images of that kind. [EVT-6], [EVT-10]"""

    code = 0x80044189


class PostImageTooEarly(BadRequest):
    """There is no post image before the operation. [EVT-6]"""

    code = 0x8004416E

    def __init__(self) -> None:
        super().__init__("A post image is for steps after the operation (stage 40) only.")


class ImageTypeUnknown(BadRequest):
    """An image is one of before, after or both. [EVT-6]"""

    code = 0x8004416D

    def __init__(self) -> None:
        super().__init__("The 'imagetype' of an image is 0 (before), 1 (after) or 2 (both).")
