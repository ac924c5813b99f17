"""Read the simple syntax of a search.

In:        the text, and how words without an operator between them are joined
Out:       a term
Not here:  the full syntax (query.searching.lucene)

`+` joins by and, `|` by or, `-` before a word excludes it, `"…"` are words in order, `*` after a word leaves its end
open, parentheses group, a backslash takes a sign as it is. Operators are taken from left to right; what makes no sense,
such as an operator without a word, is passed over, for people type it.
"""

from __future__ import annotations

from typing import Final

from verselet.query.searching.terms import NOTHING, Everything, Joined, Term, Without, words_term

_ENDS: Final = frozenset(' \t\r\n"+|()')


def parse_simple(text: str, *, every_word: bool) -> Term:
    """The term; `every_word` joins words by and, where nothing else is said. A search without words finds nothing."""
    return _Reader(text, every_word=every_word).group(closes=False) or NOTHING


class _Reader:
    """Goes through the text once."""

    def __init__(self, text: str, *, every_word: bool) -> None:
        self.text = text
        self.at = 0
        self.default = "+" if every_word else "|"

    def group(self, *, closes: bool) -> Term | None:
        """The items up to the end, or up to the parenthesis that closes the group."""
        found: Term | None = None
        operator = ""
        excluded = False
        while self.at < len(self.text):
            sign = self.text[self.at]
            if sign == ")" and closes:
                break
            if sign in "+|":
                operator = operator or sign
            elif sign == "-":
                excluded = not excluded
            elif sign not in " \t\r\n)":
                item = self._item(sign)
                if item is not None:
                    item = Without(item) if excluded else item
                    found = item if found is None else _joined(operator or self.default, found, item)
                operator, excluded = "", False
                continue
            self.at += 1
        return found

    def _item(self, sign: str) -> Term | None:
        if sign == "(":
            self.at += 1
            found = self.group(closes=True)
            self.at += 1
            return found
        if sign == '"':
            return self._phrase()
        return self._word()

    def _phrase(self) -> Term | None:
        self.at += 1
        inside, _ = self._until(frozenset('"'))
        self.at += 1
        return words_term(inside)

    def _word(self) -> Term | None:
        piece, is_open = self._until(_ENDS)
        if is_open and piece == "*":
            return Everything()
        return words_term(piece, prefix=is_open)

    def _until(self, ends: frozenset[str]) -> tuple[str, bool]:
        """The text up to one of the signs, escapes undone, and whether it ends with a star that is none of the text."""
        found = []
        is_open = False
        while self.at < len(self.text) and self.text[self.at] not in ends:
            escaped = self.text[self.at] == "\\" and self.at + 1 < len(self.text)
            self.at += escaped
            is_open = self.text[self.at] == "*" and not escaped
            found.append(self.text[self.at])
            self.at += 1
        return "".join(found), is_open


def _joined(operator: str, left: Term, right: Term) -> Term:
    return Joined(must=(left, right)) if operator == "+" else Joined(should=(left, right))
