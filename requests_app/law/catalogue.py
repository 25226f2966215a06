"""The only code that changes the agency's facts and its exemptions after a pack is loaded."""

from datetime import date, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput
from requests_app.law.models import Agency, Exemption, LawPack
from requests_app.law.pack import Exemption as Ground
from requests_app.law.pack import Pack

_REFUSAL = "Only an administrator may change this."

AGENCY_FACTS = (
    "cutoff", "cutoff_citation", "contact_name", "contact_title", "contact_email", "contact_phone", "address",
)  # fmt: skip
"""What an administrator may change here; the law, the zone and the name are set when the portal is set up."""


@transaction.atomic
def edit_agency(*, agency: Agency, actor: User, facts: dict[str, str | time | None]) -> list[str]:
    """This will change the agency's cut-off and contacts and name the fields that changed.

    Open clocks are derived anew at the next look: a new cut-off holds for them too.

    :raises BadInput: for a fact that does not fit. :raises NotAllowed: unless the actor administers.
    """
    policies.require(actor, Permission.ADMINISTER, _REFUSAL)
    if unknown := set(facts) - set(AGENCY_FACTS):
        raise BadInput(f"{sorted(unknown)[0]} cannot be changed here.")
    row = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    changed = [name for name, value in facts.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, facts[name])
    try:
        row.full_clean()
    except ValidationError as fault:
        raise BadInput(" ".join(f"{name}: {said[0]}" for name, said in fault.message_dict.items())) from None
    if changed:
        row.save(update_fields=changed)
        audit.record(action="law.agency_edited", actor=actor, subject=row, detail={"fields": changed})
    return changed


@transaction.atomic
def add_exemption(
    *,
    law: str,
    code: str,
    citation: str,
    label: str,
    explanation: str,
    valid_from: date,
    actor: User,
    letter_text: str = "",
    verified: str = "M",
) -> Exemption:
    """This will add a ground to withhold, in force from a day on.

    A row of the same code that is still open ends the day before: text is never changed, a new row
    takes over, so what a determination cited can always be read as it was.

    :raises BadInput: when a row of that code begins on the same day or later.
    """
    policies.require(actor, Permission.ADMINISTER, _REFUSAL)
    for words, most in ((code, 32), (citation, 200), (label, 200), (explanation, 10_000)):
        if not 0 < len(words.strip()) <= most:
            raise BadInput("Give a code, a citation, a label and an explanation in plain words.")
    known = Exemption.objects.select_for_update().filter(law=law, code=code.strip())
    later = known.filter(Q(valid_from__gte=valid_from) | Q(valid_to__gte=valid_from)).first()
    if later is not None:
        until = f" to {later.valid_to}" if later.valid_to else ""
        raise BadInput(
            f"{code} is there from {later.valid_from}{until} already; begin the new text after it."
        )
    replaced = known.filter(valid_to=None).update(valid_to=valid_from - timedelta(days=1))
    row = Exemption.objects.create(
        law=law,
        code=code.strip(),
        citation=citation.strip(),
        label=label.strip(),
        explanation=explanation.strip(),
        letter_text=letter_text.strip(),
        valid_from=valid_from,
        verified=verified,
    )
    detail: dict[str, Any] = {"code": row.code, "from": valid_from.isoformat(), "replaces": bool(replaced)}
    audit.record(action="law.exemption_added", actor=actor, subject=row, detail=detail)
    return row


@transaction.atomic
def end_exemption(*, exemption: Exemption, last_day: date, today: date, actor: User) -> None:
    """This will let a ground run out after a day, today at the earliest. The row and its text stay.

    :raises BadInput: for a day in the past, before the row begins, or when it has ended already.
    """
    policies.require(actor, Permission.ADMINISTER, _REFUSAL)
    row = Exemption.objects.select_for_update().get(pk=exemption.pk)
    if row.valid_to is not None:
        raise BadInput(f"{row.code} ends on {row.valid_to} already.")
    if last_day < max(today, row.valid_from):
        raise BadInput("The last day cannot be before today, nor before the first day.")
    row.valid_to = last_day
    row.save(update_fields=["valid_to"])
    exemption.valid_to = last_day
    detail = {"code": row.code, "last": last_day.isoformat()}
    audit.record(action="law.exemption_ended", actor=actor, subject=row, detail=detail)


@transaction.atomic
def take_over(*, pack: Pack, on: date) -> list[str]:
    """This will bring a version's grounds into the catalogue from a day on, and name those left alone.

    A ground whose words are the same stays as it is. One that says something else ends the day before and
    its new text takes over; one the version no longer has ends. A text the agency wrote itself stays,
    whatever the version says: its code is in the list given back.
    """
    theirs = _texts_of_packs(pack.id)
    rows: dict[str, list[Exemption]] = {}
    for row in Exemption.objects.select_for_update().filter(law=pack.id).order_by("valid_from"):
        rows.setdefault(row.code, []).append(row)
    kept, new = [], []
    for ground in pack.exemptions.values():
        last = rows[ground.code][-1] if ground.code in rows else None
        if last is None:
            new.append(_row(pack.id, ground, ground.effective_from))
        elif _text(last) == _words(ground):
            if last.valid_to is None and ground.effective_to is not None:
                _end(last, max(ground.effective_to, on - timedelta(days=1)))
        elif _text(last) not in theirs:
            kept.append(ground.code)
        else:
            begins = max(on, ground.effective_from, last.valid_from + timedelta(days=1))
            if last.valid_to is None or last.valid_to >= begins:
                _end(last, begins - timedelta(days=1))
            new.append(_row(pack.id, ground, begins))
    for code, those in rows.items():
        if code not in pack.exemptions and those[-1].valid_to is None and _text(those[-1]) in theirs:
            _end(those[-1], on - timedelta(days=1))
    Exemption.objects.bulk_create(new)
    return kept


Words = tuple[str, str, str, str, str, tuple[str, ...]]


def _text(row: Exemption) -> Words:
    return (row.code, row.citation, row.label, row.explanation, row.letter_text, tuple(row.applies_to))


def _words(ground: Ground) -> Words:
    return (
        ground.code, ground.citation or "", ground.short_label, ground.explanation, ground.letter_text,
        tuple(ground.applies_to),
    )  # fmt: skip


def _texts_of_packs(law: str) -> set[Words]:
    """Every text any version brought: what is none of these, somebody of the agency wrote."""
    parts = LawPack.objects.filter(code=law).values_list("data__exemptions", flat=True)
    return {
        (
            each["code"], each["citation"] or "", each["short_label"], each["explanation"],
            each["letter_text"], tuple(each["applies_to"]),
        )
        for rows in parts
        for each in rows or ()
    }  # fmt: skip


def _row(law: str, ground: Ground, begins: date) -> Exemption:
    ends = ground.effective_to
    return Exemption(
        law=law,
        code=ground.code,
        citation=ground.citation or "",
        label=ground.short_label,
        explanation=ground.explanation,
        letter_text=ground.letter_text,
        applies_to=list(ground.applies_to),
        valid_from=begins,
        valid_to=max(ends, begins) if ends else None,
        verified=ground.verified,
    )


def _end(row: Exemption, last_day: date) -> None:
    """A row is in force for a day at least: what was cited on its first day keeps its ground."""
    row.valid_to = max(last_day, row.valid_from)
    row.save(update_fields=["valid_to"])
