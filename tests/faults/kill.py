"""Kill servers as often as asked: `make kill-test args="--kills 1000 --store postgresql"`.

Shows how far it is, ends with one line that says what was left, and with exit code 1 when anything was lost. With
`--note` it enters that line in the page that says what was tried on which commit.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.survival import Plan, Tally, survive
from tests.places import ROOT
from tests.postgres import lasting_server

PAGE = ROOT / "docs" / "reference" / "trust.md"
EVERY = 10
"""So many kills are told of at once."""


def main() -> int:
    """Kill, count, tell."""
    asked = _asked()
    with tempfile.TemporaryDirectory(prefix="verselet-kill-") as folder, _place(asked.store) as flags:
        lake = Path(folder) / "lake"
        plan = Plan(
            folder=Path(folder),
            flags=(*flags, "--lake", str(lake), "--workers", str(asked.workers)),
            lake=lake,
            retains=not asked.plain,
            seed=asked.seed,
        )
        began = time.monotonic()

        def tell(kills: int, rows: int) -> None:
            if kills % EVERY == 0:
                print(f"{kills} of {asked.kills} kills, {rows} rows, {time.monotonic() - began:.0f} s", flush=True)

        def goes_on(kills: int) -> bool:
            return kills < int(asked.kills) and time.monotonic() - began < float(asked.minutes) * 60

        tally = survive(plan, goes_on, tell)
    print(tally.line(), flush=True)
    if not tally.is_good:
        print(tally.faults())
    if asked.note:
        _note(asked.store, tally, retains=plan.retains)
    return 0 if tally.is_good else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make kill-test", description="Kill a server while it writes; count the rows."
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="kill for no longer than that")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server; the first one is killed")
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


def _note(store: str, tally: Tally, *, retains: bool) -> None:
    """Add a line to the table of the page."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    faults = len(tally.stale) + len(tally.untrue) + len(tally.others)
    cells = (
        time.strftime("%Y-%m-%d", time.gmtime()),
        f"`{commit}`",
        {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[store],
        "yes" if retains else "no",
        *(
            f"{number:,}"
            for number in (
                tally.kills,
                tally.acknowledged,
                tally.there,
                tally.retained,
                tally.delivered,
                tally.repeated,
                len(tally.lost),
                len(tally.twice),
                len(tally.untold),
                faults,
            )
        ),
        f"{tally.seconds:,.0f}",
    )
    with PAGE.open("a", encoding="utf-8") as page:
        page.write(f"| {' | '.join(cells)} |\n")


if __name__ == "__main__":
    sys.exit(main())
