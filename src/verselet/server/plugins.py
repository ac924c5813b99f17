"""Find the solutions with plug-ins: installed packages, and files of a folder.

In:        the entry points `verselet.solutions`, the folder of `--plugins`
Out:       `load_solutions`
Not here:  what a solution may do (sdk), when its steps run (pipeline)
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Final

from verselet.errors import OperatorError
from verselet.sdk import Solution

GROUP: Final = "verselet.solutions"


def load_solutions(folder: Path | None) -> tuple[Solution, ...]:
    """Every solution of the installed packages, and of the Python files of the folder, by their names.

    Raises:
        OperatorError: the folder is not there, or a file or package cannot be loaded.
    """
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
    if folder is not None:
        found += _in_folder(folder)
    return tuple(found)


def _in_folder(folder: Path) -> list[Solution]:
    if not folder.is_dir():
        raise OperatorError("VS1052", f"{folder} is no folder", "--plugins names a folder with Python files", "make it")
    found: list[Solution] = []
    for path in sorted(folder.glob("*.py")):
        module = _load(path)
        made = [value for value in vars(module).values() if isinstance(value, Solution)]
        if not made and not path.name.startswith("_"):
            raise OperatorError(
                "VS1053", f"{path} holds no solution", "no value of verselet.sdk.Solution stands in it",
                'write solution = Solution("…"), or begin the name of the file with an underscore',
            )  # fmt: skip
        found += made
    return found


def _load(path: Path) -> ModuleType:
    name = f"verselet_plugins.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise OperatorError("VS1054", f"{path} cannot be loaded", "it is no Python module", "rename or remove it")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise _broken(str(path), error) from error
    return module


def _broken(what: str, error: Exception) -> OperatorError:
    reason = f"{type(error).__name__}: {error}"
    return OperatorError("VS1054", f"{what} cannot be loaded", reason, "correct it, or leave it out")
