"""Write the pages of the manual that follow from the code.

In:        the tree of refusals, the refusals by name in the source
Out:       pages under docs/reference; with `--check`, exit code 1 when one is stale
Not here:  pages that somebody writes
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from verselet.errors import ServiceError

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "verselet"

NOTICE = "<!-- Written by `make docs`; edit the code instead. -->\n\n"


def generated_pages() -> list[tuple[str, str]]:
    """Every generated page: its path from the root, and its text."""
    return [
        ("docs/reference/errors.md", NOTICE + errors_page()),
        ("docs/reference/not-supported.md", NOTICE + not_supported_page()),
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


def not_supported_page() -> str:
    """What the source refuses by name, room by room."""
    lines = [
        "# Refused by name",
        "",
        "What verselet does not support yet is refused with the status 501 and its name, never ignored.",
        "These are the names, by the room of the source that refuses them.",
        "",
        "| Room | Name |",
        "| --- | --- |",
    ]
    for path in sorted(SOURCE.rglob("*.py")):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        names = _refused_names(ast.parse(path.read_text(encoding="utf-8")))
        lines += (f"| `{room}` | {name} |" for name in names)
    return "\n".join(lines) + "\n"


def _refused_names(tree: ast.Module) -> list[str]:
    """The name in every `NotSupportedHere(name)`; what is put in at run time is shown as `…`."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    refused = (call.args[0] for call in calls if ast.unparse(call.func).endswith("NotSupportedHere") and call.args)
    return sorted({name for argument in refused if (name := _as_text(argument)).strip("… ")})


def _as_text(argument: ast.expr) -> str:
    match argument:
        case ast.Constant(value=str(text)):
            return text.replace("|", "\\|")
        case ast.JoinedStr(values=parts):
            return "".join(_as_text(part) for part in parts)
        case _:
            return "…"


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
