"""List the tables with rules of their own, and write rows by them.

In:        an `Execution` of a message that writes rows
Out:       `TABLE_RULES`; the operations of stage 30 with the table's rules around them
Not here:  the rules (the sibling modules), the writes (operations.create, operations.update, operations.delete)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, cast

from verselet.messages.request import (
    Create,
    CreateMultiple,
    CreateMultipleResponse,
    CreateResponse,
    Delete,
    Response,
    Update,
    UpsertResponse,
)
from verselet.operations.create import check_rows, create, create_multiple
from verselet.operations.delete import delete
from verselet.operations.finding import find_id
from verselet.operations.rules.references import settle_references
from verselet.operations.table_rules.audits import AUDIT_RULES
from verselet.operations.table_rules.column_security import PERMISSION_RULES, PROFILE_RULES, SHARE_RULES
from verselet.operations.table_rules.custom import CUSTOM_RULES, PARAMETER_RULES, PROPERTY_RULES
from verselet.operations.table_rules.held import HELD_RULES
from verselet.operations.table_rules.holders import TEAM_ROLE_RULES, USER_ROLE_RULES
from verselet.operations.table_rules.jobs import JOB_RULES
from verselet.operations.table_rules.masking import MASKED_COLUMNS, MASKING_RULES
from verselet.operations.table_rules.organizations import ORGANIZATION_RULES
from verselet.operations.table_rules.positions import POSITION_RULES
from verselet.operations.table_rules.recycle_bin import BIN_RULES, REFERENCE_RULES
from verselet.operations.table_rules.retention import POLICY_RULES
from verselet.operations.table_rules.roles import ROLE_RULES
from verselet.operations.table_rules.rules import TableRules
from verselet.operations.table_rules.shares import ACCESS_RULES
from verselet.operations.table_rules.steps import ENDPOINT_RULES, IMAGE_RULES, STEP_RULES
from verselet.operations.table_rules.teams import MEMBERSHIP_RULES, TEAM_RULES
from verselet.operations.table_rules.templates import TEMPLATE_RULES
from verselet.operations.table_rules.units import UNIT_RULES
from verselet.operations.table_rules.users import SETTINGS_RULES, USER_RULES
from verselet.operations.update import update
from verselet.pipeline.execution import Execution
from verselet.values import Row

TABLE_RULES: Final[Mapping[str, TableRules]] = MappingProxyType(
    {
        "audit": AUDIT_RULES,
        "deleteditemreference": REFERENCE_RULES,
        "fieldsecurityprofile": PROFILE_RULES,
        "fieldpermission": PERMISSION_RULES,
        "principalobjectaccess": ACCESS_RULES,
        "principalobjectattributeaccess": SHARE_RULES,
        "maskingrule": MASKING_RULES,
        "attributemaskingrule": MASKED_COLUMNS,
        "asyncoperation": JOB_RULES,
        "businessunit": UNIT_RULES,
        "customapi": CUSTOM_RULES,
        "customapirequestparameter": PARAMETER_RULES,
        "customapiresponseproperty": PROPERTY_RULES,
        "position": POSITION_RULES,
        "organization": ORGANIZATION_RULES,
        "recyclebinconfig": BIN_RULES,
        "retentionconfig": POLICY_RULES,
        "role": ROLE_RULES,
        "roleprivileges": HELD_RULES,
        "systemuser": USER_RULES,
        "systemuserroles": USER_ROLE_RULES,
        "sdkmessageprocessingstep": STEP_RULES,
        "sdkmessageprocessingstepimage": IMAGE_RULES,
        "serviceendpoint": ENDPOINT_RULES,
        "team": TEAM_RULES,
        "teammembership": MEMBERSHIP_RULES,
        "teamroles": TEAM_ROLE_RULES,
        "teamtemplate": TEMPLATE_RULES,
        "usersettings": SETTINGS_RULES,
    }
)
"""Table → its rules."""


def create_by_rules(run: Execution) -> CreateResponse:
    """Make one row. [C-1]"""
    target = cast(Create, run.request).target
    rules = TABLE_RULES.get(target.table)
    if rules is None:
        return create(run)
    _ask(run, rules, (target,))
    response = create(run)
    rules.created(_asked(run, rules), (target,))
    return response


def create_multiple_by_rules(run: Execution) -> CreateMultipleResponse:
    """Make several rows. [BM-1]"""
    request = cast(CreateMultiple, run.request)
    rules = TABLE_RULES.get(request.table)
    if rules is None:
        return create_multiple(run)
    _ask(run, rules, request.targets)
    response = create_multiple(run)
    rules.created(_asked(run, rules), request.targets)
    return response


def update_by_rules(run: Execution) -> UpsertResponse:
    """Change one row. [UP-1]"""
    request = cast(Update, run.request)
    rules = TABLE_RULES.get(request.target.table)
    row_id = None if rules is None else find_id(run, run.schema.tables[request.target.table], request.key)
    if rules is not None and row_id is not None:
        # The values are the message's own: what a rule adds is written with them.
        row = Row(request.target.table, row_id, request.target.values)
        _settle(run, (row,))
        rules.changing(_asked(run, rules), row)
    return update(run)


def delete_by_rules(run: Execution) -> Response:
    """Remove one row. [D-1]"""
    request = cast(Delete, run.request)
    rules = TABLE_RULES.get(request.table)
    row_id = None if rules is None else find_id(run, run.schema.tables[request.table], request.key)
    if rules is not None and row_id is not None:
        rules.deleting(_asked(run, rules), row_id)
    return delete(run)


def _ask(run: Execution, rules: TableRules, rows: Sequence[Row]) -> None:
    _settle(run, rows)
    rules.creating(_asked(run, rules), rows)


def _settle(run: Execution, rows: Sequence[Row]) -> None:
    """Rules see values that fit their columns, and references by id."""
    for row in rows:
        check_rows(run.schema.tables[row.table], (row,))
    settle_references(rows, run.schema, run.session, frozenset())


def _asked(run: Execution, rules: TableRules) -> Execution:
    """As whom the rules see and send: the server, unless it is the caller whom they judge."""
    return run if rules.judges_caller else run.elevated()
