"""Keep what is decided when an organization is founded.

In:        a store, or the name of a new organization
Out:       `Founding`: ids of the organization and of the rows it cannot be without
Not here:  the rows themselves (operations.builtin), what a fixture decides (seeding.founding)
"""

from __future__ import annotations

import msgspec

from verselet.errors import OperatorError
from verselet.ids import name_id
from verselet.metadata.schema import Schema
from verselet.sql.write import count_sql
from verselet.store.bookkeeping import read_fact, write_fact
from verselet.store.engine import Store
from verselet.store.session import Session

DEFAULT_NAME = "dev"
"""What an organization is called when nobody names it."""

FACT = "founding"
"""What keeps a `Founding`; stores of older versions have none."""


def builtin_id(table: str, key: str) -> str:
    """The id of a shipped row whose file gives none, as of `systemuser` `administrator`."""
    return name_id(f"builtin/{table}/{key}")


ROOT_UNIT_ID = builtin_id("businessunit", "root")
ROOT_TEAM_ID = builtin_id("team", "root")
ADMINISTRATOR_ID = builtin_id("systemuser", "administrator")
"""Rows that have these ids unless the organization was founded with others."""


class Founding(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided when an organization is founded, and stays: its ids, and those of the rows it cannot be without.

    `tenant_id` is its directory's; `created_at` is in wire form.
    """

    id: str
    name: str
    tenant_id: str
    created_at: str
    root_unit_id: str = ROOT_UNIT_ID
    root_team_id: str = ROOT_TEAM_ID
    administrator_id: str = ADMINISTRATOR_ID

    @property
    def given_ids(self) -> dict[tuple[str, str], str]:
        """(table, key) of a shipped row → the id it has in this organization."""
        return {
            ("businessunit", "root"): self.root_unit_id,
            ("team", "root"): self.root_team_id,
            ("systemuser", "administrator"): self.administrator_id,
        }


def founding_of(name: str, created_at: str) -> Founding:
    """The founding of an organization of which nothing but the name is decided. Its id follows from that."""
    own_id = name_id(f"organization/{name}")
    return Founding(id=own_id, name=name, tenant_id=own_id, created_at=created_at)


def another_organization(wanted: str, present: str) -> OperatorError:
    """The store holds an organization of another name than the one that was asked for."""
    what, why = f"there is no organization {wanted} here", f"the store holds the organization {present}"
    return OperatorError("VS2102", what, why, "leave out --org, or name another store")


def is_new(store: Store, schema: Schema) -> bool:
    """No organization was founded in the store yet."""
    return not store.fetch(count_sql(schema.tables["organization"]), ())[0][0]


def kept_founding(store: Store) -> Founding | None:
    """What the organization in a store was founded with; None where it is new, or older than this fact."""
    with store.read() as session:
        text = read_fact(session, FACT)
    return None if text is None else msgspec.json.decode(text, type=Founding)


def keep_founding(session: Session, founding: Founding) -> None:
    """Remember it for every time the store is opened again."""
    write_fact(session, FACT, msgspec.json.encode(founding).decode())
