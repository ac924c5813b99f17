"""Let sqlglot read a text, without letting it try forever.

In:        a text that should be SQL
Out:       the statements in it
Not here:  which of them are allowed (query.sql_text.parse)

The parser tries one way after another where a text could mean several things: of twenty JOINs without ON it would try
every pairing. So its steps are counted. A text that makes sense takes hardly more than one for each of its words.
"""

from __future__ import annotations

import logging
from typing import Final

from sqlglot import exp
from sqlglot.dialects.tsql import TSQL
from sqlglot.errors import ParseError, SqlglotError
from sqlglot.parsers.tsql import TSQLParser
from typing_extensions import override

from verselet.errors import FetchRefused

STEPS: Final = 1_000
STEPS_A_WORD: Final = 4


class _Patience(TSQLParser):
    """Gives up when it has taken more steps than any sensible text needs."""

    steps_left = 0

    @override
    def _advance(self, times: int = 1) -> None:
        self.steps_left -= 1
        if self.steps_left < 0:
            raise ParseError("it can be read in too many ways.")
        super()._advance(times)


def read_statements(text: str) -> list[exp.Expr | None]:
    """The statements of a text.

    Raises:
        FetchRefused: it is no SQL, or takes too long to read. [SQL-4]
    """
    # What a client writes is told to the client, not to the log.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    dialect = TSQL()
    parser = _Patience(dialect=dialect)
    try:
        words = dialect.tokenize(text)
        parser.steps_left = STEPS + STEPS_A_WORD * len(words)
        return parser.parse(words, text)
    except SqlglotError as error:
        raise FetchRefused(f"The SQL query cannot be read: {str(error)[:200]}") from None
    except (RecursionError, ValueError, AttributeError, TypeError, LookupError):
        # The parser stumbles over some texts that are no SQL, `SELECT ?{,:}1+5(` for one.
        raise FetchRefused("The SQL query cannot be read.") from None
