"""The public interface of plug-ins: everything a solution may import.

In:        nothing
Out:       `Solution`, `Context`, `Stage`, `Mode`, `refuse`, `Retry`, `Row`, `Reference`
Not here:  how and when steps run (pipeline)

A plug-in is a function with a registration. It sees a `Context` and may send messages through it; it opens no
connection, asks no clock but the context's, and keeps no state.

    from verselet.sdk import Context, Solution, Stage, refuse

    solution = Solution("checks")

    @solution.step("Update", "account", stage=Stage.PRE_OPERATION, columns={"name"})
    def keep_the_name(context: Context) -> None:
        if not context.target.get("name"):
            refuse("An account needs a name.")
"""

from verselet.sdk.context import Context, Image
from verselet.sdk.solution import Mode, Operation, Retry, Solution, Stage, Step, StepRefused, refuse
from verselet.values import Reference, Row

__all__ = [
    "Context",
    "Image",
    "Mode",
    "Operation",
    "Reference",
    "Retry",
    "Row",
    "Solution",
    "Stage",
    "Step",
    "StepRefused",
    "refuse",
]
