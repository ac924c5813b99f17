"""Take a query string apart into options, and put a question together from them.

In:        the raw query string, percent-encoded
Out:       `Options` with decoded texts and their places; `build_query` makes a `Query` of them
Not here:  the limits of a page (query.resolve); what `fetchXml` and saved queries ask (their own parsers)
"""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

from verselet.errors import NotSupportedHere, QueryRefused, did_you_mean
from verselet.query.odata.expand import parse_expand
from verselet.query.odata.filter import parse_filter
from verselet.query.odata.lexer import shortened
from verselet.query.odata.operands import parse_alias
from verselet.query.odata.orderby import parse_orderby
from verselet.query.odata.select import parse_select
from verselet.query.odata.small_values import count_wanted, row_limit
from verselet.query.tree import Query

SEPARATOR = "\x00"
"""Stands between the options of a decoded text, and before the first, where a value itself contains `&`."""

_KNOWN = frozenset(
    {
        "$select",
        "$filter",
        "$orderby",
        "$expand",
        "$top",
        "$count",
        "$apply",
        "$skiptoken",
        "$deltatoken",
        "$id",
    }
)
OTHER_QUESTIONS = ("fetchXml", "savedQuery", "userQuery", "sql")
"""Options that bring a question of their own. [FX-1], [SQ-1], [SQL-1]"""

_CONTROL = frozenset(map(chr, range(9)))


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a request, each text as the caller wrote it, decoded. [Q-1], [U-14]

    `text` is the whole decoded query string; `places` says where the value of an option begins in it. `aliases` are
    without the sign. `custom` are the options without `$`, in order and with repetitions.
    """

    text: str = ""
    select: str | None = None
    filter: str | None = None
    orderby: str | None = None
    expand: str | None = None
    top: int | None = None
    count: bool = False
    apply: str | None = None
    skiptoken: str | None = None
    deltatoken: str | None = None
    id: str | None = None
    custom: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    places: tuple[tuple[str, int], ...] = ()

    def place(self, name: str) -> int:
        """Where the value of the option `name` begins in `text`, by the name as written: `$filter`, `@p1`."""
        return next((offset for given, offset in self.places if given == name), 0)

    def value(self, name: str) -> str | None:
        """The first value of a custom option, or None where it is absent. [U-14]"""
        return next((value for given, value in self.custom if given == name), None)


def decode_query(raw_query: str) -> str:
    """The whole query string decoded; `parse_options` and `literals.shape_of` count positions in this text.

    `+` is a space [U-12]. Options are separated by `&`; only where a value contains an encoded `&` the text begins with
    `SEPARATOR` and the options are separated by that, so that one text never has two meanings.
    """
    text = raw_query.replace("+", " ").replace("%20", " ")
    if "%" not in text:
        return _checked(text)
    if "%26" not in text:
        return _checked(_unquote(text))
    return "".join(SEPARATOR + _checked(_unquote(part)) for part in text.split("&"))


def parse_options(raw_query: str) -> Options:
    """The options of a raw query string. Raises as `read_options`."""
    return read_options(decode_query(raw_query))


def read_options(text: str) -> Options:
    """The options of a text made by `decode_query`.

    Raises:
        QueryRefused: an unknown option with `$` [U-13], [CS-3]; one the service does not have [Q-2]; one given twice
            [Q-6]; a bad value of `$top` or `$count`.
    """
    system: dict[str, str] = {}
    aliases: dict[str, str] = {}
    custom: list[tuple[str, str]] = []
    places: list[tuple[str, int]] = []
    offset = 0
    # The text alone decides, so two requests with one text always ask the same.
    for part in text.split(SEPARATOR if text.startswith(SEPARATOR) else "&"):
        name, _, value = part.partition("=")
        sign = name.lstrip()[:1]
        if sign in ("$", "@"):
            target = system if sign == "$" else aliases
            if name not in _KNOWN if sign == "$" else not name[1:].isidentifier():
                raise _unknown_option(name)
            if name in target:
                raise QueryRefused(f"The query option '{shortened(name)}' is given more than once.")
            target[name] = value
            places.append((name, offset + len(name) + 1))
        elif part:
            custom.append((name, value))
            places.append((name, offset + len(name) + 1))
        offset += len(part) + 1
    return _options(text, system, aliases, tuple(custom), tuple(places))


def build_query(table: str, options: Options) -> Query:
    """The question that the options ask about `table`.

    Args:
        table: the logical name.
        options: of a data request.

    Raises:
        QueryRefused: a text that cannot be parsed.
        NotSupportedHere: `$apply`, `$deltatoken`, or an option that brings a question of its own.
    """
    _refuse_other_questions(options)
    return Query(
        table=table,
        select=None if options.select is None else parse_select(options.select),
        filter=None if options.filter is None else parse_filter(options.filter, options.place("$filter")),
        orderby=() if options.orderby is None else parse_orderby(options.orderby, options.place("$orderby")),
        expand=() if options.expand is None else parse_expand(options.expand, options.place("$expand")),
        top=options.top,
        count=options.count,
        skip_token=options.skiptoken,
        aliases=tuple((name, parse_alias(text, options.place("@" + name))) for name, text in options.aliases),
    )


def _refuse_other_questions(options: Options) -> None:
    if options.apply is not None:
        raise NotSupportedHere("$apply")
    if options.deltatoken is not None:
        raise NotSupportedHere("$deltatoken")
    if options.id is not None:
        raise QueryRefused("The query option '$id' belongs to references only.", hint="Use it with DELETE …/$ref.")
    for name, _ in options.custom:
        if name in OTHER_QUESTIONS:
            raise NotSupportedHere(name)


def _options(
    text: str,
    system: dict[str, str],
    aliases: dict[str, str],
    custom: tuple[tuple[str, str], ...],
    places: tuple[tuple[str, int], ...],
) -> Options:
    top = system.get("$top")
    count = system.get("$count")
    return Options(
        text=text,
        select=system.get("$select"),
        filter=system.get("$filter"),
        orderby=system.get("$orderby"),
        expand=system.get("$expand"),
        top=None if top is None else row_limit(top.strip()),
        count=count is not None and count_wanted(count.strip()),
        apply=system.get("$apply"),
        skiptoken=system.get("$skiptoken"),
        deltatoken=system.get("$deltatoken"),
        id=system.get("$id"),
        custom=custom,
        aliases=tuple((name.removeprefix("@"), value) for name, value in aliases.items()),
        places=places,
    )


def _unquote(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise QueryRefused("The query string is not valid UTF-8.", hint=f"At byte {error.start} of a value.") from error


def _checked(text: str) -> str:
    """`text`, which must not contain the characters that separate options here and stand for literals in a shape."""
    if text.isprintable():
        return text
    if not _CONTROL.isdisjoint(text):
        raise QueryRefused("The query string contains a control character.")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise QueryRefused("The query string is not valid UTF-8.")
    return text


def _unknown_option(name: str) -> QueryRefused:
    """An option with `$` that is none: never ignored. [Q-2], [CS-3]"""
    if name == "$skip":
        return QueryRefused("Skip Clause is not supported in CRM", hint="Follow @odata.nextLink to read further pages.")
    return QueryRefused(
        f"The query parameter '{shortened(name)}' is not supported.", hint=did_you_mean(name[:60], _KNOWN)
    )
