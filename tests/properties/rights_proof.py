# ruff: noqa: T201  it is started at a terminal, and tells what it finds
"""Prove on random worlds that everybody sees and may do exactly what the model says.

`python -m tests.properties.rights_proof --examples 100000` does it for long; `--store postgresql://…` elsewhere than in
memory. What is found is told with the seed that leads there again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from random import Random
from types import MappingProxyType
from unittest.mock import patch
from urllib.parse import quote

import msgspec

from tests.properties.rights_model import Model
from tests.properties.rights_questions import Asker, Question
from tests.properties.rights_store import Contents, Mirror, Signed, Writer, ask, contents_of, send
from tests.properties.rights_tables import KEYS, SETS, TEXTS
from tests.properties.rights_world import ACT_FOR_ANOTHER, BITS, TABLES, VERBS, Chance, Row, User, World
from tests.properties.rights_writes import ANY, NEW, Write, Writing
from tests.scenarios.harness import API, NOBODY, Answer, Api, new_organization, undone
from verselet.messages.request import WhoAmI
from verselet.operations.rights import row_facts
from verselet.security.access import access_to
from verselet.sql.reach import Grounds
from verselet.values import Stored

PRIVILEGE_MISSING, ROW_DENIED, NO_ROW = "0x80040220", "0x80048306", "0x80040217"
MOST_PAGES = 4
STORED = (
    *[f"SELECT {KEYS[name]}, versionnumber FROM {name}" for name in ("account", "contact", "task", "new_gizmo")],
    "SELECT * FROM new_part",
    "SELECT * FROM new_gizmo_contact",
    "SELECT objectid, principalid, accessrightsmask, inheritedaccessrightsmask FROM principalobjectaccess",
)
"""What tells of every write: a row that is written has another version."""

WRITES = 15
NAMED = 4
TOLD = 4
OWN_TEAMS = "UserTeams"
"""Part of the names of functions that know which teams the caller is in, whatever else the caller may know."""

EVERYTHING = 'odata.include-annotations="*"'
WAYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "chosen": {},
        "from reach": {"few_principals": "1 = 0", "few_rows": "1 = 1"},
        "from the table": {"few_principals": "1 = 0", "few_rows": "1 = 0"},
    }
)
"""How lists find their rows: as they choose themselves, or always one way → what is then said of the caller."""

ADDRESSED = ("one_row", "related")
"""Questions that name a row in their address."""


class Asking(msgspec.Struct, frozen=True):
    """Who asks: a user, perhaps with another one who signed in and acts for the user."""

    user: User
    real: User | None = None

    @property
    def signed(self) -> Signed:
        """As a request says it."""
        if self.real is None:
            return Signed(f"dev:{self.user.id}")
        return Signed(f"dev:{self.real.id}", self.user.id)

    @property
    def standings(self) -> tuple[User, ...]:
        """Everybody who must be allowed to. [SEC-92]"""
        return (self.user,) if self.real is None else (self.user, self.real)


class Failure(AssertionError):
    """The product and the model do not agree."""


class Proof:
    """A pair of organizations and what was counted."""

    def __init__(self, url: str | None = None, mirror_url: str | None = None) -> None:
        self.organization = new_organization(url)
        self.api = Api(self.organization)
        self.mirror = Mirror(mirror_url)
        self.counts: Counter[str] = Counter()

    def close(self) -> None:
        """Give both back."""
        for web, organization in ((self.api.web, self.organization), (self.mirror.web, self.mirror.organization)):
            web.close()
            organization.close()

    @property
    def examples(self) -> int:
        """How many were tried."""
        return sum(self.counts.values())

    def prove(self, seed: int, questions: int) -> None:
        """One world, and so many questions of each of its callers."""
        random = Random(seed)
        world = Chance(random, root=self.organization.administrator.business_unit_id, organization=self.organization.id)
        with undone(self.organization), undone(self.mirror.organization):
            trial = Trial(self, world.world(), random)
            trial.prove(questions)


class Trial:
    """One world at work."""

    def __init__(self, proof: Proof, world: World, random: Random) -> None:
        self.proof, self.world, self.random = proof, world, random
        self.model = Model(world)
        with proof.organization.store.begin() as session:
            Writer(proof.organization, session).write(world)
        self.contents: Contents = contents_of(proof.organization)
        tasks = [msgspec.structs.replace(row, table="activitypointer") for row in world.rows if row.table == "task"]
        self.rows = {(row.table, row.id): row for row in (*world.rows, *tasks, *self.contents.of_units)}
        ids = {table: [row_id for known, row_id in self.rows if known == table] for table in TABLES}
        ids["owner"] = [*ids["systemuser"], *ids["team"]]
        asker = Asker(random, {table: [*known, NOBODY] for table, known in ids.items()})
        self.asker = asker
        self.writing = Writing(random, world, self.model)

    def prove(self, questions: int) -> None:
        """Every caller: what is seen, in lists and alone, and what may be done."""
        asked = [self.asker.question() for _ in range(questions)]
        for asking in self.callers():
            if asking.real is not None and not self.model.holding(asking.real, ACT_FOR_ANOTHER):
                self._must(asking, "impersonation", "accounts", self.send(asking, "accounts"), 403)
                continue
            self.prove_lists(asking, asked)
            self.prove_names(asking)
            self.prove_rows(asking)
            self.prove_writes(asking)
            self.prove_rights(asking)

    def callers(self) -> Iterator[Asking]:
        """Every user, and some who act for others."""
        for user in self.world.users:
            yield Asking(user)
        for _ in range(3):
            user, real = self.random.sample(self.world.users, 2)
            yield Asking(user, real)

    def may(self, asking: Asking, verb: str, row: Row) -> bool:
        """All who ask may. [SEC-92]"""
        return all(self.model.may(user, verb, row) for user in asking.standings)

    def holds(self, asking: Asking, verb: str, table: str) -> bool:
        """All who ask hold the privilege. [SEC-40]"""
        return all(self.model.has_privilege(user, verb, table) for user in asking.standings)

    def send(self, asking: Asking, target: str, prefer: str = "") -> Answer:
        """A GET of that caller."""
        return ask(self.proof.api.web, target, prefer, asking.signed)

    # --- lists ---

    def prove_lists(self, asking: Asking, asked: list[Question]) -> None:
        """The answer is that of an organization where the visible rows are all there is. [SEC-44], [SEC-47]"""
        readable = {table for table in TABLES if self.holds(asking, "Read", table)}
        visible = {key for key, row in self.rows.items() if self.may(asking, "Read", row)}
        caller = self.proof.organization.find_caller(asking.user.id)
        assert caller is not None
        for question in asked:
            if not question.tables <= readable and self.random.random() < 0.1:
                self._must_refuse(asking, question)
        for own_teams in (False, True):
            with undone(self.proof.mirror.organization):
                mirror = self.proof.mirror
                mirror.show(self.contents, lambda *row: row in visible, caller, own_teams=own_teams)
                for question in asked:
                    if question.tables <= readable and own_teams == (OWN_TEAMS in question.target):
                        self._compare(asking, question)

    def _must_refuse(self, asking: Asking, question: Question) -> None:
        """A table is named that one who asks may not read at all. [SEC-40]"""
        answer = self.send(asking, question.target, question.prefer)
        # Where the address names a row, that is looked at first: it may be missing, or point nowhere.
        if question.kind != "related" or answer.status not in {204, 403, 404}:
            self._must(asking, "refused " + question.kind, question.target, answer, 403, PRIVILEGE_MISSING)

    def _compare(self, asking: Asking, question: Question) -> None:
        """Page by page, byte by byte."""
        target, pages = question.target, 0
        while target and pages < MOST_PAGES:
            found = self.send(asking, target, question.prefer)
            expected = ask(self.proof.mirror.web, target, question.prefer)
            self.proof.counts[question.kind] += 1
            if expected.status in {404, 204} and found.status == 403 and question.kind in ADDRESSED:
                # A row is there that may not be seen: which code that is, is tried with each row alone.
                break
            # A fault proves nothing, though both have it.
            if found.status >= 500 or (expected.status, expected.body) != (found.status, found.body):
                raise Failure(self._told(asking, question.kind, target, expected, found))
            if found.status >= 400:
                self.proof.counts[f"{question.kind} {found.status}"] += 1
            pages += 1
            target = ""
            if b"@odata.nextLink" in found.body:
                target = str(found.json.get("@odata.nextLink", "")).removeprefix(API)

    def prove_names(self, asking: Asking) -> None:
        """Rows come as they are, in their order; names of rows that may not be seen stay on lookups. [SEC-47]

        What asks for nothing but the rows' own columns is answered as the administrator is, without the hidden rows.
        """
        for _ in range(NAMED):
            table, target = self.asker.own_columns()
            if not self.holds(asking, "Read", table):
                continue
            self.proof.counts["names"] += 1
            found = self.send(asking, target, EVERYTHING)
            everything = ask(self.proof.api.web, target, EVERYTHING).json["value"]
            key = KEYS[table]
            expected = [row for row in everything if self.may(asking, "Read", self.rows[table, row[key]])]
            if found.status != 200 or found.json["value"] != expected:
                told = Answer(200, {}, json.dumps(expected).encode())
                raise Failure(self._told(asking, "names", target, told, found))

    # --- single rows ---

    def prove_rows(self, asking: Asking) -> None:
        """Each row alone: it comes, or which of the refusals. [SEC-40], [SEC-42]"""
        for (table, row_id), row in self.rows.items():
            behind = self.random.choice(["", "", f"/{TEXTS[table]}", f"/{TEXTS[table]}/$value"])
            answer = self.send(asking, f"{SETS[table]}({row_id}){behind}")
            if not self.holds(asking, "Read", table):
                self._must(asking, "row", f"{table} {row_id}", answer, 403, PRIVILEGE_MISSING)
            elif not self.may(asking, "Read", row):
                self._must(asking, "row", f"{table} {row_id}", answer, 403, ROW_DENIED)
            else:
                empty = behind and answer.status == 204
                self._must(asking, "row", f"{table} {row_id}{behind}", answer, 204 if empty else 200)
        for table in TABLES:
            set_name = SETS[table]
            held = self.holds(asking, "Read", table)
            answer = self.send(asking, f"{set_name}({NOBODY})")
            status, code = (404, NO_ROW) if held else (403, PRIVILEGE_MISSING)
            self._must(asking, "no row", set_name, answer, status, code)

    # --- what may be done ---

    def prove_writes(self, asking: Asking) -> None:
        """A write is done exactly where all it takes is there; otherwise nothing is. [SEC-40] to [SEC-46]"""
        for _ in range(WRITES):
            write = self.writing.write(asking.user)
            refusals = set(self._refusals(asking, write))
            with undone(self.proof.organization):
                before = self._stored()
                answer = send(self.proof.api.web, write.method, write.target, asking.signed, write.body)
                is_unchanged = before == self._stored()
            self.proof.counts[f"{write.kind} {answer.status}"] += 1
            if refusals:
                # Who gives a right must have it on the row, by whatever is missing for it. [SEC-52]
                codes = refusals | ({ROW_DENIED} if write.kind in {"GrantAccess", "ModifyAccess"} else set())
                is_right = answer.status == 403 and answer.code in codes and is_unchanged
            else:
                is_right = answer.status in {200, 204} and is_unchanged == write.is_nothing
            if not is_right:
                told = f"{write.kind}: {write.method} {write.target} {write.body}"
                expected = Answer(403 if refusals else 204, {}, f"{refusals} {write.needs}".encode())
                raise Failure(self._told(asking, told, f"unchanged: {is_unchanged}", expected, answer))

    def _refusals(self, asking: Asking, write: Write) -> Iterator[str]:
        """The code for everything that somebody who asks lacks."""
        for verb, row in write.needs:
            for user in asking.standings:
                # What is made for the caller is made by each as an own row. [SEC-93]
                is_own = row.id == NEW and row.owner == asking.user.id
                found = msgspec.structs.replace(row, owner=user.id, unit=user.unit) if is_own else row
                if not self.model.has_privilege(user, verb, row.table):
                    yield PRIVILEGE_MISSING
                elif row.id != ANY and not self.model.may(user, verb, found):
                    yield ROW_DENIED

    def _stored(self) -> list[list[tuple[Stored, ...]]]:
        """Everything that a write could change."""
        store = self.proof.organization.store
        return [sorted(store.fetch(text, ()), key=repr) for text in STORED]

    def prove_rights(self, asking: Asking) -> None:
        """What the decision about one row says, with its reasons, for every right. [SEC-57]"""
        organization = self.proof.organization
        caller = organization.find_caller(asking.user.id)
        assert caller is not None
        (standing,) = caller.standings
        with organization.store.read() as session:
            run = organization.opened(WhoAmI(), session)
            for name in TABLES:
                table = organization.schema.tables[name]
                rows = {row_id: row for (known, row_id), row in self.rows.items() if known == name}
                for facts in row_facts(run, table, list(rows)):
                    self.proof.counts["rights"] += 1
                    expected = self.model.rights(asking.user, rows[facts.id])
                    found = int(access_to(standing, table, facts).rights)
                    if expected != found:
                        raise Failure(f"rights of {asking.user.name} on {name} {facts.id}: {expected}, not {found}")
        for row in self.random.sample(self.world.rows, TOLD):
            self.proof.counts["RetrievePrincipalAccess"] += 1
            of = f"{{'@odata.id':'{SETS[row.table]}({row.id})'}}"
            function = "Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)"
            answer = ask(self.proof.api.web, f"systemusers({asking.user.id})/{function}?@t={quote(of)}")
            told = sum(BITS[verb] for verb in VERBS if f"{verb}Access" in answer.json["AccessRights"].split(", "))
            if told != self.model.rights(asking.user, row):
                raise Failure(self._told(asking, "RetrievePrincipalAccess", str(row), answer, answer))

    def _must(self, asking: Asking, kind: str, what: str, answer: Answer, status: int, code: str = "") -> None:
        self.proof.counts[kind] += 1
        if answer.status != status or (code and answer.code != code):
            raise Failure(self._told(asking, kind, what, Answer(status, {}, code.encode()), answer))

    def _told(self, asking: Asking, kind: str, target: str, expected: Answer, found: Answer) -> str:
        who = " for ".join([user.name for user in reversed(asking.standings)])
        return (
            f"{kind} of {who}: {target}\n  expected {expected.status} {expected.body[:1500]!r}\n"
            f"  found    {found.status} {found.body[:1500]!r}"
        )


@contextmanager
def proof(url: str | None = None, mirror_url: str | None = None, way: str = "chosen") -> Iterator[Proof]:
    """A proof that gives everything back. (sql.ways)"""
    with ExitStack() as stack:
        for name, said in WAYS[way].items():
            stack.enter_context(patch.object(Grounds, name, lambda _, said=said: said))
        opened = Proof(url, mirror_url)
        schema = opened.organization.schema
        # Statements are kept with their schema, and go the way that was right when they were written.
        schema.remembered.clear()
        stack.callback(schema.remembered.clear)
        stack.callback(opened.close)
        yield opened


def main() -> int:
    """Prove, tell, and count what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.properties.rights_proof")
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=60, help="of each world")
    parser.add_argument("--seed", type=int, default=1, help="of the first world; the next one has the next")
    parser.add_argument("--most", type=int, default=1, help="stop after so many failures")
    parser.add_argument("--store", default=None)
    parser.add_argument("--mirror", default=None)
    parser.add_argument("--way", choices=[*WAYS], default="chosen", help="how lists find their rows")
    asked = parser.parse_args()
    began, seed, failures = time.monotonic(), asked.seed, 0
    with proof(asked.store, asked.mirror, asked.way) as running:
        while running.examples < asked.examples and failures < asked.most:
            try:
                running.prove(seed, asked.questions)
            except Failure as failure:
                failures += 1
                print(f"seed {seed}: {failure}", flush=True)
            seed += 1
        passed = time.monotonic() - began
        print(f"{running.examples} examples in {seed - asked.seed} worlds, {passed:.0f} s, {failures} failures")
        print(", ".join([f"{kind} {number}" for kind, number in sorted(running.counts.items())]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
