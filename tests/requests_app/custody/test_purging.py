"""Destruction by two people: the list, the second person, the job killed halfway, the certificate."""

import csv
import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from portal.accounts.rules import Role
from portal.audit import services as audit
from portal.audit.models import Entry
from portal.core import files, jobs
from portal.core.errors import BadInput, IllegalMove, NotAllowed
from portal.core.models import Job
from requests_app.custody import certificates, destroying, purging
from requests_app.custody import services as custody
from requests_app.custody.models import Certificate, HoldRecord, Purge, PurgeItem, ResponsiveRecord
from requests_app.custody.selectors import destroyed_before
from requests_app.docket.rules import Disposition, Status
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.custody.record_builders import READS, a_recording, a_transcript, an_analyst
from tests.requests_app.custody.retention_builders import (
    STOP,
    a_case,
    a_confirmed_purge,
    a_done_purge,
    a_keeper,
    a_proposed_purge,
    a_second_person,
    an_asking_request,
    an_old_record,
    close,
    run,
)

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


def bytes_of(record: ResponsiveRecord) -> Path:
    return files.path_of(record.address)


def again(record: ResponsiveRecord) -> ResponsiveRecord:
    return ResponsiveRecord.objects.select_related("request__agency", "purge").get(pk=record.pk)


def test_preview_lists_what_is_due_by_kind_and_what_is_kept_with_why() -> None:
    due, heavy = an_old_record(), an_old_record(severity="use_of_force", conditions=[])
    young = an_old_record(recorded_at=NOON - timedelta(days=10), recorded_until=None)
    held = an_old_record(place="Oak Street")
    custody.place_hold(request=held.request, at=NOON)
    working = an_old_record(open_request=True)
    of_case = an_old_record(case=a_case())

    groups, left = purging.preview(an_agency(), TODAY)

    [group] = groups
    assert (group.series, group.severity, [row.record for row in group.rows]) == (
        "body_worn_camera", "non_event", [due],
    )  # fmt: skip
    assert (group.bytes, group.severity_words) == (due.size, "nothing happened")
    assert "90 days" in group.rows[0].rule
    why = {row.record.pk: row.blocked for row in left}
    assert why[held.pk] == f"on hold for {held.request}, while one may appeal or sue"
    assert why[working.pk] == f"request {working.request} is open"
    assert set(why) == {held.pk, working.pk}
    # an open case, and force until its case is closed, give no day at all under Texas law
    assert {young.pk, heavy.pk, of_case.pk} & set(why) == set()


def test_due_record_goes_by_two_people_and_leaves_its_row_and_a_certificate() -> None:
    record = an_old_record()
    path = bytes_of(record)

    purge = a_done_purge(record)

    gone = again(record)
    assert not path.exists()
    assert (gone.destroyed_at is not None, gone.purge, gone.original_name) == (True, purge, "")
    assert (gone.sha256, gone.title) == (record.sha256, record.title)
    item = purge.items.get()
    assert (item.state, purge.status) == ("destroyed", "done")
    assert [(f["kind"], f["left"]) for f in item.files][:1] == [("original", False)]
    assert audit.verify().fault is None
    assert Entry.objects.filter(action__in=["custody.record_destroyed", "purge.finish"]).count() == 2


def test_transcripts_and_everything_on_disk_go_along() -> None:
    request = a_request(status=Status.SEARCHING)
    record = custody.add_record(
        request=request, upload=iter([a_recording()]), name="call.wav", title="Call", actor=an_analyst(),
        at=NOON,
    )  # fmt: skip
    said = files.path_of(a_transcript(record).address)
    ResponsiveRecord.objects.filter(pk=record.pk).update(
        series="body_worn_camera", severity="non_event", recorded_at=STOP
    )
    segments = files.path_of(f"segments/{record.sha256[:2]}/{record.sha256}")
    segments.mkdir(parents=True, exist_ok=True)
    (segments / "part.mp4").write_bytes(b"picture")
    close(request)

    a_done_purge(record)

    assert not said.exists()
    assert not segments.exists()
    assert not bytes_of(record).exists()


def test_bytes_that_another_record_needs_stay_and_the_certificate_says_so() -> None:
    shared = READS + b"SHARED,x,y\n"
    record, twin = (
        an_old_record(content=shared),
        an_old_record(content=shared, recorded_at=None, recorded_until=None),
    )

    purge = a_done_purge(record)

    assert bytes_of(twin).read_bytes() == shared
    assert purge.items.get().files[0]["left"] is True
    assert "another record has the same bytes" in certificates.html_of(purge, NOON)


def test_certificate_is_pdf_and_csv_by_series_and_severity_and_cannot_change() -> None:
    film, drone = an_old_record(), an_old_record(severity="traffic_or_minor", place="Oak Street")

    purge = a_done_purge(film, drone)

    made = Certificate.objects.get(purge=purge)
    page = files.require_intact(certificates.stored(made, "pdf")).read_bytes()
    table = files.require_intact(certificates.stored(made, "csv")).read_text(encoding="utf-8")
    assert page.startswith(b"%PDF")
    assert hashlib.sha256(page).hexdigest() == made.pdf_sha256
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [(row["Series"], row["Severity"], row["SHA-256 of the original"]) for row in rows] == [
        ("body_worn_camera", "non_event", film.sha256),
        ("body_worn_camera", "traffic_or_minor", drone.sha256),
    ]
    assert rows[0]["Rule"] == "tx-bwc"
    assert rows[0]["Proposed by"] != rows[0]["Confirmed by"]
    assert [
        (part.series, part.severity, part.destroyed, part.bytes) for part in certificates.sections(purge)
    ] == [
        ("Body-worn video", "nothing happened", 1, film.size),
        ("Body-worn video", "traffic or a minor matter", 1, drone.size),
    ]
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        Certificate.objects.update(pdf_sha256="0" * 64)


@pytest.mark.parametrize("kind", ["held", "open", "young", "gone", "nothing"])
def test_only_what_is_due_and_free_can_be_proposed(kind: str) -> None:
    record = an_old_record(open_request=kind == "open")
    if kind == "held":
        custody.place_hold(request=record.request, at=NOON)
    if kind == "young":
        ResponsiveRecord.objects.filter(pk=record.pk).update(recorded_at=NOON, recorded_until=None)
    if kind == "gone":
        a_done_purge(record)
    keys = [] if kind == "nothing" else [record.key]

    with pytest.raises(BadInput if kind == "nothing" else purging.NotDue):
        purging.propose(agency=an_agency(), records=keys, actor=a_keeper(), at=NOON)

    assert Purge.objects.filter(status="proposed").count() == 0


def test_roles_are_asked_for() -> None:
    purge = a_proposed_purge()

    with pytest.raises(NotAllowed):
        a_proposed_purge(an_old_record(), by=an_analyst())
    with pytest.raises(NotAllowed):
        purging.confirm(purge=purge, actor=a_keeper(), at=NOON, digest=purge.digest)
    with pytest.raises(NotAllowed):
        purging.refuse(purge=purge, actor=an_analyst(), at=NOON, why="no")


def test_nobody_confirms_an_own_proposal_by_service_or_sql() -> None:
    both = a_user(Role.CLERK, Role.APPROVER)
    purge = a_proposed_purge(by=both)

    with pytest.raises(purging.SelfConfirmation):
        purging.confirm(purge=purge, actor=both, at=NOON, digest=purge.digest)
    with pytest.raises(IntegrityError, match="purge_confirmed_by_another"), transaction.atomic():
        Purge.objects.filter(pk=purge.pk).update(status="confirmed", confirmed_by=both, confirmed_at=NOON)
    with pytest.raises(DatabaseError, match="no second person"), transaction.atomic():
        ResponsiveRecord.objects.update(destroyed_at=NOON, purge=purge)

    assert Entry.objects.filter(action="purge.confirm", outcome="denied").count() == 1
    assert Purge.objects.get(pk=purge.pk).status == "proposed"


def test_second_person_confirms_only_the_list_she_saw() -> None:
    purge = a_proposed_purge()

    with pytest.raises(IllegalMove, match="not the one you saw"):
        purging.confirm(purge=purge, actor=a_second_person(), at=NOON, digest="0" * 64)

    assert Purge.objects.get(pk=purge.pk).status == "proposed"


def test_confirmed_list_takes_no_more_records_and_is_confirmed_once() -> None:
    purge, other = a_confirmed_purge(), an_old_record()
    line = purge.items.get()

    with pytest.raises(DatabaseError, match="takes no more records"), transaction.atomic():
        PurgeItem.objects.create(
            purge=purge, record=other, series="", size=1, sha256="x", due_on=TODAY, rule_id="x", rule="x"
        )
    with pytest.raises(IllegalMove):
        purging.confirm(purge=purge, actor=a_second_person(), at=NOON, digest=purge.digest)
    with pytest.raises(IllegalMove):
        purging.refuse(purge=purge, actor=a_keeper(), at=NOON, why="late")
    with pytest.raises(DatabaseError, match="is fixed"), transaction.atomic():
        Purge.objects.filter(pk=purge.pk).update(digest="0" * 64)
    with pytest.raises(DatabaseError, match="not marked as destroyed"), transaction.atomic():
        PurgeItem.objects.filter(pk=line.pk).update(state="destroying")
    with pytest.raises(DatabaseError, match="goes from listed"), transaction.atomic():
        PurgeItem.objects.filter(pk=line.pk).update(state="destroyed", destroyed_at=NOON)


def test_list_is_given_up_with_a_reason() -> None:
    purge = a_proposed_purge()

    with pytest.raises(BadInput, match="Say why"):
        purging.refuse(purge=purge, actor=a_keeper(), at=NOON, why=" ")
    purging.refuse(purge=purge, actor=a_second_person(), at=NOON, why="Wrong drive")

    assert (purge.status, purge.ended_why) == ("refused", "Wrong drive")


def test_request_a_second_before_the_purge_keeps_the_record() -> None:
    record = an_old_record()
    purge = a_confirmed_purge(record)
    request = an_asking_request()
    custody.preserve(request=request, actor=None, at=NOON)

    run(purge)

    item = purge.items.get()
    assert bytes_of(record).exists()
    assert (item.state, purge.status) == ("skipped", "done")
    assert item.skipped_why == f"on hold for {request}"
    assert "Left alone" in certificates.html_of(purge, NOON)


def test_request_a_second_after_the_purge_hears_of_lawful_destruction_with_schedule_and_day() -> None:
    record = an_old_record()
    purge = a_done_purge(record)
    request = an_asking_request()

    custody.preserve(request=request, actor=None, at=NOON)

    [sentence] = destroyed_before(request)
    gone = again(record).destroyed_at
    assert gone is not None
    assert "Body-worn video recorded on July 1, 2026 was destroyed on" in sentence
    assert "must be kept for 90 days (formerly Occ. Code 1701.655)" in sentence
    assert sentence.endswith(f"Schedule tx-bwc, certificate {purge.number}.")
    assert not HoldRecord.objects.filter(hold__request=request).exists()
    assert destroyed_before(an_asking_request(place="Oak")) == []
    assert destroyed_before(an_asking_request(starts_at=None, ends_at=None)) == []


def test_hold_placed_while_the_job_runs_saves_what_it_has_not_come_to() -> None:
    first, second = an_old_record(), an_old_record(place="Oak Street")
    purge = a_confirmed_purge(first, second)
    one, two = destroying.unfinished(purge)
    assert destroying.begin(item=one, beside=[], at=NOON)

    custody.preserve(request=an_asking_request(), actor=None, at=NOON)
    custody.preserve(request=an_asking_request(place="Oak"), actor=None, at=NOON)

    assert not destroying.begin(item=two, beside=[], at=NOON)
    destroying.remove(item=one, in_use=lambda address, record: False, at=NOON)
    assert (bytes_of(first).exists(), bytes_of(second).exists()) == (False, True)
    assert set(HoldRecord.objects.values_list("record_id", flat=True)) == {second.pk}


def test_database_refuses_a_hold_on_a_destroyed_record() -> None:
    record = an_old_record()
    a_done_purge(record)
    hold = custody.place_hold(request=an_asking_request(), at=NOON)

    with pytest.raises(DatabaseError, match="destroyed already"), transaction.atomic():
        HoldRecord.objects.create(hold=hold, record=record, why="x", at=NOON)
    with pytest.raises(DatabaseError, match="stays so"), transaction.atomic():
        ResponsiveRecord.objects.filter(pk=record.pk).update(destroyed_at=None, purge=None)


def test_killed_halfway_the_job_goes_on_and_says_what_is_past_the_point(monkeypatch: Any) -> None:
    first, second = an_old_record(), an_old_record(place="Oak Street")
    purge = a_confirmed_purge(first, second)
    true = destroying._unlink

    def killed(address: str) -> None:
        true(address)
        raise SystemExit("kill -9")

    monkeypatch.setattr(destroying, "_unlink", killed)
    with pytest.raises(SystemExit):
        run(purge)

    states = list(purge.items.order_by("pk").values_list("state", flat=True))
    assert states == ["destroying", "listed"]
    assert again(first).destroyed_at is not None
    assert Purge.objects.get(pk=purge.pk).status == "confirmed"
    monkeypatch.setattr(destroying, "_unlink", true)
    Job.objects.filter(pk=purge.job_id or 0).update(lease_until=NOON - timedelta(days=1))
    assert run(purge)
    assert list(purge.items.values_list("state", flat=True)) == ["destroyed", "destroyed"]
    assert (bytes_of(first).exists(), bytes_of(second).exists()) == (False, False)
    assert audit.verify().fault is None


def test_step_done_twice_is_done_once() -> None:
    purge = a_confirmed_purge()
    [item] = destroying.unfinished(purge)
    [stale] = destroying.unfinished(purge)
    destroying.begin(item=item, beside=[], at=NOON)

    assert destroying.begin(item=stale, beside=[], at=NOON)  # a second worker with an old row goes on with it
    for _ in range(2):
        destroying.remove(item=stale, in_use=lambda address, record: False, at=NOON)
    item.refresh_from_db()

    assert not destroying.begin(item=item, beside=[], at=NOON)
    assert Entry.objects.filter(action="custody.bytes_removed").count() == 1


def test_record_somebody_is_working_on_is_left_alone() -> None:
    purge = a_confirmed_purge()
    [item] = destroying.unfinished(purge)

    assert not destroying.begin(item=item, beside=[], at=NOON, obstacle="a copy is being made")

    assert item.skipped_why == "a copy is being made"


def test_purge_does_not_end_while_a_record_is_undone() -> None:
    purge = a_confirmed_purge()
    page = files.store_stream([b"%PDF"], area="derived")

    with pytest.raises(IllegalMove, match="1 records of the list"):
        destroying.finish(purge=purge, pdf=page, table=page, at=NOON)


def test_destroyed_record_says_so_and_the_same_bytes_can_come_again() -> None:
    record = an_old_record()
    content = bytes_of(record).read_bytes()
    a_done_purge(record)

    with pytest.raises(destroying.Destroyed, match="was destroyed on"):
        destroying.require_exists(again(record))
    twin = an_old_record(content=content)

    assert bytes_of(twin).read_bytes() == content


def test_bytes_destroyed_between_arrival_and_row_are_asked_for_again(monkeypatch: Any) -> None:
    request = a_request(status=Status.SEARCHING)
    stored = files.store_file

    def vanish(path: Path, *, area: files.Area) -> files.Stored:
        kept = stored(path, area=area)
        files.path_of(kept.address).unlink()
        return kept

    monkeypatch.setattr(files, "store_file", vanish)
    with pytest.raises(files.Corrupt, match="upload the file again"):
        an_old_record(request=request)

    assert request.records.count() == 0


def test_record_of_a_withdrawn_request_without_severity_waits_for_somebody_to_say_it() -> None:
    record = an_old_record(severity="", series="law_enforcement_video")
    close(record.request, Disposition.WITHDRAWN)

    assert purging.preview(an_agency(), TODAY) == ([], [])


def test_failed_job_shows_its_reason(monkeypatch: Any) -> None:
    purge = a_confirmed_purge()

    def broken(*_: Any) -> None:
        raise jobs.GiveUp("the disk is read-only")

    monkeypatch.setattr(certificates, "draw", broken)

    assert not run(purge)
    assert Job.objects.get(pk=purge.job_id or 0).error == "the disk is read-only"
    assert Purge.objects.get(pk=purge.pk).status == "confirmed"
