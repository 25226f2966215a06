"""How a step of a state machine is applied: compare-and-set and one audit entry, in one transaction."""

from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from portal.audit import services as audit
from portal.core.errors import IllegalMove
from portal.core.machine import Machine


@transaction.atomic
def apply(
    *,
    row: models.Model,
    machine: Machine,
    action: str,
    actor: audit.Actor | None,
    facts: Any = None,
    request_key: str = "",
    changes: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """This will move the row one step and write the audit entry; the row in memory is brought up to date.

    ``changes`` are further columns set in the same UPDATE. Permission is the caller's policy.

    :raises IllegalMove: when the table or a guard says no, or somebody else moved the row first.
    """
    state = str(getattr(row, machine.field))
    step = machine.check(action, state, facts)
    values = {machine.field: step.target, **(changes or {})}
    manager: models.Manager[Any] = type(row)._default_manager
    if not manager.filter(pk=row.pk, **{machine.field: state}).update(**values):
        raise IllegalMove(
            f"Somebody else changed this {machine.name} a moment ago. Nothing was done; look again."
        )
    for name, value in values.items():
        setattr(row, name, value)
    audit.record(
        action=f"{machine.name}.{action}".replace(" ", "_"),
        actor=actor,
        subject=row,
        request_key=request_key,
        detail={"from": state, "to": step.target, **(detail or {})},
    )
