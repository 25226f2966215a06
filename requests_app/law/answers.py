"""Answers to clock cases, for agencies that want to check the portal and for tests; needs no database."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal.core.errors import DomainError
from requests_app.law import case_file, clock, clock_case
from requests_app.law.derivation import Line
from requests_app.law.pack import Pack

Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


def due(case: Mapping[str, Any], laws: Mapping[str, Pack] | None = None) -> dict[str, Any]:
    """This will work out the last day of one clock case and say why, entries without effect included.

    ``due`` is None while the clock is stopped, has not begun or does not apply.

    :raises requests_app.law.clock_case.CaseError: when the case cannot be read; begins with the place.
    """
    read = clock_case.read(case, laws)
    derived = clock.due(
        read.pack,
        read.clock,
        read.agency,
        read.events,
        read.record_type,
        read.requester_category,
        read.facts,
    )
    return {
        "id": read.id,
        "due": derived.due.isoformat() if derived.due else None,
        "because": [*read.taken, *(_sentence(line) for line in derived.every)],
    }


def each(cases: Sequence[Any], answer: Answer) -> tuple[list[dict[str, Any]], int]:
    """This will answer every case; one that cannot be answered gets its ``error``, with its place.

    Gives the answers in the order of the cases and how many could not be answered.
    """
    found, failed = [], 0
    for at, case in enumerate(cases, start=1):
        name = case.get("id") if isinstance(case, Mapping) else None
        name = name if isinstance(name, (str, int)) else None
        where = f"case {at}" if name is None else f"case {at} ({name})"
        fault = case_file.fault(case)
        try:
            if fault is not None:
                raise clock_case.CaseError(fault)
            found.append(answer(case))
        except DomainError as problem:
            failed += 1
            found.append({"id": name, "error": f"{where}, {problem}"})
    return found, failed


def _sentence(line: Line) -> str:
    return f"{line.text} [{line.citation}]" if line.citation else line.text
