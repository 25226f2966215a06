"""Documents that went through everything a review knows, with words of their own wherever words can stand."""

from typing import Any, NoReturn
from unittest.mock import patch

from portal.core import jobs
from portal.core.models import Job
from redaction import pipeline
from redaction.plans import pins, settling, suggestions
from redaction.plans import services as plans
from redaction.plans.models import Detection, Finding, Plan, Review
from redaction.plans.pins import Wanted
from redaction.plans.rows import latest_version
from redaction.plans.suggestion_groups import Group
from redaction.report import Finding as Fault
from redaction.report import VerificationFailed
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approver
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

NAME, NUMBER = "Zebrafinch", "123-45-6789"
FORM = ("Report of the officer on duty about what was seen and done", "The page is the same in every copy")


def a_document(request: RecordsRequest, *lines: str) -> ResponsiveRecord:
    return a_record(content=a_pdf(*FORM, *lines), name=f"{NAME}.pdf", title="Report", request=request)


def marked(record: ResponsiveRecord, *literals: str) -> Plan:
    entries = [
        {"id": f"t{n}", "kind": "text", "literal": words, "reason": "MINOR", "note": f"says {NAME}"}
        for n, words in enumerate(literals)
    ]
    return a_plan(review=a_review(record), marks={"version": 1, "marks": entries})


def looked_through(review: Review, **more: Any) -> Detection:
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=an_analyst(), at=NOON, **more)
    assert jobs.execute(row.job_id), Job.objects.get(pk=row.job_id).told
    return Detection.objects.get(pk=row.pk)


def refused(plan: Plan) -> None:
    """A render whose check fails, with a word of the record in its reason."""

    def fail(*_: Any, **__: Any) -> NoReturn:
        raise VerificationFailed([Fault(f"“{NAME}” is still legible", "t0", "page 1")])

    with patch.object(pipeline, "redact", fail):
        assert not jobs.execute(
            plans.request_render(review=plan.review, actor=plan.author, at=NOON).pk
        )  # fmt: skip


def reviewed_documents() -> list[ResponsiveRecord]:
    """Two documents that were searched, marked, refused, made, compared, sent back and answered."""
    case = a_request(status=Status.SEARCHING)
    first = a_document(case, f"Officer {NAME}", f"SSN {NUMBER}")
    second = a_document(case, f"Seen by {NAME}", "Gate")
    review, analyst = a_review(first), an_analyst()
    looked_through(review)
    suggestions.decide(
        review=review, group=Group(word=NUMBER), decision="accepted", why=f"belongs to {NAME}", actor=analyst,
        at=NOON, expected_version=latest_version(review), reason="MINOR",
    )  # fmt: skip
    with patch.object(suggestions, "ROOM", 10):
        waiting = looked_through(review, again=True)
    if waiting.state == "waiting":
        suggestions.drop(review=review, number=waiting.number, why=f"{NAME} again", actor=analyst, at=NOON)
    marked(second, "Gate")
    a_render(plan=Review.objects.get(record=second).plans.get())
    plan = marked(first, NAME, NUMBER)
    render = a_render(plan=plan)
    for finding in Finding.objects.filter(render=render):
        settling.settle(
            review=render.review, finding=finding.pk, outcome="leave", why=f"another {NAME}", actor=analyst,
            at=NOON,
        )  # fmt: skip
    sent = plans.send_back(
        review=render.review, by=an_approver(), comment=f"{NAME} is on page 2 too", at=NOON,
        pins=[Wanted("t0", f"so is {NUMBER}")],
    )  # fmt: skip
    pins.resolve(pin=sent.pins.get(), actor=analyst, at=NOON, answer=f"{NUMBER} is gone")
    refused(plan)
    return [first, second]
