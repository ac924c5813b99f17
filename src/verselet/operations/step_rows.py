"""Read the steps that are registered as rows.

In:        an open session, the steps of solutions by the names of plug-in types
Out:       `registered_steps`: every enabled step whose work is known
Not here:  what may be registered (operations.table_rules.steps), running steps (pipeline)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from verselet.operations.asking import rows_where
from verselet.operations.custom_rows import CUSTOM_TABLES
from verselet.pipeline.execution import Execution
from verselet.pipeline.registry import Image, RegisteredStep, Run, WebHook
from verselet.query.fetchxml.xml import read_xml
from verselet.sdk.solution import Step
from verselet.values import Reference, Row, Value

STEPS: Final = "sdkmessageprocessingstep"
IMAGES: Final = "sdkmessageprocessingstepimage"
ENDPOINTS: Final = "serviceendpoint"

STEP_TABLES: Final = (
    frozenset({STEPS, IMAGES, ENDPOINTS, "sdkmessage", "sdkmessagefilter", "plugintype"}) | CUSTOM_TABLES
)
"""Tables whose rows say what happens around messages, and which messages there are."""

_STEP = (
    "name", "mode", "rank", "stage", "filteringattributes", "canbebypassed", "asyncautodelete", "configuration",
    "sdkmessageid", "sdkmessagefilterid", "eventhandler", "impersonatinguserid",
)  # fmt: skip
_IMAGE = ("entityalias", "name", "imagetype", "attributes", "sdkmessageprocessingstepid")

KEY, HEADERS, QUERY = 4, 5, 6
"""How a web hook says who posts. [EVT-40]"""


def registered_steps(run: Execution, works: Mapping[str, Step]) -> Iterator[RegisteredStep]:
    """The enabled steps of all rows, each with what it does; a step whose plug-in is not here is left out. [EVT-4]

    `works` are the steps of solutions by the name of the plug-in type that stands for them.
    """
    found = rows_where(run, STEPS, _STEP, {"statecode": 0})
    names = _Names(run)
    images = _images(run) if found else {}
    for row in found:
        work = _work(run, row, works, names)
        message = names.of("sdkmessage", row.values["sdkmessageid"], "name")
        if work is None or not message:
            continue
        yield RegisteredStep(
            id=row.id or "",
            name=str(row.values["name"] or ""),
            message=message,
            table=names.of("sdkmessagefilter", row.values["sdkmessagefilterid"], "primaryobjecttypecode"),
            stage=_number(row.values["stage"]),
            mode=_number(row.values["mode"]),
            rank=_number(row.values["rank"]),
            work=work,
            columns=frozenset(_listed(row.values["filteringattributes"])),
            pre_images=tuple(images.get(("pre", row.id or ""), ())),
            post_images=tuple(images.get(("post", row.id or ""), ())),
            user_id=_id(row.values["impersonatinguserid"]) or None,
            can_be_bypassed=row.values["canbebypassed"] is not False,
            forgets_success=row.values["asyncautodelete"] is True,
            configuration=str(row.values["configuration"] or ""),
        )


def _work(run: Execution, row: Row, works: Mapping[str, Step], names: _Names) -> Run | WebHook | None:
    """What the step does: a function of a solution, or a post to a web hook."""
    handler = row.values["eventhandler"]
    if not isinstance(handler, Reference):
        return None
    if handler.table == ENDPOINTS:
        return _hook(run, handler.id)
    step = works.get(names.of("plugintype", handler, "typename"))
    return None if step is None else step.handler


def _hook(run: Execution, endpoint: str) -> WebHook | None:
    found = run.read_values(ENDPOINTS, endpoint, ("url", "authtype", "authvalue"))
    if found is None:
        return None
    url, given = str(found["url"] or ""), str(found["authvalue"] or "")
    match found["authtype"]:
        case 4:
            return WebHook(url, (), (("code", given),) if given else ())
        case 5:
            return WebHook(url, tuple(settings_in(given)))
        case 6:
            return WebHook(url, (), tuple(settings_in(given)))
        case _:
            return WebHook(url)


def settings_in(text: str) -> Iterator[tuple[str, str]]:
    """Names and values of `<settings><setting name="…" value="…"/></settings>`. [EVT-40]

    Raises:
        FetchRefused: the text is no such XML.
    """
    if not text.strip():
        return
    for setting in read_xml(text).children:
        name, value = setting.get("name"), setting.get("value")
        if setting.name == "setting" and name:
            yield name, value or ""


def _images(run: Execution) -> dict[tuple[str, str], list[Image]]:
    """Kind and step → the images it wants. [EVT-10]"""
    found: dict[tuple[str, str], list[Image]] = {}
    for row in rows_where(run, IMAGES, _IMAGE, {}):
        image = Image(str(row.values["entityalias"] or row.values["name"] or ""), _listed(row.values["attributes"]))
        kinds = {0: ("pre",), 1: ("post",), 2: ("pre", "post")}.get(_number(row.values["imagetype"]), ())
        for kind in kinds:
            found.setdefault((kind, _id(row.values["sdkmessageprocessingstepid"])), []).append(image)
    return found


class _Names:
    """Looks up what rows are called, each once."""

    def __init__(self, run: Execution) -> None:
        self._run = run
        self._known: dict[str, str] = {}

    def of(self, table: str, named: Value, column: str) -> str:
        """The column of the row, empty where there is none."""
        row_id = _id(named)
        if row_id and row_id not in self._known:
            found = self._run.read_values(table, row_id, (column,)) or {}
            self._known[row_id] = str(found.get(column) or "")
        return self._known.get(row_id, "")


def _listed(value: Value) -> tuple[str, ...]:
    return tuple([name.strip().lower() for name in str(value or "").split(",") if name.strip()])


def _id(value: Value) -> str:
    return value.id if isinstance(value, Reference) else ""


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
