"""The project installs anywhere and names no machine. [contract.md §1]"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import project_files
from tests.places import ROOT

# Spelled in two halves, so that this file does not contain what it forbids.
FORBIDDEN_TEXTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "npmjs" + ".org",
    "deb." + "debian",
    "--index" + "-url",
    "--extra-" + "index",
    "--find" + "-links",
    "/work" + "/main",
    "/work" + "/shared",
    "/tm" + "p/",
    "/root" + "/",
)
PINNED = re.compile(r"^(([a-z0-9-]+)==\S+)(?: ; .+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
NAME = re.compile(r"^[a-z0-9-]+")

REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def test_no_file_names_a_machine_or_a_registry() -> None:
    """Where packages come from is the business of the machine that installs them. [contract.md §1]"""
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in project_files()
        for text in FORBIDDEN_TEXTS
        if text.encode() in path.read_bytes()
    ]

    assert [] == found


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.stem)
def test_every_requirement_is_pinned_with_hashes(path: Path) -> None:
    """A pinned line, then its hashes, and nothing else: no option, no address, no comment. [contract.md §1]"""
    strange = [
        line for line in path.read_text(encoding="utf-8").splitlines() if not (PINNED.match(line) or HASH.match(line))
    ]

    assert [] == strange


@pytest.mark.parametrize(
    ("group", "file"),
    [
        ("dependencies", "run.txt"),
        ("lake", "lake.txt"),
        ("build", "build.txt"),
        ("dev", "dev.txt"),
        ("dependencies", "dev.txt"),
        ("lake", "dev.txt"),
    ],
)
def test_what_is_asked_for_is_pinned(group: str, file: str) -> None:
    """`pyproject.toml` says what is needed, `requirements/` says exactly which. [contract.md §1]"""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = settings["project"], settings["dependency-groups"]
    wanted = project.get(group) or project["optional-dependencies"].get(group) or groups[group]
    pinned = {match[2] for match in _pins(file)}

    assert set() == {_name(requirement) for requirement in wanted} - pinned


def test_both_environments_hold_the_same_versions() -> None:
    """What is tested is what is run. [contract.md §1]"""
    run, lake, dev = ({match[1] for match in _pins(file)} for file in ("run.txt", "lake.txt", "dev.txt"))

    assert set() == (run | lake) - dev
    assert set() == run & lake


def _pins(file: str) -> list[re.Match[str]]:
    """The pinned lines: name and version, and the name alone."""
    lines = (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines()
    return [match for line in lines if (match := PINNED.match(line))]


def _name(requirement: str) -> str:
    match = NAME.match(requirement.lower())
    assert match is not None
    return match[0]
