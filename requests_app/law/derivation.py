"""What a clock computed, and every step that led there."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Line:
    """One step in plain words. ``days`` is how many days of the clock this step used up.

    ``aside``: an entry of the ledger that leaves this clock alone.
    """

    text: str
    on: date | None = None
    citation: str | None = None
    days: int = 0
    aside: bool = False


@dataclass(frozen=True)
class Derivation:
    """A due date with its reasons.

    ``state``: not_applicable, not_started, running, stopped, met, met_late, overdue (a duty), lapsed
    (a request that ends unanswered), closed (a requester's window), ended (with the request, so told by
    ``clock.endings``). The last four and ``running`` are told apart only when the caller gave the day to
    judge on. ``days`` of the lines add up to ``length``.
    ``begun`` is the local day of the entry it counts from; day zero may come later.
    ``every`` also holds a line for each entry of the ledger that leaves this clock alone.
    """

    law: str
    law_version: str
    clock: str
    title: str
    state: str
    due: date | None
    lines: tuple[Line, ...]
    unit: str
    length: int = 0
    begun: date | None = None
    day_zero: date | None = None
    unrolled: date | None = None
    citation: str | None = None
    verified: str = "M"
    every: tuple[Line, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(line.text for line in self.lines)
