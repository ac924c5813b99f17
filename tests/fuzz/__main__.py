# ruff: noqa: T201  it is started at a terminal, and tells what it finds
"""Send changed requests to one target for a while: `python -m tests.fuzz odata --seconds 600`.

Each law that breaks is told once, by the place it breaks at, with the request that did it.
"""

from __future__ import annotations

import argparse
import base64
import sys
import time
import traceback
from random import Random

import msgspec

from tests.fuzz.corpus import SEEDS, seeds
from tests.fuzz.laws import Bench
from tests.fuzz.mutation import mutated
from tests.fuzz.requests import Wire

METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


def main() -> int:
    """Run, tell, and count what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", choices=[*SEEDS, "all"])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=None, help="of chance; the time unless given")
    parser.add_argument("--each", type=int, default=1, help="how many inputs to tell for one place")
    asked = parser.parse_args()
    targets = list(SEEDS) if asked.target == "all" else [asked.target]
    found = 0
    for target in targets:
        found += run(target, asked.seconds / len(targets), asked.seed or time.time_ns(), asked.each)
    return 1 if found else 0


def run(target: str, seconds: float, seed: int, each: int) -> int:
    """Fuzz one target; the number of places where a law broke."""
    chance, bench = Random(seed), Bench()
    corpus = seeds(target)
    texts = [item.text for item in corpus]
    broken: dict[str, int] = {}
    statuses: dict[int, int] = {}
    number, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        number += 1
        wire = changed(target, chance.randrange(len(corpus)), texts, chance)
        try:
            answer = bench.check(wire, looks_back=looks_back(target, number), keeps=target == "definitions")
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
        except Exception as error:  # noqa: BLE001  whatever comes is what we look for
            place = _place(error)
            broken[place] = broken.get(place, 0) + 1
            if broken[place] <= each:
                _tell(target, wire, error, place)
    bench.close()
    counted = " ".join(f"{status}:{times}" for status, times in sorted(statuses.items()))
    print(f"{target}: {number} requests, seed {seed}, {len(broken)} places broken; {counted}", flush=True)
    for place, times in sorted(broken.items(), key=lambda item: -item[1]):
        print(f"  {times:6} {place}", flush=True)
    return len(broken)


def changed(target: str, index: int, texts: list[str], chance: Random) -> Wire:
    """A seed with another text in its focus, sometimes with another method."""
    seed = seeds(target)[index]
    wire = seed.request(mutated(texts[index], texts, chance))
    if target == "path" and chance.random() < 0.3:
        return msgspec.structs.replace(wire, method=chance.choice(METHODS))
    return wire


def looks_back(target: str, number: int) -> bool:
    """Whether the rows are compared: of every twentieth request that writes; a batch may keep what went before."""
    return target in {"json", "path"} and number % 20 == 0


def _place(error: BaseException) -> str:
    cause = error.__cause__ or error
    frames = [frame for frame in traceback.extract_tb(cause.__traceback__) if "/src/verselet/" in frame.filename]
    where = f"{frames[-1].filename.partition('/src/verselet/')[2]}:{frames[-1].lineno}" if frames else str(error)[:80]
    if isinstance(cause, RecursionError):
        where = frames[-1].filename.partition("/src/verselet/")[2] if frames else ""
    return f"{type(cause).__name__} {where}"


def _tell(target: str, wire: Wire, error: BaseException, place: str) -> None:
    print(f"=== {target}: {place}", flush=True)
    packed = base64.b64encode(msgspec.json.encode(wire)).decode()
    print(
        f"    {wire.method} {wire.target[:1500]}\n    {str(wire.headers)[:800]}\n    {wire.body[:3000]!r}", flush=True
    )
    if len(packed) < 4000:
        print(f"    packed {packed}", flush=True)
    cause = error.__cause__ or error
    lines = "".join(traceback.format_exception(cause, limit=-6))
    print("    " + lines[-2500:].replace("\n", "\n    "), flush=True)


if __name__ == "__main__":
    sys.exit(main())
