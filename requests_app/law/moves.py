"""Moves the portal refuses to record, and what a question would do to a clock, in plain words."""

from collections.abc import Mapping, Sequence
from typing import Any

from requests_app.law import clock, wording
from requests_app.law import event as ledger
from requests_app.law.clock_rule import ClockRule
from requests_app.law.condition import Circumstances
from requests_app.law.event import Agency, Event
from requests_app.law.pack import Pack
from requests_app.law.run import Run


def refusal(
    pack: Pack,
    clock_name: str,
    agency: Agency,
    events: Sequence[Event],
    proposed: Event,
    record_type: str | None = None,
    requester_category: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> str | None:
    """This will say why a proposed event must not be recorded, or None when it may.

    A question that merely has no effect on the clock (clarification in California) may be sent. ``reason``
    of a question says when the answer is expected, where the law wants that (Washington).
    """
    rule = clock.rule_of(pack, clock_name)
    if rule is clock.NO_CLOCK:
        return clock.NO_DAYS.format(pack.name) if proposed.type == "extended" else None
    case = Circumstances(record_type, requester_category, None, agency.body, facts or {})
    start, run = clock.run_of(pack, rule, agency, events, case)
    day = proposed.local(agency.zone)[0]
    if start is None or run is None:
        if proposed.type in {"extended", *ledger.ANSWERS, *ledger.QUESTIONS}:
            return "The clock has not started yet: no receipt is recorded."
        return None
    if proposed.type in ledger.FROM_AGENCY and day < start.raw:
        return f"{wording.day(day)} is before {wording.day(start.raw)}, when the clock began."
    if guarded := _guard(rule, "refuse", events, proposed):
        return guarded
    if proposed.type.startswith("ruling_"):
        return _ruling_refusal(pack, agency, ledger.in_order(events, agency.zone), proposed)
    if proposed.type == "extended":
        return _extension_refusal(pack, rule, case, run, proposed)
    if proposed.type in ledger.ANSWERS:
        return _question_refusal(pack, rule, run, proposed)
    if proposed.type in ledger.QUESTIONS:
        question = ledger.QUESTIONS[proposed.type]
        asked = sum(1 for entry in events if entry.type == question)
        answered = sum(1 for entry in events if entry.type == proposed.type)
        if asked <= answered:
            return f"Nothing is waiting for this: no open entry says that {ledger.NAMES[question]}."
    return None


def flag(pack: Pack, clock_name: str, events: Sequence[Event], proposed: Event) -> str | None:
    """This will warn of a move that may be made and is not what it may be taken for, or give None.

    A letter that acknowledges a request in California decides nothing.
    """
    return _guard(clock.rule_of(pack, clock_name), "flag", events, proposed)


def needs_estimate(pack: Pack, clock_name: str, question: str) -> bool:
    """This will say whether the law lets the question go out only with the day the answer is expected."""
    guards = clock.rule_of(pack, clock_name).guards
    return any(guard.event == question and guard.condition == "without_estimate" for guard in guards)


def effect(pack: Pack, clock_name: str, question: str) -> str:
    """This will say in one sentence what sending the question does to the clock, for a letter."""
    rule = clock.rule_of(pack, clock_name)
    toll = rule.toll(question)
    if toll is None or toll.mode == "none":
        return "The time limit goes on running while we wait for you."
    if toll.mode == "restart":
        return "The time limit stops now, and starts again from its first day when your answer reaches us."
    return "The time limit stops now and goes on from where it was on the day after your answer."


def _guard(rule: ClockRule, effect: str, events: Sequence[Event], proposed: Event) -> str | None:
    for guard in rule.guards:
        if guard.event != proposed.type or guard.effect != effect:
            continue
        holds = {
            "always": True,
            "again": any(entry.type == proposed.type for entry in events),
            "without_estimate": not (proposed.reason or "").strip(),
        }
        if holds[guard.condition]:
            return guard.why
    return None


def _extension_refusal(
    pack: Pack, rule: ClockRule, case: Circumstances, run: Run, proposed: Event
) -> str | None:
    allowed = rule.extension(case)
    day = proposed.local(run.agency.zone)[0]
    if allowed is None:
        return f"{pack.name} allows no extension of this time limit."
    last = run.in_force()
    if last is not None and day > last:
        return f"The last day was {wording.day(last)}: an extension cannot be announced after it."
    if not (proposed.reason or "").strip():
        return "An extension needs its reason."
    if allowed.reasons and proposed.reason not in allowed.reasons:
        listed = ", ".join(reason.replace("_", " ") for reason in allowed.reasons)
        return f"{proposed.reason!r} is not a reason the law lists. It lists: {listed}."
    if proposed.unit != allowed.unit:
        return f"This extension is counted in {wording.UNIT_NAMES[allowed.unit]}s."
    if (proposed.by or 0) + run.extended > allowed.most:
        left = max(allowed.most - run.extended, 0)
        return (
            f"The law allows {wording.days(allowed.most, allowed.unit)} in all; "
            f"{wording.days(left, allowed.unit)} can still be added."
        )
    return None


def _ruling_refusal(pack: Pack, agency: Agency, events: Sequence[Event], proposed: Event) -> str | None:
    """A ruling is asked for, argued and given in this order; one that was given may be asked for again."""
    if not any(
        source.event == "ruling_requested" for rule in pack.clocks.values() for source in rule.sources
    ):
        return f"{pack.name} knows no ruling of the attorney general."
    asked = [entry for entry in events if entry.type == "ruling_requested"]
    since = events[events.index(asked[-1]) :] if asked else []
    happened = [entry.type for entry in since]
    is_open = bool(asked) and "ruling_given" not in happened
    day = proposed.local(agency.zone)[0]
    if proposed.type == "ruling_requested":
        return "A ruling is asked for already and was not given yet." if is_open else None
    if not is_open:
        return "No ruling is asked for that was not given yet."
    if day < (begun := asked[-1].local(agency.zone)[0]):
        return f"{wording.day(day)} is before {wording.day(begun)}, when the ruling was asked for."
    wanted, sent = happened.count("ruling_information_requested"), happened.count("ruling_information_sent")
    if proposed.type == "ruling_information_sent" and sent >= wanted:
        return "Nothing is waiting for this: the attorney general has asked for nothing more."
    return None


def _question_refusal(pack: Pack, rule: ClockRule, run: Run, proposed: Event) -> str | None:
    if proposed.type in run.open:
        return f"This is still unanswered: {ledger.NAMES[proposed.type]} before."
    toll = rule.toll(proposed.type)
    if (
        toll is not None
        and toll.mode != "none"
        and toll.max_uses is not None
        and run.asked.get(proposed.type, 0) >= toll.max_uses
    ):
        times = "once" if toll.max_uses == 1 else f"{toll.max_uses} times"
        return f"{pack.name} lets an agency stop this clock for it only {times}."
    return None
