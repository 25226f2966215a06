"""What a request's law lets staff do to its clock now.

``found``: the request's situation where the caller has it already; a page asks for it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from requests_app.clock import rules
from requests_app.clock import selectors as clock
from requests_app.clock import services as clocks
from requests_app.clock.selectors import Situation
from requests_app.docket.models import RecordsRequest
from requests_app.law import moves
from requests_app.law.clock import rule_of
from requests_app.law.clock_rule import ClockRule, Extension
from requests_app.law.condition import Circumstances
from requests_app.law.event import ANSWERS, Event

QUESTIONS = ("clarification_sent", "information_requested")
_MOVES = {
    "clarification_sent": "Ask what is meant",
    "information_requested": "Ask for more information",
    "fee_question_sent": "Ask about fees",
    "estimate_sent": "Send a fee estimate",
    "deposit_requested": "Ask for a deposit",
}


@dataclass(frozen=True)
class Move:
    """One thing staff could do, what it does to the clock by which the agency must answer, or why not."""

    words: str
    effect: str
    why_not: str = ""
    citation: str = ""


def extension(request: RecordsRequest, *, found: Situation | None = None) -> Extension | None:
    """This will give the lengthening the law allows for a request's main clock, used or not."""
    found = found or clock.situation(request)
    return _main(found).extension(_case(found))


def extension_refusal(request: RecordsRequest, *, at: datetime, found: Situation | None = None) -> str:
    """This will say why no extension can be taken now, or nothing: late, used up, or not in the law."""
    found = found or clock.situation(request)
    allowed = extension(request, found=found)
    if allowed is None:
        return "The law of this request gives no extension."
    probe = Event("extended", at, 1, allowed.unit, next(iter(allowed.reasons), "asked"))
    return clocks.refusal(request, probe, found=found) or ""


def question_type(request: RecordsRequest, *, at: datetime, found: Situation | None = None) -> str:
    """This will choose how a question to the requester is entered in the ledger.

    The law's own name for a question that stops the clock, while it may still be used; else the plain
    one: then the question is sent and the clock runs on.
    """
    found = found or clock.situation(request)
    rule = _main(found)
    for question in QUESTIONS:
        toll = rule.toll(question)
        if toll is None or toll.mode == "none":
            continue
        if clocks.refusal(request, Event(question, at), found=found) is None:
            return question
    return QUESTIONS[0]


def question_needs_estimate(request: RecordsRequest, *, found: Situation | None = None) -> bool:
    """This will say whether the law lets a question out only with the day the answer is expected."""
    found = found or clock.situation(request)
    return any(moves.needs_estimate(found.pack, found.main_name, question) for question in QUESTIONS)


def acknowledgement_warning(request: RecordsRequest, *, at: datetime, found: Situation | None = None) -> str:
    """This will say what an acknowledgement does not do under the request's law, or nothing."""
    found = found or clock.situation(request)
    proposed = Event("acknowledged", at)
    return moves.flag(found.pack, found.main_name, found.ledger.events, proposed) or ""


def question_effect(request: RecordsRequest, *, at: datetime, found: Situation | None = None) -> str:
    """This will say in a sentence what asking the requester at that moment does to the clock."""
    found = found or clock.situation(request)
    return _effect(found, Event(question_type(request, at=at, found=found), at))


def possible(request: RecordsRequest, *, at: datetime, found: Situation | None = None) -> list[Move]:
    """This will list what could be done to the clock now, with its effect, and why what cannot, cannot."""
    found = found or clock.situation(request)
    rule = _main(found)
    offered = [name for name in _MOVES if name not in QUESTIONS or name in _questions(rule)]
    rows = [_move(found, name, at) for name in offered]
    allowed = rule.extension(_case(found))
    if allowed is None:
        return [*rows, Move("Take an extension", "", "The law of this request gives no extension.")]
    most = f"The last day moves by at most {allowed.most} {allowed.unit.replace('_', ' ')}s in all."
    refused = extension_refusal(request, at=at, found=found)
    return [*rows, Move("Take an extension", most, refused, allowed.citation or "")]


def dated_facts(request: RecordsRequest, *, found: Situation | None = None) -> list[tuple[str, str]]:
    """This will list (type, words) of the dated facts that a clock of the request's law asks for."""
    asked: set[str] = set()
    for rule in (found or clock.situation(request)).pack.clocks.values():
        asked |= {source.event for source in rule.sources} | {*rule.after, *rule.met_by}
        asked |= {row.event for row in rule.extensions}
        questions = {toll.question for toll in rule.tolls if toll.mode != "none"}
        asked |= questions | {ANSWERS[name] for name in questions if name in ANSWERS}
    return [(name, words) for name, words in rules.ENTERABLE.items() if name in asked]


def asked_facts(request: RecordsRequest, *, found: Situation | None = None) -> list[tuple[str, str, str]]:
    """This will list (name, words, ``number`` or ``flag``) of the facts a clock of the law depends on."""
    asked = rules.asked_facts((found or clock.situation(request)).pack.clocks)
    return [(name, rules.fact_words(name), kind) for name, kind in asked.items()]


def _move(found: Situation, name: str, at: datetime) -> Move:
    toll = _main(found).toll(name)
    proposed = Event(name, at, reason="said with it" if name in QUESTIONS else None)
    refused = moves.refusal(
        found.pack, found.main_name, found.office, found.ledger.events, proposed, **found.about
    )
    effect = _effect(found, proposed)
    if moves.needs_estimate(found.pack, found.main_name, name):
        effect += " The law wants the day the answer is expected said with it."
    return Move(_MOVES[name], effect, refused or "", (toll.citation or "") if toll else "")


def _questions(rule: ClockRule) -> Sequence[str]:
    stopping = [name for name in QUESTIONS if (toll := rule.toll(name)) and toll.mode != "none"]
    return stopping or QUESTIONS[:1]


def _effect(found: Situation, proposed: Event) -> str:
    toll = _main(found).toll(proposed.type)
    if toll is None or toll.mode == "none":
        return "The clock goes on running."
    ledger = replace(found.ledger, events=(*found.ledger.events, proposed))
    if replace(found, ledger=ledger).one(found.main_name).state != "stopped":
        return "The clock goes on running."  # too late, or too often: the engine says which
    if toll.mode == "restart":
        return "The clock stops and starts anew when the answer comes."
    often = " The law lets it stop only once." if toll.max_uses == 1 else ""
    return f"The clock stops until the answer comes.{often}"


def _main(found: Situation) -> ClockRule:
    return rule_of(found.pack, found.main_name)


def _case(found: Situation) -> Circumstances:
    case = found.case
    return Circumstances(case.record_type, case.requester_category, None, found.office.body, case.facts)
