"""After a destruction no row and no file says or shows what the record held, whichever table it stands in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import Client
from psycopg import sql

from portal.accounts.rules import Role
from portal.core import files, jobs
from portal.core.models import Job, JobState
from portal.core.time import now
from redaction import table_looks
from redaction.plans import closed
from redaction.plans.leaving_triggers import TAKEN_OUT
from redaction.plans.models import (
    CopyWords,
    Detection,
    Finding,
    FindingDecision,
    Likeness,
    Pin,
    Plan,
    Render,
    Review,
    SendBack,
    SuggestionDecision,
)
from redaction.release import destroying
from redaction.workbench import office_pages, table_counting
from redaction.workbench.models import Preview
from requests_app.custody.models import ResponsiveRecord
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import DROP_PLATES, a_plan, a_review
from tests.redaction.plans.reviewed import NAME, NUMBER, reviewed_documents
from tests.redaction.workbench.film_records import a_film_record, posted, work
from tests.requests_app.custody.record_builders import SPOKEN, a_pdf, a_record, a_transcript
from tests.requests_app.custody.retention_builders import STOP, a_confirmed_purge, a_done_purge, close, run

pytestmark = pytest.mark.django_db


def due(*records: ResponsiveRecord) -> list[ResponsiveRecord]:
    """The same records, recorded so long ago that their day has come, of closed requests."""
    keys = [record.pk for record in records]
    ResponsiveRecord.objects.filter(pk__in=keys).update(
        series="body_worn_camera", severity="non_event", recorded_at=STOP
    )
    for record in records:
        close(record.request)
    return list(ResponsiveRecord.objects.select_related("request__agency").filter(pk__in=keys))


def texts() -> Iterator[tuple[str, str]]:
    """Every column of every table that can hold words, those of tables added later too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_name, c.column_name FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
            " AND c.data_type IN"
            " ('text', 'character varying', 'character', 'json', 'jsonb', 'bytea', 'ARRAY', 'xml')"
        )
        yield from cursor.fetchall()


def rows_saying(word: str) -> set[tuple[str, str]]:
    said = set()
    with connection.cursor() as cursor:
        for table, column in texts():
            # bytes are told as hexadecimal digits
            cursor.execute(
                sql.SQL("SELECT EXISTS (SELECT 1 FROM {} WHERE {}::text ILIKE ANY (%s))").format(
                    sql.Identifier(table), sql.Identifier(column)
                ),
                [[f"%{word}%", f"%{word.encode().hex()}%"]],
            )
            if cursor.fetchone()[0]:
                said.add((table, column))
    return said


def files_kept() -> set[Path]:
    return {path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()}


def names_kept(subjects: set[str]) -> set[str]:
    """What the cache knows of files, by their hash or address."""
    told = {f"known:{what}:{of}" for what in ("facts", "shapes", "lengths") for of in subjects}
    return set(cache.get_many([*told, *(f"intact:{of}" for of in subjects)]))


def a_counted_table(client: Client) -> ResponsiveRecord:
    content = b"plate,camera,read_at\n" + f"{NAME},{NUMBER},2026-02-01 05:12:44\n".encode() * 20
    record = a_record(content=content, name=f"{NAME}.csv")
    with patch.object(table_looks, "is_small", return_value=False):
        posted(client, record, "table-counts", marks=DROP_PLATES)
        posted(client, record, "table-finds")
    for job in Job.objects.filter(kind=table_counting.KIND, state=JobState.PENDING):
        assert jobs.execute(job.pk), job.told
    return record


def a_watched_film(client: Client) -> ResponsiveRecord:
    record = a_film_record()
    a_transcript(record, SPOKEN.replace(b"Maria Canary", NAME.encode()))
    box = {"t": 0, "rect": [0.1, 0.1, 0.3, 0.3]}
    entry = {"id": "m", "kind": "mute", "literal": NAME, "reason": "MINOR"}
    covered = {"id": "r", "kind": "region", "start": 0, "end": 1, "keyframes": [box], "reason": "MINOR"}
    a_plan(review=a_review(record), marks={"version": 1, "marks": [entry, covered]})
    posted(client, record, "film-proxy")
    posted(client, record, "film-sample", start=0, seconds=1)
    work()
    assert {row.kind for row in Preview.objects.exclude(address="")} >= {"proxy", "sample"}
    return record


def an_office_file_looked_at() -> ResponsiveRecord:
    """Its pages, as the stage keeps them."""
    record = a_record(content=a_pdf(NAME), name="letter.pdf")
    office_pages.place_of(record, [], at=now()).write_bytes(NAME.encode())
    return record


def test_nothing_of_a_destroyed_record_is_left_in_any_row_or_file(client: Client) -> None:
    client.force_login(a_user(Role.ANALYST))
    before = files_kept()
    records = [
        *reviewed_documents(), a_counted_table(client), a_watched_film(client), an_office_file_looked_at(),
    ]  # fmt: skip
    for model in (
        CopyWords, Detection, Finding, FindingDecision, Likeness, Pin, SendBack, SuggestionDecision,
    ):  # fmt: skip
        assert model.objects.exists(), f"nothing was driven that leaves a {model.__name__}"
    assert {("plans_plan", "marks"), ("plans_finding", "words"), ("core_job", "said")} <= rows_saying(NAME)
    hashes = {record.sha256 for record in records}
    addresses = {str(path.relative_to(settings.DATA_DIR)) for path in files_kept() - before}
    film = records[3]
    for address in addresses:
        files.note_intact(files.Stored(address, "0" * 64, 1))
    assert {name.split(":")[0] for name in names_kept(addresses | hashes)} == {"known", "intact"}
    assert cache.get(f"known:lengths:{film.sha256}")

    purge = a_done_purge(*due(*records))

    assert {item.state for item in purge.items.all()} == {"destroyed"}
    assert rows_saying(NAME) == set()
    assert rows_saying(NUMBER) == set()
    certificate = purge.certificate
    left = {str(path.relative_to(settings.DATA_DIR)) for path in files_kept() - before}
    assert left == {certificate.pdf_address, certificate.csv_address}
    assert not any(path.name in hashes for path in Path(settings.DATA_DIR).rglob("*"))
    assert names_kept((addresses - left) | hashes) == set()
    assert not Likeness.objects.exists()
    assert not Preview.objects.exists()
    table = records[2]
    counted = table_counting.Ask(table, "finds", table_counting.decided({"version": 1, "marks": []}))
    assert table_counting._kept(table, counted.kept_as) is None


def test_what_explains_a_destroyed_record_stays_and_takes_no_other_words() -> None:
    records = reviewed_documents()
    review = Review.objects.get(record=records[0])
    digests = list(review.plans.values_list("version", "digest", "author"))

    a_done_purge(*due(*records))

    newest = review.plans.order_by("-version").first()
    assert newest is not None
    assert list(review.plans.values_list("version", "digest", "author")) == digests
    assert [(mark["id"], mark["kind"], mark["reason"]) for mark in newest.marks["marks"]] == [
        ("t0", "text", "MINOR"), ("t1", "text", "MINOR"),
    ]  # fmt: skip
    render = Render.objects.get(review=review)
    assert [row["id"] for row in render.report["marks"]] == ["t0", "t1"]
    assert render.sha256
    assert closed.is_shut(review)
    longer = {"version": 1, "marks": [{"id": "t0", "kind": "text", "literal": "x" * 400}]}

    for rows, change in (
        (Plan.objects.all(), {"marks": longer}),
        (Plan.objects.all(), {"digest": "0" * 64}),
        (SendBack.objects.all(), {"comment": "Nothing was wrong."}),
        (Finding.objects.all(), {"words": "another"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


def test_words_leave_no_row_of_a_record_that_is_there() -> None:
    reviewed_documents()
    changes: list[tuple[Any, dict[str, Any]]] = [
        (Plan, {"marks": {"version": 1, "marks": []}}),
        (Render, {"report": {}}),
        (SendBack, {"comment": TAKEN_OUT}),
        (Pin, {"text": ""}),
        (Finding, {"words": ""}),
        (FindingDecision, {"why": TAKEN_OUT}),
        (SuggestionDecision, {"group": TAKEN_OUT}),
        (Detection, {"finds": {}}),
    ]

    for model, change in changes:
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(**change)
    for model in (Likeness, *(model for model, _ in changes)):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all()._raw_delete("default")


WORKING = {
    "plans.detect": ("review", "it is being looked through"),
    "workbench.table": ("record", "its rows are being counted"),
    "workbench.preview": ("", "a preview of it is being made"),
    "plans.share": ("plan", "a redacted copy of it is being made"),
}


def test_a_record_a_worker_looks_into_is_left_alone() -> None:
    plan, other = a_plan(), a_review(a_record(content=b"plate,at\nY,noon\n")).record
    record = plan.review.record
    ids = {"review": plan.review_id, "record": record.pk, "plan": plan.pk}
    found = {}

    for kind, (named, _) in WORKING.items():
        job = Job.objects.create(
            kind=kind, dedupe_key=kind, queue="media", state=JobState.RUNNING, run_after=NOON,
            payload={named: ids.get(named)}, input_digest="" if named else record.sha256,
        )  # fmt: skip
        found[kind] = destroying.obstacle(record)
        assert destroying.obstacle(other) == ""
        Job.objects.filter(pk=job.pk).update(state=JobState.FAILED)

    assert found == {kind: why for kind, (_, why) in WORKING.items()}
    Job.objects.filter(kind="plans.detect").update(state=JobState.RUNNING)
    purge = a_confirmed_purge(*due(record))
    assert run(purge)
    assert purge.items.get().skipped_why == "it is being looked through"


def test_a_count_that_ends_after_the_destruction_is_not_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(a_user(Role.ANALYST))
    record = a_record(content=b"plate,camera,read_at\nX,Y,2026-02-01 05:12:44\n", name="reads.csv")
    with patch.object(table_looks, "is_small", return_value=False):
        posted(client, record, "table-finds")
    job = Job.objects.get(kind=table_counting.KIND)

    def meanwhile(*_: Any, **__: Any) -> dict[str, Any]:
        with patch.object(destroying, "obstacle", return_value=""):  # as when the job began just then
            a_done_purge(*due(record))
        return {"found": NAME}

    monkeypatch.setattr(table_looks, "scan", meanwhile)

    assert not jobs.execute(job.pk)

    assert "Nobody waits" in Job.objects.get(pk=job.pk).error
    asked = table_counting.Ask(record, "finds", table_counting.decided({"version": 1, "marks": []}))
    assert table_counting._kept(record, asked.kept_as) is None
