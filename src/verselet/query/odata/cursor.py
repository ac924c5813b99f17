"""Read the tokens of one text from left to right, within the limits of a question.

In:        the text of an option and where it begins in the whole query text
Out:       `Cursor`: look at a token, take it, refuse at it
Not here:  what the tokens mean (operands, filter, orderby, expand, keys)
"""

from __future__ import annotations

from verselet.errors import QueryRefused
from verselet.query.odata.lexer import Token, syntax_error, tokens_of

MAX_DEPTH = 100
"""Nesting of parentheses, `not`, lambdas and expands."""

MAX_NODES = 5_000
"""Operands in one text."""


class Cursor:
    """The place in a list of tokens. `offset` is added to every position that goes into the tree."""

    __slots__ = ("_depth", "_index", "_nodes", "_tokens", "offset", "text")

    def __init__(self, text: str, offset: int = 0) -> None:
        self.text = text
        self.offset = offset
        self._tokens = tokens_of(text)
        self._index = 0
        self._depth = 0
        self._nodes = 0

    def peek(self) -> Token:
        """The next token; at the end always the token `end`."""
        return self._tokens[self._index]

    def peek_after(self) -> Token:
        """The token after the next one."""
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The next token, and step behind it."""
        token = self._tokens[self._index]
        if token.kind != "end":
            self._index += 1
        return token

    def take_if(self, piece: str) -> bool:
        """Step behind the next token if it reads `piece`."""
        if self._tokens[self._index].text != piece or not piece:
            return False
        self._index += 1
        return True

    def expect(self, piece: str, expected: str = "") -> Token:
        """The next token, which has to read `piece`."""
        token = self._tokens[self._index]
        if token.text != piece:
            raise self.refuse(token, expected or f"'{piece}'")
        self._index += 1
        return token

    def expect_name(self, what: str) -> Token:
        """The next token, which has to be a name."""
        token = self._tokens[self._index]
        if token.kind != "name":
            raise self.refuse(token, what)
        self._index += 1
        return token

    def expect_end(self, expected: str) -> None:
        """Nothing may follow."""
        token = self._tokens[self._index]
        if token.kind != "end":
            raise self.refuse(token, expected)

    def refuse(self, token: Token, expected: str) -> QueryRefused:
        """The refusal that points at `token`."""
        return syntax_error(self.text, token.start, token.text, expected)

    def enter(self) -> None:
        """One level deeper."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryRefused(f"Recursion depth exceeded allowed limit. At most {MAX_DEPTH} levels can be nested.")

    def leave(self) -> None:
        """One level up again."""
        self._depth -= 1

    def count_node(self) -> None:
        """One operand more."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise QueryRefused(f"The node count limit of '{MAX_NODES}' has been exceeded.")
