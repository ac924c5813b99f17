"""Refuse what columns and their labels cannot be or do.

In:        the facts of a refusal
Out:       400
Not here:  values that do not fit their column (errors.requests)
"""

from __future__ import annotations

from verselet.errors.requests import BadRequest


class ColumnNotSecurable(BadRequest):
    """A column that everybody who sees the row must see cannot be secured. [SEC-100]"""

    code = 0x8004F501

    def __init__(self, column: str, table: str) -> None:
        super().__init__(f"The attribute '{column}' of the entity '{table}' cannot be secured.")


class KeyColumnSecured(BadRequest):
    """A column cannot be secured and belong to an alternate key, by which rows can be found. [SEC-100]"""

    code = 0x80060896

    def __init__(self, column: str, key: str) -> None:
        super().__init__(f"The attribute '{column}' cannot be secured and belong to the entity key '{key}'.")


class LanguageNotValid(BadRequest):
    """A label, or a user, in a language that the organization has not switched on. [MD-9]"""

    code = 0x80044195

    def __init__(self, language: int) -> None:
        super().__init__(
            f"The language code {language} is not a valid language for this organization",
            hint="An administrator switches languages on with the action ProvisionLanguage.",
        )


class UnknownState(BadRequest):
    """A number that is no state of the table. [MSG-47]"""

    code = 0x80040233

    def __init__(self, column: str, table: str, value: int) -> None:
        super().__init__(f"The value {value} of '{column}' on record of type '{table}' is no valid state.")


class TableWithoutStates(BadRequest):
    """Rows of the table have no state that could change. [MSG-47]"""

    code = 0x80047015

    def __init__(self, table: str) -> None:
        super().__init__(f"The entity '{table}' has no states.")


class TransitionNotAllowed(BadRequest):
    """The table enforces its transitions, and none leads from the row's status reason to the wanted one. [MSG-52]"""

    code = 0x8004F00E

    def __init__(self, present: int, wanted: int, table: str, row_id: str) -> None:
        super().__init__(
            f"The status of the {table} with Id {row_id} cannot change from {present} to {wanted}: it is not an "
            "allowed transition."
        )


class NotAutoNumber(BadRequest):
    """The column is no auto-number column, so it has no counter. [JOB-68]"""

    code = 0x80090470

    def __init__(self, column: str, table: str) -> None:
        super().__init__(f"The attribute '{column}' of the entity '{table}' is not an auto number attribute.")


class ColumnInRollup(BadRequest):
    """A rollup adds up the column that should be deleted. [JOB-66]"""

    code = 0x80060555

    def __init__(self, column: str, rollup: str) -> None:
        super().__init__(f"The attribute '{column}' cannot be deleted because the rollup field '{rollup}' uses it.")
