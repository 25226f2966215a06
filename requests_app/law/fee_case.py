"""One fee case as a file gives it: read strictly, every fault named with its place."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from portal.core.errors import BadInput
from requests_app.law import pack, work
from requests_app.law.fee_law import FeeLaw
from requests_app.law.pack import Pack
from requests_app.law.schedule import FLAGS, RATES, FeeSchedule, ScheduleError
from requests_app.law.work import Work, WorkError, shortened

Check = Callable[[Any, str], None]
BEGINNING = date(1900, 1, 1)
RECORD_TYPES = (
    "paper", "electronic", "body_worn_camera", "law_enforcement_video",
    "critical_incident_video", "peace_officer_records", "misconduct_video", "criminal_investigative_file",
)  # fmt: skip
BODIES = ("municipality", "agency")


class CaseError(BadInput):
    """A fee case cannot be read: the sentence begins with the place and says what to write there."""

    code = "bad_case"


@dataclass(frozen=True)
class Bill:
    """A bill whose interest is asked for. ``annual_rate`` is a share: 0.04 is four percent.

    ``paid`` None: nothing was paid yet, so only the day interest begins can be told.
    """

    amount: Decimal
    dated: date
    annual_rate: Decimal
    paid: date | None


@dataclass(frozen=True)
class FeeCase:
    """Everything one fee is worked out from. ``published``: the case names schedules of its own."""

    id: Any
    law: FeeLaw
    schedules: tuple[FeeSchedule, ...]
    published: bool
    work: Work
    bill: Bill | None
    warnings: tuple[str, ...] = ()


def read(case: Any, laws: Mapping[str, Pack] | None = None) -> FeeCase:
    """This will read one case of the published format; ``expect`` and ``why`` are not looked at.

    Figures above a ceiling of the law are held to it, as the law does; nothing else is put right.

    :raises CaseError: naming the place (``work[2].minutes``) and what belongs there.
    """
    _object(case, "the case", CASE)
    for name in ("id", "law", "received"):
        if case.get(name) is None:
            raise CaseError(f"{name}: is missing. Every case needs its id, its law and the day of receipt.")
    added = laws or {}
    if case["law"] not in (*pack.shipped_ids(), *added):
        known = ", ".join(sorted({*pack.shipped_ids(), *added}))
        raise CaseError(f"law: {shortened(case['law'])} is not a law this portal knows. Use one of {known}.")
    law = (added.get(case["law"]) or pack.shipped(case["law"])).fees
    policy = case.get("policy") or {}
    try:
        asked = work.parse({**case, **_of_the_request(policy)})
    except WorkError as problem:
        raise CaseError(str(problem)) from None
    schedules, warnings = _schedules(policy, law, asked.received)
    return FeeCase(
        id=case["id"],
        law=law,
        schedules=schedules,
        published=policy.get("schedules") is not None,
        work=asked,
        bill=_bill(case["invoice"]) if case.get("invoice") is not None else None,
        warnings=warnings,
    )


def _of_the_request(policy: Mapping[str, Any]) -> dict[str, Any]:
    """What the format keeps under policy and the engine reads with the request."""
    return {
        "waiver_percent": policy.get("waiver_percent"),
        "facts": {name: policy[name] for name in FACTS if policy.get(name) is not None},
    }


def _schedules(
    policy: Mapping[str, Any], law: FeeLaw, received: date
) -> tuple[tuple[FeeSchedule, ...], tuple[str, ...]]:
    own = {
        name: value for name, value in policy.items() if name not in (*FACTS, "waiver_percent", "schedules")
    }
    versions = policy.get("schedules")
    if versions is None:
        made = _schedule({"id": "the law", "effective_from": BEGINNING.isoformat()}, own, law, "policy")
        return (made,), ()
    made_all = []
    for at, version in enumerate(versions):
        rate = {"page_rate": version["page_rate"]} if version.get("page_rate") is not None else {}
        made_all.append(_schedule(version, {**own, **rate}, law, f"policy.schedules[{at}]"))
    return tuple(made_all), _require_unbroken(made_all, received)


def _schedule(version: Mapping[str, Any], own: Mapping[str, Any], law: FeeLaw, where: str) -> FeeSchedule:
    try:
        dates = {
            name: work.day(version[name], f"{where}.{name}").isoformat()
            for name in ("effective_from", "effective_to")
            if version.get(name) is not None
        }
        if not version.get("id") or "effective_from" not in dates:
            raise CaseError(f"{where}: a schedule needs an id and effective_from, the day it begins.")
        return FeeSchedule.parse({"id": version["id"], **dates, "policy": own}, law, over_ceiling="hold")
    except WorkError as problem:
        place = "" if str(problem).startswith(where) else "policy."
        raise CaseError(f"{place}{problem}") from None
    except ScheduleError as problem:
        raise CaseError(f"{where}: {problem}") from None


def _require_unbroken(schedules: Sequence[FeeSchedule], received: date) -> tuple[str, ...]:
    """Schedules must follow one another; a gap is only a warning when the day of receipt lies in it.

    Then there is no schedule in force, which is an answer of its own.
    """
    names = [each.id for each in schedules]
    for at, name in enumerate(names):
        if name in names[:at]:
            raise CaseError(f"policy.schedules[{at}].id: {shortened(name)} appears twice. Give each its own.")
    order = sorted(range(len(schedules)), key=lambda at: (schedules[at].effective_from, at))
    warnings = []
    for before, after in pairwise(order):
        ends, begins = schedules[before].effective_to, schedules[after].effective_from
        where = f"policy.schedules[{after}].effective_from"
        if ends is None or begins <= ends:
            last = "has no end" if ends is None else f"ends on {ends.isoformat()}"
            raise CaseError(
                f"{where}: {begins.isoformat()} overlaps schedule {names[before]}, which {last}."
                f" End that one the day before."
            )
        if begins > ends + timedelta(days=1):
            said = (
                f"{where}: there is a gap between schedule {names[before]}, which ends on {ends.isoformat()},"
                f" and {names[after]}, which begins on {begins.isoformat()}."
            )
            if not ends < received < begins:
                raise CaseError(f"{said} Let the one end the day before the other begins.")
            warnings.append(said)
    return tuple(warnings)


def _bill(given: Mapping[str, Any]) -> Bill:
    try:
        for name in INVOICE:
            if given.get(name) is None and name != "paid":
                raise CaseError(f"invoice.{name}: is missing. Interest needs amount, dated and annual_rate.")
        made = Bill(
            amount=work.amount(given["amount"], "invoice.amount"),
            dated=work.day(given["dated"], "invoice.dated"),
            annual_rate=work.amount(given["annual_rate"], "invoice.annual_rate", Decimal(1)),
            paid=None if given.get("paid") is None else work.day(given["paid"], "invoice.paid"),
        )
    except WorkError as problem:
        raise CaseError(str(problem)) from None
    if made.paid is not None and made.paid < made.dated:
        raise CaseError(f"invoice.paid: {made.paid} is before invoice.dated, {made.dated}.")
    return made


def _object(value: Any, place: str, known: Mapping[str, Check]) -> None:
    if not isinstance(value, Mapping):
        raise CaseError(f"{place}: {shortened(value)} is not an object with named fields.")
    within = "" if place == "the case" else f"{place}."
    for name, inner in value.items():
        if name not in known:
            raise CaseError(
                f"{within}{shortened(name).strip(chr(39))}: is not a field this part of a case has."
                f" Known are {', '.join(known)}."
            )
        if inner is not None:
            known[name](inner, f"{within}{name}")


def _fields(known: Mapping[str, Check]) -> Check:
    return lambda value, place: _object(value, place, known)


def _rows(known: Mapping[str, Check]) -> Check:
    def check(value: Any, place: str) -> None:
        if not isinstance(value, list):
            raise CaseError(f"{place}: {shortened(value)} is not a list.")
        if len(value) > work.MOST_LINES:
            raise CaseError(
                f"{place}: {len(value)} lines are more than {work.MOST_LINES}. Add up what is alike."
            )
        for at, row in enumerate(value):
            _object(row, f"{place}[{at}]", known)

    return check


def _text(value: Any, place: str) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise CaseError(f"{place}: {shortened(value)} is not a text of at most 200 characters.")


def _name(value: Any, place: str) -> None:
    if isinstance(value, (bool, float)) or not isinstance(value, (str, int)) or len(str(value)) > 200:
        raise CaseError(f"{place}: {shortened(value)} is not a name for a case. Write it as text.")


def _flag(value: Any, place: str) -> None:
    if not isinstance(value, bool):
        raise CaseError(f"{place}: {shortened(value)} is neither true nor false.")


def _number(value: Any, place: str) -> None:
    try:
        work.amount(value, place)
    except WorkError as problem:
        raise CaseError(str(problem)) from None


def _percent(value: Any, place: str) -> None:
    _number(value, place)
    if Decimal(value) > 100:
        raise CaseError(
            f"{place}: {shortened(Decimal(value))} is more than 100 percent. Write a share of the whole."
        )


def _credit(value: Any, place: str) -> None:
    """Read where the work is read; only its kind is told here."""
    if isinstance(value, (bool, float)) or not isinstance(value, (str, int)):
        raise CaseError(f"{place}: {shortened(value)} is not a number written as text, such as -12.50.")


def _whole(value: Any, place: str) -> None:
    try:
        work.whole(value, place)
    except WorkError as problem:
        raise CaseError(str(problem)) from None


def _any(value: Any, place: str) -> None:
    """Not looked at."""


def _one_of(allowed: Collection[str]) -> Check:
    def check(value: Any, place: str) -> None:
        if not isinstance(value, str) or value not in allowed:
            raise CaseError(f"{place}: {shortened(value)} is not one of {', '.join(allowed)}.")

    return check


FACTS: Mapping[str, Check] = {"prior_nonpayment": _flag, "voluminous": _flag}
INVOICE: Mapping[str, Check] = {"amount": _number, "dated": _text, "annual_rate": _number, "paid": _text}
POLICY: Mapping[str, Check] = {
    **FACTS,
    **dict.fromkeys(FLAGS, _flag),
    **dict.fromkeys(RATES, _number),
    "free_time_order": _one_of(("dearest_first", "cheapest_first")),
    "partial_units": _one_of(("whole_only", "round_up")),
    "labour_hours": _one_of(("excess", "whole")),
    "waiver_percent": _percent,
    "staff_count": _whole,
    "deposit_percent": _percent,
    "staff_minutes_per_video_minute": _number,
    "body": _one_of(BODIES),
    "schedules": _rows({"id": _text, "effective_from": _text, "effective_to": _text, "page_rate": _number}),
}
CASE: Mapping[str, Check] = {
    "id": _name,
    "law": _text,
    "received": _text,
    "record_type": _one_of(RECORD_TYPES),
    "requester_category": _one_of(work.CATEGORIES),
    "relationship": _one_of(work.RELATIONSHIPS),
    "copy_number": _whole,
    "policy": _fields(POLICY),
    "work": _rows(
        {
            "activity": _one_of(work.ACTIVITIES),
            "grade": _text,
            "minutes": _number,
            "rate": _number,
            "rate_per": _one_of(tuple(work.MINUTES_PER)),
        }
    ),
    "volumes": _fields(
        {
            **dict.fromkeys(work.COUNTS, _whole),
            **dict.fromkeys(work.SIZES, _number),
            "recordings": _rows({"seconds": _whole, "previously_released": _flag}),
        }
    ),
    "actual_cost": _number,
    "estimate": _number,
    "adjustment": _credit,
    "invoice": _fields(INVOICE),
    "events": _fields(
        {
            "late_business_days": _whole,
            "late_days": _whole,
            "extension_noticed": _flag,
            "prepaid": _number,
            "overage_notified": _flag,
        }
    ),
    "expect": _any,
    "why": _any,
}
