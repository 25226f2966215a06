"""Documents of one request that have words in common, and what is withheld of them."""

from typing import Any

from redaction.plans.models import Render
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import a_request
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review
from tests.requests_app.custody.record_builders import a_pdf, a_record


def a_case() -> RecordsRequest:
    return a_request(status=Status.SEARCHING)


def words(*literals: str) -> dict[str, Any]:
    marks = [
        {"id": f"t{n}", "kind": "text", "literal": text, "reason": "MINOR"} for n, text in enumerate(literals)
    ]
    return {"version": 1, "marks": marks}


def a_document(*lines: str, request: RecordsRequest | None = None, title: str = "Report") -> ResponsiveRecord:
    return a_record(content=a_pdf(*lines), name="report.pdf", title=title, request=request)


def made(record: ResponsiveRecord, marks: dict[str, Any]) -> Render:
    return a_render(plan=a_plan(review=a_review(record), marks=marks))
