"""How long a record is kept at least and by when it must be gone, with every step explained. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from requests_app.law import periods
from requests_app.law.material import (
    CONDITIONS,
    FOOTAGE,
    SEVERITIES,
    Answer,
    Conflict,
    Line,
    Material,
    conditions_of,
    layer,
    severity_of,
)
from requests_app.law.periods import INDEFINITE, UNTIL_CASE_CLOSED, UNTIL_RESOLVED
from requests_app.law.rows import Longer, Retention
from requests_app.law.wording import date_of

_LOWEST = "non_event"
_VERIFIED = {"V": "checked", "P": "partly checked", "M": "to be confirmed"}


@dataclass
class _Weighed:
    """What has been found so far, while rule after rule is applied."""

    keep: tuple[date, Retention, str] | None = None
    gone: tuple[date, Retention, str] | None = None
    kept_open: str = ""
    ask_by: date | None = None
    lines: list[Line] = field(default_factory=list)


def earliest(rows: Iterable[Retention], material: Material, *, on: date) -> Answer:
    """This will find the earliest scheduled destruction of a recording nobody here has seen yet.

    An unknown severity counts as the lowest and a vendor's deletion counts beside the law: keeping too
    early harms nobody.
    """
    seen = replace(material, severity=material.severity or _LOWEST, held_outside=True)
    answer = judge(rows, seen, on=on)
    if answer.kept_open or not answer.keep_until or not answer.destroy_by:
        return answer
    return replace(answer, keep_until=None) if answer.destroy_by < answer.keep_until else answer


def judge(rows: Iterable[Retention], material: Material, *, on: date) -> Answer:
    """This will apply every fitting rule to one record on a day, in both directions.

    The law binds, then the agency's schedule; the shipped defaults stand in where neither speaks. A duty to
    destroy that meets a hold, an open request or a longer period is a conflict, never decided here.

    :raises RetentionError: naming the rule whose period cannot be read.
    """
    found = _Weighed()
    if material.recorded_on is not None:
        found.lines.append(Line(f"Recorded on {date_of(material.recorded_on)}."))
    for row in fitting(rows, material, on=on):
        try:
            _apply(found, row, material)
        except periods.RetentionError as fault:
            raise periods.RetentionError(f"Retention rule {row.id}: {fault}") from None
    return _answered(found, material)


def fitting(rows: Iterable[Retention], material: Material, *, on: date) -> list[Retention]:
    """This will choose the rules that speak about a record; defaults only where nothing else does."""
    known = [row for row in rows if row.in_force(on) and _about(row, material)]
    known = [row for row in known if binds(row, known, material)]
    if not material.held_outside:
        known = [row for row in known if layer(row) != "vendor"]
    speaks = [row for row in known if layer(row) in ("law", "schedule") and row.trigger != "request"]
    if any(row.keep_at_least or row.destroy_by for row in speaks):
        known = [row for row in known if layer(row) != "default"]
    order = ("law", "schedule", "default", "vendor")
    return sorted(known, key=lambda row: order.index(layer(row)))


def _about(row: Retention, material: Material) -> bool:
    severity = severity_of(row)
    if severity is not None and severity != material.severity:
        return False
    if row.record_type in ("any", material.record_type):
        return True
    footage = row.record_type == "footage" or row.record_type in SEVERITIES
    return footage and material.record_type in FOOTAGE


def binds(row: Retention, rows: Sequence[Retention], material: Material) -> bool:
    """This will tell whether a rule binds an agency, by its scope.

    A law that speaks of local and state bodies apart binds each by its own row alone.
    """
    of_the_state = material.body == "agency"
    if row.scope == "local":
        return not of_the_state
    if row.scope == "state":
        kind = (row.record_type, row.trigger, severity_of(row))
        apart = any(r.scope == "local" and (r.record_type, r.trigger, severity_of(r)) == kind for r in rows)
        return of_the_state or not apart
    if row.scope.isupper():
        return row.scope == material.agency.upper()  # one agency's own rule, such as the CHP's
    return row.scope != "private"


def _apply(found: _Weighed, row: Retention, material: Material) -> None:
    first, last = _trigger_days(row, material)
    if row.trigger == "request":
        if material.request_open and row.keep_at_least == UNTIL_RESOLVED:
            _open(found, row, "It may not be destroyed while a request for it is open.")
        return
    if last is None or first is None:
        if row.trigger == "case_close" and material.case_open:
            _open(found, row, "Its time begins when its case is closed.")
        return
    true = conditions_of(material, row, last)
    if row.ask_within:
        found.ask_by = max(filter(None, (found.ask_by, periods.after(first, row.ask_within))))
    _keep(found, row, row.keep_at_least, last, material, "")
    lifted = False
    for longer in row.longer:
        if longer.condition in true:
            _keep(found, row, longer.keep_at_least, last, material, _because(longer))
            lifted = lifted or longer.lifts_destroy_by
    if row.destroy_by and not lifted:
        _destroy(found, row, first)
    elif row.destroy_by:
        found.lines.append(_line(row, "The order to destroy it does not bind while this is so."))


def _trigger_days(row: Retention, material: Material) -> tuple[date | None, date | None]:
    """The days a rule counts from: destruction from the first, keeping from the last."""
    if row.trigger == "case_close":
        return material.case_closed_on, material.case_closed_on
    if row.trigger == "complaint":
        return material.complaint_on, material.complaint_on
    return material.recorded_on, material.recorded_until or material.recorded_on


def _keep(
    found: _Weighed, row: Retention, period: str | None, start: date, material: Material, because: str
) -> None:
    if not period:
        return
    if period == INDEFINITE:
        _open(found, row, f"It is kept without end{because}.")
    elif period == UNTIL_CASE_CLOSED:
        if material.case_closed_on is None:
            _open(found, row, f"It is kept until its case is closed{because}.")
        else:
            _keep_until(found, row, material.case_closed_on, f"is kept until its case is closed{because}")
    elif period == UNTIL_RESOLVED:
        if material.request_open:
            _open(found, row, f"It is kept until the request is resolved{because}.")
    else:
        words = f"must be kept for {periods.in_words(period)}{because}"
        _keep_until(found, row, periods.after(start, period), words)


def _keep_until(found: _Weighed, row: Retention, day: date, words: str) -> None:
    found.lines.append(_line(row, f"It {words}: until {date_of(day)}."))
    if found.keep is None or day > found.keep[0]:
        found.keep = (day, row, words)


def _destroy(found: _Weighed, row: Retention, start: date) -> None:
    day, words = periods.after(start, str(row.destroy_by)), periods.in_words(str(row.destroy_by))
    found.lines.append(_line(row, f"It must be gone after {words}: on {date_of(day)}."))
    if found.gone is None or day < found.gone[0]:
        found.gone = (day, row, f"must be gone after {words}")


def _open(found: _Weighed, row: Retention, words: str) -> None:
    found.lines.append(_line(row, words))
    found.kept_open = found.kept_open or str(_line(row, words))


def _because(longer: Longer) -> str:
    return f", for {CONDITIONS.get(longer.condition, longer.condition.replace('_', ' '))}"


def _line(row: Retention, text: str) -> Line:
    by_law = layer(row) == "law"
    source = row.citation or row.title or row.note or row.scope
    return Line(text, row.id, source, _VERIFIED.get(row.verified, "") if by_law else row.scope)


def _answered(found: _Weighed, material: Material) -> Answer:
    keep, gone = found.keep, found.gone
    deciding = keep or gone
    conflicts = []
    if gone is not None:
        day, row, words = gone
        against = _against(found, material, row, day)
        if against:
            text = f"It {words}, on {date_of(day)} ({row.citation or row.scope}). {against}"
            conflicts.append(Conflict(day, row.id, row.citation or row.scope, row.request_hold, text))
            found.lines.append(Line(f"Two duties meet: {text} Counsel has to decide.", row.id))
    if material.on_hold:
        found.lines.append(Line("A hold keeps it from being destroyed."))
    return Answer(
        keep_until=keep[0] if keep else None,
        kept_open=found.kept_open or ("A hold keeps it." if material.on_hold else ""),
        destroy_by=gone[0] if gone else None,
        by_law=gone is not None and layer(gone[1]) == "law",
        rule=f"{deciding[2]} ({deciding[1].citation or deciding[1].note or deciding[1].scope})"
        if deciding
        else "",
        rule_id=deciding[1].id if deciding else "",
        ask_by=found.ask_by,
        conflicts=tuple(conflicts),
        lines=tuple(found.lines),
    )


def _against(found: _Weighed, material: Material, row: Retention, day: date) -> str:
    """What forbids the destruction a law orders; a vendor's contract and a policy order nothing."""
    if layer(row) != "law":
        return ""
    if material.case_open:
        return "Its case is open, and this law does not name that as a reason to keep it."
    if row.request_hold == "allowed":
        return ""
    if material.on_hold or (found.kept_open and material.request_open):
        silent = "names no request as a reason to keep it longer"
        says = {"forbidden": "forbids keeping it for a request"}.get(row.request_hold, silent)
        return f"It is asked for in a request, and this law {says}."
    if found.kept_open:
        return f"Another rule keeps it: {found.kept_open}"
    if found.keep is not None and found.keep[0] > day:
        return f"Another rule keeps it until {date_of(found.keep[0])}."
    return ""
