"""Changing a pack never changes what was decided under another version, not by a byte."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest

from portal.accounts.rules import Role
from redaction.plans.models import Approval
from requests_app.clock import selectors as clock
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.fees import quoting
from requests_app.fees.models import Estimate
from requests_app.law import drafting, rule, selectors, services
from requests_app.law.models import Exemption, LawPack
from tests.builders import NOON, a_pack, a_user, an_agency
from tests.redaction.plans.plan_builders import an_approval
from tests.requests_app.fees.fee_builders import LATER, an_estimate, some_work

pytestmark = pytest.mark.django_db
CHANGES: dict[str, dict[str, Any]] = {
    "clocks/ag_request": {"n": 3, "title": "Something else"},
    "fees/rows/tx-recording": {"rate": "1.00", "max_rate": "1.00"},
    "exemptions/TX-130": {"explanation": "Other words.", "letter_text": "Other words.", "citation": "9.99"},
}
HOLIDAY = {
    "id": "tuesday", "name": "Every other Tuesday", "verified": "M",
    "on": {"kind": "fixed", "month": 11, "day": 10},
}  # fmt: skip


def everything_said(request: RecordsRequest) -> str:
    """All that a requester was told and can be told again, as bytes would compare."""
    estimate = Estimate.objects.get(case__request=request)
    on = NOON.date() + timedelta(days=40)
    pack = selectors.pack_for(request)
    quoted = quoting.quote_work(estimate.case, some_work(), LATER)
    said = {
        "clocks": [asdict(found) for found in clock.derivations(request, on=on)],
        "estimate": list(Estimate.objects.filter(pk=estimate.pk).values()),
        "quoted again": asdict(quoted),
        "letters": list(request.letters.order_by("pk").values()),
        "approved": list(Approval.objects.order_by("pk").values("exemptions")),
        "grounds": list(Exemption.objects.filter(code="TX-130", valid_from__lte=NOON.date()).values_list(
            "citation", "label", "explanation", "letter_text"
        )),
        "law": [pack.version, pack.clocks["ag_request"].title],
    }  # fmt: skip
    return json.dumps(said, default=repr, sort_keys=True)


def a_closed_request() -> RecordsRequest:
    approval = an_approval()
    request: RecordsRequest = approval.review.record.request
    RecordsRequest.objects.filter(pk=request.pk).update(record_type="body_worn_camera")
    request.refresh_from_db()
    an_estimate(request=request)
    RecordsRequest.objects.filter(pk=request.pk).update(
        status=Status.CLOSED, closed_at=LATER, disposition="partial"
    )
    request.refresh_from_db()
    return request


def a_very_different_version() -> LawPack:
    admin = a_user(Role.ADMIN)
    draft = drafting.start_version(base=a_pack(), actor=admin, at=LATER)
    for path, changes in CHANGES.items():
        draft.refresh_from_db()
        found = rule.find(draft.data, path)
        drafting.save_rule(
            draft=draft, section_id=found.section.id, value={**found.data, **changes}, path=path,
            seen=found.fingerprint, actor=admin, at=LATER,
        )  # fmt: skip
    drafting.save_rule(draft=draft, section_id="calendar/holidays", value=HOLIDAY, actor=admin, at=LATER)
    draft.refresh_from_db()
    return drafting.publish(
        draft=draft,
        seen=draft.revision,
        effective_from=date(2026, 1, 1),
        note="all new",
        actor=admin,
        at=LATER,
    )


def test_closed_request_says_the_same_to_the_byte_after_another_version_is_used() -> None:
    request = a_closed_request()
    before = everything_said(request)

    new = a_very_different_version()
    services.use_pack(
        agency=an_agency(), pack=new, actor=a_user(Role.ADMIN), at=LATER + timedelta(days=1), reason="new",
        as_drafts=True,
    )  # fmt: skip

    assert selectors.pack_in_use(an_agency()) == new
    assert selectors.parsed(new).clocks["ag_request"].title == "Something else"
    assert Exemption.objects.filter(code="TX-130").latest("valid_from").explanation == "Other words."
    assert everything_said(RecordsRequest.objects.get(pk=request.pk)) == before
