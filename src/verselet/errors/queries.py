"""Refusals of queries in FetchXML, SQL and `$apply`.

In:        what cannot be asked
Out:       refusals with the codes that clients know
Not here:  refusals of single query options (errors.requests)
"""

from __future__ import annotations

from collections.abc import Iterable

from verselet.errors.requests import BadRequest
from verselet.errors.root import VerseletError, did_you_mean


class FetchRefused(BadRequest):
    """A query in XML or SQL that cannot be understood. [FX-46]"""

    code = 0x80040203


class XmlRefused(FetchRefused):
    """A text that is no well-formed XML. [FX-46]"""

    code = 0x80041106


class QueryTableUnknown(FetchRefused):
    """A table of a query that does not exist. [FX-13]"""

    code = 0x80041102

    def __init__(self, name: str, known: Iterable[str] = ()) -> None:
        super().__init__(
            f"The entity with a name = '{name[:100]}' was not found in the MetadataCache.",
            hint=did_you_mean(name[:100], known),
        )


class QueryColumnUnknown(FetchRefused):
    """A column of a query that does not exist. [FX-13]"""

    code = 0x80041103

    def __init__(self, name: str, table: str, known: Iterable[str] = ()) -> None:
        super().__init__(
            f"'{table}' entity doesn't contain attribute with Name = '{name[:100]}' and NameMapping = 'Logical'.",
            hint=did_you_mean(name[:100], known),
        )


class LinkColumnsDiffer(FetchRefused):
    """Two columns of different types that should be joined."""

    code = 0x80041104


class OperatorUnknown(FetchRefused):
    """An operator of a condition that does not exist. [FX-45]"""

    code = 0x80041120


class LinkTypeUnknown(FetchRefused):
    """A link type that does not exist. [FX-45]"""

    code = 0x80041121


class FilterTypeUnknown(FetchRefused):
    """A filter that is neither `and` nor `or`. [FX-45]"""

    code = 0x80041122


class CookieOfAnotherOrder(FetchRefused):
    """A paging cookie that was made for another order. [FX-32]"""

    code = 0x80041129

    def __init__(self) -> None:
        super().__init__("The paging cookie does not fit the order of the query.")


class CookieRefused(FetchRefused):
    """A paging cookie that is damaged. [FX-32]"""

    code = 0x8004112A

    def __init__(self) -> None:
        super().__init__("The paging cookie is malformed.", hint="Send it back as it was given.")


class DateGroupingUnknown(FetchRefused):
    """A part of a date that nothing can be grouped by. [FX-45]"""

    code = 0x80041135


class TooManyLinks(FetchRefused):
    """More than 15 links in one query. [FX-20]"""

    code = 0x8004430D

    def __init__(self, limit: int) -> None:
        super().__init__(f"Number of link-entities in query exceeded maximum limit of {limit}.")


class AliasTaken(FetchRefused):
    """Two results with one name. [FX-40]"""

    code = 0x8004E00B

    def __init__(self, alias: str) -> None:
        super().__init__(f"The alias '{alias[:100]}' is used more than once.")


class GroupAliasTaken(FetchRefused):
    """Two keys of a grouping with one name. [FX-40]"""

    code = 0x8004E01B

    def __init__(self, alias: str) -> None:
        super().__init__(f"The groupby alias '{alias[:100]}' is used more than once.")


class TooManyRowsToAggregate(FetchRefused):
    """More rows than one aggregate may take in. [A-10], [FX-40]"""

    code = 0x8004E023

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The maximum record limit is exceeded. Reduce the number of records: an aggregate takes {limit} rows."
        )


class DistinctImage(FetchRefused):
    """A distinct query over an image or a file. [FX-9]"""

    code = 0x80072531

    def __init__(self, column: str) -> None:
        super().__init__(f"Distinct queries cannot contain the image or file column '{column}'.")


class CannotBeSaid(VerseletError):
    """A part of a question that the other query language has no words for."""

    def __init__(self, what: str, language: str) -> None:
        super().__init__(f"{language} cannot say it: {what}.")
        self.what = what
        self.language = language
