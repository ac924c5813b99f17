"""Plug-ins in a folder: loaded at the start, and taken up when they change."""

from __future__ import annotations

import itertools
import logging
import os
import sys
from pathlib import Path

import pytest

from verselet.errors import OperatorError
from verselet.server.plugins import PluginFile, Plugins

TIMES = itertools.count(1_700_000_000_000_000_000, 1_000_000)

STEP = """
from verselet.sdk import Context, Solution, Stage

solution = Solution("{name}")


@solution.step("Create", "account", stage=Stage.PRE_OPERATION)
def name_it(context: Context) -> None:
    context.target["name"] = "{says}"
"""


def write(path: Path, name: str, says: str = "one") -> None:
    """A file with one step, at another time than the one before."""
    path.write_text(STEP.format(name=name, says=says))
    _later(path)


def _later(path: Path) -> None:
    """The clock of files is coarse, and tests are quick."""
    at = next(TIMES)
    os.utime(path, ns=(at, at))


def names(plugins: Plugins) -> list[str]:
    """The names of the solutions of the folder."""
    return [solution.name for solution in plugins.solutions]


def test_files_are_loaded_in_the_order_of_their_names(tmp_path: Path) -> None:
    """Those that begin with an underscore may hold no solution."""
    write(tmp_path / "b.py", "second")
    write(tmp_path / "a.py", "first")
    (tmp_path / "_notes.py").write_text("x = 1\n")
    (tmp_path / "notes.txt").write_text("nothing\n")
    assert ["first", "second"] == names(Plugins(tmp_path))


@pytest.mark.parametrize(
    ("text", "code"), [("x = 1\n", "VS1053"), ("import nothing_of_that_name\n", "VS1054"), ("def\n", "VS1054")]
)
def test_a_start_with_a_broken_file_is_refused(tmp_path: Path, text: str, code: str) -> None:
    """Nobody should believe that a rule is in force which is not."""
    (tmp_path / "a.py").write_text(text)
    with pytest.raises(OperatorError) as refused:
        Plugins(tmp_path)
    assert code == refused.value.code


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """[contract.md §2]"""
    with pytest.raises(OperatorError) as refused:
        Plugins(tmp_path / "none")
    assert "VS1052" == refused.value.code


def test_files_that_are_new_changed_and_gone_are_taken_up(tmp_path: Path) -> None:
    """What did not change is the very same solution."""
    for name in ("a", "b", "c"):
        write(tmp_path / f"{name}.py", name)
    plugins = Plugins(tmp_path)
    kept = plugins.solutions[0]
    write(tmp_path / "b.py", "b2")
    (tmp_path / "c.py").unlink()
    write(tmp_path / "d.py", "d")
    plugins.look()
    assert ["a", "b2", "d"] == names(plugins)
    assert kept is plugins.solutions[0]
    assert "verselet_plugins.c" not in sys.modules


def test_a_change_of_the_same_length_in_the_same_second_is_seen(tmp_path: Path) -> None:
    """What Python remembers of a file tells seconds only, so it is not asked."""
    path = tmp_path / "a.py"
    write(path, "one")
    plugins = Plugins(tmp_path)
    write(path, "two")
    plugins.look()
    assert ["two"] == names(plugins)
    assert not (tmp_path / "__pycache__").exists()


def test_nothing_is_loaded_again_while_nothing_changes(tmp_path: Path) -> None:
    """Looking is comparing times."""
    write(tmp_path / "a.py", "a")
    plugins = Plugins(tmp_path)
    before = plugins.solutions
    plugins.look()
    assert before[0] is plugins.solutions[0]


def test_a_broken_file_leaves_what_it_was_before(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is told once, and again when it changed."""
    path = tmp_path / "a.py"
    write(path, "a")
    plugins = Plugins(tmp_path)
    module = sys.modules["verselet_plugins.a"]
    path.write_text("1 / 0\n")
    _later(path)
    with caplog.at_level(logging.ERROR):
        plugins.look()
        plugins.look()
    assert (PluginFile("a.py", ("a",), 1, "ZeroDivisionError: division by zero"),) == plugins.files
    assert ["a"] == names(plugins)
    assert module is sys.modules["verselet_plugins.a"]
    assert 1 == len(caplog.records)
    write(path, "a2")
    plugins.look()
    assert (PluginFile("a.py", ("a2",), 1),) == plugins.files


def test_a_new_file_that_is_broken_brings_nothing(tmp_path: Path) -> None:
    """The others go on."""
    write(tmp_path / "a.py", "a")
    plugins = Plugins(tmp_path)
    (tmp_path / "b.py").write_text("x = 1\n")
    plugins.look()
    assert ["a"] == names(plugins)
    assert ["", "no value of verselet.sdk.Solution stands in it"] == [file.problem for file in plugins.files]


def test_a_folder_that_is_gone_for_a_moment_takes_nothing_along(tmp_path: Path) -> None:
    """Programs that write a folder anew move it away first."""
    folder = tmp_path / "plugins"
    folder.mkdir()
    write(folder / "a.py", "a")
    plugins = Plugins(folder)
    folder.rename(tmp_path / "away")
    plugins.look()
    assert ["a"] == names(plugins)
