"""Be one of several processes of a server, at an address of one's own, so that a test can choose whom it asks.

`python member.py DIR` does what `verselet serve --workers` lets each of its processes do.
"""

from __future__ import annotations

import sys
from copy import copy
from pathlib import Path

from msgspec import structs

from verselet.server.doors import Door
from verselet.server.handing import Usher
from verselet.server.listen import Endpoint
from verselet.server.run import work
from verselet.settings import read_settings


def main(folder: str) -> None:
    """Serve until SIGTERM."""
    settings = structs.replace(read_settings({"data": Path(folder)}), workers=2)
    endpoint = Endpoint("127.0.0.1", 0)

    usher = Usher([endpoint])

    def tell(_said: object) -> None:
        usher.begin()
        sys.stdout.write(f"ready {endpoint.url('http')}\n")
        sys.stdout.flush()

    with usher.seat() as seat:
        work(settings, (Door(copy(endpoint)),), seat, tell)
    usher.close()


if __name__ == "__main__":
    main(sys.argv[1])
