"""Refuse users who ask too much of the server.

In:        the limit that was reached, and how long to wait
Out:       429
Not here:  counting (web.limits)
"""

from __future__ import annotations

from verselet.errors.root import ServiceError


class TooMuchAsked(ServiceError):
    """A limit of service protection; trying again after `retry_after_s` seconds may work. [LIM-4]"""

    status = 429

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooManyRequests(TooMuchAsked):
    """Too many requests in the window. [LIM-1]"""

    code = 0x80072322

    def __init__(self, limit: int, window_s: int, retry_after_s: int) -> None:
        super().__init__(
            f"Number of requests exceeded the limit of {limit} over time window of {window_s} seconds.", retry_after_s
        )


class TooMuchExecutionTime(TooMuchAsked):
    """The requests in the window took too long together. [LIM-2]"""

    code = 0x80072321

    def __init__(self, limit_ms: int, window_s: int, retry_after_s: int) -> None:
        super().__init__(
            f"Combined execution time of incoming requests exceeded limit of {limit_ms:,} milliseconds over time "
            f"window of {window_s} seconds. Decrease number of concurrent requests or reduce the duration of requests "
            "and try again later.",
            retry_after_s,
        )


class TooManyAtOnce(TooMuchAsked):
    """Too many requests at the same time; that clears with the first one that is answered. [LIM-3]"""

    code = 0x80072326

    def __init__(self, limit: int) -> None:
        super().__init__(f"Number of concurrent requests exceeded the limit of {limit}.", 1)
