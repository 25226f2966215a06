"""Fee schedules: held to the law, published once, versioned by day."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core.errors import BadInput, NotAllowed
from requests_app.fees import schedules, selectors
from requests_app.fees.models import PublishedSchedule
from requests_app.law import services as law
from requests_app.law.pack import shipped, shipped_ids
from requests_app.law.schedule import ScheduleError
from tests.builders import NOON, a_pack, a_user, an_agency
from tests.requests_app.fees.fee_builders import a_schedule, some_work

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def filled(form: Any, **changes: str) -> dict[str, str]:
    """What a browser would send of a form it was shown, with some fields typed over."""
    shown = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in shown.items() if value not in (None, False)} | changes


@pytest.fixture
def editor() -> Client:
    an_agency()
    return signed_in(a_user(Role.ADMIN))


def test_schedule_is_written_tried_out_and_published(editor: Client) -> None:
    assert "ublished" not in text_of(editor.get(reverse("fees:schedules")))
    new = editor.get(reverse("fees:schedule-new"))
    made = editor.post(
        reverse("fees:schedule-new"),
        filled(new.context["form"], effective_from="2026-01-01", resolution="Resolution 12"),
    )
    tried = editor.get(
        made["Location"],
        {"received": "2026-11-02", "record_type": "body_worn_camera", "recordings": "12:59\n4:30\n0:45"},
    )
    editor.post(f"{made['Location']}publish/")

    assert "$46.00" in text_of(tried)
    row = PublishedSchedule.objects.get()
    assert (row.status, row.version, row.resolution) == ("published", 1, "Resolution 12")
    assert {"rule": "tx-media"} in (row.rows or [])
    page = text_of(editor.get(reverse("fees:schedules")))
    assert "Published, in force" in page
    assert "Publish this schedule" not in text_of(editor.get(made["Location"]))


def test_new_version_begins_as_a_copy_and_ends_the_one_before(editor: Client) -> None:
    old = a_schedule(
        rows=[{"rule": "tx-page", "rate": "0.08", "free": "10"}, {"rule": "tx-overhead"}],
        policy={"deposit_percent": "25", "staff_count": "9"},
    )
    new = editor.get(reverse("fees:schedule-new"), {"from": old.pk})

    made = editor.post(
        f"{reverse('fees:schedule-new')}?from={old.pk}",
        filled(new.context["form"], **{"effective_from": "2027-01-01", "rate_tx-page": "0.09"}),
    )
    editor.post(f"{made['Location']}publish/")

    row = PublishedSchedule.objects.get(version=2)
    assert row.rows == [{"rule": "tx-page", "rate": "0.09", "free": "10"}, {"rule": "tx-overhead"}]
    assert (row.policy["deposit_percent"], row.policy["staff_count"]) == ("25", "9")
    old.refresh_from_db()
    assert old.effective_to == date(2026, 12, 31)


def test_rate_over_the_laws_ceiling_is_named(editor: Client) -> None:
    new = editor.get(reverse("fees:schedule-new"))

    answer = editor.post(
        reverse("fees:schedule-new"), filled(new.context["form"], **{"rate_tx-page": "0.11"})
    )

    assert answer.status_code == 422
    assert "Paper page: the law allows at most 0.10." in text_of(answer)
    assert not PublishedSchedule.objects.exists()
    with pytest.raises(ScheduleError, match="the most the law allows"):
        a_schedule(rows=[{"rule": "tx-page", "rate": "0.11"}])


def test_dates_and_deposit_out_of_order_are_named(editor: Client) -> None:
    new = editor.get(reverse("fees:schedule-new"))
    first = filled(new.context["form"])

    ends = editor.post(
        reverse("fees:schedule-new"), {**first, "effective_from": "2027-01-02", "effective_to": "2027-01-01"}
    )
    negative = editor.post(reverse("fees:schedule-new"), {**first, "rate_tx-page": "-0.01"})

    assert "would end before it begins" in text_of(ends)
    assert negative.status_code == 422


def test_deposit_over_the_laws_share_is_refused() -> None:
    agency = an_agency(law_code="WA")
    client = signed_in(a_user(Role.ADMIN))
    new = client.get(reverse("fees:schedule-new"))

    answer = client.post(reverse("fees:schedule-new"), filled(new.context["form"], deposit_percent="60"))

    assert answer.status_code == 422
    assert "the most the law allows" in text_of(answer)
    assert not agency.fee_schedules.exists()


def test_schedule_is_published_once() -> None:
    row = a_schedule()

    with pytest.raises(BadInput, match="published already"):
        schedules.publish(schedule=row, actor=a_user(Role.FEE_OFFICER), at=NOON)


def test_two_schedules_do_not_begin_on_one_day() -> None:
    a_schedule()
    second = a_schedule(published=False)

    with pytest.raises(BadInput, match="begins on 2026-01-01 already"):
        schedules.publish(schedule=second, actor=a_user(Role.FEE_OFFICER), at=NOON)


def test_schedule_put_in_before_a_later_one_ends_the_day_before_it() -> None:
    a_schedule(effective_from=date(2027, 1, 1))

    early = a_schedule(effective_from=date(2026, 6, 1))

    assert early.effective_to == date(2026, 12, 31)


def test_published_schedule_is_never_edited_or_deleted() -> None:
    row = a_schedule()
    rows = PublishedSchedule.objects.filter(pk=row.pk)

    changes: list[dict[str, Any]] = [{"rows": []}, {"policy": {}}, {"name": "Other"}, {"status": "draft"}]
    for change in changes:
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        rows.delete()


def test_schedule_of_another_law_is_not_published() -> None:
    row = a_schedule(published=False)
    agency = an_agency()
    agency.law = "CA"
    agency.save()
    law.use_pack(agency=agency, pack=a_pack("CA"), actor=None, at=NOON, reason="moved")
    row.refresh_from_db()

    with pytest.raises(BadInput, match="written for the law of TX"):
        schedules.publish(schedule=row, actor=a_user(Role.FEE_OFFICER), at=NOON)
    assert schedules.read(row).law.row("tx-page") is not None


@pytest.mark.parametrize("role", [Role.CLERK, Role.ANALYST, Role.APPROVER, Role.AUDITOR])
def test_pages_are_for_people_who_publish(role: Role) -> None:
    row = a_schedule(published=False)
    client = signed_in(a_user(role))

    answers = [
        client.get(reverse("fees:schedules")),
        client.get(reverse("fees:schedule-new")),
        client.get(reverse("fees:schedule", args=[row.pk])),
        client.post(reverse("fees:schedule-publish", args=[row.pk])),
    ]

    assert {answer.status_code for answer in answers} == {403}
    with pytest.raises(NotAllowed):
        schedules.publish(schedule=row, actor=a_user(role), at=NOON)
    row.refresh_from_db()
    assert row.status == "draft"


def test_simulator_says_what_is_wrong(editor: Client) -> None:
    row = a_schedule()
    url = reverse("fees:schedule", args=[row.pk])

    too_early = editor.get(url, {"received": "2020-01-01", "record_type": "paper", "pages_letter": "5"})
    unread = editor.get(url, {"received": "someday", "record_type": "paper"})

    assert (too_early.status_code, unread.status_code) == (422, 422)
    assert "was not in force on 2020-01-01" in text_of(too_early)
    assert schedules.simulate(schedule=row, work=some_work(), received=date(2026, 3, 2)).billed_cents == 4600


def test_odd_copy_address_begins_from_the_law(editor: Client) -> None:
    for chosen in ("x", "²", "9" * 30, "0"):
        assert editor.get(reverse("fees:schedule-new"), {"from": chosen}).status_code == 200


@pytest.mark.parametrize("code", shipped_ids())
def test_every_shipped_law_can_be_published_and_shown(code: str) -> None:
    agency = an_agency(law_code=code)
    client = signed_in(a_user(Role.ADMIN))
    new = client.get(reverse("fees:schedule-new"))
    made = client.post(reverse("fees:schedule-new"), filled(new.context["form"], effective_from="2020-01-01"))
    assert made.status_code == 302, text_of(made)
    detail = client.get(made["Location"])
    every_field = filled(
        detail.context["form"], received="2026-03-02", pages_letter="60", files="3", gigabytes="2.5",
        media_cost="4.50", minutes_search="300", recordings="20:00",
        **{name: "1:00:00" for name in detail.context["form"].fields if name.startswith("video_seconds")},
        **{name: "40.00" for name in detail.context["form"].fields if name == "actual_cost"},
    )  # fmt: skip
    tried = client.get(made["Location"], every_field)
    client.post(f"{made['Location']}publish/")

    public = Client().get(reverse("fees:public-schedule"))

    assert tried.status_code == 200, text_of(tried)
    assert tried.context["quote"] is not None
    assert public.status_code == 200
    assert "Examples" in text_of(public)
    assert selectors.in_force_on(agency, shipped(code).fees, date(2026, 3, 2))[0].law_code == code
