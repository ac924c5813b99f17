"""Random questions in OData, FetchXML and SQL about the tables of a world, and which tables each one names."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Final
from urllib.parse import quote

import msgspec

from tests.properties.rights_tables import BETWEEN, KEYS, NUMBERS, SETS, TEXTS, TO_MANY, TO_ONE
from tests.properties.rights_world import NAMES, OWNED

LITERALS: Final = tuple([name for name in NAMES if name is not None])


class Question(msgspec.Struct, frozen=True):
    """One question. `tables` must be readable to ask it; all answers of a walk over the pages count."""

    kind: str
    target: str
    tables: frozenset[str]
    prefer: str = ""


class Asker:
    """Makes questions. `ids`: table → ids that rows have, or had."""

    def __init__(self, random: Random, ids: Mapping[str, list[str]]) -> None:
        self.random = random
        self.ids = ids
        self.named: set[str] = set()

    def question(self) -> Question:
        """Any of them."""
        self.named = set()
        table = self.random.choice([*SETS, "account", "contact", "account", "contact"])
        kinds = [
            self._list,
            self._list,
            self._expanded,
            self._expanded,
            self._one_row,
            self._related,
            self._count,
            self._apply,
            self._fetch,
            self._fetch,
            self._fetch_aggregate,
            self._sql,
        ]
        make = self.random.choice(kinds)
        target = make(table)
        prefer = f"odata.maxpagesize={self.random.randint(1, 4)}" if self.random.random() < 0.3 else ""
        if "UserTeams" in target and "teammembership" in target:
            # Callers know their own teams by the one and perhaps not by the other: each is asked for itself.
            return self.question()
        # Owners are users and teams that may be seen; nothing else is needed to ask for them.
        return Question(make.__name__.strip("_"), target, frozenset(self.named - {"owner"}), prefer)

    # --- conditions ---

    def _number(self) -> str:
        return str(self.random.randint(0, 3))

    def _id(self, table: str) -> str:
        return self.random.choice(self.ids[table])

    def condition(self, table: str, prefix: str = "", depth: int = 2) -> str:
        """A condition about rows of the table; `prefix` is a range variable with its slash."""
        self.named.add(table)
        pick = self.random.random()
        if depth and pick < 0.2:
            word = self.random.choice([" and ", " or "])
            return f"({word.join([self.condition(table, prefix, depth - 1) for _ in range(2)])})"
        if depth and pick < 0.3:
            # Functions of the service cannot be negated: they have twins.
            found = self.condition(table, prefix, depth - 1)
            return found if "Microsoft" in found else f"not ({found})"
        if depth and pick < 0.55 and TO_MANY[table]:
            return self._lambda(table, prefix, depth)
        return self._leaf(table, prefix)

    def _lambda(self, table: str, prefix: str, depth: int) -> str:
        navigation, child, _ = self.random.choice(TO_MANY[table])
        self.named.add(child)
        variable = f"{'xyz'[depth]}"
        if self.random.random() < 0.3:
            return f"{prefix}{navigation}/any()"
        word = self.random.choice(["any", "all"])
        return f"{prefix}{navigation}/{word}({variable}:{self.condition(child, variable + '/', depth - 1)})"

    def _leaf(self, table: str, prefix: str) -> str:
        operator = self.random.choice(["eq", "ne", "gt", "le"])
        pick = self.random.random()
        if pick < 0.35 and TO_ONE[table]:
            navigation, target, _ = self.random.choice(TO_ONE[table])
            self.named.add(target)
            return self._plain(target, f"{prefix}{navigation}/", operator)
        if pick < 0.5 and TO_ONE[table]:
            _, target, column = self.random.choice(TO_ONE[table])
            value = self.random.choice(["null", self._id(target)])
            return f"{prefix}_{column}_value {self.random.choice(['eq', 'ne'])} {value}"
        if pick < 0.6 and table in OWNED and not prefix:
            return self._about_caller()
        if pick < 0.75 and table == "account" and not prefix:
            function = self.random.choice(["Above", "AboveOrEqual", "Under", "UnderOrEqual", "NotUnder"])
            names = f"PropertyName='accountid',PropertyValue='{self._id('account')}'"
            return f"Microsoft.Dynamics.CRM.{function}({names})"
        return self._plain(table, prefix, operator)

    def _about_caller(self) -> str:
        """Whether the caller, a team or the unit of the caller is named; which those are everybody may know."""
        functions = ["EqualUserId", "NotEqualUserId", "EqualUserTeams", "EqualUserOrUserTeams"]
        column, function = "ownerid", self.random.choice(functions)
        if self.random.random() < 0.3:
            column, function = "owningbusinessunit", "EqualBusinessId"
        return f"Microsoft.Dynamics.CRM.{function}(PropertyName='{column}')"

    def _plain(self, table: str, prefix: str, operator: str) -> str:
        pick = self.random.random()
        if table in NUMBERS and pick < 0.4:
            return f"{prefix}{NUMBERS[table]} {operator} {self._number()}"
        if pick < 0.55:
            return f"{prefix}{TEXTS[table]} {self.random.choice(['eq', 'ne'])} null"
        if pick < 0.7:
            return f"contains({prefix}{TEXTS[table]},'e')"
        return f"{prefix}{TEXTS[table]} {operator} '{self.random.choice(LITERALS)}'"

    # --- OData ---

    def _select(self, table: str) -> str:
        self.named.add(table)
        columns = [TEXTS[table]]
        if table in NUMBERS:
            columns.append(NUMBERS[table])
        if self.random.random() < 0.5 and TO_ONE[table]:
            columns.append(f"_{self.random.choice(TO_ONE[table])[2]}_value")
        return ",".join(dict.fromkeys(columns))

    def _order(self, table: str) -> str:
        items = []
        for _ in range(self.random.randint(0, 2)):
            by = TEXTS[table]
            if self.random.random() < 0.5 and TO_ONE[table]:
                navigation, target, _ = self.random.choice(TO_ONE[table])
                self.named.add(target)
                by = f"{navigation}/{TEXTS[target]}"
            items.append(by + self.random.choice(["", " desc"]))
        return ",".join(dict(zip([item.split()[0] for item in items], items, strict=True)).values())

    def _options(self, table: str, *, nested: bool = False) -> dict[str, str]:
        options = {"$select": self._select(table)}
        if self.random.random() < 0.6:
            options["$filter"] = self.condition(table, depth=1 if nested else 2)
        if self.random.random() < 0.5:
            options["$orderby"] = TEXTS[table] if nested else self._order(table)
        if self.random.random() < 0.2:
            options["$top"] = str(self.random.randint(1, 4))
        return {name: text for name, text in options.items() if text}

    def _list(self, table: str) -> str:
        options = self._options(table)
        if self.random.random() < 0.4:
            options["$count"] = "true"
        return _address(SETS[table], options)

    def _expands(self, table: str, depth: int) -> str:
        """What is expanded inside something else knows no order, and no many-to-many navigation. [X-4]"""
        ones = [(navigation, target, True) for navigation, target, _ in TO_ONE[table]]
        manys = [(navigation, target, False) for navigation, target, back in TO_MANY[table] if back or depth == 1]
        if not (ones or manys):
            return ""
        several = self.random.sample([*ones, *manys], min(len(ones) + len(manys), self.random.randint(1, 2)))
        return ",".join([self._expand(*item, depth) for item in several])

    def _expand(self, navigation: str, target: str, single: bool, depth: int) -> str:
        options = {"$select": self._select(target)}
        if not single:
            options = self._options(target, nested=True)
            if depth == 0:
                options = {name: text for name, text in options.items() if name in {"$select", "$filter"}}
        is_between = navigation in BETWEEN
        deeper = self._expands(target, depth - 1) if depth and not is_between and self.random.random() < 0.4 else ""
        if deeper:
            options["$expand"] = deeper
        return f"{navigation}({';'.join([f'{name}={text}' for name, text in options.items()])})"

    def _expanded(self, table: str) -> str:
        options = self._options(table)
        if TO_ONE[table] or TO_MANY[table]:
            options["$expand"] = self._expands(table, 1)
        return _address(SETS[table], options)

    def _one_row(self, table: str) -> str:
        options = {"$select": self._select(table)}
        if self.random.random() < 0.7 and (TO_ONE[table] or TO_MANY[table]):
            options["$expand"] = self._expands(table, 1)
        return _address(f"{SETS[table]}({self._id(table)})", options)

    def _related(self, table: str) -> str:
        """Rows reached from a row by its address."""
        known = [*[(*one[:2], True) for one in TO_ONE[table]], *[(*many[:2], False) for many in TO_MANY[table]]]
        if not known:
            return self._list(table)
        self.named.add(table)
        navigation, target, single = self.random.choice(known)
        path = f"{SETS[table]}({self._id(table)})/{navigation}"
        if single and self.random.random() < 0.3:
            # The id of the other row is known from this one. [SEC-47]
            return f"{path}/$ref"
        self.named.add(target)
        if single:
            return _address(path, {"$select": self._select(target)})
        end = self.random.choice(["", "", "/$count", "/$ref"])
        return path + end if end else _address(path, self._options(target))

    def own_columns(self) -> tuple[str, str]:
        """A table, and a question about it that no row of another table has a part in, but by its name."""
        table = self.random.choice([name for name in TO_ONE if name not in {"businessunit", "owner"}])
        lookup = f"_{self.random.choice(TO_ONE[table])[2]}_value"
        options = {"$select": f"{TEXTS[table]},{lookup}"}
        if self.random.random() < 0.6:
            options["$orderby"] = f"{self.random.choice([lookup, TEXTS[table]])}{self.random.choice(['', ' desc'])}"
        if self.random.random() < 0.5:
            options["$filter"] = self._plain(table, "", self.random.choice(["eq", "ne", "gt", "le"]))
        return table, _address(SETS[table], options)

    def _count(self, table: str) -> str:
        return _address(f"{SETS[table]}/$count", {"$filter": self.condition(table)})

    def _apply(self, table: str) -> str:
        self.named.add(table)
        parts = ["$count as n", f"{TEXTS[table]} with countdistinct as d"]
        if table in NUMBERS:
            method = self.random.choice(["sum", "average", "min", "max"])
            parts.append(f"{NUMBERS[table]} with {method} as s")
        aggregate = f"aggregate({','.join(self.random.sample(parts, self.random.randint(1, len(parts))))})"
        found = aggregate
        if self.random.random() < 0.7:
            found = f"groupby(({self._key(table)}){self.random.choice(['', ',' + aggregate])})"
        if self.random.random() < 0.5:
            found = f"filter({self.condition(table)})/{found}"
        return _address(SETS[table], {"$apply": found})

    def _key(self, table: str) -> str:
        """What is grouped by."""
        if self.random.random() < 0.5 or not TO_ONE[table]:
            return TEXTS[table]
        navigation, target, column = self.random.choice(TO_ONE[table])
        if self.random.random() < 0.4:
            return f"_{column}_value"
        self.named.add(target)
        return f"{navigation}/{TEXTS[target]}"

    # --- FetchXML ---

    def _fetch_condition(self, table: str) -> str:
        pick = self.random.random()
        if pick < 0.3:
            operator = self.random.choice(["null", "not-null"])
            return f"<condition attribute='{TEXTS[table]}' operator='{operator}'/>"
        if pick < 0.6 and table in NUMBERS:
            operator = self.random.choice(["eq", "ne", "gt", "le"])
            return f"<condition attribute='{NUMBERS[table]}' operator='{operator}' value='{self._number()}'/>"
        if pick < 0.7 and table == "account":
            operator = self.random.choice(["under", "eq-or-under", "above", "eq-or-above", "not-under"])
            return f"<condition attribute='accountid' operator='{operator}' value='{self._id('account')}'/>"
        operator = self.random.choice(["eq", "ne"])
        value = self.random.choice(LITERALS)
        return f"<condition attribute='{TEXTS[table]}' operator='{operator}' value='{value}'/>"

    def _fetch_filter(self, table: str, depth: int) -> str:
        items = []
        for _ in range(self.random.randint(1, 2)):
            if depth and self.random.random() < 0.3 and (TO_ONE[table] or TO_MANY[table]):
                items.append(self._link(table, depth - 1, self.random.choice(["any", "not any", "all", "not all"])))
            else:
                items.append(self._fetch_condition(table))
        return f"<filter type='{self.random.choice(['and', 'or'])}'>{''.join(items)}</filter>"

    def _link(self, table: str, depth: int, kind: str, alias: str = "", inside: str = "") -> str:
        """A link to a table that has to do with this one."""
        ones = [(target, KEYS[target], column, "") for _, target, column in TO_ONE[table]]
        manys = [(child, column, KEYS[table], BETWEEN.get(name, "")) for name, child, column in TO_MANY[table]]
        only = manys if kind.startswith("matchfirst") and manys else [*ones, *manys]
        target, inner, outer, between = self.random.choice(only)
        self.named.add(target)
        if between and self.random.random() < 0.5:
            return self._pair_alone(outer, between, kind, KEYS[target], alias)
        body = inside or (self._fetch_filter(target, depth) if self.random.random() < 0.5 else "")
        if alias:
            body += f"<attribute name='{TEXTS[target]}' alias='{alias}t'/>"
        if depth and self.random.random() < 0.5 and (TO_ONE[target] or TO_MANY[target]):
            deeper = self.random.choice(["inner", "outer"] if alias else ["inner", "exists"])
            body += self._link(target, depth - 1, deeper, alias and f"{alias}{alias}")
        named = f" alias='{alias}'" if alias else ""
        if between:
            key = KEYS[target]
            within = (
                f"<link-entity name='{target}' from='{key}' to='{key}' link-type='inner'{named}>{body}</link-entity>"
            )
            here = f"name='{between}' from='{outer}' to='{outer}' link-type='{kind}' intersect='true'"
            return f"<link-entity {here}>{within}</link-entity>"
        return (
            f"<link-entity name='{target}' from='{inner}' to='{outer}' link-type='{kind}'{named}>{body}</link-entity>"
        )

    def _pair_alone(self, outer: str, between: str, kind: str, key: str, alias: str) -> str:
        """A link to the pairs themselves, not to what they lead to."""
        shown = f"<attribute name='{key}' alias='{alias}t'/>" if alias else ""
        here = f"name='{between}' from='{outer}' to='{outer}' link-type='{kind}' intersect='true'"
        return f"<link-entity {here}>{shown}</link-entity>"

    def _links(self, table: str) -> str:
        if not (TO_ONE[table] or TO_MANY[table]):
            return ""
        found = ""
        for alias in "pq"[: self.random.randint(0, 2)]:
            kind = self.random.choice(
                ["inner", "outer", "outer", "exists", "in", *["matchfirstrowusingcrossapply"] * 2]
            )
            found += self._link(table, 1, kind, "" if kind in {"exists", "in"} else alias)
        return found

    def _fetch(self, table: str) -> str:
        self.named.add(table)
        attributes = f"<attribute name='{KEYS[table]}'/><attribute name='{TEXTS[table]}'/>"
        order = f"<order attribute='{TEXTS[table]}'/>"
        if table == "account" and self.random.random() < 0.3:
            attributes = "<attribute name='accountid' rowaggregate='CountChildren' alias='children'/>"
        inside = self._fetch_filter(table, 2) if self.random.random() < 0.6 else ""
        links = self._links(table)
        heads = ["", "", " count='2'", " count='2' page='2'", " top='3'", " returntotalrecordcount='true'"]
        if "rowaggregate" not in attributes:
            heads.append(" distinct='true'")
        return _fetched(table, self.random.choice(heads), f"{attributes}{inside}{links}{order}")

    def _fetch_aggregate(self, table: str) -> str:
        self.named.add(table)
        attributes = f"<attribute name='{KEYS[table]}' alias='n' aggregate='count'/>"
        if self.random.random() < 0.5:
            attributes += f"<attribute name='{TEXTS[table]}' alias='d' aggregate='countcolumn' distinct='true'/>"
        if table in NUMBERS:
            method = self.random.choice(["sum", "avg", "min", "max"])
            attributes += f"<attribute name='{NUMBERS[table]}' alias='s' aggregate='{method}'/>"
        if self.random.random() < 0.5:
            attributes += f"<attribute name='{TEXTS[table]}' alias='k' groupby='true'/>"
        inside = self._fetch_filter(table, 1) if self.random.random() < 0.5 else ""
        if self.random.random() < 0.6 and (TO_ONE[table] or TO_MANY[table]):
            inside += self._link(table, 0, self.random.choice(["inner", "outer", "exists"]))
        return _fetched(table, " aggregate='true'", attributes + inside)

    # --- SQL ---

    def _sql(self, table: str) -> str:
        self.named.add(table)
        joins, shown = "", [f"a.{TEXTS[table]}"]
        for alias in "bc"[: self.random.randint(0, 2)]:
            known = [(target, KEYS[target], column) for _, target, column in TO_ONE[table]]
            known += [(child, column, KEYS[table]) for _, child, column in TO_MANY[table] if column]
            if not known:
                break
            target, inner, outer = self.random.choice(known)
            self.named.add(target)
            kind = self.random.choice(["JOIN", "LEFT JOIN"])
            joins += f" {kind} {target} {alias} ON {alias}.{inner} = a.{outer}"
            shown.append(f"{alias}.{TEXTS[target]} AS {alias}t")
        where = ""
        if self.random.random() < 0.5:
            alias = self.random.choice(["a", *[text[0] for text in shown[1:]]])
            column = shown[["a", *[text[0] for text in shown[1:]]].index(alias)].split()[0]
            where = f" WHERE {column} " + self.random.choice(["= 'Elm'", "<> 'Oak'", "IS NULL", "IS NOT NULL"])
        pick = self.random.random()
        if pick < 0.3:
            text = f"SELECT COUNT(*) AS n, COUNT(DISTINCT {shown[-1].split()[0]}) AS d FROM {table} a{joins}{where}"
        elif pick < 0.5:
            key = shown[-1]
            text = f"SELECT {key}, COUNT(*) AS n FROM {table} a{joins}{where} GROUP BY {key.split()[0]}"
        else:
            text = f"SELECT {', '.join(shown)} FROM {table} a{joins}{where} ORDER BY a.{TEXTS[table]}"
        return _address(SETS[table], {"sql": text})


def _fetched(table: str, head: str, inside: str) -> str:
    return _address(SETS[table], {"fetchXml": f"<fetch{head}><entity name='{table}'>{inside}</entity></fetch>"})


def _address(path: str, options: Mapping[str, str]) -> str:
    return f"{path}?" + "&".join([f"{name}={quote(text, safe='')}" for name, text in options.items()])
