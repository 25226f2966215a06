"""What a request's law lets staff do to its clock now."""

from datetime import datetime

from requests_app.clock import selectors as clock
from requests_app.docket.models import RecordsRequest
from requests_app.law import moves
from requests_app.law.clock import rule_of
from requests_app.law.clock_rule import Extension
from requests_app.law.condition import Circumstances
from requests_app.law.event import Event
from requests_app.law.selectors import office_hours, pack_for

QUESTIONS = ("clarification_sent", "information_requested")


def extension(request: RecordsRequest) -> Extension | None:
    """This will give the lengthening the law allows for a request's main clock, used or not."""
    rule = rule_of(pack_for(request), clock.main_clock_name(request))
    return rule.extension(_case(request))


def question_type(request: RecordsRequest, *, at: datetime) -> str:
    """This will choose how a question to the requester is entered in the ledger.

    The law's own name for a question that stops the clock, while it may still be used; else the plain
    one: then the question is sent and the clock runs on.
    """
    pack, name = pack_for(request), clock.main_clock_name(request)
    rule = rule_of(pack, name)
    known = clock.events(request)
    for question in QUESTIONS:
        toll = rule.toll(question)
        if toll is None or toll.mode == "none":
            continue
        why_not = moves.refusal(
            pack,
            name,
            office_hours(request.agency),
            known,
            Event(question, at),
            record_type=request.record_type or None,
            requester_category=request.requester_category or None,
        )
        if why_not is None:
            return question
    return QUESTIONS[0]


def question_needs_estimate(request: RecordsRequest) -> bool:
    """This will say whether the law lets a question out only with the day the answer is expected."""
    pack, name = pack_for(request), clock.main_clock_name(request)
    return any(moves.needs_estimate(pack, name, question) for question in QUESTIONS)


def acknowledgement_warning(request: RecordsRequest, *, at: datetime) -> str:
    """This will say what an acknowledgement does not do under the request's law, or nothing."""
    pack, name = pack_for(request), clock.main_clock_name(request)
    return moves.flag(pack, name, clock.events(request), Event("acknowledged", at)) or ""


def question_effect(request: RecordsRequest) -> str:
    """This will say in a sentence what asking the requester does to the clock."""
    rule = rule_of(pack_for(request), clock.main_clock_name(request))
    named = next((name for name in QUESTIONS if rule.toll(name)), QUESTIONS[0])
    toll = rule.toll(named)
    if toll is None or toll.mode == "none":
        return "The clock goes on running."
    if toll.mode == "restart":
        return "The clock stops and starts anew when the answer comes."
    often = " The law lets it stop only once." if toll.max_uses == 1 else ""
    return f"The clock stops until the answer comes.{often}"


def _case(request: RecordsRequest) -> Circumstances:
    return Circumstances(
        request.record_type or None, request.requester_category or None, None, request.agency.body, {}
    )
