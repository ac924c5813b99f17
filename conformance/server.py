"""Start a server of this source for one run.

In:        flags of `verselet serve`
Out:       its address, while it runs
Not here:  servers that run already (`run --server`)
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "dev-admin"  # noqa: S105  the developer's token of a server on loopback, no secret
READY = "ready "
STOP_LIMIT_S = 60


@contextmanager
def running_server(*flags: str) -> Iterator[str]:
    """A server in memory on a free port; ended in any case."""
    arguments = [sys.executable, "-m", "verselet", "serve", "--port", "0", *flags]
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            greeting = next((line for line in process.stdout if line.startswith(READY)), None)
            if greeting is None:
                raise RuntimeError("the server ended before it was ready; what it said stands above")
            yield greeting.removeprefix(READY).strip()
        finally:
            process.terminate()
            process.wait(STOP_LIMIT_S)
