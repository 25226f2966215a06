"""The page a reviewer works on: the record in the middle, its marks beside it, saved as they change."""

import base64
import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.core.http import AuthedRequest
from redaction.plans.rules import REVIEW, media_of
from redaction.workbench import modules, stages
from redaction.workbench.insight import require_insight
from redaction.workbench.page import TAGS, Desk, facts_rows, open_review

ADDRESSES = (
    "plan", "here", "history", "restore", "copy", "templates", "standing", "aside", "keep-back", "review",
    "marks", "records", "seen",
)  # fmt: skip


@require_GET
def work(request: AuthedRequest, key: str) -> HttpResponse:
    """The work page of one record."""
    desk = Desk(open_review(request.user, key), request.user)
    require_insight(desk)
    desk.note_view("custody.record_viewed")
    record = desk.record
    medium = stages.medium_shown(record.medium, record.format, request.GET.get("as", ""))
    stage = stages.stage_of(medium) if not desk.fault else None
    panes = stages.PANES if not desk.fault else ()
    rooms = [room for room in (stage, *panes) if room is not None]
    config = _config(desk, medium, stage, panes)
    context = {
        "desk": desk,
        "record": record,
        "records_request": record.request,
        "review": desk.review,
        "tag": TAGS[desk.review.status],
        "facts": facts_rows(desk),
        "sent_back": desk.sent_back,
        "stage": stage,
        "panes": panes,
        "styles": [room.style for room in rooms if room.style],
        "scripts": {
            "main": static(modules.ENTRY),
            "modules": modules.needed(modules.ENTRY, *([stage.script] if stage else ())),
        },
        "exemptions": desk.setting.exemptions,
        "other_media": [
            (other, stages.STAGES[stages.OF_MEDIUM[other]].title)
            for other in media_of(record.medium, record.format)
            if other != medium
        ],
        "may_mark": desk.may_mark,
        "actions": REVIEW.actions(desk.review.status),
        "is_open_to_marks": config["may_mark"],
        "is_settled": desk.review.status in ("verified", "approved", "withheld")
        and "save_marks" in REVIEW.actions(desk.review.status),
        "config": config,
        "early": _early(request, config),
    }
    return render(request, "workbench/work.html", context)


def _config(
    desk: Desk, medium: str, stage: stages.Room | None, panes: tuple[stages.Room, ...]
) -> dict[str, Any]:
    record, setting = desk.record, desk.setting
    marker = desk.may_mark
    return {
        "key": record.key,
        "title": record.title,
        "medium": medium,
        "format": record.format,
        "version": desk.version,
        "marks": desk.marks["marks"],
        "marker": marker,
        "may_mark": marker and "save_marks" in REVIEW.actions(desk.review.status),
        "status": desk.review.status,
        "reasons": list(setting.reasons),
        "exemptions": list(setting.exemptions),
        "facts": {**vars(desk.facts)},  # asdict would copy each of some thousand pages
        "stage": stages.config_of(stage, desk) if stage else None,
        "panes": [stages.config_of(pane, desk) for pane in panes],
        "me": {"id": desk.user.pk, "name": str(desk.user)},
        "copy_key": copy_key(desk),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "zone": record.request.agency.time_zone,
        "icons": static("vendor/uswds/img/sprite.svg"),
        "urls": {name: _address(name, desk) for name in ADDRESSES},
    }


def _early(request: AuthedRequest, config: dict[str, Any]) -> dict[str, Any] | None:
    """What a person sees first: the browser asks for it before any script runs."""
    begins_later = "t" in request.GET
    found: dict[str, Any] | None = None if begins_later else (config["stage"] or {}).get("early")
    return found


def copy_key(desk: Desk) -> str:
    """This will give the key by which a browser locks what it could not save yet (AES, 32 bytes, Base64).

    It is this person's for this record alone and made anew at each opening, so that what lies on a shared
    computer can only be read by signing in as the same person again.
    """
    said = f"unsaved marks of record {desk.record.pk} by {desk.user.pk}"
    made = hmac.new(settings.SECRET_KEY.encode(), said.encode(), hashlib.sha256).digest()
    return base64.b64encode(made).decode()


def _address(name: str, desk: Desk) -> str:
    key = desk.record.request.key if name == "records" else desk.record.key
    return reverse(f"workbench:{name}", kwargs={"key": key})
