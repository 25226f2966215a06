"""The words of a determination: gathered once when it is decided, printed from the frozen copy ever after."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string

from portal.accounts.models import User
from portal.core.exports import csv_lines
from portal.core.templatetags.daylight import file_size
from redaction.plans.selectors import ApprovedRender
from redaction.release import contents, log, package, particulars, telling
from redaction.release.particulars import Answers, Particular
from redaction.release.rules import Outcome, outcome_of
from redaction.release.withholding import Ground, Withholding, rows
from requests_app.clock import selectors as clocks
from requests_app.correspondence import facts as correspondence
from requests_app.correspondence import fields
from requests_app.custody.models import ResponsiveRecord
from requests_app.custody.selectors import holds_in_force
from requests_app.docket.models import RecordsRequest
from requests_app.law import clock as engine
from requests_app.law.event import Event
from requests_app.law.pack import Pack
from requests_app.law.selectors import office_hours, pack_for

_SPANISH = {
    "pdf": "Documento",
    "office": "Archivo de oficina o correo",
    "image": "Imagen",
    "video": "Video",
    "audio": "Audio",
    "table": "Tabla",
    "flight": "Registro de vuelo",
}


def check_url() -> str:
    return f"{settings.PUBLIC_BASE_URL}/check-a-package/"


def downloads_url(request: RecordsRequest) -> str:
    """Spelt out: a staff-only process has no requester's addresses, yet its letters and mails name them."""
    return f"{settings.PUBLIC_BASE_URL}/my/requests/{request.key}/downloads/"


def gather(
    *,
    request: RecordsRequest,
    approved: Sequence[ApprovedRender],
    withheld: Sequence[ApprovedRender],
    decider: User,
    explanation: str,
    at: datetime,
    answers: Answers | None = None,
    titles: telling.Titles | None = None,
) -> dict[str, Any]:
    """This will give everything the letter and the index say, as JSON. Nothing in it quotes a record.

    ``titles`` is what :func:`redaction.release.telling.titles` found; what it does not say is left out.

    :raises LetterIncomplete: when the letter would not say all that the law of the request wants said.
    """
    pack = pack_for(request)
    both = sorted([*approved, *withheld], key=lambda entry: entry.record.position)
    hidden = telling.Withheld([entry.render for entry in both])
    fit = {entry.record.pk: telling.is_fit(entry, hidden, titles or {}) for entry in both}
    told = {code: particulars.sentence(rule, answers or {}) for code, rule in pack.exemptions.items()}
    agency, language = request.agency, correspondence.language_of(request)
    entries = [
        _entry(number, entry, pack, told, _title(entry.record, number, language, fit[entry.record.pk]))
        for number, entry in enumerate(both, start=1)
    ]
    parts = sum(len(entry["withholdings"]) for entry in entries if entry["path"])
    outcome = outcome_of(released=len(approved), withheld=len(withheld), withholdings=parts)
    facts = {
        "agency": {
            name: getattr(agency, name)
            for name in (
                "name",
                "short_name",
                "address",
                "contact_name",
                "contact_title",
                "contact_email",
                "contact_phone",
            )
        },
        "request": {
            "number": request.number,
            "received": _day(request.received_at, agency.time_zone, language) if request.received_at else "",
            "asked": [item.description for item in request.items.all()],
        },
        "requester": {
            "name": str(request.requester),
            "address": getattr(request.requester, "postal_address", ""),
        },
        "law": pack.name,
        "decided": _day(at, agency.time_zone, language),
        "decider": {
            "name": decider.name,
            "title": decider.title or ", ".join(sorted(role.label for role in decider.roles)),
        },
        "outcome": outcome.value,
        "explanation": explanation,
        "records": entries,
        "holds": [f"H-{hold.pk}" for hold in holds_in_force(request)],
        "grounds": _unique(ground for entry in entries for ground in entry["grounds"]),
        "appeals": _appeals(request, pack, outcome, at, language),
        "link_days": settings.RELEASE_LINK_DAYS,
        "check_url": check_url(),
        "downloads_url": downloads_url(request),
    }
    facts |= contents.additions(request, facts, language, at=at)
    contents.require_whole(facts, pack)
    return facts


def letter_html(facts: dict[str, Any], *, fingerprint: str) -> str:
    name = "letters/determination.es.html" if facts.get("language") == "es" else "letters/determination.html"
    return render_to_string(name, {**facts, "fingerprint": fingerprint})


def index_html(facts: dict[str, Any]) -> str:
    lines = list(log.rows(facts))
    by_record = [
        {**record, "lines": [line for line in lines if line["record_id"] == str(record["number"])]}
        for record in facts["records"]
    ]
    name = "withholding_index.es.html" if facts.get("language") == "es" else "withholding_index.html"
    return render_to_string(f"letters/{name}", {**facts, "records": by_record})


def log_csv(facts: dict[str, Any]) -> str:
    """This will give the withholding log as a CSV file (RFC 4180, UTF-8)."""
    return "".join(csv_lines(log.HEADER, log.cells(facts)))


def asked_of(request: RecordsRequest, entries: Sequence[ApprovedRender]) -> list[Particular]:
    """This will list what a decision on these records has to say about the exemptions its letter names."""
    pack = pack_for(request)
    cited = {row["code"] for entry in entries for row in entry.exemptions}
    named = cited | {
        code
        for entry in entries
        for mark in entry.marks
        if not mark.get("exemption") and (reason := pack.reasons.get(mark.get("reason") or ""))
        for code in reason.exemptions
    }
    return particulars.wanted((rule for rule in pack.exemptions.values() if rule.code in named), cited)


def _entry(
    number: int, approved: ApprovedRender, pack: Pack, told: Mapping[str, str], title: str
) -> dict[str, Any]:
    render, record = approved.render, approved.record
    found = rows(
        approved.marks,
        reason_label=lambda code: pack.reasons[code].label if code in pack.reasons else "",
        grounds=partial(_grounds, {row["code"]: row for row in approved.exemptions}, pack, told),
    )
    return {
        "number": number,
        "record": record.pk,
        "title": title,
        "medium": record.medium,
        "noun": record.get_medium_display(),
        "made": _made(record),
        # whose camera a partner's is stays here: naming the shop or the home would be a release of its own
        "source": "a partner’s system" if record.source_agency else record.request.agency.name,
        "extent": record.extent or file_size(record.size),
        "reviewer": approved.approval.approver.title or "a second person of the records unit",
        "harms": dict(record.determinations.filter(ended_at=None).values_list("exemption_code", "harm")),
        "reviewed_on": approved.approval.at.astimezone(ZoneInfo(record.request.agency.time_zone))
        .date()
        .isoformat(),
        "path": "" if render.withheld else package.record_path(number, record.medium, render.suffix),
        "size": render.size,
        "withholdings": [row.as_dict() for row in found],
        "grounds": _unique(ground for row in found for ground in _dicts(row)),
    }


def _title(record: ResponsiveRecord, number: int, language: str, is_fit: bool) -> str:
    """A title that says what the marks withhold stays inside; its kind and number name the record."""
    if is_fit:
        return record.title
    noun = record.get_medium_display().capitalize()
    return f"{_SPANISH[record.medium] if language == 'es' else noun} {number}"


def _made(record: ResponsiveRecord) -> str:
    """When the thing recorded happened, as the item asked for says it: an ISO date."""
    item = record.item
    if item is None or item.starts_at is None:
        return ""
    return item.starts_at.astimezone(ZoneInfo(record.request.agency.time_zone)).date().isoformat()


def _grounds(
    cited: dict[str, dict[str, str]], pack: Pack, told: Mapping[str, str], reason: str, exemption: str
) -> list[Ground]:
    """The exemption a mark cites, in the words kept at its approval; else what its reason rests on."""
    if row := cited.get(exemption):
        said = told.get(row["code"], "")
        return [Ground(row["code"], row["citation"], row["label"], row["explanation"], said)]
    codes = pack.reasons[reason].exemptions if reason in pack.reasons else ()
    return [
        Ground(row.code, row.citation or "", row.short_label, row.explanation, told.get(row.code, ""))
        for row in (pack.exemptions[code] for code in codes if code in pack.exemptions)
    ]


def _dicts(row: Withholding) -> list[dict[str, str]]:
    return list(row.as_dict()["grounds"])


def _unique(grounds: Any) -> list[dict[str, str]]:
    return list({ground["code"]: ground for ground in grounds}.values())


def _appeals(
    request: RecordsRequest, pack: Pack, outcome: Outcome, at: datetime, language: str
) -> list[dict[str, str]]:
    found = []
    for appeal in pack.appeals:
        last = ""
        if appeal.clock and outcome != Outcome.FULL:
            due = engine.due(
                pack,
                appeal.clock,
                office_hours(request.agency),
                [*clocks.events(request), Event("denied", at)],
                record_type=request.record_type or None,
                requester_category=request.requester_category or None,
            ).due
            last = fields.day(due, language) if due else ""
        found.append(
            {
                "route": appeal.route,
                "deadline": appeal.deadline,
                "citation": appeal.citation or "",
                "last_day": last,
            }
        )
    return found


def _day(at: datetime, zone: str, language: str) -> str:
    return fields.date_of(at.astimezone(ZoneInfo(zone)).date(), language)
