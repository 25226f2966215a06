"""What is compared beyond words, how much of it, and findings that are more than people decide at once."""

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from redaction import plates
from redaction.plans import listing, plate_sameness, readiness, sameness, settling, speech
from redaction.plans import services as plans
from redaction.plans.comparison_models import Comparison, Traces
from redaction.plans.finding_models import Finding, FindingDecision
from redaction.plans.findings import open_findings
from redaction.plans.listing import FindingGroup
from redaction.plans.models import Approval, Render, Review
from redaction.preview import calls
from redaction.report import Refused
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval, an_approver
from tests.requests_app.custody.record_builders import a_pdf, a_record, a_recording, a_transcript, an_analyst

pytestmark = pytest.mark.django_db

READS = b"plate,camera\n8ABC-123,Elm\n9ABC456,Oak\nUNKNOWN,Oak\n"
OPEN = [
    {"id": "c1", "kind": "column", "name": "plate", "action": "release"},
    {"id": "c2", "kind": "column", "name": "camera", "action": "release"},
]
MASKED: list[dict[str, Any]] = [
    {"id": "c1", "kind": "column", "name": "plate", "action": "mask", "reason": "PLATE"}, OPEN[1],
]  # fmt: skip


def a_case() -> RecordsRequest:
    return a_request(status=Status.SEARCHING)


def made(record: ResponsiveRecord, *entries: dict[str, Any]) -> Render:
    return a_render(plan=a_plan(review=a_review(record), marks={"version": 1, "marks": list(entries)}))


def a_text(literal: str, number: int = 0) -> dict[str, Any]:
    return {"id": f"t{number}", "kind": "text", "literal": literal, "reason": "MINOR"}


def a_document(*lines: str, request: RecordsRequest) -> ResponsiveRecord:
    return a_record(content=a_pdf(*lines), name="report.pdf", request=request)


def released(render: Render) -> Review:
    review = an_approval(render=render).review
    plans.release(review=review, actor=None, manifest="m")
    return Review.objects.get(pk=review.pk)


def approve(render: Render) -> Approval:
    review = Review.objects.get(pk=render.review_id)
    return plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256=render.sha256)


def test_a_plate_a_column_masks_is_found_open_in_a_report_and_the_other_way_round() -> None:
    request = a_case()
    report = made(a_document("the car 8 ABC 123 stood there", "Gate", request=request), a_text("Gate"))
    table = made(a_record(content=READS, request=request), *MASKED)
    later = made(a_document("again 8abc123 was seen", "Elm", request=request), a_text("Elm"))

    there, here = table.findings.get(), later.findings.get(same="plate")
    assert (there.same, there.open_here, there.other) == ("plate", False, report.review.record)
    assert there.places == "1 plate, here in row 1"
    assert (here.same, here.open_here, here.words) == ("plate", True, "")


def test_no_plate_is_kept_in_clear_and_none_that_is_none_is_compared() -> None:
    table = made(a_record(content=READS, request=a_case()), *MASKED)

    row = Traces.objects.get(render=table)
    expected = {plates.digest(plate, plate_sameness.key()) for plate in ("8ABC123", "9ABC456")}

    assert bytes(row.withheld) == plate_sameness.packed(expected)
    assert b"8ABC" not in bytes(row.withheld) + bytes(row.opened)
    assert len(bytes(row.opened)) == 0


def test_plates_two_tables_share_are_one_finding_and_a_released_one_counts_everywhere() -> None:
    released(made(a_record(content=READS, request=a_case()), *OPEN))

    found = made(a_record(content=READS + b"7XYZ777,Elm\n", request=a_case()), *MASKED).findings.get()

    assert (found.same, found.released, found.places) == ("plate", True, "2 plates, here in row 1, 2")
    assert settling.outcomes_of(found) == ["leave", "follow_up"]


def test_masked_on_both_sides_or_in_another_unreleased_request_is_no_finding() -> None:
    request = a_case()
    made(a_record(content=READS, request=request), *MASKED)
    made(a_record(content=READS, request=a_case()), *OPEN)

    assert not made(a_record(content=READS + b"\n", request=request), *MASKED).findings.exists()


def test_a_plate_a_mark_names_is_found_however_it_is_written_and_told_once() -> None:
    request = a_case()
    made(a_document("car 8 ABC 123", "Gate", request=request), a_text("Gate"))
    made(a_document("car 8abc123", "Gate", request=request), a_text("Gate"))

    found = made(a_document("8abc123 here", request=request), a_text("8abc123"))

    rows = sorted(found.findings.values_list("same", "words"))
    assert rows == [("plate", "8abc123"), ("text", "8abc123")]  # written in parts, and as it stands


def test_a_plate_named_in_marks_that_were_not_made_yet_is_found_open_here() -> None:
    request = a_case()
    a_plan(
        review=a_review(a_document("8 ABC-123", request=request)),
        marks={"version": 1, "marks": [a_text("8ABC123")]},
    )

    found = made(a_document("8 abc 123", "Elm", request=request), a_text("Elm")).findings.get()

    assert (found.same, found.open_here, found.words, found.mark_id) == ("plate", True, "8ABC123", "t0")


def test_a_table_that_cannot_be_read_for_plates_is_said_and_waits_for_somebody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_given: Any) -> None:
        raise Refused("broken")

    monkeypatch.setattr(plates, "of_table", refuse)
    render = made(a_record(content=READS, request=a_case()), *MASKED)

    found = render.findings.get()
    assert (found.same, found.other) == ("limit", render.review.record)
    assert found.places.startswith("Not all plates of this file could be compared")
    assert settling.outcomes_of(found) == ["leave"]
    with pytest.raises(readiness.StillOpen):
        approve(render)


def test_copies_beyond_the_budget_are_counted_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    request = a_case()
    for n in range(3):
        made(a_record(content=READS + b"\n" * n, request=request), *OPEN)
    monkeypatch.setattr(plate_sameness, "MOST_COMPARED", 1)

    render = made(a_record(content=READS + b"\n" * 9, request=request), *MASKED)

    limit = render.findings.get(same="limit")
    assert limit.places == "Plates were compared with 1 copies and not with 2."
    assert (render.comparison.sums["copies"], render.comparison.sums["skipped"]) == (1, 2)


def test_copies_from_before_plates_were_compared_or_of_another_key_are_counted_until_made_again(
    settings: Settings,
) -> None:
    request = a_case()
    table = made(a_record(content=READS, request=request), *OPEN)
    older = made(a_document("Nobody", "Gate", request=request), a_text("Gate"))
    Traces.objects.filter(render=older).delete()  # as an upgrade finds it
    settings.SECRET_KEY = "another key of this portal, which is long enough to be one"
    record = a_record(content=READS + b"\n", request=request)

    before = made(record, *MASKED)
    for render in (table, older):
        a_render(plan=a_plan(review=render.review, marks=render.plan.marks))
    after = made(record, *MASKED)

    limit = before.findings.get()
    assert limit.same == "limit"
    assert limit.places.startswith("Plates could not be compared with 2 copies made before")
    assert limit.places.endswith("Make those copies again, and then this one.")
    assert [found.same for found in after.findings.all()] == ["plate"]
    assert (before.comparison.sums["without"], after.comparison.sums["without"]) == (2, 0)


def test_texts_that_were_not_looked_for_are_said_on_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sameness, "_MOST_WORDS", 1)
    request = a_case()
    there = a_document("alpha bravo", request=request)
    a_plan(review=a_review(there), marks={"version": 1, "marks": [a_text("alpha"), a_text("bravo", 1)]})

    render = made(a_document("charlie delta echo", request=request), a_text("charlie"), a_text("delta", 1))

    said = sorted(render.findings.filter(same="limit").values_list("places", flat=True))
    assert said == [
        "1 of 2 texts marked elsewhere were looked for here.",
        "1 of 2 texts marked here were looked for elsewhere.",
    ]


def test_words_of_captions_and_words_muted_by_their_time_are_compared() -> None:
    request = a_case()
    call = a_record(content=a_recording(), name="call.wav", request=request)
    a_transcript(call)
    mute = {"id": "m", "kind": "mute", "start": 0.9, "end": 1.5, "reason": "MINOR"}
    heard = made(call, mute)
    spoken = Traces.objects.get(render=heard).spoken
    report = made(a_document("Maria Canary here", "copy that", request=request), a_text("copy that"))

    here = {(row.words, row.open_here) for row in report.findings.filter(same="text")}

    assert spoken == [["m", "Maria Canary here"]]
    assert here == {("Maria Canary here", True), ("copy that", False)}
    assert report.findings.get(open_here=False).places == "in what is said"


def test_a_transcript_that_cannot_be_read_again_mutes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = made(
        a_record(content=a_recording(), name="call.wav"),
        {"id": "m", "kind": "mute", "start": 0, "end": 1, "reason": "MINOR"},
    ).plan

    def refuse(_path: Any) -> None:
        raise Refused("broken")

    monkeypatch.setattr(calls, "words", refuse)
    assert speech.muted(plan, Path("no.srt")) == []


def a_flood(count: int = 7) -> Render:
    """Two records of which the later withholds many words that the other leaves legible."""
    request = a_case()
    names = [f"word{n}x" for n in range(count)]
    made(a_document(" ".join(names), "Gate", request=request), a_text("Gate"))
    return made(
        a_document(" ".join(names) + "!", request=request), *(a_text(name, n) for n, name in enumerate(names))
    )


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "STEP", 3)


def decided(finding: Finding, why: str = "public") -> None:
    settling.settle(
        review=Review.objects.get(pk=finding.review_id), finding=finding.pk, outcome="leave", why=why,
        actor=an_analyst(), at=NOON,
    )  # fmt: skip


@pytest.mark.usefixtures("small_steps")
def test_findings_beyond_a_list_are_listed_as_those_before_are_decided_and_stop_the_approval() -> None:
    render = a_flood()
    lengths = []

    while found := list(open_findings(render)):
        lengths.append((len(found), len(Comparison.objects.get(render=render).rest)))
        for finding in found:
            with pytest.raises(readiness.StillOpen):
                approve(render)
            decided(finding)

    assert lengths == [(3, 4), (3, 1), (1, 0)]
    assert Finding.objects.filter(render=render).count() == Comparison.objects.get(render=render).found == 7
    assert approve(render)


@pytest.mark.usefixtures("small_steps")
def test_postgres_lets_no_approval_through_with_findings_that_are_not_listed() -> None:
    render = a_flood()
    for finding in open_findings(render):
        FindingDecision.objects.create(
            review=render.review, finding=finding, key=finding.key, outcome="leave", why="x",
            by=an_analyst(), at=NOON,
        )  # fmt: skip
    row = Comparison.objects.get(render=render)

    with pytest.raises(DatabaseError, match="not listed"), transaction.atomic():
        Approval.objects.create(
            review=render.review, render=render, prepared_by=render.plan.author, approver=an_approver(),
            source_sha256=render.source_sha256, marks_digest=render.marks_digest,
            render_sha256=render.sha256, engine=render.engine, at=NOON,
        )  # fmt: skip
    with pytest.raises(DatabaseError, match="would be lost"), transaction.atomic():
        Comparison.objects.filter(pk=row.pk).update(rest=[])
    with pytest.raises(DatabaseError, match="fixed"), transaction.atomic():
        Comparison.objects.filter(pk=row.pk).update(found=1, rest=[])
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        row.delete()


@pytest.mark.usefixtures("small_steps")
def test_a_group_is_decided_for_one_reason_with_what_of_it_is_not_listed_yet() -> None:
    render, analyst = a_flood(), an_analyst()
    review = render.review

    one = listing.settle_group(
        review=review, group=FindingGroup(words="WORD6X"), outcome="leave", why="public name",
        actor=analyst, at=NOON,
    )  # fmt: skip
    rest = listing.settle_group(
        review=review, group=FindingGroup(same="text"), outcome="leave", why="all public", actor=analyst,
        at=NOON,
    )  # fmt: skip

    assert (one, rest) == (1, 6)
    assert FindingDecision.objects.filter(review=review, by=analyst).count() == 7
    assert Entry.objects.filter(action="review.findings_settled").count() == 2
    assert approve(render)


def test_what_a_group_cannot_be_is_refused() -> None:
    render = a_flood(2)
    given: dict[str, Any] = {"group": FindingGroup(), "outcome": "leave", "why": "x", "actor": an_analyst()}

    for more, error in (
        ({"why": " "}, BadInput),
        ({"outcome": "mark_there"}, BadInput),
        ({"outcome": "follow_up"}, listing.NothingThere),
        ({"group": FindingGroup(other=0)}, listing.NothingThere),
        ({"group": FindingGroup(open_here=True)}, listing.NothingThere),
        ({"actor": a_user(Role.CLERK)}, NotAllowed),
    ):
        with pytest.raises(error):
            listing.settle_group(review=render.review, at=NOON, **given | more)
    with pytest.raises(listing.NothingThere):
        listing.settle_group(review=a_review(), at=NOON, **given)
    with pytest.raises(BadInput):
        listing.of_kind("whim")

    assert listing.of_kind("") is None
    assert not FindingDecision.objects.exists()


@pytest.mark.usefixtures("small_steps")
def test_what_was_decided_for_an_earlier_result_is_not_listed_before_what_is_open() -> None:
    render = a_flood()
    listing.settle_group(
        review=render.review, group=FindingGroup(), outcome="leave", why="x", actor=an_analyst(), at=NOON
    )
    marks = [*render.plan.marks["marks"], a_text("nowhere else", 99)]

    again = a_render(plan=a_plan(review=render.review, marks={"version": 1, "marks": marks}))

    assert again.comparison.rest == []
    assert again.findings.count() == 3
    assert not open_findings(again).exists()
