from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, IllegalMove, NotAllowed
from portal.core.time import now
from requests_app.appeals import selectors, services
from requests_app.appeals.models import Appeal
from requests_app.appeals.rules import Decision
from requests_app.clock.models import ClockEvent
from requests_app.correspondence.models import Letter, OutgoingMail
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from tests.builders import a_user, an_agency
from tests.requests_app.appeals.appeal_builders import (
    a_closed_request,
    a_denied_request_by_the_clock,
    an_appeal,
    an_officer,
    decide,
    refreshed,
)  # fmt: skip

pytestmark = pytest.mark.django_db
WORDS = "CANARY the victim is Jane"


def test_appeals_get_numbers_of_their_own_without_gaps() -> None:
    with time_machine.travel(datetime(2027, 1, 1, 0, 5, tzinfo=UTC)):  # where the agency is it is 2026 still
        numbers = [an_appeal().number for _ in range(3)]

    assert numbers == ["A26-00001", "A26-00002", "A26-00003"]


def test_filing_is_audited_and_mailed_without_a_word_of_it() -> None:
    officer = an_officer()
    gone = an_officer()
    gone.is_active = False
    gone.save()

    appeal = an_appeal(a_closed_request(title=WORDS), grounds=WORDS)

    entry = Entry.objects.get(action="appeal.filed")
    assert (entry.actor_id, entry.request_key) == (appeal.appellant_id, appeal.request.key)
    mails = OutgoingMail.objects.all()
    assert {mail.to for mail in mails} == {appeal.appellant.email, officer.email}
    assert not any("CANARY" in mail.subject + mail.text + mail.html for mail in mails)
    assert "CANARY" not in str(entry.detail)


def test_one_form_sent_twice_is_one_appeal() -> None:
    case = a_closed_request()
    assert case.requester is not None
    both = [
        services.file(request=case, appellant=case.requester, grounds="No.", at=now(), idempotency_key="same")
        for _ in range(2)
    ]

    assert both[0].pk == both[1].pk
    assert Entry.objects.filter(action="appeal.filed").count() == 1


def test_second_appeal_waits_for_the_first() -> None:
    first = an_appeal()

    with pytest.raises(services.AppealRefused, match=first.number):
        an_appeal(first.request)
    with pytest.raises(IntegrityError, match="one_open_appeal_a_request"), transaction.atomic():
        Appeal.objects.create(
            number="A99-1", request=first.request, appellant=first.appellant, grounds="x", filed_at=now(),
            idempotency_key="x",
        )  # fmt: skip


def test_withdrawn_appeal_makes_room_and_a_decided_one_does_not() -> None:
    first = an_appeal()
    services.withdraw(appeal=first, actor=first.appellant, at=now())
    second = an_appeal(first.request)
    decide(second)

    with pytest.raises(services.AppealRefused, match="appealed already"):
        an_appeal(first.request)


def test_later_decision_can_be_appealed_again() -> None:
    appeal = an_appeal()
    decide(appeal)
    RecordsRequest.objects.filter(pk=appeal.request_id).update(closed_at=now() + timedelta(seconds=1))

    again = an_appeal(refreshed(appeal.request))

    assert again.number != appeal.number


def test_appeal_of_somebody_elses_request_is_refused() -> None:
    with pytest.raises(NotAllowed):
        services.file(
            request=a_closed_request(), appellant=a_user(), grounds="x", at=now(), idempotency_key="k"
        )


@pytest.mark.parametrize(("grounds", "said"), [("  ", "Say why"), ("x" * 20_001, "under 20,000")])
def test_grounds_are_needed_and_have_a_limit(grounds: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        an_appeal(grounds=grounds)


def test_open_request_cannot_be_appealed() -> None:
    case = a_closed_request()
    RecordsRequest.objects.filter(pk=case.pk).update(status=Status.ACCEPTED, disposition="", closed_at=None)

    with pytest.raises(services.AppealRefused, match="not decided yet"):
        an_appeal(refreshed(case))


def test_appeal_to_the_agency_enters_the_clock_and_gets_the_laws_day() -> None:
    an_agency(law_code="US")

    appeal = an_appeal(a_denied_request_by_the_clock())

    event = ClockEvent.objects.get(request=appeal.request, type="appeal_received")
    clock = selectors.decision_clock(appeal.request, on=now().date())
    assert event.actor == appeal.appellant
    assert clock is not None
    assert appeal.due_on == clock.due
    assert appeal.window_ended_on is None


def test_second_appeal_gets_a_day_of_its_own() -> None:
    an_agency(law_code="US")
    first = an_appeal(a_denied_request_by_the_clock())
    services.withdraw(appeal=first, actor=first.appellant, at=now())

    second = services.file(
        request=first.request, appellant=first.appellant, grounds="Again.", at=now() + timedelta(days=30),
        idempotency_key="later",
    )  # fmt: skip

    assert first.due_on is not None
    assert second.due_on is not None
    assert second.due_on > first.due_on


def test_late_appeal_is_taken_in_and_says_so() -> None:
    an_agency(law_code="US")
    case = a_denied_request_by_the_clock()
    assert case.requester is not None

    after = now() + timedelta(days=92)  # 91 times 24 hours end within the 90th day where summer time ended
    appeal = services.file(
        request=case, appellant=case.requester, grounds="Late.", at=after, idempotency_key="late"
    )

    last = ClockEvent.objects.get(request=case, type="denied").at + timedelta(days=90)
    assert appeal.window_ended_on is not None
    assert abs((appeal.window_ended_on - last.date()).days) <= 1


@pytest.mark.parametrize("law", ["TX", "MA"])
def test_appeal_that_the_law_sends_elsewhere_moves_no_clock(law: str) -> None:
    an_agency(law_code=law)

    appeal = an_appeal(a_closed_request(Disposition.DENIED))

    assert not ClockEvent.objects.filter(type="appeal_received").exists()
    assert appeal.due_on is None


def test_granted_appeal_tells_the_colleague_whose_request_it_is() -> None:
    clerk = a_user(Role.CLERK)
    appeal = an_appeal(a_closed_request(assignee=clerk))

    decide(appeal, Decision.OVERTURNED)

    assert OutgoingMail.objects.filter(to=clerk.email, subject__contains="open again").count() == 1


def test_request_opened_by_hand_meanwhile_stays_open() -> None:
    appeal = an_appeal()
    RecordsRequest.objects.filter(pk=appeal.request_id).update(
        status=Status.SEARCHING, disposition="", closed_at=None
    )

    decide(appeal, Decision.OVERTURNED)

    assert refreshed(appeal.request).status == Status.SEARCHING


def test_decided_appeal_is_decided_once() -> None:
    appeal = an_appeal()
    stale = Appeal.objects.select_related("request__agency").get(pk=appeal.pk)
    decide(appeal)

    with pytest.raises(IllegalMove, match="is decided"):
        decide(stale, Decision.OVERTURNED)

    assert Letter.objects.filter(kind="appeal_decision").count() == 1
    assert refreshed(appeal.request).status == Status.CLOSED


def test_reasons_are_needed() -> None:
    appeal = an_appeal()

    with pytest.raises(IllegalMove, match="Write the reasons"):
        decide(appeal, reasons=" ")


def test_review_begins_once() -> None:
    appeal, officer = an_appeal(), an_officer()

    services.start_review(appeal=appeal, actor=officer, at=now())

    assert Appeal.objects.get(pk=appeal.pk).status == "under_review"
    with pytest.raises(IllegalMove):
        services.start_review(appeal=appeal, actor=officer, at=now())


@pytest.mark.parametrize("role", [role for role in Role if role != Role.APPEALS_OFFICER])
def test_only_an_appeals_officer_decides(role: Role) -> None:
    appeal, actor = an_appeal(), a_user(role)

    with pytest.raises(NotAllowed):
        decide(appeal, actor=actor)

    denied = Entry.objects.get(action="appeal.decide", outcome="denied")
    assert (denied.actor_id, denied.detail) == (actor.pk, {"why": "not_allowed"})


def test_nobody_decides_an_appeal_of_their_own() -> None:
    appeal = an_appeal()

    with pytest.raises(IntegrityError, match="nobody_decides"), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(
            status="decided", decision="upheld", reasons="x", decider=appeal.appellant, decided_at=now()
        )


@pytest.mark.parametrize(
    "change", [{"status": "decided"}, {"decision": "upheld"}, {"status": "lost"}, {"grounds": ""}]
)
def test_database_refuses_half_an_appeal(change: dict[str, str]) -> None:
    appeal = an_appeal()

    with pytest.raises(Exception, match=r"appeal|read only|grounds"), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(**change)


def test_finished_appeal_never_changes_or_goes() -> None:
    appeal = an_appeal()
    services.withdraw(appeal=appeal, actor=appeal.appellant, at=now())

    with pytest.raises(IntegrityError, match="fixed"), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(status="filed")
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).delete()


def test_only_the_appellant_withdraws() -> None:
    appeal = an_appeal()

    with pytest.raises(NotAllowed):
        services.withdraw(appeal=appeal, actor=an_officer(), at=now())


@pytest.mark.django_db(transaction=True)
def test_forms_sent_at_once_make_one_appeal() -> None:
    case = a_closed_request()
    assert case.requester is not None

    def send(number: int) -> str:
        try:
            assert case.requester is not None
            return services.file(
                request=case,
                appellant=case.requester,
                grounds="No.",
                at=now(),
                idempotency_key=f"{number % 2}",
            ).number
        except services.AppealRefused:
            return ""
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        numbers = {number for number in pool.map(send, range(6)) if number}

    assert len(numbers) == 1
    assert Appeal.objects.count() == 1
    assert OutgoingMail.objects.filter(to=case.requester.email).count() == 1
