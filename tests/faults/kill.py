"""Kill servers as often as asked: `make kill-test args="--kills 1000 --store postgresql"`.

Shows how far it is, ends with one line that says what was left, and with exit code 1 when anything was lost. With
`--note` it enters that line in the page that says what was tried on which commit. With `--restarts` the server lives,
and its PostgreSQL is ended and started as often as asked.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.restarting import Mode, Outlived, outlive
from tests.faults.survival import Plan, Tally, survive
from tests.places import ROOT
from tests.postgres import lasting_server
from verselet.lake import Folder

PAGE = ROOT / "docs" / "reference" / "trust.md"
MODES: tuple[Mode, ...] = ("fast", "immediate")
EVERY = 10
"""So many kills are told of at once."""


def main() -> int:
    """Kill, count, tell."""
    asked = _asked()
    with tempfile.TemporaryDirectory(prefix="verselet-kill-") as folder:
        outcome, what = _outlived(asked, Path(folder)) if asked.restarts else _survived(asked, Path(folder))
    print(outcome.line(), flush=True)
    if not outcome.is_good:
        print(outcome.faults() if isinstance(outcome, Tally) else outcome.others)
    if asked.note:
        _note(what, outcome.line())
    return 0 if outcome.is_good else 1


def _survived(asked: argparse.Namespace, folder: Path) -> tuple[Tally, str]:
    """Kill the server."""
    began = time.monotonic()

    def goes_on(kills: int) -> bool:
        return kills < int(asked.kills) and time.monotonic() - began < float(asked.minutes) * 60

    lake = folder / "lake"
    with _place(asked.store) as flags:
        plan = Plan(
            folder=folder,
            flags=(*flags, "--lake", str(lake), "--workers", str(asked.workers)),
            lake=Folder(lake),
            retains=not asked.plain,
            stretches=True,
            seed=asked.seed,
        )
        tally = survive(plan, goes_on, _teller(f"of {asked.kills} kills"))
    store = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[asked.store]
    beside = "with hooks" if asked.plain else "with hooks and retention"
    return tally, f"{store} {beside}" + (f", {asked.workers} processes" if asked.workers > 1 else "")


def _outlived(asked: argparse.Namespace, folder: Path) -> tuple[Outlived, str]:
    """End its database."""
    chance = random.Random(asked.seed)
    modes = [chance.choice(MODES) for _ in range(asked.restarts)]
    with lasting_server() as database:
        return outlive(folder, database, modes, _teller(f"of {asked.restarts} ends")), "PostgreSQL ended under load"


def _teller(what: str) -> Callable[[int, int], None]:
    """Say now and then how far it is."""
    began = time.monotonic()

    def tell(done: int, rows: int) -> None:
        if done % EVERY == 0:
            print(f"{done} {what}, {rows} rows, {time.monotonic() - began:.0f} s", flush=True)

    return tell


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make kill-test", description="Kill a server while it writes; count the rows."
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--restarts", type=int, default=0, help="end a PostgreSQL so often instead of the server")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="kill for no longer than that")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server; single ones are killed too")
    parser.add_argument("--plain", action="store_true", help="without retention, so that more rows are written")
    parser.add_argument("--seed", type=int, default=7, help="of the moments at which the server is killed")
    parser.add_argument("--note", action="store_true", help=f"enter the outcome in {PAGE.relative_to(ROOT)}")
    return parser.parse_args()


@contextmanager
def _place(store: str) -> Iterator[tuple[str, ...]]:
    """The flags that say where the rows live."""
    if store == "sqlite":
        yield ("--data", "org")
        return
    with lasting_server() as server:
        yield ("--database", server.fresh())


def _note(what: str, line: str) -> None:
    """Add a line to the page."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    day = time.strftime("%Y-%m-%d", time.gmtime())
    with PAGE.open("a", encoding="utf-8") as page:
        page.write(f"- {day}, `{commit}`, {what}: {line}.\n")


if __name__ == "__main__":
    sys.exit(main())
