"""The retention pages and the API of destruction: who may, what they show, two people kept apart."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.custody import conflicts, holds
from requests_app.custody import services as custody
from requests_app.custody.models import CaseDetermination, Hold, Purge, RetentionConflict, RetentionSchedule
from requests_app.docket.rules import Disposition
from tests.builders import NOON, a_user, an_agency
from tests.requests_app.custody.record_builders import an_analyst
from tests.requests_app.custody.retention_builders import (
    a_case,
    a_counsel,
    a_done_purge,
    a_keeper,
    a_proposed_purge,
    a_second_person,
    an_asking_request,
    an_old_record,
    close,
)

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(user: User, name: str, *args: Any) -> str:
    answer = signed_in(user).get(reverse(f"custody:{name}", args=args))
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def post(user: User, name: str, *args: Any, **data: Any) -> Any:
    return signed_in(user).post(reverse(f"custody:{name}", args=args), data)


@pytest.mark.parametrize("name", ["retention", "due", "holds", "conflicts", "cases"])
@pytest.mark.parametrize("role", [Role.CLERK, Role.APPROVER, Role.COUNSEL])
def test_pages_open_for_those_who_keep_retention(name: str, role: Role) -> None:
    an_agency()

    assert "<h1>" in page_of(a_user(role), name)


@pytest.mark.parametrize("name", ["retention", "due", "holds", "conflicts", "cases"])
def test_pages_are_closed_to_others(name: str) -> None:
    an_agency()

    assert signed_in(a_user(Role.APPEALS_OFFICER)).get(reverse(f"custody:{name}")).status_code == 403


def test_fee_officer_does_not_see_what_counsel_has_to_decide() -> None:
    an_agency()

    assert signed_in(a_user(Role.FEE_OFFICER)).get(reverse("custody:conflicts")).status_code == 403


def test_schedule_is_read_added_to_and_ended() -> None:
    an_agency()
    keeper, today = a_keeper(), timezone.localdate()
    sent = {
        "series": "body_worn_camera", "title": "Stops", "trigger": "capture", "keep_at_least": "P30D",
        "citation": "Policy 7", "starts_on": today,
    }  # fmt: skip

    refused = post(keeper, "schedule-add", **sent)
    incomplete = post(keeper, "schedule-add", **{**sent, "title": ""})
    added = post(keeper, "schedule-add", **{**sent, "keep_at_least": "P180D"})

    assert refused.status_code == incomplete.status_code == 422
    assert "shorter than Body-worn video" in refused.content.decode()
    assert added.status_code == 302
    row = RetentionSchedule.objects.get()
    shown = page_of(keeper, "retention")
    assert "180 days" in shown
    assert "formerly Occ. Code 1701.655" in shown
    assert post(keeper, "schedule-end", row.pk, last_day="soon").status_code == 422
    assert post(keeper, "schedule-end", row.pk, last_day=today).status_code == 302
    assert "Add a period" not in page_of(a_counsel(), "retention")
    assert post(an_analyst(), "schedule-add", **sent, severity="").status_code == 403
    RetentionSchedule.objects.filter(pk=row.pk).update(ends_on=today - timedelta(days=0))
    later = post(
        keeper, "schedule-add", **{**sent, "keep_at_least": "P1Y", "starts_on": today + timedelta(days=1)}
    )
    assert later.status_code == 302
    assert "Not yet" in page_of(keeper, "retention")


def test_list_goes_from_proposal_to_certificate_over_the_pages() -> None:
    record, held = an_old_record(), an_old_record(place="Oak Street")
    custody.place_hold(request=held.request, at=NOON)
    keeper, second = a_keeper(), a_second_person()
    shown = page_of(keeper, "due")
    assert record.key in shown
    assert f"On hold for {held.request}" in shown

    assert post(keeper, "due", record=[]).status_code == 422
    assert post(keeper, "due", record=[record.key], note="July").status_code == 302
    purge = Purge.objects.get()

    assert "Destroy these records" not in page_of(keeper, "purge", purge.key)
    assert post(keeper, "purge-confirm", purge.key, digest=purge.digest).status_code == 403
    assert "Destroy these records" in page_of(second, "purge", purge.key)
    assert post(second, "purge-confirm", purge.key, digest="x").status_code == 409
    assert post(second, "purge-confirm", purge.key, digest=purge.digest).status_code == 302
    assert "being destroyed" in page_of(keeper, "purge", purge.key)


def test_nobody_confirms_an_own_list_over_page_or_api() -> None:
    both = a_user(Role.CLERK, Role.APPROVER)
    purge = a_proposed_purge(by=both)
    api = APIClient()
    api.force_authenticate(both)

    page = post(both, "purge-confirm", purge.key, digest=purge.digest)
    program = api.post(
        reverse("api:purge-confirm", args=[purge.key]), {"digest": purge.digest}, format="json"
    )

    assert (page.status_code, program.status_code) == (403, 403)
    assert program.json()["code"] == "self_confirmation"
    assert "somebody else has to confirm" in page_of(both, "purge", purge.key)
    purge.refresh_from_db()
    assert purge.status == "proposed"


def test_list_is_given_up_over_the_page() -> None:
    purge, keeper = a_proposed_purge(), a_keeper()

    assert post(keeper, "purge-refuse", purge.key, why="").status_code == 422
    assert post(keeper, "purge-refuse", purge.key, why="Wrong drive").status_code == 302

    assert "Wrong drive" in page_of(keeper, "purge", purge.key)
    assert "List 1" in page_of(keeper, "due")


def test_certificate_is_fetched_as_pdf_and_table_and_as_nothing_else() -> None:
    purge, keeper = a_done_purge(), a_keeper()
    client = signed_in(keeper)

    for kind, head in (("pdf", b"%PDF"), ("csv", b"Purge,")):
        answer = client.get(reverse("custody:certificate", args=[purge.key, kind]))
        assert b"".join(answer.streaming_content).startswith(head)  # type: ignore[attr-defined]  # a file
    assert client.get(reverse("custody:certificate", args=[purge.key, "exe"])).status_code == 404
    assert "Certificate (PDF)" in page_of(keeper, "purge", purge.key)


def test_program_reads_what_is_due_proposes_and_confirms() -> None:
    record, keeper, second = an_old_record(), APIClient(), APIClient()
    keeper.force_authenticate(a_keeper())
    second.force_authenticate(a_second_person())
    base = reverse("api:purges")

    [due] = keeper.get(base).json()["due"]
    made = keeper.post(base, {"records": [record.key]}, format="json")
    key = made.json()["key"]
    sure = second.post(f"{base}{key}/confirm/", {"digest": made.json()["digest"]}, format="json")

    assert (due["record"], due["due_on"], due["kept_because"]) == (record.key, "2026-09-29", "")
    assert (made.status_code, sure.status_code, sure.json()["status"]) == (201, 200, "confirmed")
    assert keeper.get(f"{base}{key}/").json()["items"][0]["rule_id"] == "tx-bwc"
    assert keeper.post(base, {"records": [record.key]}, format="json").status_code in (201, 409)
    officer = APIClient()
    officer.force_authenticate(a_user(Role.APPEALS_OFFICER))
    assert officer.get(base).status_code == 403


def test_hold_that_may_end_ends_by_two_people_over_the_page() -> None:
    request = an_asking_request()
    hold = custody.place_hold(request=request, item=request.items.get(), at=NOON)
    long_ago = timezone.now() - timedelta(days=40)
    close(request, Disposition.WITHDRAWN, at=long_ago)
    holds.set_review_days(at=timezone.now())
    both, second = a_user(Role.CLERK, Role.APPROVER), a_second_person()
    assert "Holds that may end" in page_of(both, "holds")

    assert post(both, "hold-propose", hold.pk, why="").status_code == 422
    assert post(both, "hold-propose", hold.pk, why="Withdrawn").status_code == 302
    assert "Another person has to confirm it" in page_of(both, "holds")
    assert post(both, "hold-confirm", hold.pk).status_code == 403
    assert "End the hold" in page_of(second, "holds")
    assert post(second, "hold-confirm", hold.pk).status_code == 302

    assert Hold.objects.get(pk=hold.pk).released_by == second


def test_pressing_tasks_stand_on_the_page_with_their_days() -> None:
    # midday by the agency's clock: days are counted there, also in the hour that summer time moves
    midday = timezone.now().astimezone(ZoneInfo(an_agency().time_zone)).replace(hour=12)
    request = an_asking_request(starts_at=midday - timedelta(days=89), ends_at=None)
    custody.preserve(request=request, actor=None, at=timezone.now())
    undated = an_asking_request(starts_at=None, ends_at=None)
    custody.preserve(request=undated, actor=None, at=timezone.now())

    shown = page_of(a_keeper(), "holds")

    queue = signed_in(a_keeper()).get(reverse("desk:queue")).content.decode()
    assert queue.count("Preserve it now") == 1
    assert "Two days or less" in shown
    assert "1 day left" in shown
    assert "Not known" in shown


def test_counsel_decides_over_the_page_and_nobody_else() -> None:
    an_agency(law_code="WA")
    recorded = timezone.now() - timedelta(days=25)
    record = an_old_record(series="lpr", recorded_at=recorded, recorded_until=None)
    asking = an_asking_request(record_type="lpr", starts_at=recorded, ends_at=recorded)
    custody.preserve(request=asking, actor=None, at=timezone.now())
    conflicts.open_conflicts(agency=an_agency(), at=timezone.now())
    row, counsel = RetentionConflict.objects.get(record=record), a_counsel()
    shown = page_of(counsel, "conflicts")
    assert "The day has come" in shown
    assert "names no request as a reason to keep it longer" in shown

    assert "Only counsel decides" in page_of(a_keeper(), "conflicts")
    assert post(a_keeper(), "conflict-decide", row.pk, decision="destroy", reason="x").status_code == 403
    assert post(counsel, "conflict-decide", row.pk, decision="keep", reason="x").status_code == 422
    assert post(counsel, "conflict-decide", row.pk, decision="destroy").status_code == 422
    until = timezone.localdate() + timedelta(days=9)
    sent = {"decision": "keep", "reason": "Asked for.", "keep_until": until}
    assert post(counsel, "conflict-decide", row.pk, **sent).status_code == 302
    task = RetentionConflict.objects.get(task__request=asking)
    assert post(counsel, "conflict-decide", task.pk, decision="destroy", reason="Late.").status_code == 302

    shown = page_of(counsel, "conflicts")
    assert "Asked for." in shown
    assert "to be destroyed" in shown


def test_case_is_added_filled_determined_and_closed_over_the_pages() -> None:
    record, keeper, analyst = an_old_record(open_request=True), a_keeper(), an_analyst()
    today = timezone.localdate()
    given = {"number": "26-1182", "title": "Stop", "opened_on": today}

    assert post(keeper, "cases", **given).status_code == 302
    assert post(keeper, "cases", **given).status_code == 422
    assert post(keeper, "cases", number="", title="x").status_code == 422
    case = an_agency().cases.get()
    facts = {"series": "body_worn_camera", "severity": "felony", "case": case.pk, "place": "Elm"}
    assert post(analyst, "facts", record.key, **facts).status_code == 302
    wrong = post(analyst, "facts", record.key, **facts, recorded_until="2026-07-01T10:00")
    assert wrong.status_code == 422
    harm = "It shows the face of a witness who has not testified yet."
    words = {"code": "TX-108", "harm": harm, "look_again_on": today + timedelta(days=9)}
    assert post(analyst, "determine", record.key, **{**words, "harm": "Open."}).status_code == 422
    assert post(analyst, "determine", record.key, code="TX-108").status_code == 422
    assert post(keeper, "determine", record.key, **words).status_code == 403
    assert post(analyst, "determine", record.key, **words).status_code == 302
    assert CaseDetermination.objects.get().harm == harm
    shown = page_of(analyst, "facts", record.key)
    assert harm in shown
    assert "26-1182" in page_of(keeper, "cases")
    assert harm in page_of(keeper, "case", case.key)
    assert post(keeper, "case", case.key, closed_on="never").status_code == 422
    assert post(keeper, "case", case.key, closed_on=today).status_code == 302
    assert "Closed" in page_of(keeper, "case", case.key)


def test_times_are_typed_and_read_in_the_agencys_zone() -> None:
    an_agency(law_code="WA", time_zone="America/Los_Angeles")
    record, analyst = an_old_record(open_request=True), an_analyst()

    post(analyst, "facts", record.key, series="lpr", recorded_at="2026-07-01T10:00")

    record.refresh_from_db()
    assert record.recorded_at is not None
    assert record.recorded_at.hour == 17  # UTC
    assert 'value="2026-07-01T10:00"' in page_of(analyst, "facts", record.key)


def test_record_tells_why_it_stays_and_a_destroyed_one_what_is_left_of_it() -> None:
    record = an_old_record(severity="")
    request = an_asking_request()
    custody.preserve(request=request, actor=None, at=NOON)
    gone = an_old_record(place="Oak Street")
    purge = a_done_purge(gone)
    auditor = a_user(Role.AUDITOR)

    shown = page_of(auditor, "facts", record.key)

    assert f"On hold for {request}" in shown
    assert "must be kept for 90 days" in shown
    assert "Nobody has said how severe" in shown
    left = page_of(auditor, "facts", gone.key)
    assert gone.sha256 in left
    assert f"list {purge.number}" in left
    assert post(an_analyst(), "facts", gone.key, series="lpr").status_code == 410


def test_pages_ask_few_questions_however_long_their_lists(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(4):
        an_old_record(place=f"Place {number}")
        a_case(number=f"26-{number}")
        custody.preserve(request=an_asking_request(place="Nowhere"), actor=None, at=timezone.now())
    client = signed_in(a_keeper())

    for name in ("due", "holds", "conflicts", "cases", "retention"):
        with django_assert_max_num_queries(26):
            client.get(reverse(f"custody:{name}"))
