"""Say what a column is: one struct per column type.

In:        facts from table files (metadata.files) and from the table's kind (metadata.system)
Out:       `Column`, a closed union; take it apart with `match` and end in `assert_never`
Not here:  how a value is stored (store.codecs), checked (operations.rules) or written as JSON (sql, web)
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from verselet.metadata.choices import Choice, State, StatusReason

Required: TypeAlias = Literal["none", "recommended", "application", "system"]
"""How strongly a value is asked for; only `system` is enforced. [T-22]"""

DateBehavior: TypeAlias = Literal["user_local", "date_only", "time_zone_independent"]
RollupFunction: TypeAlias = Literal["COUNT", "SUM", "MIN", "MAX", "AVG"]
SourceType: TypeAlias = Literal["simple", "calculated", "rollup"]


class Calculation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a column follows from others of its row.

    `full_name` joins first and last name; `address` writes the parts of an address below each other, in the order
    line 1 to 3, city, state or province, postal code, country; `minutes_between` counts whole minutes from the first
    to the second point in time; `decoded_size` counts the bytes behind a base64 text; `is_given` says
    whether the other column has a value. [T-24], [FL-9]
    """

    rule: Literal["full_name", "address", "minutes_between", "decoded_size", "is_given"]
    of: tuple[str, ...]


class Rollup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a column adds up over the rows that refer to its row along a one-to-many relationship. [JOB-62]

    `column` is one of those rows' columns; `filter` a condition on them in the language of formulas.
    """

    function: RollupFunction
    relationship: str
    column: str
    filter: str | None = None


class _Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every column has.

    `name` is the logical name. `create`, `update` and `read` are the validity of the column for those
    operations; a column that is not readable is neither in rows nor in the CSDL. [M-9], [T-21]
    `attribute_of` names the column a virtual companion belongs to (`createdbyname` of `createdby`). [T-20]
    `made_here`: somebody added it to this organization, so it can be deleted again. [MW-7]
    `calculated` follows when the row is written; `formula` is worked out where the row is read [JOB-61]; what `rollup`
    says is worked out when somebody asks for it, and kept. [JOB-63]
    `secret`: it is written like others, and never read by anybody but the server. [EVT-40]
    `is_secured`: column security profiles say who reads and writes its values. [SEC-100]
    `audit`: its changes are written down, where the table and the organization want that as well. [JOB-40]
    """

    name: str
    schema_name: str
    label: str = ""
    description: str = ""
    required: Required = "none"
    create: bool = True
    update: bool = True
    read: bool = True
    form: bool = True
    custom: bool = False
    attribute_of: str | None = None
    source_type: SourceType = "simple"
    calculated: Calculation | None = None
    formula: str | None = None
    rollup: Rollup | None = None
    deprecated_since: str | None = None
    made_here: bool = False
    is_secured: bool = False
    audit: bool = True
    secret: bool = False


class IdColumn(_Column, frozen=True, tag="id"):
    """A GUID: the primary key, or another unique identifier. [T-1]"""


class TextColumn(_Column, frozen=True, tag="text"):
    """A single line of text. `max_length` in characters. [T-2]"""

    max_length: int = 100
    format: str = "Text"
    ime_mode: str = "Auto"
    localizable: bool = False
    auto_number_format: str | None = None


class MemoColumn(_Column, frozen=True, tag="memo"):
    """Several lines of text. `max_length` in characters. [T-3]"""

    max_length: int = 2000
    format: str = "TextArea"
    ime_mode: str = "Auto"


class IntegerColumn(_Column, frozen=True, tag="integer"):
    """A 32-bit whole number. [T-4]"""

    min: int = -2_147_483_648
    max: int = 2_147_483_647
    format: str = "None"


class BigIntColumn(_Column, frozen=True, tag="bigint"):
    """A 64-bit whole number. [T-5]"""


class DecimalColumn(_Column, frozen=True, tag="decimal"):
    """An exact decimal number, rounded to `precision` digits after the point. [T-6]"""

    min: float = -100_000_000_000
    max: float = 100_000_000_000
    precision: int = 2


class FloatColumn(_Column, frozen=True, tag="float"):
    """A floating-point number, rounded to `precision` digits after the point on write. [T-7]"""

    min: float = -100_000_000_000
    max: float = 100_000_000_000
    precision: int = 5


class MoneyColumn(_Column, frozen=True, tag="money"):
    """An amount in the row's currency. `base_of` names the amount a `_base` companion converts. [T-8]"""

    min: float = -922_337_203_685_477
    max: float = 922_337_203_685_477
    precision: int = 2
    precision_source: int = 2
    base_of: str | None = None


class DateTimeColumn(_Column, frozen=True, tag="datetime"):
    """A point in time in whole seconds, or a plain date when `behavior` is `date_only`. [T-9] to [T-12]"""

    format: Literal["DateAndTime", "DateOnly"] = "DateAndTime"
    behavior: DateBehavior = "user_local"
    can_change_behavior: bool = True
    ime_mode: str = "Auto"
    source_type_mask: int = 0


class YesNoColumn(_Column, frozen=True, tag="yesno"):
    """True or false with two labels. [T-15]"""

    true_label: str = "Yes"
    false_label: str = "No"
    default: bool = False
    choice_name: str | None = None


class ChoiceColumn(_Column, frozen=True, tag="choice"):
    """One value of a list. `choice_name` names a global list; `options` is always filled. [T-13]

    `default` is the value a new row gets; None where the list has no default.
    """

    options: tuple[Choice, ...] = ()
    choice_name: str | None = None
    global_choice: bool = False
    default: int | None = None


class ChoicesColumn(_Column, frozen=True, tag="choices"):
    """Several values of a list, stored as an ascending, comma-joined text. [T-14]"""

    options: tuple[Choice, ...] = ()
    choice_name: str | None = None
    global_choice: bool = False


class StateColumn(_Column, frozen=True, tag="state"):
    """The state of the row; each state names its default status reason."""

    options: tuple[State, ...] = ()
    choice_name: str | None = None
    default: int | None = 0


class StatusColumn(_Column, frozen=True, tag="status"):
    """The status reason of the row; each reason belongs to one state. [E-13]"""

    options: tuple[StatusReason, ...] = ()
    choice_name: str | None = None
    default: int | None = None


class LookupColumn(_Column, frozen=True, tag="lookup"):
    """A reference to a row of one of `targets`; several targets also store the target's name. [T-16]

    `kind` keeps the classic type on the wire: `Lookup`, `Customer` or `Owner`.
    `external_targets` are tables the platform also lets it point to and no loaded solution has: named in definitions,
    never followed. `targets_total` counts all targets where the list is longer than what is named.
    """

    targets: tuple[str, ...] = ()
    external_targets: tuple[str, ...] = ()
    targets_total: int | None = None
    kind: Literal["lookup", "customer", "owner"] = "lookup"

    @property
    def is_polymorphic(self) -> bool:
        """More than one table can be referenced, so the row must say which. [MT-1]"""
        return len(self.targets) != 1


class PartyListColumn(_Column, frozen=True, tag="party_list"):
    """The parties of an activity; rows of `activityparty`, no column of the store. [C-19]"""

    targets: tuple[str, ...] = ()
    external_targets: tuple[str, ...] = ()


class TableNameColumn(_Column, frozen=True, tag="table_name"):
    """The logical name of a table (`EntityName` on the wire)."""


class ImageColumn(_Column, frozen=True, tag="image"):
    """An image. `full_image`: the image itself is kept beside the thumbnail. `max_size_kb` in kilobytes. [T-18]"""

    primary: bool = False
    full_image: bool = False
    max_size_kb: int = 10_240


class FileColumn(_Column, frozen=True, tag="file"):
    """A file; the column holds its id. `max_size_kb` in kilobytes. [T-17]"""

    max_size_kb: int = 32_768


class ManagedPropertyColumn(_Column, frozen=True, tag="managed_property"):
    """A yes/no that a solution can lock. [T-19]"""


class VirtualColumn(_Column, frozen=True, tag="virtual"):
    """A companion that exists in metadata only: not selectable, not writable. [T-20]"""

    max_length: int = 100


Column: TypeAlias = (
    IdColumn
    | TextColumn
    | MemoColumn
    | IntegerColumn
    | BigIntColumn
    | DecimalColumn
    | FloatColumn
    | MoneyColumn
    | DateTimeColumn
    | YesNoColumn
    | ChoiceColumn
    | ChoicesColumn
    | StateColumn
    | StatusColumn
    | LookupColumn
    | PartyListColumn
    | TableNameColumn
    | ImageColumn
    | FileColumn
    | ManagedPropertyColumn
    | VirtualColumn
)


def is_property(column: Column) -> bool:
    """The column is a property of its type: readable, and no virtual companion. [T-20], [M-9]"""
    if not column.read or isinstance(column, VirtualColumn | PartyListColumn):
        return False
    return not (isinstance(column, TableNameColumn) and column.attribute_of)
