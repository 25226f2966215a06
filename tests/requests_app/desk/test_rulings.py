"""Asking the attorney general for a ruling and doing what it says: two letters, the clocks, the page."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core.errors import BadInput, IllegalMove
from redaction.release import contents
from requests_app.clock import rules, selectors
from requests_app.clock import services as clock
from requests_app.clock.services import ClockMoveRefused
from requests_app.correspondence.models import Letter, OutgoingMail
from requests_app.desk import actions, letter_page, rulings, services
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.desk.desk_builders import a_clerk, address, signed_in

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=4)
WHY = "Gov't Code 552.108: the recording belongs to an open case."


def ask(row: RecordsRequest, actor: User | None = None, **more: Any) -> None:
    facts = {"at": LATER, "exceptions": WHY, **more}
    rulings.ask(request=row, actor=actor or a_clerk(), **facts)


def take(row: RecordsRequest, outcome: str = "release", **more: Any) -> None:
    facts = {"at": LATER + timedelta(days=30), "number": "OR2026-00777", "on": date(2026, 12, 4)}
    rulings.take(request=row, actor=a_user(Role.APPROVER), **{**facts, "outcome": outcome, **more})


def types(row: RecordsRequest) -> list[str]:
    return list(row.clock_events.order_by("pk").values_list("type", flat=True))


def test_asking_writes_to_the_attorney_general_and_sends_the_requester_a_notice_with_the_copy() -> None:
    row = a_request()

    said = actions.perform(
        request=row, action="ask-ruling", actor=a_clerk(), at=LATER, values={"exceptions": WHY}
    )

    letter, notice = Letter.objects.filter(request=row).order_by("pk")
    assert said == "The attorney general is asked, and the requester is told."
    assert (letter.kind, letter.recipient, notice.kind) == (
        "ag_referral",
        "attorney_general",
        "ruling_notice",
    )
    assert "Office of the Attorney General" in letter.html
    assert "552.108: the recording belongs to an open case." in notice.body
    assert "A copy of our letter to the attorney general comes with this one" in notice.body
    assert "you may send the attorney general your own comments" in notice.body.lower()
    assert row.letters.shown_to_requester().count() == 2
    assert OutgoingMail.objects.filter(letter__in=[letter, notice]).count() == 2
    assert types(row)[-2:] == ["ruling_requested", "ruling_notice_sent"]
    states = {one.clock: one.state for one in selectors.derivations(row, on=date(2026, 11, 6))}
    assert states["ag_request"] == states["ag_notice"] == "met"
    assert states["ag_decision"] == "running"


def test_notice_is_in_the_requesters_language() -> None:
    row = a_request(requester=a_user(language="es"))

    ask(row)

    notice = Letter.objects.get(request=row, kind="ruling_notice")
    assert notice.language == "es"
    assert "hemos pedido una decisión al fiscal general" in notice.body


@pytest.mark.parametrize(("words", "refused"), [("", "Name the exceptions"), ("x" * 4001, "at most 4000")])
def test_ruling_is_asked_for_with_exceptions(words: str, refused: str) -> None:
    row = a_request()

    with pytest.raises(BadInput, match=refused):
        ask(row, exceptions=words)

    assert "ruling_requested" not in types(row)


def test_request_that_was_closed_meanwhile_asks_for_nothing() -> None:
    row = a_request()
    RecordsRequest.objects.filter(pk=row.pk).update(
        status=Status.CLOSED, disposition="withdrawn", closed_at=LATER
    )
    assert row.is_open  # as it was read before

    with pytest.raises(IllegalMove, match="closed"):
        ask(row)

    assert not Letter.objects.filter(request=row).exists()


def test_exceptions_may_not_tell_what_a_record_withholds(monkeypatch: pytest.MonkeyPatch) -> None:
    row = a_request()
    monkeypatch.setattr(letter_page, "told", lambda request, texts: 2)

    with pytest.raises(BadInput, match="withheld from record 2"):
        ask(row)

    assert not Letter.objects.filter(request=row).exists()


@pytest.mark.parametrize(
    "step",
    [
        lambda row, clerk: take(row),
        lambda row, clerk: services.tell(
            request=row, actor=clerk, at=LATER, body="Jane", idempotency_key="k" * 22
        ),
        lambda row, clerk: services.ask(
            request=row, actor=clerk, at=LATER, body="Jane?", idempotency_key="k" * 22
        ),
        lambda row, clerk: services.extend(
            request=row, actor=clerk, at=LATER, by=5, unit="business_day", reason="Jane"
        ),
    ],
    ids=["ruling", "message", "question", "extension"],
)
def test_nothing_a_step_tells_the_requester_says_what_a_record_withholds(
    step: Callable[[RecordsRequest, User], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = a_request()
    ask(row)
    letters, messages = row.letters.count(), row.messages.count()
    monkeypatch.setattr(letter_page, "told", lambda request, texts: 3 if all(texts) else 0)

    with pytest.raises(BadInput, match="withheld from record 3"):
        step(row, a_clerk())

    assert (row.letters.count(), row.messages.count()) == (letters, messages)
    assert types(row)[-1] == "ruling_notice_sent"


def test_ruling_is_asked_for_once_at_a_time() -> None:
    row = a_request()
    ask(row)

    with pytest.raises(ClockMoveRefused, match="asked for already"):
        ask(row)

    assert Letter.objects.filter(request=row).count() == 2


def test_law_without_rulings_refuses_and_shows_none() -> None:
    an_agency(law_code="CA")
    row = a_request()

    page = signed_in(a_clerk()).get(address(row)).content.decode()
    with pytest.raises(ClockMoveRefused, match="knows no ruling"):
        ask(row)

    assert "Ruling of the attorney general" not in page


def test_asking_late_leaves_the_records_presumed_public() -> None:
    row = a_request()
    late = NOON + timedelta(days=23)

    ask(row, at=late)

    found = selectors.consequences(row, on=selectors.day_of(row.agency, late))
    assert {one.clock for one in found if one.effect == "presumed_public"} == {
        "ag_request", "ag_notice", "ag_brief"
    }  # fmt: skip


@pytest.mark.parametrize("outcome", list(rules.RULINGS))
def test_ruling_is_entered_and_told_and_begins_what_follows(outcome: str) -> None:
    row = a_request(requester=a_user(language="es"))
    ask(row)

    take(row, outcome)

    standing = rules.ruling(selectors.events(row))
    states = {one.clock: one for one in selectors.derivations(row, on=date(2026, 12, 7))}
    told = Letter.objects.get(request=row, kind="notice")
    assert standing is not None
    assert (standing.outcome, standing.number) == (outcome, "OR2026-00777")
    assert states["ag_decision"].state == "met"
    assert states["ag_follow_up"].due == date(2027, 1, 3)
    assert "4 de diciembre de 2026" in told.body
    assert "El fiscal general se pronunció" in told.subject
    assert "OR2026-00777" in contents._ruling(row, "es")
    assert "answered on December 4, 2026" in contents._ruling(row, "en")


def test_ruling_of_the_day_it_was_asked_for_comes_after_the_asking() -> None:
    row = a_request()
    ask(row, at=LATER + timedelta(hours=3))

    take(row, on=LATER.date())

    standing = rules.ruling(selectors.events(row))
    assert standing is not None
    assert standing.outcome == "release"


def test_ruling_of_this_morning_is_not_booked_for_noon() -> None:
    row = a_request()
    ask(row)
    morning = datetime(2026, 12, 4, 15, tzinfo=UTC)  # nine in Texas

    take(row, at=morning)

    assert row.clock_events.get(type="ruling_given").at == morning


def test_answer_to_an_earlier_asking_is_not_told_as_the_answer_to_a_later_one() -> None:
    row = a_request()
    ask(row)
    take(row, at=LATER + timedelta(days=14), on=date(2026, 11, 20), number="OR2026-00555")
    between = contents._ruling(row, "en")
    ask(row, at=LATER + timedelta(days=36))

    pending = contents._ruling(row, "en")
    take(row, at=LATER + timedelta(days=50), on=date(2026, 12, 20))

    assert "answered on November 20, 2026: OR2026-00555." in between
    assert pending.startswith("We asked the attorney general for a ruling on December 12, 2026.")
    assert "answered" not in pending
    assert "answered on December 20, 2026: OR2026-00777." in contents._ruling(row, "en")


@pytest.mark.parametrize("disposition", ["withdrawn", "lapsed", "duplicate"])
def test_request_nobody_waits_for_stays_closed_whatever_is_ruled(disposition: str) -> None:
    row = a_request()
    ask(row)
    RecordsRequest.objects.filter(pk=row.pk).update(
        status=Status.CLOSED, disposition=disposition, closed_at=LATER + timedelta(days=2)
    )
    row.refresh_from_db()
    values = {"outcome": "release", "ruling": "or2026-00777", "on": "2026-12-04"}

    said = actions.perform(
        request=row, action="take-ruling", actor=a_clerk(), at=LATER + timedelta(days=30), values=values
    )

    row.refresh_from_db()
    assert not row.is_open
    assert row.disposition == disposition
    assert said.startswith(
        "The ruling is entered. It opens nothing again, and no letter is sent: the request"
    )
    assert types(row)[-1] == "ruling_given"
    assert row.clock_events.get(type="ruling_given").reason == "release: OR2026-00777"
    assert not Letter.objects.filter(request=row, kind="notice").exists()


@pytest.mark.parametrize("number", ["OR2026-12345", "KP-0123", "26-PAC-0123", "ORD-684", " or2026-1 "])
def test_number_of_a_ruling_may_be_of_any_series(number: str) -> None:
    assert rulings._number(number) == number.strip().upper()


@pytest.mark.parametrize(
    "number",
    ["", "777", "OR", "OR 2026", "Jane Roe 1", "Jane-Roe-1", "OR2026-1 Jane", "512-55-0147", "OR1-1-1-1",
     "Ä1", "OR1234567", "123456-ABCD-123456-123456"],
)  # fmt: skip
def test_what_is_no_number_of_a_ruling_is_refused(number: str) -> None:
    with pytest.raises(BadInput, match="number of the ruling and nothing else"):
        rulings._number(number)


@pytest.mark.parametrize(("outcome", "is_open"), [("release", True), ("part", True), ("withhold", False)])
def test_closed_request_is_opened_again_when_more_has_to_be_released(outcome: str, is_open: bool) -> None:
    row = a_request()
    ask(row)
    RecordsRequest.objects.filter(pk=row.pk).update(
        status=Status.CLOSED, disposition="partial", closed_at=LATER + timedelta(days=2)
    )
    row.refresh_from_db()

    take(row, outcome)

    row.refresh_from_db()
    assert row.is_open is is_open
    assert (types(row)[-1] == "reopened") is is_open


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"outcome": "maybe"}, "Choose what the ruling says"),
        ({"number": " "}, "number of the ruling"),
        ({"on": date(2027, 1, 1)}, "cannot be after today"),
        ({"on": date(2026, 11, 1)}, "before"),
    ],
)
def test_ruling_that_cannot_be_is_refused(wrong: dict[str, Any], refused: str) -> None:
    row = a_request()
    ask(row)

    with pytest.raises((BadInput, ClockMoveRefused), match=refused):
        take(row, **wrong)

    assert not Letter.objects.filter(request=row, kind="notice").exists()
    with pytest.raises(BadInput, match="year-month-day"):
        rulings.taken_on_page(row, a_clerk(), LATER, {"outcome": "release", "ruling": "1", "on": "soon"})


def test_wrong_ruling_is_taken_back_and_awaited_again() -> None:
    row, clerk = a_request(), a_clerk()
    ask(row)
    take(row)
    wrong = row.clock_events.get(type="ruling_given")

    clock.strike(event=wrong, actor=clerk, at=LATER + timedelta(days=31), reason="another request's ruling")

    standing = rules.ruling(selectors.events(row))
    assert standing is not None
    assert standing.given_at is None


@pytest.mark.parametrize("kind", ["ruling_requested", "ruling_notice_sent"])
def test_asking_that_sent_letters_is_not_taken_back_and_asked_again(kind: str) -> None:
    row, clerk = a_request(), a_clerk()
    ask(row)

    with pytest.raises(BadInput, match="sent the letter"):
        clock.strike(event=row.clock_events.get(type=kind), actor=clerk, at=LATER, reason="a mistake")

    with pytest.raises(ClockMoveRefused, match="asked for already"):
        ask(row, at=LATER + timedelta(days=1))
    assert row.letters.count() == 2


def test_asking_outside_the_portal_is_taken_back_whatever_was_asked_here_before() -> None:
    row, clerk = a_request(), a_clerk()
    ask(row)
    take(row)
    wrong = clock.enter_event(
        request=row, type="ruling_requested", actor=clerk, at=LATER + timedelta(days=31), reason="by post",
        today=date(2027, 1, 1),
    )  # fmt: skip

    clock.strike(event=wrong, actor=clerk, at=LATER + timedelta(days=32), reason="another request's")

    assert types(row)[-1] == "struck"
