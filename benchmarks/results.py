"""Keep what was measured, so that the page can be written anew and later runs can be compared.

In:        figures
Out:       `Results` and its parts; `read_results`, `write_results`
Not here:  the page's words (benchmarks.page), goals (benchmarks.goals)

Each part is measured by a run of its own and says when, on which commit and on which machine.
"""

from __future__ import annotations

import datetime
import os
import platform
import subprocess

import apsw
import msgspec

from benchmarks.copies import Copying
from benchmarks.figures import Figures
from benchmarks.partitions import Partitioned
from benchmarks.rounds import Beside
from benchmarks.servers import ROOT
from benchmarks.starting import Start
from benchmarks.workers import Crew

KEPT = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "benchmarks" / "results.md"


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """When, what and where. `load` is how busy the machine was at the end, in processes that want a core."""

    date: str
    commit: str
    machine: str
    python: str
    sqlite: str
    load: float

    @property
    def says(self) -> str:
        """In one line."""
        return (
            f"{self.date}, commit {self.commit}, {self.machine}, load {self.load:.1f}, "
            f"Python {self.python}, SQLite {self.sqlite}"
        )


class Loaded(msgspec.Struct, frozen=True):
    """So many rows were made by CreateMultiple in so many seconds."""

    rows: int
    seconds: float


class Stores(msgspec.Struct, frozen=True, kw_only=True):
    """The operations on every store, by its title."""

    circumstances: Circumstances
    loaded: Loaded
    start: Start
    figures: dict[str, list[Figures]]
    beside: dict[str, Beside]
    durable: Loaded


class Pair(msgspec.Struct, frozen=True):
    """The same operation on the small and on the large data."""

    small: Figures
    large: Figures


class Large(msgspec.Struct, frozen=True, kw_only=True):
    """The small data beside ten million events."""

    circumstances: Circumstances
    loaded: Loaded
    file_mib: float
    pairs: list[Pair]


class PeerLine(msgspec.Struct, frozen=True, kw_only=True):
    """An operation asked of the server and of the peer in turns: CPU of a request, and answers per second at 16."""

    letter: str
    cpu_us: float
    per_second: float
    peer_cpu_us: float
    peer_per_second: float


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """An application on FastAPI and SQLAlchemy with the same rows."""

    circumstances: Circumstances
    versions: str
    lines: list[PeerLine]


class Crews(msgspec.Struct, frozen=True, kw_only=True):
    """One, two and four processes of one server, on rows of so many sessions."""

    circumstances: Circumstances
    sessions: int
    lines: list[Crew]


class Partitions(msgspec.Struct, frozen=True, kw_only=True):
    """One table beside a partition for each month."""

    circumstances: Circumstances
    found: Partitioned


class Copies(msgspec.Struct, frozen=True, kw_only=True):
    """From a file to PostgreSQL, and back."""

    circumstances: Circumstances
    lines: list[Copying]


class Results(msgspec.Struct, kw_only=True):
    """Everything that was measured, as far as it was."""

    stores: Stores | None = None
    peer: Peer | None = None
    large: Large | None = None
    crews: Crews | None = None
    partitions: Partitions | None = None
    copies: Copies | None = None


def read_results() -> Results:
    """What is kept; nothing where nothing is."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Results) if KEPT.exists() else Results()


def keep_results(results: Results) -> None:
    """Keep it for later."""
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def circumstances() -> Circumstances:
    """Of this moment."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return Circumstances(
        date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        commit=found.stdout.strip() or "none",
        machine=f"{os.cpu_count()} cores, {platform.machine()}",
        python=platform.python_version(),
        sqlite=f"{apsw.sqlite_lib_version()} (apsw {apsw.apsw_version()})",
        load=round(os.getloadavg()[0], 1),
    )
