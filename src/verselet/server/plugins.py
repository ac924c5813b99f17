"""Find the solutions with plug-ins: installed packages, and files of a folder.

In:        the entry points `verselet.solutions`, the folder of `--plugins`
Out:       `Plugins`: the solutions of the moment; what became of each file
Not here:  what a solution may do (sdk), when its steps run (pipeline), when the folder is looked at (server.reloading)
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterable, Mapping
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
from typing_extensions import override

from verselet.errors import OperatorError
from verselet.observations import PluginBroken, PluginLoaded, PluginRemoved, observe
from verselet.sdk import Solution

GROUP: Final = "verselet.solutions"

Mark: TypeAlias = tuple[int, int, int]
"""What changes when a file does: its time, its size, its place on the disk."""


class PluginFile(msgspec.Struct, frozen=True):
    """A file of the folder: the solutions in it, how many steps and operations they have, and why the newest version of
    it does not run.

    While there is a `problem`, the version before goes on, if there was one.
    """

    file: str
    solutions: tuple[str, ...]
    steps: int
    problem: str = ""


class _Loaded(msgspec.Struct, frozen=True):
    """What came of a file when it had that mark."""

    mark: Mark
    solutions: tuple[Solution, ...]
    problem: str = ""


class Plugins:
    """The solutions of the installed packages, and of the Python files of a folder as they were last looked at."""

    def __init__(self, folder: Path | None) -> None:
        """Load everything, by the names of packages and files.

        Raises:
            OperatorError: the folder is not there, or a file or package cannot be loaded.
        """
        if folder is not None and not folder.is_dir():
            raise OperatorError(
                "VS1052", f"{folder} is no folder", "--plugins names a folder with Python files", "make it"
            )
        self.folder = folder
        self._packaged = _packaged()
        self._looking = threading.Lock()
        found = {} if folder is None else _marks(folder)
        self._files: Mapping[Path, _Loaded] = {path: _Loaded(mark, _solutions(path)) for path, mark in found.items()}

    @property
    def solutions(self) -> tuple[Solution, ...]:
        """All there are."""
        return (*self._packaged, *[solution for loaded in self._files.values() for solution in loaded.solutions])

    @property
    def files(self) -> tuple[PluginFile, ...]:
        """What became of each file."""
        return tuple([_told(path, loaded) for path, loaded in self._files.items()])

    def look(self) -> None:
        """Take up files that are new, changed or gone. One that cannot be loaded leaves what it was before."""
        if self.folder is None:
            return
        with self._looking:
            try:
                marks = _marks(self.folder)
            except OSError:
                # A folder that is moved away for a moment takes nothing with it.
                return
            before = self._files
            if marks == {path: loaded.mark for path, loaded in before.items()}:
                return
            self._files = {path: _again(path, mark, before.get(path)) for path, mark in marks.items()}
            for path in before.keys() - marks.keys():
                sys.modules.pop(_module_name(path), None)
                observe(PluginRemoved(path.name))


class _Afresh(SourceFileLoader):
    """Compiles a file each time: what is remembered of one tells versions apart by seconds only."""

    @override
    def path_stats(self, path: str) -> Any:
        raise OSError("not asked for")


def _packaged() -> tuple[Solution, ...]:
    found: list[Solution] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            loaded = point.load()
        except Exception as error:
            raise _broken(f"the package behind {point.name}", error) from error
        if not isinstance(loaded, Solution):
            raise OperatorError(
                "VS1051", f"{point.value} is no solution", "it is no value of verselet.sdk.Solution",
                f"let the entry point {point.name} name one",
            )  # fmt: skip
        found.append(loaded)
    return tuple(found)


def _marks(folder: Path) -> dict[Path, Mark]:
    """The files of the folder, in the order of their names."""
    found: dict[Path, Mark] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".py" and path.is_file():
            stat = path.stat()
            found[path] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return found


def _again(path: Path, mark: Mark, before: _Loaded | None) -> _Loaded:
    """The file as it is now; with the solutions it had, if it cannot be loaded."""
    if before is not None and before.mark == mark:
        return before
    try:
        loaded = _Loaded(mark, _solutions(path))
    except OperatorError as refusal:
        observe(PluginBroken(path.name, refusal.why), error=refusal.__cause__)
        return _Loaded(mark, () if before is None else before.solutions, refusal.why)
    observe(PluginLoaded(path.name, _count(loaded.solutions)))
    return loaded


def _solutions(path: Path) -> tuple[Solution, ...]:
    """The solutions of a file.

    Raises:
        OperatorError: it cannot be loaded, or holds none.
    """
    name = _module_name(path)
    loader = _Afresh(name, str(path))
    module = importlib.util.module_from_spec(ModuleSpec(name, loader, origin=str(path)))
    module.__file__ = str(path)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
        made = tuple([value for value in vars(module).values() if isinstance(value, Solution)])
        if not made and not path.name.startswith("_"):
            raise OperatorError(
                "VS1053", f"{path} holds no solution", "no value of verselet.sdk.Solution stands in it",
                'write solution = Solution("…"), or begin the name of the file with an underscore',
            )  # fmt: skip
    except BaseException as error:
        sys.modules.pop(name)
        if before is not None:
            sys.modules[name] = before
        if isinstance(error, Exception) and not isinstance(error, OperatorError):
            raise _broken(str(path), error) from error
        raise
    return made


def _module_name(path: Path) -> str:
    return f"verselet_plugins.{path.stem}"


def _told(path: Path, loaded: _Loaded) -> PluginFile:
    names = tuple([solution.name for solution in loaded.solutions])
    return PluginFile(path.name, names, _count(loaded.solutions), loaded.problem)


def _count(solutions: Iterable[Solution]) -> int:
    """The operations of custom APIs are steps too: those in the middle."""
    return sum(len(solution.steps) + len(solution.operations) for solution in solutions)


def _broken(what: str, error: Exception) -> OperatorError:
    reason = f"{type(error).__name__}: {error}"
    return OperatorError("VS1054", f"{what} cannot be loaded", reason, "correct it, or leave it out")
