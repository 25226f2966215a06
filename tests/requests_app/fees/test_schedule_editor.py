"""The editor beside the law: finer figures, choices, spans of days, sample requests, the public page."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from portal.accounts.rules import Role
from portal.core.errors import BadInput
from requests_app.fees import law_words, samples, schedules, services
from requests_app.fees.models import PublishedSchedule
from requests_app.fees.rates import rates, uncharged
from requests_app.fees.schedule_form import ScheduleForm, grades
from requests_app.law.pack import shipped, shipped_ids
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.fees.fee_builders import a_schedule, pages, some_work
from tests.requests_app.fees.test_schedules import filled, signed_in, text_of

pytestmark = pytest.mark.django_db
TX = shipped("TX").fees


@pytest.fixture
def editor() -> Client:
    an_agency()
    return signed_in(a_user(Role.ADMIN))


def sent(client: Client, **changes: str) -> Any:
    url = reverse("fees:schedule-new")
    return client.post(url, filled(client.get(url).context["form"], **changes))


def test_every_finer_figure_is_kept_and_charged_by(editor: Client) -> None:
    made = sent(
        editor,
        **{
            "effective_from": "2026-01-01", "staff_count": "9",
            "rate_tx-page": "0.08", "free_tx-page": "10", "cap_tx-page": "4.00",
            "grades_tx-personnel": "officer: 15.00\n clerk $12.50 \n", "free_tx-personnel": "30",
        },
    )  # fmt: skip

    row = PublishedSchedule.objects.get()
    own = {each["rule"]: each for each in row.rows or []}
    assert made.status_code == 302
    assert own["tx-page"] == {"rule": "tx-page", "rate": "0.08", "free": "10", "cap": "4.00"}
    assert own["tx-personnel"]["rates"] == {"officer": "15.00", "clerk": "12.50"}
    assert row.policy["staff_count"] == "9"
    work = pages(60) | {"work": [{"activity": "search", "minutes": "90", "grade": "clerk"}]}
    quote = schedules.simulate(schedule=row, work=work, received=date(2026, 3, 2))
    assert [line.amount_cents for line in quote.lines] == [400, 1250, 250]
    copy = editor.get(reverse("fees:schedule-new"), {"from": row.pk}).context["form"]
    assert copy["grades_tx-personnel"].value() == "clerk 12.50\nofficer 15.00"
    assert copy["cap_tx-page"].value() == "4.00"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("rate_tx-page", "0.11", "the law allows at most 0.10"),
        ("rate_tx-page", "-1", "Less than zero cannot be charged."),
        ("rate_tx-page", "NaN", "Enter a number."),
        ("cap_tx-page", "Infinity", "Enter a number."),
        ("free_tx-page", "-5", "Less than zero cannot be charged."),
        ("grades_tx-personnel", "chief 15.01", "is over 15.00, the most the law allows"),
        ("grades_tx-personnel", "chief", "has no grade"),
        ("grades_tx-personnel", "chief NaN", "is not a number"),
        ("grades_tx-personnel", "chief -3", "is less than zero"),
        ("grades_tx-personnel", "clerk 5\nClerk 6", "is listed twice"),
        ("staff_count", "-1", "greater than or equal to 0"),
        ("deposit_percent", "101", "less than or equal to 100"),
        ("effective_from", "soon", "Enter a valid date."),
    ],
)
def test_figure_that_cannot_be_right_is_refused_at_its_field(
    editor: Client, field: str, typed: str, said: str
) -> None:
    answer = sent(editor, **{field: typed})

    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])
    assert not PublishedSchedule.objects.exists()


def test_deposit_above_the_laws_share_is_refused_at_its_field() -> None:
    an_agency(law_code="WA")

    answer = sent(signed_in(a_user(Role.ADMIN)), deposit_percent="11")

    assert "11 percent is over 10 percent" in answer.context["form"].errors["deposit_percent"][0]


def test_grades_are_few() -> None:
    row = TX.row("tx-personnel")
    assert row is not None

    with pytest.raises(ValidationError, match="13 grades are more than 12"):
        grades("\n".join(f"grade{n} 5" for n in range(13)), row)


@pytest.mark.parametrize(
    ("begins", "ends", "field", "said"),
    [
        ("2026-01-01", "", "effective_from", "begins on 2026-01-01 already"),
        ("2028-01-02", "", "effective_from", "No schedule would be in force from 2028-01-01 to 2028-01-01"),
        ("2026-03-01", "2026-12-31", "effective_to", "overlap with"),
        ("2026-03-01", "2026-06-29", "effective_to", "leave days without a schedule before"),
    ],
)
def test_gap_and_overlap_are_refused_at_their_field(
    editor: Client, begins: str, ends: str, field: str, said: str
) -> None:
    a_schedule()
    a_schedule(effective_from=date(2026, 7, 1), effective_to=date(2027, 12, 31))

    answer = sent(editor, effective_from=begins, effective_to=ends)

    assert answer.status_code == 422
    assert said in answer.context["form"].errors[field][0]


def test_version_between_two_cuts_the_one_before_and_meets_the_one_after() -> None:
    first = a_schedule()
    last = a_schedule(effective_from=date(2026, 7, 1))

    middle = a_schedule(effective_from=date(2026, 3, 1), effective_to=date(2026, 6, 30))

    first.refresh_from_db()
    last.refresh_from_db()
    assert [(row.effective_from, row.effective_to) for row in (first, middle, last)] == [
        (date(2026, 1, 1), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2026, 6, 30)),
        (date(2026, 7, 1), None),
    ]


def test_gap_that_came_about_since_the_draft_is_refused_on_publishing() -> None:
    draft = a_schedule(published=False, effective_from=date(2026, 3, 1), effective_to=date(2026, 3, 31))
    a_schedule(effective_from=date(2026, 5, 1))

    with pytest.raises(BadInput, match="leave days without a schedule"):
        schedules.publish(schedule=draft, actor=a_user(Role.FEE_OFFICER), at=NOON)


def test_simulator_puts_samples_and_worksheets_beside_the_version_before(editor: Client) -> None:
    a_schedule()
    request = a_request(record_type="body_worn_camera")
    services.save_worksheet(request=request, work=some_work(), actor=a_user(Role.FEE_OFFICER), at=NOON)
    dearer = [{"rule": "tx-page", "rate": "0.05"}, {"rule": "tx-recording"}, {"rule": "tx-personnel"}]
    draft = a_schedule(published=False, effective_from=date(2027, 1, 1), rows=dearer)

    answer = editor.get(reverse("fees:schedule", args=[draft.pk]))

    page = text_of(answer)
    found = {row.sample.title: row for row in answer.context["compared"]}
    assert len(found) >= 8
    assert found["One body-camera recording of 20 minutes"].change == "$20.00 less"
    assert found["A recording that was given out before"].change == "no change"
    real = answer.context["worksheets"][0]
    assert (real.here.cents, real.there.cents, real.change) == (3000, 4600, "$16.00 less")
    assert "3 recordings of 18 min in all" in page
    assert str(request.number) not in page
    assert request.title not in page
    assert "not adopted" in page


def test_dearer_version_says_how_much_more() -> None:
    a_schedule(rows=[{"rule": "tx-page", "rate": "0.05"}])
    dearer = a_schedule(effective_from=date(2026, 6, 1), rows=[{"rule": "tx-page", "rate": "0.10"}])

    rows = samples.compare(dearer, samples.rival(dearer), samples.made_up())

    assert {row.change for row in rows} == {"no change", "$3.00 more", "$10.00 more"}
    assert {row.kind for row in rows} == {"neutral", "waiting"}


def test_first_version_has_nothing_beside_it(editor: Client) -> None:
    row = a_schedule()

    page = text_of(editor.get(reverse("fees:schedule", args=[row.pk])))

    assert samples.rival(row) is None
    assert "There is no other version to put beside it." in page


def test_sample_that_cannot_be_worked_out_says_why() -> None:
    row = a_schedule()
    broken = samples.Sample("Odd", "", {"volumes": {"teapots": 1}})

    made = samples.compare(row, row, [broken])[0]

    assert "'teapots' is not something a fee is counted in" in made.here.refusal
    assert (made.here.cents, made.change) == (None, "nothing to compare with")


def test_worksheet_is_spelt_in_figures() -> None:
    work = {
        "work": [{"activity": "search", "minutes": "30"}],
        "volumes": {"pages_letter": "5"},
        "actual_cost": "12.00",
    }

    assert samples.spelt(work) == "any record, 30 min search, 5 pages letter, actual cost $12.00"


def test_public_page_says_what_is_free_who_pays_less_and_what_comes_first() -> None:
    a_schedule(rows=[{"rule": "tx-page", "rate": "0.10"}], policy={"deposit_percent": "25",
               "first_dollar_waived": True})  # fmt: skip

    page = text_of(Client().get(reverse("fees:public-schedule")))

    assert "Reading and deciding what may be given out." in page
    assert "DVD: the law would allow a charge; we make none." in page
    assert "The first dollar of every fee." in page
    assert "Up to 50 paper pages: no labour, no overhead." in page
    assert (
        "A deposit of 25 percent of the estimate may be asked for when the estimate is over $100.00." in page
    )
    assert "You get an itemised estimate first when the estimate is over $40.00." in page
    assert "One body-camera recording of 20 minutes" in page
    assert "drafts of the law as we read it" in page


def test_older_and_later_versions_are_shown_as_such() -> None:
    a_schedule(effective_from=date(2024, 1, 1), rows=[{"rule": "tx-page", "rate": "0.03"}])
    a_schedule(effective_from=date(2026, 1, 1))
    a_schedule(effective_from=date(2090, 1, 1), rows=[{"rule": "tx-page", "rate": "0.09"}])
    url = reverse("fees:public-schedule")

    older = text_of(Client().get(url, {"version": "1"}))
    later = text_of(Client().get(url, {"version": "3"}))
    today = text_of(Client().get(url, {"version": "77"}))

    assert "It is no longer in force" in older
    assert "$0.03 per page" in older
    assert "It is not in force yet." in later
    assert "$0.09 per page" in later
    assert "$0.10 per page" in today
    assert "?version=1" in today


def test_older_version_is_shown_when_none_is_in_force_today() -> None:
    a_schedule(effective_from=date(2024, 1, 1), effective_to=date(2024, 12, 31))
    url = reverse("fees:public-schedule")

    today = text_of(Client().get(url))

    assert "nothing can be charged for a request received today" in today
    assert "It is no longer in force" in text_of(Client().get(url, {"version": "1"}))
    assert Client().get(url, {"format": "csv"})["Content-Type"].startswith("text/html")


def test_rates_are_taken_away_as_csv_and_json() -> None:
    a_schedule(rows=[{"rule": "tx-page", "rate": "0.08", "free": "10", "cap": "5"}, {"rule": "tx-media"}])
    url = reverse("fees:public-schedule")

    table = Client().get(url, {"format": "csv"})
    data = json.loads(Client().get(url, {"format": "json"}).content)

    lines = table.content.decode().splitlines()
    assert lines[0] == "charge,rate,unit,terms,law"
    assert lines[1].startswith("Paper page,0.08,per page,the first 10 of them free here; at most $5.00 a")
    assert lines[2].startswith("Other storage medium at cost,at cost")
    assert table["Content-Disposition"] == 'attachment; filename="fees-2026-01-01.csv"'
    assert (data["law"], data["effective_from"], data["effective_to"]) == ("TX", "2026-01-01", None)
    assert data["rates"][0]["rate"] == "0.08"


@pytest.mark.parametrize("code", shipped_ids())
def test_law_is_told_in_words_without_its_codes(code: str) -> None:
    law = shipped(code).fees

    told = [rule.text for rule in (*law_words.reliefs(law), *law_words.before_work(law, "10"))]
    told += [term for row in law.rows for term in law_words.terms(row)]
    told += law_words.never_charged(law)

    assert all("_" not in text and "{" not in text and text.strip() for text in told), told


def test_words_name_free_amounts_steps_limits_and_for_whom() -> None:
    def terms(code: str, rule: str) -> str:
        row = shipped(code).fees.row(rule)
        assert row is not None
        return "; ".join(law_words.terms(row))

    assert "the first 50 of them free" in terms("IL", "il-page")
    assert "only commercial requests; the first 480 minutes free" in terms("IL", "il-commercial")
    assert "nothing for work under 2 hours" in terms("NY", "ny-preparation")
    assert "counted in full steps of 15 minutes" in terms("MI", "mi-labour")
    assert "one counts when over half of it is used" in terms("US", "us-review")
    assert "at most $75.00 for each hour of video given out; at most $750.00 a request" in terms(
        "OH", "oh-video"
    )
    assert "never more than the actual cost" in terms("IN", "in-video")
    assert "staff_count" in law_words.facts(TX)


def test_steps_and_shares_and_grades_have_words() -> None:
    own = PublishedSchedule(
        rows=[{"rule": "tx-overhead", "rate": "10"}, {"rule": "tx-personnel", "rates": {"clerk": "12"}}],
        policy={},
    )
    bare = PublishedSchedule(rows=[{"rule": "va-labour", "rates": {"clerk": "12"}}], policy={})

    shown = {row["id"]: row for row in rates(own, TX, frozenset({"tx-overhead"}))}
    tiers = rates(PublishedSchedule(rows=None, policy={}), shipped("IN").fees)

    assert shown["tx-overhead"]["rate"] == "10 percent"
    assert (shown["tx-overhead"]["draft"], shown["tx-personnel"]["draft"]) == (True, False)
    assert "clerk: $12.00 per hour" in shown["tx-personnel"]["note"]
    assert rates(bare, shipped("VA").fees)[0]["rate"] == "by who does it"
    assert tiers[0]["rate"] == "$50.00 to $150.00"
    assert "Paper page" in uncharged(own, TX)
    assert uncharged(PublishedSchedule(rows=None, policy={}), TX) == []


def test_choices_are_offered_where_the_law_asks_for_them() -> None:
    def choices(code: str) -> set[str]:
        form = ScheduleForm(law=shipped(code).fees, agency=an_agency())
        return {field.name for field in form.choices}

    assert "staff_count" in choices("TX")
    assert "population_over_20000" in choices("MA")
    assert "prepay_in_published_policy" in choices("OH")
    assert {"staff_minutes_per_video_minute", "partial_units"} <= choices("WA")
    assert "labour_hours" in choices("NY")


def test_free_hours_of_massachusetts_follow_the_kind_of_body() -> None:
    agency = an_agency(law_code="MA")
    agency.body = "municipality"
    agency.save()
    row = a_schedule(policy={"population_over_20000": True, "hourly_rate": "25"})

    quote = schedules.simulate(
        schedule=row, work={"work": [{"activity": "search", "minutes": "180"}]}, received=date(2026, 3, 2)
    )

    assert quote.computed_cents == 2500
