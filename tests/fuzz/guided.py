"""The same, led by coverage: `pip install --require-hashes -r requirements/fuzz.txt`, then

    python -m tests.fuzz.guided odata --seconds 600

atheris keeps the inputs that reach code no other has reached, and changes them further with our own changes. It ends
at the first law that breaks, with the request that did it.
"""

from __future__ import annotations

import argparse
import sys
from random import Random

# Only who fuzzes for long needs it; it has no types.
import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]

with atheris.instrument_imports(include=["verselet"]):
    from tests.fuzz.corpus import SEEDS, seeds
    from tests.fuzz.laws import Bench
    from tests.fuzz.mutation import mutated

INDEX_BYTES = 2
LONGEST = 60_000


def main() -> None:
    """Run one target."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided")
    parser.add_argument("target", choices=[*SEEDS])
    parser.add_argument("--seconds", type=int, default=300)
    asked = parser.parse_args()
    corpus, bench = seeds(asked.target), Bench()
    texts = [seed.text for seed in corpus]

    def changed(data: bytes, max_size: int, seed: int) -> bytes:
        chance = Random(seed)
        index, text = _unpacked(data)
        if not text or chance.random() < 0.02:
            index = chance.randrange(len(corpus))
            text = texts[index]
        return _packed(index, mutated(text, texts, chance))[:max_size]

    def check(data: bytes) -> None:
        index, text = _unpacked(data)
        bench.check(corpus[index % len(corpus)].request(text), keeps=asked.target == "definitions")

    flags = [f"-max_total_time={asked.seconds}", f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=4096"]
    atheris.Setup([sys.argv[0], *flags], check, custom_mutator=changed)
    atheris.Fuzz()


def _packed(index: int, text: str) -> bytes:
    return index.to_bytes(INDEX_BYTES, "big") + text.encode("utf-8", "surrogatepass")


def _unpacked(data: bytes) -> tuple[int, str]:
    return int.from_bytes(data[:INDEX_BYTES], "big"), data[INDEX_BYTES:].decode("utf-8", "replace")


if __name__ == "__main__":
    main()
