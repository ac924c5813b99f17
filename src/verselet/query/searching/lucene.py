"""Read the full syntax of a search, that of Lucene as far as the service documents it.

In:        the text, and how words without an operator between them are joined
Out:       a term, or a refusal
Not here:  the simple syntax (query.searching.simple)

`AND`, `&&`, `+`, `OR`, `||`, `NOT`, `!`, `-`, parentheses, `"…"`, `"…"~n`, `word*`, `word~n`, `word^n`, `/.*end/`.
Columns, ranges, other regular expressions and wildcards inside a word are refused by name.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from verselet.errors import InvalidArgument, NotSupportedHere
from verselet.query.searching.terms import NOTHING, Ending, Everything, Fuzzy, Joined, Term, Without, words_term
from verselet.query.searching.words import texts_of

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<operator>AND(?=[\s("]|$)|&&|OR(?=[\s("]|$)|\|\||NOT(?=[\s("]|$)|[-+!\u2013()])
    | "(?P<phrase>(?:[^"\\]|\\.)*)"(?:~(?P<slop>\d{1,2})(?!\d))?
    | /(?P<pattern>(?:[^/\\]|\\.)*)/
    | (?P<word>(?:[^\s"()/\\~^\[\]{}:!]|\\.)+)(?P<colon>:)?(?P<tilde>~(?P<edits>\d(?:\.\d+)?)?)?
    | (?P<range>[\[{])
    )(?:\^(?P<boost>\d{1,3}(?:\.\d{1,3})?))?""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_WILDCARD: Final = re.compile(r"(?<!\\)[*?]")
_MEANING: Final = {"AND": "+", "&&": "+", "+": "must", "OR": "|", "||": "|", "NOT": "-", "!": "-", "\u2013": "-"}
_MOST_EDITS: Final = 2


class _Clause(msgspec.Struct, frozen=True):
    """One item of a group, and whether a result must have it."""

    term: Term
    must: bool


def parse_lucene(text: str, *, every_word: bool) -> Term:
    """The term; `every_word` joins words by and, where nothing else is said. A search without words finds nothing.

    Raises:
        InvalidArgument: a quote, parenthesis, slash or operator without its other part.
        NotSupportedHere: what Lucene has and this server does not.
    """
    reader = _Reader(text, every_word=every_word)
    found = reader.group()
    if reader.at < len(text):
        raise _broken(text, reader.at)
    return found or NOTHING


class _Reader:
    """Goes through the text once."""

    def __init__(self, text: str, *, every_word: bool) -> None:
        self.text = text.rstrip()
        self.at = 0
        self.every_word = every_word

    def group(self) -> Term | None:
        """The clauses up to a closing parenthesis or the end."""
        clauses: list[_Clause] = []
        joint, needed, excluded = "", False, False
        while (found := self._next()) is not None:
            sign = found["operator"] or ""
            meaning = _MEANING.get(sign, sign)
            if sign == ")":
                self.at = found.start("operator")
                break
            if meaning in {"+", "|"}:
                joint = meaning
            elif meaning == "must":
                needed = True
            elif meaning == "-":
                excluded = not excluded
            else:
                term = self._inner() if sign == "(" else _leaf(found)
                if term is not None:
                    self._add(clauses, Without(term) if excluded else term, joint, needed=needed)
                joint, needed, excluded = "", False, False
        if joint or needed or excluded:
            raise _broken(self.text, self.at)
        return _joined(clauses)

    def _add(self, clauses: list[_Clause], term: Term, joint: str, *, needed: bool) -> None:
        """An and makes both sides needed; where words are joined by and, an or makes both optional."""
        if clauses and joint == "+":
            clauses[-1] = _Clause(clauses[-1].term, must=True)
        elif clauses and joint == "|" and self.every_word:
            clauses[-1] = _Clause(clauses[-1].term, must=False)
        wanted = joint != "|" if self.every_word else joint == "+"
        clauses.append(_Clause(term, must=needed or wanted))

    def _inner(self) -> Term | None:
        found = self.group()
        if self.text[self.at : self.at + 1] != ")":
            raise _broken(self.text, self.at)
        self.at += 1
        return found

    def _next(self) -> re.Match[str] | None:
        if self.at >= len(self.text):
            return None
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            raise _broken(self.text, self.at)
        self.at = found.end()
        return found


def _joined(clauses: list[_Clause]) -> Term | None:
    """Where something is needed, what is excluded is excluded from that."""
    if len(clauses) < 2:
        return clauses[0].term if clauses else None
    has_needed = any(clause.must for clause in clauses)
    is_needed = [clause.must or (has_needed and isinstance(clause.term, Without)) for clause in clauses]
    must = tuple([clause.term for clause, needed in zip(clauses, is_needed, strict=True) if needed])
    return Joined(must, tuple([clause.term for clause, needed in zip(clauses, is_needed, strict=True) if not needed]))


def _leaf(found: re.Match[str]) -> Term | None:
    boost = float(found["boost"] or 1)
    if found["range"] is not None:
        raise NotSupportedHere("Ranges in a search")
    if found["phrase"] is not None:
        return words_term(_plain(found["phrase"]), slop=int(found["slop"] or 0), boost=boost)
    if found["pattern"] is not None:
        return _ending(found["pattern"], boost)
    return _word(found, boost)


def _word(found: re.Match[str], boost: float) -> Term | None:
    word = found["word"]
    if found["colon"] is not None:
        raise NotSupportedHere(f"A column in a search ('{word[:40]}:')")
    if word == "*":
        return Everything()
    wild = [sign.start() for sign in _WILDCARD.finditer(word)]
    if wild and (wild != [len(word) - 1] or word.endswith("?")):
        raise NotSupportedHere(f"The wildcards of '{word[:40]}' in a search")
    piece = _plain(word.removesuffix("*") if wild else word)
    if found["tilde"] is not None:
        return _fuzzy(piece, found["edits"], boost)
    return words_term(piece, prefix=bool(wild), boost=boost)


def _fuzzy(piece: str, edits: str | None, boost: float) -> Term | None:
    words = texts_of(piece)
    if len(words) != 1:
        raise InvalidArgument(f"'{piece[:40]}~' is no single word.")
    return Fuzzy(words[0], _MOST_EDITS if edits is None else min(int(float(edits)), _MOST_EDITS), boost=boost)


def _ending(pattern: str, boost: float) -> Term:
    """`/.*pine/`, the one documented regular expression that is no more than a wildcard."""
    words = texts_of(pattern.removeprefix(".*"))
    if not pattern.startswith(".*") or "".join(words) != pattern.removeprefix(".*").lower() or len(words) != 1:
        raise NotSupportedHere(f"The regular expression '/{pattern[:40]}/' in a search")
    return Ending(words[0], boost)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _broken(text: str, at: int) -> InvalidArgument:
    return InvalidArgument(f"Failed to parse query string at position {at}: '{text[at : at + 20]}'.")
