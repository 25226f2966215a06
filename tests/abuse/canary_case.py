"""One request full of canaries, taken to an issued release by the services people use.

Each canary is a word that stands nowhere else. ``SECRET`` ones are for the agency alone; ``HERS`` were
written by the requester, who may read them again; ``TOLD`` were written to her.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any
from unittest.mock import patch

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core import jobs
from portal.core.models import Job, JobState
from portal.core.time import now
from redaction.plans import services as plans
from redaction.plans.models import Review
from redaction.plans.rows import latest_version, newest_render
from redaction.release import services as release
from redaction.release.models import ReleaseManifest
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction
from requests_app.custody import services as custody
from requests_app.custody.models import ResponsiveRecord
from requests_app.desk import services as desk
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.fees import payments, waivers
from requests_app.fees import services as fees
from requests_app.fees.models import PublishedSchedule
from requests_app.intake import services as intake
from requests_app.intake.models import FormDefinition
from tests.builders import a_user, an_agency
from tests.requests_app.custody.record_builders import a_file, a_pdf
from tests.requests_app.fees.fee_builders import a_schedule, some_work

for _tasks in ("redaction.release.tasks", "redaction.plans.tasks", "requests_app.correspondence.tasks"):
    import_module(_tasks)  # a worker has the handlers from Celery

HERS = {
    "her name": "Hernamezulu",
    "her address": "hermailzulu@people.example",
    "her answer": "Heranswerzulu",
    "her place": "Herplacezulu",
    "her people": "Herpeoplezulu",
    "her details": "Herdetailszulu",
    "her message": "Hermessagezulu",
    "her wish to pay less": "Herwaiverzulu",
}
TOLD = {
    "message to her": "Toldmessagezulu",
    "question to her": "Toldquestionzulu",
    "waiver refusal": "Toldwaiverzulu",
    "title of a record": "Toldtitlezulu",
    "title of a withheld record": "Toldkepttitlezulu",
    "explanation": "Toldexplanationzulu",
    "kept cell": "Toldcellzulu",
    "kept words": "Toldwordszulu",
    "releasing person": "Toldreleaserzulu",
    "fee officer": "Toldfeezulu",
    "number on her receipt": "Toldtillzulu",
}
SECRET = {
    "note": "Secretnotezulu",
    "preservation evidence": "Secretevidencezulu",
    "clerk": "Secretclerkzulu",
    "analyst": "Secretanalystzulu",
    "approver": "Secretapproverzulu",
    "address of staff": "secretmailzulu",
    "file name of the table": "Secrettablefilezulu",
    "file name of the document": "Secretdocumentfilezulu",
    "file name of the withheld": "Secretkeptfilezulu",
    "masked cell": "SECRETPLATEZULU",
    "dropped cell": "Secretdropzulu",
    "removed row": "SECRETROWZULU",
    "marked words": "Secretwordszulu",
    "id of a mark": "secretmarkzulu",
    "note of a mark": "Secretmarknotezulu",
    "words in a withheld record": "Secretkeptwordszulu",
    "note of a withholding": "Secretwithholdnotezulu",
    "comment sent back": "Secretcommentzulu",
    "source agency": "Secretsourcezulu",
}
TABLE = (
    "plate,camera,read_at,officer\n"
    f"{SECRET['masked cell']},{TOLD['kept cell']},2026-02-01 05:12:44,{SECRET['dropped cell']}\n"
    f"OTHER1,{TOLD['kept cell']},2026-02-01 05:13:01,{SECRET['dropped cell']}\n"
    f"{SECRET['removed row']},Gate,2026-02-01 06:00:00,{SECRET['dropped cell']}\n"
).encode()
TABLE_MARKS: list[dict[str, Any]] = [
    {"id": SECRET["id of a mark"], "kind": "column", "name": "plate", "action": "mask", "reason": "PLATE",
     "note": SECRET["note of a mark"]},
    {"id": "c2", "kind": "column", "name": "camera", "action": "release"},
    {"id": "c3", "kind": "column", "name": "read_at", "action": "coarsen", "to": "hour", "reason": "PLATE"},
    {"id": "c4", "kind": "column", "name": "officer", "action": "drop", "reason": "VICTIM"},
    {"id": "r1", "kind": "rows", "remove": [{"column": "plate", "op": "eq", "value": SECRET["removed row"]}],
     "reason": "PLATE"},
]  # fmt: skip
PDF_MARKS: list[dict[str, Any]] = [
    {
        "id": SECRET["id of a mark"],
        "kind": "text",
        "literal": SECRET["marked words"],
        "reason": "VICTIM",
        "note": SECRET["note of a mark"],
    }
]


@dataclass
class Case:
    """The request, its people and what came of it. ``staff`` by role."""

    request: RecordsRequest
    requester: User
    stranger: User
    others: RecordsRequest
    staff: dict[str, User] = field(default_factory=dict)
    manifest: ReleaseManifest | None = None


def an_issued_case() -> Case:
    """From filing to the issued package, with every kind of secret on the way."""
    an_agency()
    intake.load_forms()
    if not PublishedSchedule.objects.exists():
        a_schedule()
    staff = {
        "clerk": _staff(Role.CLERK, SECRET["clerk"]),
        "analyst": _staff(Role.ANALYST, SECRET["analyst"]),
        "approver": _staff(Role.APPROVER, SECRET["approver"]),
        "releaser": _staff(Role.CLERK, TOLD["releasing person"]),
        "fees": _staff(Role.FEE_OFFICER, TOLD["fee officer"]),
    }
    her = a_user(email=HERS["her address"], name=HERS["her name"])
    other = a_user(email="another@people.example", name="Another Person")
    case = Case(_filed(her), her, other, _filed(other, what_happened="Another matter"), staff)
    _search(case)
    _bill(case)
    for record, marks in zip(
        ResponsiveRecord.objects.filter(request=case.request), (TABLE_MARKS, PDF_MARKS, None), strict=True
    ):
        _decide(case, record, marks)
    desk.finish_review(request=case.request, actor=staff["clerk"], at=now())
    case.manifest = release.create(
        request=case.request, actor=staff["releaser"], at=now(), outcome_note=TOLD["explanation"]
    )
    work()
    case.manifest.refresh_from_db()
    case.request.refresh_from_db()
    assert case.manifest.status == "issued", case.manifest.failure
    return case


def work() -> None:
    """Run every waiting job as a worker would."""
    # the heartbeat's own connection cannot see the rows of the test's open transaction
    with patch.object(jobs, "HEARTBEAT_SECONDS", 3600):
        while waiting := list(Job.objects.filter(state=JobState.PENDING).values_list("pk", flat=True)):
            for pk in waiting:
                assert jobs.execute(pk), Job.objects.get(pk=pk).error


def _staff(role: Role, name: str) -> User:
    address = f"{SECRET['address of staff']}.{name.lower()}@larkspur.example"
    return a_user(role, email=address, name=name, title="Records unit")


def _filed(requester: User, **fields: str) -> RecordsRequest:
    answers = {
        "what_happened": HERS["her answer"],
        "incident_date": "2026-10-30",
        "place": HERS["her place"],
        "people": HERS["her people"],
        "details": HERS["her details"],
        "record_type": "body_worn_camera",
        "requester_category": "other",
        "name": requester.name,
        "email": requester.email,
    }
    if fields:
        answers |= {"place": "Elsewhere", "people": "", "details": "", **fields}
    form = FormDefinition.objects.get(code="video", is_active=True)
    at = now() - timedelta(days=2)
    return intake.file_at_once(form=form, answers=answers, requester=requester, key="k", at=at)[0]


def _search(case: Case) -> None:
    row, clerk, at = case.request, case.staff["clerk"], now()
    desk.acknowledge(request=row, actor=clerk, at=at)
    task = row.preservation_tasks.get()
    custody.attest_preserved(task=task, actor=clerk, at=at, evidence=SECRET["preservation evidence"])
    docket.add_note(request=row, author=clerk, body=SECRET["note"])
    words: dict[str, Any] = {"request": row, "at": at}
    correspondence.post_message(
        author=case.requester, body=HERS["her message"], direction=Direction.FROM_REQUESTER,
        idempotency_key="a", **words,
    )  # fmt: skip
    desk.tell(actor=clerk, body=TOLD["message to her"], idempotency_key="b", **words)
    desk.ask(actor=clerk, body=TOLD["question to her"], idempotency_key="c", **words)
    docket.move(request=row, action="answer_agency", actor=case.requester, at=at)
    desk.start_search(request=row, actor=clerk, at=at)
    for content, name, title in (
        (TABLE, f"{SECRET['file name of the table']}.csv", f"Reads {TOLD['title of a record']}"),
        (
            a_pdf(f"{TOLD['kept words']} said {SECRET['marked words']} then"),
            f"{SECRET['file name of the document']}.pdf",
            "Statement",
        ),
        (
            a_pdf(SECRET["words in a withheld record"]),
            f"{SECRET['file name of the withheld']}.pdf",
            f"Kept {TOLD['title of a withheld record']}",
        ),
    ):
        custody.add_record(
            request=row, upload=a_file(content, name), title=title, actor=case.staff["analyst"], at=at,
            source_agency=SECRET["source agency"],
        )  # fmt: skip
    desk.finish_search(request=row, actor=clerk, at=at)


def _bill(case: Case) -> None:
    row, officer, at = case.request, case.staff["fees"], now()
    fees.save_worksheet(request=row, work=some_work(), actor=officer, at=at)
    estimate = fees.send_estimate(request=row, actor=officer, at=at)
    fees.ask_waiver(estimate=estimate, actor=case.requester, at=at, text=HERS["her wish to pay less"])
    waivers.decide(
        request=row,
        actor=officer,
        at=at,
        percent=0,
        reason=TOLD["waiver refusal"],
        standard="Use to the public.",
    )
    fees.accept(estimate=estimate, actor=case.requester, at=at)
    payments.take_at_counter(
        request=row, amount_cents=estimate.billed_cents, method="cash",
        receipt_number=TOLD["number on her receipt"], actor=officer, at=at,
    )  # fmt: skip


def _decide(case: Case, record: ResponsiveRecord, marks: list[dict[str, Any]] | None) -> None:
    review, analyst, approver = (
        plans.open_review(record=record),
        case.staff["analyst"],
        case.staff["approver"],
    )
    for turn in ("sent back", "approved"):
        if marks is None:
            plans.withhold(
                review=review, exemption_codes=["TX-108"], actor=analyst, at=now(),
                note=SECRET["note of a withholding"],
            )  # fmt: skip
        else:
            plans.save_plan(
                review=review, marks={"version": 1, "marks": marks}, author=analyst, at=now(),
                expected_version=latest_version(review),
            )  # fmt: skip
            plans.request_render(review=review, actor=analyst, at=now())
        work()
        review = Review.objects.get(pk=review.pk)
        render = newest_render(review)
        assert render is not None, review.status
        if turn == "sent back":
            plans.send_back(review=review, by=approver, comment=SECRET["comment sent back"], at=now())
        else:
            plans.approve(review=review, approver=approver, at=now(), render_sha256=render.sha256)
