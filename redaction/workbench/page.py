"""What the pages of one record show, gathered once."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import BadInput
from portal.core.time import now
from redaction.plans import checks, closed, policies
from redaction.plans import services as plans
from redaction.plans.models import Plan, Review, SendBack
from redaction.plans.rows import newest_plan
from redaction.plans.rules import REVIEW
from redaction.probe import Facts
from redaction.workbench import editing
from redaction.workbench.columns import ColumnsForm
from redaction.workbench.flight_panel import panel
from redaction.workbench.forms import (
    MarkForm,
    RawMarksForm,
    Setting,
    TranscriptForm,
    VersionedForm,
    WithholdForm,
)
from redaction.workbench.insight import (
    may_look,
    note_look_into,
    require_insight_into,
    require_result,
)
from redaction.workbench.kinds import FORMS, OFFERED
from requests_app.custody import selectors as custody
from requests_app.custody import transcripts
from requests_app.custody.destroying import require_exists
from requests_app.custody.models import ResponsiveRecord
from requests_app.law import selectors as law

TAGS = {
    "collected": "neutral",
    "marked": "progress",
    "rendered": "progress",
    "verified": "waiting",
    "approved": "done",
    "released": "done",
    "withheld": "locked",
    "recalled": "overdue",
    "not_responsive": "neutral",
    "duplicate": "neutral",
}


def open_review(user: User, key: str) -> Review:
    """This will load a record's review for staff; 404 for anybody else.

    :raises Destroyed: when only the record's row is left.
    """
    record = custody.get_record(user, key)
    require_exists(record)
    return plans.open_review(record=record)


def look_into(user: User, key: str, action: str = "") -> Review:
    """This will load a review for a person who may look into its record now.

    ``action`` names the look that is written down, once an hour (``insight.note_look_into``); "" notes none.

    :raises NotAllowed: for a role without insight; audited.
    :raises IllegalMove: when the request is closed and nothing has opened this record again; audited.
    """
    review = open_review(user, key)
    require_insight_into(user, review)
    if action:
        note_look_into(user, review.record, action)
    return review


@dataclass
class Desk:
    """One record in front of one person: its newest marks, its file's facts, the forms that fit."""

    review: Review
    user: User
    bound: dict[str, VersionedForm] = field(default_factory=dict)  # forms that came back with errors

    def __post_init__(self) -> None:
        self.record: ResponsiveRecord = self.review.record
        self.plan: Plan | None = newest_plan(self.review)
        self.shut = closed.is_shut(self.review)
        self.whole: dict[str, Any] = self.plan.marks if self.plan else editing.empty()
        self.marks = closed.marks_shown(self.whole, shut=self.shut)  # changes start at whole
        try:
            self.facts = checks.facts_of(self.record)
            self.fault = ""
        except BadInput as error:
            self.facts = Facts(self.record.medium, self.record.format)
            self.fault = str(error)

    @property
    def version(self) -> int:
        return self.plan.version if self.plan else 0

    @cached_property
    def setting(self) -> Setting:
        request = self.record.request
        exemptions = law.exemptions(request.law_code, checks.day_of(request, now()))
        return Setting(
            version=self.version,
            facts=self.facts,
            reasons=law.redaction_reasons(request),
            exemptions=[(row.code, f"{row.citation}: {row.label}") for row in exemptions],
        )

    @cached_property
    def may_mark(self) -> bool:
        return policies.may_mark(self.user, self.review)

    def mark_form(self, kind: str, data: Any = None) -> MarkForm:
        return FORMS[kind](data, setting=self.setting, prefix=None)

    def context(self, request: HttpRequest, kind: str = "") -> dict[str, Any]:
        """This will give the marks page everything it shows, to those whose work needs what is inside.

        :raises NotAllowed: for other staff: marks hold words of the record.
        """
        require_result(self.user, self.review)
        offered = OFFERED[self.record.medium]
        chosen = kind if kind in offered else offered[0]
        setting = self.setting
        labels = dict(setting.reasons)
        at = request.GET.get("at", "")
        number = min(int(at), 10**6) if at.isascii() and at.isdigit() else self.first_picture
        job = self.review.job
        looks_in = may_look(self.user, self.review)
        return {
            "desk": self,
            "review": self.review,
            "record": self.record,
            "records_request": self.record.request,
            "facts": facts_rows(self),
            "marks": mark_rows(self, labels),
            "shut": self.shut,
            "kinds": [(name, FORMS[name].title) for name in offered],
            "kind": chosen,
            "mark_form": None
            if self.shut
            else self.bound.get("mark") or FORMS[chosen](None, setting=setting),
            "transcript": transcripts.standing(self.record) if self.is_heard else None,
            "transcript_form": TranscriptForm() if self.is_heard else None,
            "columns_form": (self.bound.get("columns") or self.columns_form()) if looks_in else None,
            "withhold_form": None
            if self.shut
            else self.bound.get("withhold") or WithholdForm(None, setting=setting),
            "raw_form": None if self.shut else self.bound.get("raw") or self.raw_form(),
            "error_form": next(iter(self.bound.values()), None),
            "actions": () if self.shut else REVIEW.actions(self.review.status),
            "tag": TAGS[self.review.status],
            "may_mark": self.may_mark,
            "picture": number if self.has_pictures and looks_in else None,
            "pictures": self.pictures,
            "job": job,
            "job_fault": "" if job is None else job.error if self.shut else job.told,
            "sent_back": self.sent_back,
            "flight": panel(self.record),
        }

    def columns_form(self, data: Any = None) -> ColumnsForm | None:
        if not self.facts.columns or self.record.medium != "table":
            return None
        return ColumnsForm(data, setting=self.setting, marks=self.marks)

    def raw_form(self, data: Any = None) -> RawMarksForm:
        text = json.dumps(self.whole, indent=1, ensure_ascii=False)
        return RawMarksForm(
            data, setting=self.setting, initial={"version": self.version, "marks": text}, auto_id="raw_%s"
        )

    @property
    def has_pictures(self) -> bool:
        return self.record.medium in ("pdf", "office", "image", "video")

    @property
    def sent_back(self) -> SendBack | None:
        """The last time the record was sent back, if it was."""
        newest = self.review.send_backs.select_related("by", "plan")[:1]
        return next(iter(closed.rows_shown(newest, "comment", shut=self.shut)), None)

    @property
    def is_heard(self) -> bool:
        return transcripts.may_have(self.record)

    @property
    def first_picture(self) -> int:
        return 0 if self.record.medium == "video" else 1

    @property
    def pictures(self) -> int:
        """The last page, or the last whole second of a film."""
        return len(self.facts.pages) or int(self.facts.seconds)

    def note_view(self, action: str, **detail: Any) -> None:
        """This will write that this person looked at the unredacted record."""
        audit.record(
            action=action,
            actor=self.user,
            subject=self.record,
            request_key=self.record.request.key,
            detail=detail,
        )


def facts_rows(desk: Desk) -> list[dict[str, str]]:
    """This will put a file's facts in words."""
    record, facts = desk.record, desk.facts
    hidden = () if desk.shut else facts.hidden
    rows = [
        ("Kind", f"{record.get_medium_display().capitalize()} ({record.format})"),
        ("Pages", str(len(facts.pages)) if record.medium == "pdf" else ""),
        (
            "First page",
            " by ".join(f"{n:g}" for n in facts.pages[0]) + " points"
            if facts.pages and record.medium == "pdf"
            else "",
        ),
        ("Picture", f"{facts.width} by {facts.height} pixels" if facts.width else ""),
        ("Length", f"{facts.seconds:.2f} seconds" if facts.seconds else ""),
        ("Sound", ("yes" if facts.has_sound else "none") if record.medium == "video" else ""),
        ("Picture tracks", str(facts.films) if facts.films > 1 else ""),
        ("Sound tracks", str(facts.sounds) if facts.sounds > 1 else ""),
        ("Columns", str(len(facts.columns)) if facts.columns else ""),
        ("Not on its pages", "; ".join(f"{item}: {what}" for item, what in hidden)),
        ("Owner", record.source_agency),
        ("SHA-256", record.sha256),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def picture_of(record: ResponsiveRecord, facts: Facts | None = None) -> tuple[float, float] | None:
    """This will give the width and height, in pixels, of a record that is a picture; None for any other."""
    if record.medium != "image":
        return None
    try:
        found = facts or checks.facts_of(record)
    except BadInput:
        return None  # a broken file: its page says so
    return (found.width, found.height) if found.width else None


def mark_rows(desk: Desk, reasons: dict[str, str]) -> list[dict[str, Any]]:
    """This will put each mark in words, of a closed record only its place, with the label of its reason."""
    picture = picture_of(desk.record, desk.facts)
    return [
        {
            "id": mark["id"],
            "kind": mark["kind"].replace("_", " "),
            "words": editing.describe_place(mark) if desk.shut else editing.describe(mark, picture),
            "reason": reasons.get(mark.get("reason") or "", mark.get("reason") or ""),
            "exemption": mark.get("exemption") or "",
            "note": mark.get("note") or "",
            "open": bool(mark.get("suggested")) and not mark.get("decision"),
        }
        for mark in desk.marks["marks"]
    ]
