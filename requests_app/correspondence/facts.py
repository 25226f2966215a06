"""What a letter's fields hold: read from the request, its law and its ledger, and given by a caller."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from portal.accounts.models import User
from portal.core.money import dollars
from requests_app.clock import selectors as clocks
from requests_app.correspondence import fields, kinds
from requests_app.correspondence.fields import LANGUAGES, Table
from requests_app.correspondence.kinds import Kind
from requests_app.docket.models import RecordsRequest
from requests_app.law import clock as engine
from requests_app.law.derivation import Derivation
from requests_app.law.event import Event
from requests_app.law.pack import Appeal, Pack
from requests_app.law.selectors import office_hours, pack_for

# by which a decision is to be expected, the last of the law's duties first
_DECISIONS = (
    "grant_after_acknowledgement", "production", "determination", "response", "ag_request",
    "five_day_response",
)  # fmt: skip
_CHARGE_HEADS = {
    "en": ("Each charge", "For", "How much", "Rate", "Amount", "Why", "Total"),
    "es": ("Cada cobro", "Por", "Cuánto", "Precio", "Importe", "Por qué", "Total"),
}


def language_of(request: RecordsRequest) -> str:
    """This will give the language the requester chose, or English where we have no letters in it."""
    chosen = request.requester.language if request.requester else "en"
    return chosen if chosen in LANGUAGES else "en"


def tracking_url(request: RecordsRequest) -> str:
    """Spelt out: a staff-only process has no requester's addresses, yet its letters and mails name them."""
    return f"{settings.PUBLIC_BASE_URL}/my/requests/{request.key}/"


def values(
    *,
    request: RecordsRequest,
    kind: Kind,
    context: Mapping[str, Any],
    signer: User | None,
    at: datetime,
    subject: str,
    language: str,
) -> dict[str, Any]:
    """This will give a value for each field that has one. What the caller names itself wins.

    A value may be one for each language: ``{"en": …, "es": …}``. Besides fields, ``context`` may hold:
    ``clock`` and ``deadlines`` (derivations), ``estimate`` and ``schedule`` (as requests_app.fees has them).
    """
    zone = ZoneInfo(request.agency.time_zone)
    pack = pack_for(request)
    lapses: Sequence[Derivation] = context.get("deadlines") or clocks.lapses(request, at=at)
    found = {
        **_of_request(request, pack, zone),
        **_of_clock(context.get("clock") or main_clock(request, pack)),
        **({"new_day": moved.due, "new_counted": moved} if (moved := context.get("clock")) else {}),
        **_of_people(request, signer, kind),
        "subject": subject,
        "today": at.astimezone(zone).date(),
        "answer_by": min((row.due for row in lapses if row.due), default=None),
        "answer_duties": [_duty(row) for row in lapses],
        "expected_day": _expected(request, pack, at),
        **_of_estimate(context),
    }
    own = {
        name: value.get(language, value.get("en")) if isinstance(value, Mapping) else value
        for name, value in context.items()
        if name in kind.fields
    }
    return {name: value for name, value in {**found, **own}.items() if name in kind.fields}


def digest(held: Mapping[str, Any]) -> str:
    """This will fingerprint what a letter's fields held."""
    return hashlib.sha256(json.dumps(held, sort_keys=True, default=repr).encode()).hexdigest()


def main_clock(request: RecordsRequest, pack: Pack) -> Derivation | None:
    """This will derive the clock by which the agency must answer; None under a law without one."""
    return clocks.main_clock(request) if pack.clocks else None


def charges(lines: Iterable[Mapping[str, Any]], total_cents: int, language: str) -> Table:
    """This will lay out charges: ``label, quantity, unit, rate, amount_cents, why, cap, citation`` of each.

    What was counted and its rate are words already.
    """
    caption, *heads, last = _CHARGE_HEADS.get(language, _CHARGE_HEADS["en"])
    rows = [
        (
            str(line.get("label", "")),
            f"{line.get('quantity') or ''} {line.get('unit') or ''}".strip(),
            str(line.get("rate") or ""),
            dollars(line["amount_cents"]),
            " ".join(
                filter(
                    None,
                    (
                        line.get("why"),
                        line.get("cap"),
                        f"({line['citation']})" if line.get("citation") else "",
                    ),
                )
            ),
        )
        for line in lines
    ]
    return Table(caption, tuple(heads), (*rows, (last, "", "", dollars(total_cents), "")))


def route(appeal: Appeal) -> str:
    """This will say where a refusal can be taken, by when, and under which law."""
    return " ".join(
        filter(None, (appeal.route, appeal.deadline, f"({appeal.citation})" if appeal.citation else ""))
    )


def contact(request: RecordsRequest) -> str:
    """This will say in one line whom to ask at the agency, and how."""
    agency = request.agency
    return f"{agency.contact_name}, {agency.contact_title}, {agency.contact_email}, {agency.contact_phone}"


def _joined(words: str | None, citation: str | None) -> str:
    return " ".join(filter(None, (words, f"({citation})" if citation else "")))


def _of_request(request: RecordsRequest, pack: Pack, zone: ZoneInfo) -> dict[str, Any]:
    items = list(request.items.all())
    agency = request.agency
    asked = [item.description for item in items] or [request.title]
    return {
        "number": request.number,
        "received": request.received_at.astimezone(zone) if request.received_at else None,
        "asked": asked,
        "asked_text": "\n\n".join(asked),
        "time_span": _span(items, zone, language_of(request)),
        "law": pack.name,
        "fee_limit": request.fee_limit_cents,
        "appeal_routes": [route(appeal) for appeal in pack.appeals],
        "requester_name": str(request.requester),
        "agency_name": agency.name,
        "agency_address": agency.address,
        "contact": contact(request),
        "tracking_url": tracking_url(request),
    }


def _of_clock(clock: Derivation | None) -> dict[str, Any]:
    if clock is None:
        return {}
    return {
        "due_day": clock.due,
        "due_duty": f"{clock.title} ({clock.citation})" if clock.citation else clock.title,
        "due_citation": clock.citation,
        "counted": clock,
    }


def _of_people(request: RecordsRequest, signer: User | None, kind: Kind) -> dict[str, Any]:
    """Who decides has a name of its own: an e-mail address names nobody, and no letter is decided by none."""
    agency = request.agency
    if signer is None or kind.code in kinds.FROM_THE_OFFICE:
        name, title = ("", "") if kind.needs_decider else (agency.contact_name, agency.contact_title)
    else:
        name, title = signer.name, signer.title or ", ".join(sorted(role.label for role in signer.roles))
    return {
        "decider_name": name,
        "decider_title": title,
        "decider": f"{name}, {title}" if name and title else None,
    }


def _of_estimate(context: Mapping[str, Any]) -> dict[str, Any]:
    estimate = context.get("estimate")
    if estimate is None:
        return {}
    worth = estimate.computed_cents
    return {
        "total": estimate.billed_cents,
        "notes": list(estimate.notes),
        "version": str(estimate.version),
        "worth": worth if worth != estimate.billed_cents else None,
        "deposit": estimate.deposit_cents or None,
        "valid_until": estimate.valid_until,
        "schedule": str(context.get("schedule", estimate.schedule)),
    }


def _expected(request: RecordsRequest, pack: Pack, at: datetime) -> date | None:
    """The last day for a decision if the request is acknowledged now: laws that count from there need it."""
    found = engine.all_due(
        pack,
        office_hours(request.agency),
        [*clocks.events(request), Event("acknowledged", at)],
        record_type=request.record_type or None,
        requester_category=request.requester_category or None,
    )
    return next((found[name].due for name in _DECISIONS if name in found and found[name].due), None)


def _duty(row: Derivation) -> str:
    by = f" by {fields.day(row.due, 'en')}" if row.due else ""
    return f"{row.title}:{by}{f' ({row.citation})' if row.citation else ''}"


def _span(items: Sequence[Any], zone: ZoneInfo, language: str) -> str | None:
    first = next((item for item in items if item.starts_at), None)
    if first is None:
        return None
    start = first.starts_at.astimezone(zone)
    end = first.ends_at.astimezone(zone) if first.ends_at else start
    whole = start.strftime("%H:%M") == "00:00" and end.strftime("%H:%M") == "23:59"
    named = [fields.day(one, language) if whole else fields.moment(one, language) for one in (start, end)]
    return " – ".join(dict.fromkeys(named))
