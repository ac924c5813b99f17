"""Write the pages of the manual that follow from the code.

In:        the tree of refusals, the command line
Out:       pages under docs/reference; with `--check`, exit code 1 when one is stale
Not here:  pages that somebody writes
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from verselet.errors import ServiceError

ROOT = Path(__file__).resolve().parent.parent

NOTICE = "<!-- Written by `make docs`; edit the code instead. -->\n\n"


def generated_pages() -> list[tuple[str, str]]:
    """Every generated page: its path from the root, and its text."""
    return [
        ("docs/reference/errors.md", NOTICE + errors_page()),
    ]


def errors_page() -> str:
    """The refusals, family by family."""
    lines = [
        "# Errors",
        "",
        "Every refusal has a fixed HTTP status and a fixed 32-bit code.",
        "The message is the text that Microsoft Dataverse gives, so that clients that compare it go on working.",
        "What verselet adds, such as the name you may have meant, travels in a response header.",
        "",
        "| Status | Code | Name | Refused |",
        "| --- | --- | --- | --- |",
        *(
            f"| {refusal.status} | `0x{refusal.code:08x}` | {refusal.__name__} | {_sentence(refusal)} |"
            for refusal in _refusals(ServiceError)
        ),
    ]
    return "\n".join(lines) + "\n"


def _refusals(root: type[ServiceError]) -> Iterator[type[ServiceError]]:
    yield root
    for child in root.__subclasses__():
        yield from _refusals(child)


def _sentence(refusal: type[ServiceError]) -> str:
    return " ".join((refusal.__doc__ or "").split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which are stale."""
    stale = [
        (ROOT / path, text)
        for path, text in generated_pages()
        if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != text
    ]
    for path, text in stale:
        print(("stale" if "--check" in arguments else "wrote"), path.relative_to(ROOT))
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
