"""The pictures and tables of docs/machines.md, from the frozen tables the services use."""

from collections.abc import Iterable

from portal.core.machine import Machine, Step
from redaction.plans.rules import REVIEW, ReviewStatus
from redaction.release.rules import RELEASE, ReleaseStatus
from requests_app.appeals.rules import APPEAL, AppealStatus
from requests_app.custody.rules import PURGE, PurgeStatus
from requests_app.docket.rules import REQUEST, Status
from requests_app.fees.rules import FEE, FeeState

MACHINES: tuple[tuple[Machine, str, str], ...] = (
    (REQUEST, Status.DRAFT, "`requests_app/docket/rules.py`"),
    (FEE, FeeState.WORKSHEET, "`requests_app/fees/rules.py`"),
    (REVIEW, ReviewStatus.COLLECTED, "`redaction/plans/rules.py`"),
    (RELEASE, ReleaseStatus.BUILDING, "`redaction/release/rules.py`"),
    (APPEAL, AppealStatus.FILED, "`requests_app/appeals/rules.py`"),
    (PURGE, PurgeStatus.PROPOSED, "`requests_app/custody/rules.py`"),
)
"""Each machine, the state a new row is in, and where its table lies."""

_INTRODUCTION = """\
# State machines

Written by `manage.py draw_machines` from the tables the services apply; a test fails when this page and a
table differ. A step not drawn here does not exist: pages and API answer 409 with the state the row is in. A
step without a permission is the requester's own or the system's; a guard says in a sentence why it must wait.

The clock is no machine of steps but a ledger; see [law](law.md).
"""


def document() -> str:
    """This will give docs/machines.md whole."""
    return "\n".join([_INTRODUCTION, *(_section(*entry) for entry in MACHINES)])


def _section(machine: Machine, first: str, lies: str) -> str:
    title = machine.name[0].upper() + machine.name[1:]
    return "\n".join(
        [
            f"## {title}\n",
            f"Field `{machine.field}`; table in {lies}.\n",
            *_picture(machine, first),
            *_table(machine),
        ]
    )


def _picture(machine: Machine, first: str) -> list[str]:
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    lines += [
        f"    {source} --> {step.target}: {step.action}"
        for step in machine.steps
        for source in sorted(step.sources)
    ]
    lines += [f"    {state} --> [*]" for state in sorted(_ends(machine))]
    return [*lines, "```", ""]


def _ends(machine: Machine) -> set[str]:
    """The states that no step leads out of."""
    left = {str(source) for step in machine.steps for source in step.sources}
    return {str(step.target) for step in machine.steps} - left


def _table(machine: Machine) -> list[str]:
    rows = ["| step | from | to | permission | guards |", "|---|---|---|---|---|"]
    return [*rows, *(_row(step) for step in machine.steps), ""]


def _row(step: Step) -> str:
    cells = (
        f"`{step.action}`",
        _listed(sorted(step.sources)),
        f"`{step.target}`",
        f"`{step.permission}`" if step.permission else "–",
        _listed(step.guards) or "–",
    )
    return f"| {' | '.join(cells)} |"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
