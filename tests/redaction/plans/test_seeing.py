from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from redaction.plans import checks, extents, seeing
from redaction.plans import services as plans
from redaction.plans.coverage import Claim
from redaction.plans.models import Approval, Review
from redaction.plans.rows import newest_render
from redaction.plans.seen_models import CoverageRule, PlanCoverage, Seen
from requests_app.custody.models import ResponsiveRecord
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import (
    a_plan,
    a_render,
    a_review,
    a_withholding,
    an_approval,
    an_approver,
)
from tests.requests_app.custody.record_builders import a_pdf, a_record, a_recording, an_analyst

pytestmark = pytest.mark.django_db


def a_document(pages: int = 4) -> ResponsiveRecord:
    return a_record(content=a_pdf("Officer CANARY", pages=pages), name="report.pdf")


def saw(
    record: ResponsiveRecord, person: User, *ranges: tuple[float, float], after: float = 60, **more: Any
) -> int:
    """What a person tells ``after`` seconds since she opened the record; gives how many were believed."""
    unit = more.pop("unit", "page")
    seeing.opened(record=record, person=person, at=NOON)
    claims = [Claim(unit, start, end, more.get("speed", 1.0)) for start, end in ranges]
    return len(seeing.note(record=record, person=person, claims=claims, at=NOON + timedelta(seconds=after)))


def a_rule(record: ResponsiveRecord, **more: Any) -> CoverageRule:
    given: dict[str, Any] = {
        "medium": record.medium,
        "series": "",
        "share": 100,
        "speed": 2,
        "people": ["marker"],
    }
    return seeing.set_rule(agency=record.request.agency, actor=a_user(Role.ADMIN), at=NOON, **given | more)


def test_pages_seen_are_joined_and_kept_for_each_person_apart() -> None:
    record, one, other = a_document(), an_analyst(), an_approver()

    saw(record, one, (1, 1), (2, 3))
    saw(record, other, (4, 4))

    assert seeing.of(record, one, speed=2).ranges == ((1, 3),)
    assert seeing.of(record, one, speed=2).per_cent == 75
    assert seeing.of(record, other, speed=2).missing == ((1, 3),)
    assert Seen.objects.count() == 2


def test_seconds_cannot_grow_faster_than_the_clock() -> None:
    record, person = a_record(content=a_recording(8.0), name="call.wav"), an_analyst()

    saw(record, person, (0, 8), unit="second", after=2)  # two seconds and the grace of one
    first = seeing.of(record, person, speed=1)
    saw(record, person, (3, 8), unit="second", after=2)  # no time has passed since
    second = seeing.of(record, person, speed=1)
    saw(record, person, (4, 8), unit="second", after=7)

    assert (first.total, first.seen) == (8.0, 3.0)
    assert second.seen == 4.0
    assert seeing.of(record, person, speed=1).per_cent == 100


def test_what_was_played_fast_counts_at_that_speed_only() -> None:
    record, person = a_record(content=a_recording(8.0), name="call.wav"), an_analyst()

    saw(record, person, (0, 4), unit="second", speed=4.0)
    saw(record, person, (4, 8), unit="second", speed=9.0, after=120)

    assert seeing.of(record, person, speed=2).seen == 0
    assert seeing.of(record, person, speed=4).seen == 4


@pytest.mark.parametrize(
    "claim", [Claim("second", 1, 2), Claim("page", 3, 2), Claim("page", -1, 2), Claim("page", 1, 2, 0)]
)
def test_what_a_record_has_not_is_refused(claim: Claim) -> None:
    with pytest.raises(BadInput):
        seeing.note(record=a_document(), person=an_analyst(), claims=[claim], at=NOON)

    assert not Seen.objects.exists()


def test_a_table_is_read_in_rows_that_count_once_somebody_counted_them() -> None:
    record, person = a_record(), an_analyst()

    assert saw(record, person, (1, 50), unit="row") == 1
    assert seeing.total_of(record) is None
    assert seeing.of(record, person, speed=1).per_cent is None
    for rows in (200, 100):  # counted anew by a newer reader
        extents.learn(record, "table", rows, at=NOON)
    assert seeing.of(record, person, speed=1).per_cent == 50


@pytest.mark.parametrize(
    ("medium", "unit", "words"), [("table", "row", "rows 3"), ("office", "page", "pages 3")]
)
def test_what_only_a_reading_counts_can_be_demanded_and_is_refused_until_it_is_counted(
    medium: str, unit: str, words: str
) -> None:
    record, person = a_record(), an_analyst()
    record.medium = medium
    a_rule(record)
    saw(record, person, (1, 2), unit=unit)
    review = Review(record=record)

    uncounted = seeing.obstacle(review, person, "marker", total=seeing.total_of(record))
    extents.learn(record, medium, 3, at=NOON)
    short = seeing.obstacle(review, person, "marker", total=seeing.total_of(record))
    saw(record, person, (3, 3), unit=unit, after=90)

    assert f"how many {unit}s there are is not known yet" in uncounted
    assert short.endswith(f"You have seen 66 %; not yet: {words}.")
    assert seeing.obstacle(review, person, "marker", total=seeing.total_of(record)) == ""


def test_a_workbook_is_measured_as_what_it_was_looked_at() -> None:
    record, person = a_record(), an_analyst()
    record.format = "xlsx"
    a_rule(record)
    extents.learn(record, "table", 1000, at=NOON)
    extents.learn(record, "office", 2, at=NOON)

    saw(record, person, (1, 10), unit="row")
    rows = seeing.of(record, person, speed=1)
    saw(record, person, (1, 2), after=90)

    assert (rows.unit, rows.per_cent) == ("row", 1)
    assert seeing.of(record, person, speed=1).unit == "page"
    assert seeing.obstacle(Review(record=record), person, "marker", total=seeing.total_of(record)) == ""


def test_a_csv_counted_as_a_flight_alone_is_measured_by_its_points() -> None:
    record, person = a_record(), an_analyst()
    saw(record, person, (1, 5), unit="row")

    extents.learn(record, "flight", 10, at=NOON)
    as_flight = seeing.of(record, person, speed=1).per_cent
    extents.learn(record, "table", 20, at=NOON)

    assert (as_flight, seeing.of(record, person, speed=1).per_cent) == (50, 25)


def test_of_an_empty_table_all_is_seen() -> None:
    record, person = a_record(), an_analyst()
    a_rule(record)

    extents.learn(record, "table", 0, at=NOON)

    assert seeing.obstacle(Review(record=record), person, "marker", total=seeing.total_of(record)) == ""
    assert seeing.of(record, person, speed=1).share == 1


def test_the_newest_rule_of_the_narrowest_class_holds() -> None:
    record = a_document()
    standard = seeing.rule_for(record)
    a_rule(record, share=50)
    a_rule(record, share=100, people=["marker", "approver"])
    record.series = "incident_report"
    broad = seeing.rule_for(record)
    narrow = a_rule(record, series="incident_report", share=0, people=[])

    assert standard._state.adding
    assert (standard.share, standard.speed) == (0, 2)
    assert (broad.share, broad.people) == (100, ["marker", "approver"])
    assert seeing.rule_for(record) == narrow
    assert CoverageRule.objects.filter(ended_at=None).count() == 2
    assert Entry.objects.filter(action="coverage.rule_set").count() == 3


@pytest.mark.parametrize(
    "bad",
    [
        {"people": []},
        {"share": 101},
        {"speed": 3},
        {"medium": "hologram"},
    ],
)
def test_a_demand_that_cannot_be_measured_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        a_rule(a_document(), **bad)


def test_only_an_administrator_sets_rules() -> None:
    record = a_document()

    with pytest.raises(NotAllowed):
        seeing.set_rule(
            agency=record.request.agency, medium="pdf", series="", share=0, speed=2, people=[],
            actor=an_approver(), at=NOON,
        )  # fmt: skip


def test_nothing_is_made_before_the_marker_has_seen_what_is_demanded() -> None:
    record, analyst = a_document(), an_analyst()
    a_rule(record)
    marks = {"version": 1, "marks": [{"id": "t", "kind": "text", "literal": "CANARY", "reason": "MINOR"}]}
    plan = a_plan(review=a_review(record), marks=marks, author=analyst)
    saw(record, analyst, (1, 2))

    with pytest.raises(plans.NotReadyToRender, match=r"You have seen 50 %; not yet: pages 3 to 4\."):
        plans.request_render(review=plan.review, actor=analyst, at=NOON)
    saw(record, analyst, (3, 4), after=90)
    plans.request_render(review=plan.review, actor=analyst, at=NOON)

    row = PlanCoverage.objects.get()
    assert (row.part, row.person, row.seen, row.total, row.per_cent, row.demanded) == (
        "marker", analyst, 4, 4, 100, 100,
    )  # fmt: skip
    assert row.ranges_digest == seeing.of(record, analyst, speed=2).digest


def test_nobody_approves_before_having_seen_what_is_demanded() -> None:
    record, approver = a_document(1), an_approver()
    a_rule(record, people=["approver"])
    marks = {"version": 1, "marks": [{"id": "t", "kind": "text", "literal": "CANARY", "reason": "MINOR"}]}
    render = a_render(plan=a_plan(review=a_review(record), marks=marks))
    review = Review.objects.get(pk=render.review_id)

    with pytest.raises(seeing.NotSeen, match="pages 1"):
        plans.approve(review=review, approver=approver, at=NOON, render_sha256=render.sha256)
    assert not Approval.objects.exists()
    saw(record, approver, (1, 1))
    plans.approve(review=review, approver=approver, at=NOON, render_sha256=render.sha256)

    marker, second = seeing.bound(render.plan)
    assert (marker.part, marker.demanded, marker.per_cent) == ("marker", 0, 0)
    assert (second.part, second.demanded, second.per_cent) == ("approver", 100, 100)
    assert seeing.as_data(second)["ranges_digest"] == second.ranges_digest


def test_a_record_withheld_whole_goes_on_unseen() -> None:
    record = a_document()
    a_rule(record, people=["marker", "approver"])

    review = a_withholding(record=record)

    assert review.status == "withheld"
    assert [row.demanded for row in PlanCoverage.objects.all()] == [0, 0]


def test_asking_again_without_looking_again_writes_nothing_new() -> None:
    render = a_render()
    plan = render.plan

    first = seeing.bind(plan, plan.author, "marker", at=NOON, demanded=True, total=None)
    again = seeing.bind(plan, plan.author, "marker", at=NOON, demanded=True, total=None)

    assert first == again
    assert PlanCoverage.objects.filter(plan=plan).count() == 1


def test_a_demand_on_a_file_that_cannot_be_read_says_so() -> None:
    record, person = a_document(), an_analyst()
    a_rule(record)
    record.address = "originals/no/such/file"

    words = seeing.obstacle(Review(record=record), person, "marker", total=seeing.total_of(record))

    assert words.endswith("An administrator can lower the demand.")


def test_all_of_a_film_is_all_of_it_whatever_fractions_its_length_has() -> None:
    plan = a_render().plan

    row = PlanCoverage.objects.create(
        plan=plan, person=plan.author, part="marker", unit="second", speed=2, seen=5.122, total=5.122,
        demanded=100, ranges=[[0.0, 5.122]], ranges_digest="x", at=NOON,
    )  # fmt: skip

    assert 5.122 * 100 / 100 > 5.122  # as Postgres counts, too
    assert row.per_cent == 100


@pytest.mark.parametrize(
    "change",
    [
        lambda row: PlanCoverage.objects.filter(pk=row.pk).update(seen=9),
        lambda row: PlanCoverage.objects.filter(pk=row.pk).delete(),
        lambda row: PlanCoverage.objects.create(
            plan=row.plan, person=row.person, part="marker", unit="page", speed=1, seen=5, total=4,
            ranges=[], ranges_digest="x", at=NOON,
        ),
        lambda row: PlanCoverage.objects.create(
            plan=row.plan, person=row.person, part="marker", unit="page", speed=1, seen=3, total=4,
            demanded=100, ranges=[], ranges_digest="x", at=NOON,
        ),
        lambda row: Seen.objects.create(
            record=row.plan.review.record, person=row.person, unit="page", speed=3, since=NOON, at=NOON
        ),
        lambda row: CoverageRule.objects.create(
            agency=row.plan.review.record.request.agency, medium="pdf", people=["clerk"], set_by=row.person,
            at=NOON,
        ),
    ],
)  # fmt: skip
def test_postgres_refuses_what_must_never_be_so(change: Any) -> None:
    render = a_render()
    row = PlanCoverage.objects.get(plan=render.plan)

    with pytest.raises((DatabaseError,)), transaction.atomic():
        change(row)

    assert newest_render(render.review) == render


def test_nothing_is_opened_while_the_review_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_document()
    a_rule(record, share=0)
    plan = a_plan(review=a_review(record), marks={"version": 1, "marks": []})
    opened: list[bool] = []

    def facts(_record: ResponsiveRecord) -> None:
        opened.append("FOR UPDATE" in "".join(query["sql"] for query in connection.queries_log))
        raise BadInput("The file cannot be read.")

    monkeypatch.setattr(checks, "facts_of", facts)
    with CaptureQueriesContext(connection):
        render = a_render(plan=plan)
    connection.queries_log.clear()
    with CaptureQueriesContext(connection):
        an_approval(render=render)

    assert opened == [False, False]
