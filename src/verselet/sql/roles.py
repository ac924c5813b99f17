"""Write statements about what roles hold: of many copies at once, and of whoever has the roles.

In:        tables, a dialect
Out:       SQL text; what its values are stands with each
Not here:  which copies there must be (operations.role_copies), what privileges reach (sql.principals)
"""

from __future__ import annotations

from functools import lru_cache

from verselet.metadata.tables import Table
from verselet.sql.dialects import Dialect, quoted
from verselet.sql.write import listed, stored_names

KEPT_BY_THE_COPY = frozenset({"roleprivilegeid", "roleid", "versionnumber"})
"""What a row of a copied privilege has of its own."""

ID_HEAD = 18
"""The characters of an id that come from the role; the rest comes from the privilege."""


@lru_cache(maxsize=64)
def forget_held_sql(dialect: Dialect, *, of_copies_only: bool) -> str:
    """Take privileges from a role and all its copies: the id of the role, ids of privileges as one JSON text."""
    which = ' AND "roleid" <> "parentrootroleid"' if of_copies_only else ""
    return (
        f'DELETE FROM "roleprivileges" WHERE "roleid" IN '
        f'(SELECT "roleid" FROM "role" WHERE "parentrootroleid" = {dialect.placeholder}{which}) '
        f'AND "privilegeid" {listed(dialect, "uuid")}'
    )


@lru_cache(maxsize=64)
def deepen_held_sql(dialect: Dialect) -> str:
    """Let a role and all its copies hold a privilege to another depth: mask, version, id of the role, privilege."""
    return (
        f'UPDATE "roleprivileges" SET "privilegedepthmask" = {dialect.placeholder}, '
        f'"versionnumber" = {dialect.placeholder} WHERE "roleid" IN '
        f'(SELECT "roleid" FROM "role" WHERE "parentrootroleid" = {dialect.placeholder}) '
        f'AND "privilegeid" = {dialect.placeholder}'
    )


@lru_cache(maxsize=64)
def copy_held_sql(held: Table, dialect: Dialect, *, by: str) -> str:
    """Give copies of roles what the roles hold: the new version, then what `by` asks for.

    `by` is "copies": the ids of the copies as one JSON text; or "privileges": the id of a role, all of whose copies
    get the privileges whose ids are the JSON text.
    """
    names = [name for name in stored_names(held, tuple(held.columns)) if name not in KEPT_BY_THE_COPY]
    listing = ", ".join([quoted(name) for name in ("roleprivilegeid", "roleid", "versionnumber", *names)])
    shown = ", ".join([f"h.{quoted(name)}" for name in names])
    wanted = f'c."roleid" {listed(dialect, "uuid")}'
    if by == "privileges":
        wanted = f'c."parentrootroleid" = {dialect.placeholder} AND h."privilegeid" {listed(dialect, "uuid")}'
    return (
        f'INSERT INTO "roleprivileges" ({listing}) '
        f'SELECT {_copied_id(dialect)}, c."roleid", {dialect.placeholder}, {shown} '
        f'FROM "role" c JOIN "roleprivileges" h ON h."roleid" = c."parentrootroleid" '
        f'WHERE c."roleid" <> c."parentrootroleid" AND {wanted}'
    )


def _copied_id(dialect: Dialect) -> str:
    """The id of a copied privilege: half from the copy's id, half from the privilege's, both of which are digests."""
    if dialect.name == "sqlite":
        return f'substr(c."roleid", 1, {ID_HEAD}) || substr(h."privilegeid", {ID_HEAD + 1})'
    return f'(substr(c."roleid"::text, 1, {ID_HEAD}) || substr(h."privilegeid"::text, {ID_HEAD + 1}))::uuid'


@lru_cache(maxsize=64)
def held_by_user_sql(dialect: Dialect) -> str:
    """Id of a privilege and mask of its depth, by role of a user: the user's id, and again. [SEC-23]"""
    return (
        f'{_HELD} WHERE h."roleid" IN (SELECT "roleid" FROM "systemuserroles" '
        f'WHERE "systemuserid" = {dialect.placeholder} UNION SELECT r."roleid" FROM "teammembership" m '
        f'JOIN "teamroles" r ON r."teamid" = m."teamid" WHERE m."systemuserid" = {dialect.placeholder})'
    )


@lru_cache(maxsize=64)
def held_by_team_sql(dialect: Dialect) -> str:
    """Id of a privilege and mask of its depth, by role of a team: the team's id."""
    return f'{_HELD} WHERE h."roleid" IN (SELECT "roleid" FROM "teamroles" WHERE "teamid" = {dialect.placeholder})'


@lru_cache(maxsize=64)
def held_by_role_sql(dialect: Dialect) -> str:
    """Id of a privilege and mask of its depth, of a role: the role's id."""
    return f'{_HELD} WHERE h."roleid" = {dialect.placeholder}'


_HELD = 'SELECT h."privilegeid", h."privilegedepthmask" FROM "roleprivileges" h'


@lru_cache(maxsize=64)
def administrators_sql(dialect: Dialect) -> str:
    """The users who can work and hold a role of a template themselves: the template's id, an access mode they lack."""
    return (
        f'SELECT DISTINCT u."systemuserid" FROM "systemuserroles" h JOIN "role" r ON r."roleid" = h."roleid" '
        f'JOIN "systemuser" u ON u."systemuserid" = h."systemuserid" '
        f'WHERE r."roletemplateid" = {dialect.placeholder} AND u."accessmode" <> {dialect.placeholder} '
        f'AND (u."isdisabled" IS NULL OR u."isdisabled" = {dialect.false})'
    )
