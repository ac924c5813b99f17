"""Read the text of a formula.

In:        a text such as `If(new_count > 10, new_count * 2, 0)`
Out:       `Expression`: the tree, with names as they are written
Not here:  which names there are and whether their types fit (metadata.formulas), SQL (sql.formulas)

The language is the part of Power Fx that one row can answer: arithmetic, comparison, `&&`, `||`, `!`, joining of texts
by `&`, `If` and `IsBlank`. Everything else is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NoReturn, TypeAlias

import msgspec

from verselet.errors import InvalidArgument, NotSupportedHere

LONGEST: Final = 2_000
DEEPEST: Final = 40
MOST_WORDS: Final = 400


class Number(msgspec.Struct, frozen=True, tag=True):
    """A number as it is written."""

    value: Decimal


class Words(msgspec.Struct, frozen=True, tag=True):
    """A text between quotation marks."""

    text: str


class Truth(msgspec.Struct, frozen=True, tag=True):
    """`true` or `false`."""

    value: bool


class Of(msgspec.Struct, frozen=True, tag=True):
    """The value of a column of the row."""

    column: str


class Unary(msgspec.Struct, frozen=True, tag=True):
    """`-` of a number, `!` of a condition."""

    sign: str
    operand: Expression


class Binary(msgspec.Struct, frozen=True, tag=True):
    """Two operands and what stands between them."""

    sign: str
    left: Expression
    right: Expression


class Call(msgspec.Struct, frozen=True, tag=True):
    """A function and its arguments."""

    function: str
    arguments: tuple[Expression, ...]


Expression: TypeAlias = Number | Words | Truth | Of | Unary | Binary | Call

FUNCTIONS: Final[Mapping[str, int]] = MappingProxyType({"If": 3, "IsBlank": 1})
"""Function → how many arguments it takes."""

LEVELS: Final = (("||",), ("&&",), ("=", "<>", "<=", ">=", "<", ">"), ("&",), ("+", "-"), ("*", "/"))
"""What stands between two operands, from what binds least to what binds most."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<words>\"(?:[^\"]|\"\")*\")|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>&&|\|\||<>|<=|>=|[-+*/&=<>!(),.]))"
)


@lru_cache(maxsize=1024)
def parse_formula(text: str) -> Expression:
    """The tree of a formula.

    Raises:
        InvalidArgument: it cannot be read; says where.
        NotSupportedHere: a function or a column of another table.
    """
    if len(text) > LONGEST or "\0" in text:
        raise InvalidArgument(f"A formula has {LONGEST} characters at most, and none of them is U+0000.")
    return _Reader(text).read()


def columns_in(tree: Expression) -> frozenset[str]:
    """The columns a formula looks at."""
    match tree:
        case Of(column):
            return frozenset({column})
        case Unary(operand=operand):
            return columns_in(operand)
        case Binary(left=left, right=right):
            return columns_in(left) | columns_in(right)
        case Call(arguments=arguments):
            return frozenset().union(*(columns_in(argument) for argument in arguments))
        case _:
            return frozenset()


class _Reader:
    """Reads one text from left to right, one token ahead."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._count = 0
        self._kind: str | None = None
        self._word = ""
        self._step()

    def read(self) -> Expression:
        """The whole text."""
        found = self._level(0)
        if self._kind is not None:
            self._refuse("the end")
        return found

    def _level(self, level: int) -> Expression:
        """A chain of what binds at this level, from left to right."""
        if level == len(LEVELS):
            return self._operand()
        found = self._level(level + 1)
        while self._kind == "sign" and self._word in LEVELS[level]:
            sign = self._word
            self._step()
            found = Binary(sign, found, self._level(level + 1))
        return found

    def _operand(self) -> Expression:
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidArgument("The formula is nested too deeply.")
        kind, word = self._kind, self._word
        if kind == "sign" and word in "-!":
            self._step()
            found: Expression = Unary(word, self._operand())
        elif kind == "sign" and word == "(":
            self._step()
            found = self._level(0)
            self._take(")")
        else:
            found = self._plain(kind, word)
        self._depth -= 1
        return found

    def _plain(self, kind: str | None, word: str) -> Expression:
        if kind not in {"number", "words", "name"}:
            self._refuse("a value")
        self._step()
        if kind == "number":
            return Number(Decimal(word))
        if kind == "words":
            return Words(word[1:-1].replace('""', '"'))
        if self._kind == "sign" and self._word == "(":
            return self._call(word)
        if self._kind == "sign" and self._word == ".":
            raise NotSupportedHere(f"A column of another table in a formula ('{word}')")
        return Truth(word == "true") if word in {"true", "false"} else Of(word)

    def _call(self, name: str) -> Expression:
        if name not in FUNCTIONS:
            raise NotSupportedHere(f"The function '{name[:40]}' in a formula")
        arguments: list[Expression] = []
        while not arguments or self._word == ",":
            self._step()
            arguments.append(self._level(0))
        self._take(")")
        if len(arguments) != FUNCTIONS[name]:
            raise InvalidArgument(f"'{name}' takes {FUNCTIONS[name]} arguments in a formula, not {len(arguments)}.")
        return Call(name, tuple(arguments))

    def _take(self, sign: str) -> None:
        if self._kind != "sign" or self._word != sign:
            self._refuse(f"'{sign}'")
        self._step()

    def _step(self) -> None:
        self._count += 1
        if self._count > MOST_WORDS:
            raise InvalidArgument(f"A formula has {MOST_WORDS} words and signs at most.")
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            if self._text[self._at :].strip():
                self._kind, self._word = "other", self._text[self._at :].strip()[:20]
                self._refuse("a value or a sign")
            self._kind, self._word = None, ""
            return
        self._kind = found.lastgroup
        self._word = found[found.lastgroup or 0]
        self._at = found.end()

    def _refuse(self, wanted: str) -> NoReturn:
        at = self._at - len(self._word) if self._kind != "other" else self._at
        there = f"'{self._word}'" if self._word else "the end"
        raise InvalidArgument(f"The formula cannot be read at position {at}: {wanted} is expected, not {there}.")
