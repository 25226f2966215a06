"""A state machine as one frozen table. Pure: the service that applies a step is portal.audit.moves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.core.errors import IllegalMove

Guard = Callable[[Any], str | None]
"""Takes the machine's frozen facts; gives the sentence why not, or None."""


@dataclass(frozen=True)
class Step:
    """One row of the table. ``permission`` None: the requester's own or the system's move."""

    action: str
    sources: frozenset[str]
    target: str
    permission: str | None = None
    guards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Machine:
    """All steps of one kind of row, kept in its field ``field``."""

    name: str
    steps: tuple[Step, ...]
    guards: Mapping[str, Guard] = field(default_factory=dict)
    field: str = "status"

    def step(self, action: str) -> Step:
        return next(step for step in self.steps if step.action == action)

    def actions(self, state: str) -> tuple[str, ...]:
        """This will name the actions the table has from a state, guards aside."""
        return tuple(step.action for step in self.steps if state in step.sources)

    def refusal(self, action: str, facts: Any) -> str | None:
        """This will give the first guard's sentence that says no, or None."""
        for name in self.step(action).guards:
            if why := self.guards[name](facts):
                return why
        return None

    def check(self, action: str, state: str, facts: Any) -> Step:
        """This will give the step, if the table and its guards allow it.

        :raises IllegalMove: naming the state and what stands in the way.
        """
        known = {step.action for step in self.steps}
        if action not in known:
            raise IllegalMove(f"A {self.name} has no step “{action}”.")
        step = self.step(action)
        if state not in step.sources:
            sources = " or ".join(sorted(source.replace("_", " ") for source in step.sources))
            raise IllegalMove(
                f"This {self.name} is {state.replace('_', ' ')}; “{action.replace('_', ' ')}” needs it to be"
                f" {sources}."
            )
        if why := self.refusal(action, facts):
            raise IllegalMove(why)
        return step
