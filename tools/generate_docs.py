"""Write the pages of the manual that follow from the code.

In:        the tree of refusals, the refusals in the source, the command line, the settings, what was measured
Out:       pages of the manual; with `--check`, exit code 1 when one is stale
Not here:  pages that somebody writes
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import msgspec

import verselet.errors
from tools.client_results import clients_page
from tools.growing import growing_page
from tools.limits import limits_page
from verselet.cli import verselet as main_command
from verselet.errors import ServiceError
from verselet.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "verselet"
CODE = re.compile(r"^VS\d{4}$")

MOST_NAMED = 4
NOTICE = "<!-- Written by `make docs`; edit the code instead. -->\n\n"


def generated_pages() -> list[tuple[str, str]]:
    """Every generated page: its path from the root, and its text."""
    return [
        ("docs/reference/errors.md", NOTICE + errors_page()),
        ("docs/reference/not-supported.md", NOTICE + not_supported_page()),
        ("docs/reference/messages.md", NOTICE + messages_page()),
        ("docs/reference/terminal-errors.md", NOTICE + terminal_errors_page()),
        ("docs/reference/command-line.md", NOTICE + command_line_page()),
        ("docs/reference/clients.md", NOTICE + clients_page()),
        ("docs/explanation/growing.md", NOTICE + growing_page()),
        ("docs/reference/limits.md", NOTICE + limits_page()),
    ]


def _import_families() -> None:
    """A refusal is known once its module is imported."""
    for family in pkgutil.iter_modules(verselet.errors.__path__, "verselet.errors."):
        importlib.import_module(family.name)


def errors_page() -> str:
    """The refusals, family by family."""
    _import_families()
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
        lines += (f"| `{room}` | {name} |" for name in _refused_names(_tree(path)))
    return "\n".join(lines) + "\n"


def _refused_names(tree: ast.Module) -> list[str]:
    """The name in every `NotSupportedHere(name)`; what is put in at run time is shown as `…`."""
    refused = (
        call.args[0] for call in _calls(tree) if ast.unparse(call.func).endswith("NotSupportedHere") and call.args
    )
    return sorted({name for argument in refused if (name := _as_text(argument)).strip("… .")})


def messages_page() -> str:
    """Which messages can be sent for rows, and which of them steps can wait for."""
    from verselet.metadata.compiled import load_schema
    from verselet.operations.builtin import messages_of
    from verselet.pipeline.events import EVENT_MESSAGES, SUBSCRIBABLE

    tables = load_schema().tables.values()
    on: dict[str, list[str]] = {}
    for table in tables:
        if not table.is_intersect:
            for message in messages_of(table):
                on.setdefault(message, []).append(table.name)
    lines = [
        "# Messages and events",
        "",
        "What can be sent for rows, and whether [plug-ins and web hooks](../how-to/run-plug-ins.md) can wait for it.",
        "`tests/scenarios/test_every_event.py` shows on both databases that each event reaches a step at every stage.",
        "Steps may also wait for events that never come: `DeleteMultiple` is for elastic tables, which are not here.",
        "",
        "| Message | Event | Tables |",
        "| --- | --- | --- |",
    ]
    for message in sorted({*on, *SUBSCRIBABLE}):
        where = on.get(message, [])
        shown = "pairs of rows, registered without a table" if not where else f"{len(where)} tables"
        if 0 < len(where) <= MOST_NAMED:
            shown = ", ".join(f"`{name}`" for name in where)
        event = "yes" if message in EVENT_MESSAGES else "never raised" if message in SUBSCRIBABLE else "no"
        lines.append(f"| {message} | {event} | {shown} |")
    return "\n".join([*lines, ""])


def terminal_errors_page() -> str:
    """What the command line refuses: code, what happened, why, what to do."""
    trees = [_tree(path) for path in sorted(SOURCE.rglob("*.py"))]
    codes = {name: code for tree in trees for name, code in _named_codes(tree)}
    said = (_said(call, codes) for tree in trees for call in _calls(tree))
    lines = [
        "# Errors at the terminal",
        "",
        "A command that cannot go on prints three lines: the code and what happened, why, and what to do.",
        "What is filled in at run time is shown as `…`.",
        "",
        "| Code | What | Why | Do |",
        "| --- | --- | --- | --- |",
        *("| " + " | ".join(parts) + " |" for parts in sorted({parts for parts in said if CODE.match(parts[0])})),
    ]
    return "\n".join(lines) + "\n"


def _named_codes(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The constants of a module that hold a code."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(code))) if CODE.match(code):
                yield name, code
            case _:
                pass


def _said(call: ast.Call, codes: Mapping[str, str]) -> tuple[str, ...]:
    """Code, what, why and do of a refusal; anything else begins with no code."""
    by_name = {keyword.arg: keyword.value for keyword in call.keywords}
    arguments = [*call.args, *(by_name[name] for name in ("code", "what", "why", "do") if name in by_name)][:4]
    if len(arguments) < 4:
        return ("",)
    code, *rest = arguments
    return (codes.get(ast.unparse(code), _as_text(code)), *(_cell(_as_text(part)) for part in rest))


def command_line_page() -> str:
    """Every command with its arguments and options, and every setting with its environment variable."""
    lines = [
        "# Command line and settings",
        "",
        "A setting is decided by the first of these that names it:",
        "the flag, the environment, `verselet.toml`, the default.",
        "",
        "## Settings",
        "",
        "| In `verselet.toml` | In the environment | Without it |",
        "| --- | --- | --- |",
        *(_setting_line(field) for field in msgspec.structs.fields(Settings)),
    ]
    context = click.Context(main_command, info_name="verselet")
    for name in main_command.list_commands(context):
        command = main_command.get_command(context, name)
        assert command is not None
        lines += _command_lines(name, command, context)
    return "\n".join(lines) + "\n"


def _setting_line(field: msgspec.structs.FieldInfo) -> str:
    default = "" if field.default in (None, (), False) else f"`{field.default}`"
    return f"| `{field.encode_name}` | `VERSELET_{field.name.upper()}` | {default} |"


def _command_lines(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    yield from ("", f"## verselet {name}", "", *_paragraphs(command.help or ""), "")
    yield f"`{' '.join(command.get_usage(context).removeprefix('Usage: ').split())}`"
    options = [line for parameter in command.params if (line := parameter.get_help_record(context))]
    if options:
        yield from ("", "| Option | Meaning |", "| --- | --- |")
        yield from (f"| `{flag.replace('|', ' or ')}` | {_cell(meaning)} |" for flag, meaning in options)


def _paragraphs(text: str) -> list[str]:
    """The help text, one paragraph a line; what keeps its lines at the terminal keeps them here."""
    lines: list[str] = []
    for paragraph in map(str.strip, text.split("\n\n")):
        if paragraph.startswith("\b"):
            title, *examples = paragraph.removeprefix("\b").strip().splitlines()
            lines += (title, "", "```console", *(f"$ {example.strip()}" for example in examples), "```", "")
        else:
            lines += (" ".join(paragraph.split()), "")
    return lines[:-1]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _as_text(argument: ast.expr) -> str:
    match argument:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_as_text(part) for part in parts)
        case _:
            return "…"


def _refusals(root: type[ServiceError]) -> Iterator[type[ServiceError]]:
    yield root
    # In the order of their modules, whichever was imported first.
    for child in sorted(root.__subclasses__(), key=lambda child: child.__module__):
        yield from _refusals(child)


def _sentence(refusal: type[ServiceError]) -> str:
    return _cell(refusal.__doc__ or "")


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
