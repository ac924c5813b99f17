"""Every module of the product keeps the rules of the house. [architecture.md §5, §10]"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import Module, modules

MAX_LINES = 400

FORBIDDEN_NAMES = frozenset(
    {"utils", "helpers", "common", "misc", "base", "core", "manager", "service", "services", "util", "helper"}
)

SQL_TEXT = re.compile(
    r"\b(SELECT\b.+\bFROM|INSERT INTO|UPDATE \S+ SET|DELETE FROM"
    r"|CREATE (TABLE|INDEX|UNIQUE|VIEW)|ALTER TABLE|DROP TABLE)\b",
    re.DOTALL,
)
SQL_ROOMS = ("verselet.sql", "verselet.store")

MUTABLE_DISPLAYS = (ast.List, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp)
MUTABLE_CALLS = frozenset(
    {
        "list", "dict", "set", "bytearray", "defaultdict", "OrderedDict", "Counter", "deque", "ContextVar", "Lock",
        "RLock", "WeakKeyDictionary", "WeakValueDictionary", "WeakSet", "count",
    }
)  # fmt: skip
WRITING_METHODS = frozenset(
    {
        "update",
        "setdefault",
        "pop",
        "popitem",
        "clear",
        "append",
        "extend",
        "insert",
        "remove",
        "add",
        "discard",
        "sort",
    }
)
CONSTANT = re.compile(r"^_?[A-Z][A-Z0-9_]*$")

every_module = pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)


@every_module
def test_a_module_opens_with_its_room_plate(module: Module) -> None:
    """One sentence, a blank line, then what comes in, what goes out and what does not belong here. [invariant 14]"""
    lines = (ast.get_docstring(module.tree) or "").splitlines()

    marks = [mark for line in lines for mark in ("In:", "Out:", "Not here:") if line.startswith(mark)]
    assert ["In:", "Out:", "Not here:"] == marks
    assert lines[0].endswith((".", "…"))
    assert lines[1] == ""


@every_module
def test_a_module_is_at_most_400_lines_long(module: Module) -> None:
    """A file is one thing; what passes the limit becomes a folder. [invariant 13]"""
    assert module.text.count("\n") <= MAX_LINES


@every_module
def test_a_module_has_a_name_that_says_something(module: Module) -> None:
    """Names under which anything could be filed are forbidden at any depth. [architecture.md §3]"""
    assert set() == FORBIDDEN_NAMES & set(module.name.split("."))


@every_module
def test_sql_text_stands_in_sql_and_store_only(module: Module) -> None:
    """Everybody else sends messages and knows no SQL. [invariant 4]"""
    if module.name.startswith(SQL_ROOMS):
        return
    found = [text for text in _texts(module.tree) if SQL_TEXT.search(text)]

    assert [] == found


@every_module
def test_a_module_holds_no_state(module: Module) -> None:
    """Two organizations in one process share nothing: no changeable name at module level. [invariant 11]"""
    changeable = [ast.unparse(statement) for statement in module.tree.body if _is_changeable(statement)]
    rebound = [node.lineno for node in ast.walk(module.tree) if isinstance(node, ast.Global)]

    assert [] == changeable
    assert [] == rebound


@every_module
def test_nobody_writes_to_a_constant(module: Module) -> None:
    """A table of facts in capitals is read only, wherever it was defined. [invariant 11]"""
    assert [] == [ast.unparse(node) for node in ast.walk(module.tree) if _writes_to_a_constant(node)]


@pytest.mark.parametrize(
    ("source", "changeable"),
    [
        ("seen = []", True),
        ("seen: dict[int, int] = {}", True),
        ("seen = dict()", True),
        ("SEEN = collections.deque()", True),
        ("SEEN = ContextVar('seen')", True),
        ("SIGNS = {'eq': '='}", False),
        ("_SIGNS: Mapping[str, str] = {'eq': '='}", False),
        ("SIGNS = frozenset({'='})", False),
        ("__all__ = ['serve']", False),
    ],
)
def test_the_state_test_sees_state(source: str, *, changeable: bool) -> None:
    """A test that cannot fail holds nothing. [architecture.md §12]"""
    assert changeable == _is_changeable(ast.parse(source).body[0])


@pytest.mark.parametrize(
    ("source", "writes"),
    [
        ("SIGNS['eq'] = '='", True),
        ("facts.SIGNS['eq'] = '='", True),
        ("del SIGNS['eq']", True),
        ("SIGNS.update(eq='=')", True),
        ("SIGNS |= {}", True),
        ("signs['eq'] = SIGNS['eq']", False),
        ("SIGNS.get('eq')", False),
    ],
)
def test_the_constant_test_sees_writing(source: str, *, writes: bool) -> None:
    """A test that cannot fail holds nothing. [architecture.md §12]"""
    assert writes == any(_writes_to_a_constant(node) for node in ast.walk(ast.parse(source)))


def test_the_sql_test_sees_sql() -> None:
    """A test that cannot fail holds nothing. [architecture.md §12]"""
    tree = ast.parse('"""SELECT a FROM documentation."""\nx = "SELECT a FROM b"\ny = f"DELETE FROM {x}"')

    assert ["SELECT a FROM b", "DELETE FROM "] == [text for text in _texts(tree) if SQL_TEXT.search(text)]


def _texts(tree: ast.Module) -> Iterator[str]:
    """Every text constant that is no docstring."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def _is_changeable(statement: ast.stmt) -> bool:
    """A container bound to a name that does not promise to stay as it is."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ):
            promised = CONSTANT.match(name) is not None or name == "__all__"
            return _called(value) in MUTABLE_CALLS or (isinstance(value, MUTABLE_DISPLAYS) and not promised)
        case _:
            return False


def _called(value: ast.expr | None) -> str:
    """The last part of the name that is called, or nothing."""
    return ast.unparse(value.func).rsplit(".", maxsplit=1)[-1] if isinstance(value, ast.Call) else ""


def _writes_to_a_constant(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=container, ctx=ast.Store() | ast.Del()):
            return _is_constant(container)
        case ast.Call(func=ast.Attribute(value=container, attr=method)):
            return method in WRITING_METHODS and _is_constant(container)
        case ast.AugAssign(target=target):
            return _is_constant(target)
        case _:
            return False


def _is_constant(expression: ast.expr) -> bool:
    return CONSTANT.match(ast.unparse(expression).rsplit(".", maxsplit=1)[-1]) is not None


def test_the_product_is_found() -> None:
    """The tests above look at something."""
    assert "verselet.errors" in {module.name for module in modules()}
    assert Path(__file__).name == "test_modules.py"
