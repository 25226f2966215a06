"""Loading law packs, and the recorded decision which version is used."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError, NotAllowed
from portal.core.time import now
from requests_app.law import catalogue, closures, rule, selectors, standing
from requests_app.law import pack as packs
from requests_app.law.models import Agency, ClosureDay, LawPack, PackAdoption
from requests_app.law.schema import PackError


class AlreadySetUp(DomainError):
    """There is an agency already; its facts are changed on the administrators' page."""

    code = "already_set_up"


class PackChanged(BadInput):
    """A loaded version came again with other contents; versions never change."""

    code = "pack_changed"


class DraftsUndecided(BadInput):
    """Rules that counsel has not adopted are used for real requests only by a recorded decision."""

    code = "drafts_undecided"

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(
            f"Counsel has not adopted {count} rule{'s' * (count != 1)} of this version. "
            "Decide that they are used as drafts, or let counsel adopt them first."
        )


@transaction.atomic
def load_pack(*, path: Path) -> tuple[LawPack, bool]:
    """This will check a pack file and keep it as a version. Gives (row, whether it is new).

    :raises PackError: when the file breaks the schema. :raises PackChanged: when it was loaded otherwise.
    """
    pack = packs.load(path)
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_float=str)
    digest = rule.digest(data)
    row, created = LawPack.objects.get_or_create(
        code=pack.id,
        version=pack.version,
        defaults={
            "name": pack.name,
            "effective_from": pack.effective_from,
            "effective_to": pack.effective_to,
            "data": data,
            "sha256": digest,
        },
    )
    if not created and row.sha256 != digest:
        raise PackChanged(
            f"{row} is loaded already with other contents. Give the changed pack a new version."
        )
    if created:
        audit.record(action="law.pack_loaded", actor=None, subject=row, detail={"sha256": digest})
    return row, created


@transaction.atomic
def load_packs(*, paths: Sequence[Path]) -> list[tuple[LawPack, bool]]:
    """This will keep every pack of a list, or none: (row, whether it is new) for each.

    :raises PackError: naming every file that cannot be used and why.
    """
    loaded: list[tuple[LawPack, bool]] = []
    faults: list[str] = []
    for path in paths:
        try:
            with transaction.atomic():
                loaded.append(load_pack(path=path))
        except PackError as error:
            faults += error.problems
        except PackChanged as error:
            faults.append(f"{path.name}: {error}")
    if faults:
        raise PackError([*faults, "No pack was loaded."])
    return loaded


@transaction.atomic
def set_up_agency(*, facts: Mapping[str, str], at: datetime, reason: str) -> Agency:
    """This will enter the one agency this portal answers for, and the newest loaded pack of its law.

    ``facts``: the fields of :class:`Agency`. Done once, by whoever runs the machine.

    :raises AlreadySetUp: when there is an agency. :raises BadInput: naming the fact that does not fit.
    """
    if (found := Agency.objects.first()) is not None:
        raise AlreadySetUp(f"This portal answers for {found} already.")
    if facts.get("time_zone") not in available_timezones():
        raise BadInput(f"{facts.get('time_zone')} is no time zone; write one such as America/Chicago.")
    pack = LawPack.objects.filter(code=facts.get("law", "")).order_by("-effective_from", "-pk").first()
    if pack is None:
        known = ", ".join(LawPack.objects.order_by("code").values_list("code", flat=True).distinct())
        raise BadInput(f"There is no law {facts.get('law')}. Loaded are: {known or 'none'}.")
    row = Agency(**facts)
    try:
        row.full_clean()
    except ValidationError as fault:
        raise BadInput(" ".join(f"{name}: {said[0]}" for name, said in fault.message_dict.items())) from None
    row.save()
    audit.record(action="law.agency_set_up", actor=None, subject=row, detail={"law": row.law})
    use_pack(agency=row, pack=pack, actor=None, at=at, reason=reason)
    return row


@transaction.atomic
def use_pack(
    *,
    agency: Agency,
    pack: LawPack,
    actor: User | None,
    at: datetime,
    reason: str,
    as_drafts: bool = False,
    other_law: bool = False,
) -> PackAdoption:
    """This will record the decision to use a pack version for requests received from now on.

    A version whose first day is still to come takes over on that day. The rules counsel has not adopted are
    kept with the decision; ``as_drafts`` says that they are used all the same. The machine's operator
    (``actor`` None, at set-up) decides that by running the command. The version's exemptions enter the
    catalogue from the day it holds. ``other_law``: the agency answers under another law from now on.

    :raises NotAllowed: unless the actor administers. :raises BadInput: for another law, or without a reason.
    :raises DraftsUndecided: when rules are drafts and nobody decided to use them as such.
    """
    if actor is not None and not actor.may(Permission.ADMINISTER):
        raise NotAllowed("Only an administrator may choose the law pack in use.")
    if pack.code != agency.law and not other_law:
        raise BadInput(f"{agency} answers under {agency.law}, not {pack.code}.")
    if not reason.strip():
        raise BadInput("Say why this version is used: counsel's adoption, or the decision to use a draft.")
    # two at once must not word a ground twice
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    today = at.astimezone(ZoneInfo(agency.time_zone)).date()
    if pack.effective_to is not None and pack.effective_to < today:
        raise BadInput(f"{pack} ended on {pack.effective_to}.")
    open_rules = standing.drafts(agency, pack)
    if open_rules and actor is not None and not as_drafts:
        raise DraftsUndecided(len(open_rules))
    if pack.code != agency.law:
        Agency.objects.filter(pk=agency.pk).update(law=pack.code)
        detail = {"from": agency.law, "to": pack.code}
        audit.record(action="law.changed_for_agency", actor=actor, subject=agency, detail=detail)
        agency.law = pack.code
    row = PackAdoption.objects.create(
        agency=agency,
        pack=pack,
        decided_by=actor,
        decided_at=at,
        reason=reason,
        drafts=[[each.path, each.digest] for each in open_rules],
    )
    kept = catalogue.take_over(pack=packs.parse(pack.data, str(pack)), on=max(today, pack.effective_from))
    audit.record(
        action="law.pack_used",
        actor=actor,
        subject=row,
        detail={"pack": str(pack), "drafts": len(open_rules), "own_exemptions_kept": kept},
    )
    return row


@transaction.atomic
def close_on(
    *, agency: Agency, day: date, reason: str, actor: User, at: datetime | None = None
) -> ClosureDay:
    """This will let a day count as closed from ``at`` on. The clock room asks first what that moves.

    :raises BadInput: when the day is there already, or the law gives the agency no more such days.
    """
    _require_calendar(actor)
    # two at once must not pass the year's limit
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    found = ClosureDay.objects.filter(agency=agency, day=day, ended_at=None).first()
    if found is not None:
        raise BadInput(f"{day:%A %d %B %Y} is a closure already: {found.reason}.")
    calendar = selectors.parsed(selectors.pack_in_use(agency)).calendar
    if why_not := calendar.closure_refusal({**closures.standing(agency), day: reason}):
        raise BadInput(why_not)
    row = ClosureDay.objects.create(agency=agency, day=day, reason=reason, effective_at=at or now())
    audit.record(action="law.closure_added", actor=actor, subject=row, detail={"day": day.isoformat()})
    return row


@transaction.atomic
def reopen_on(*, closure: ClosureDay, actor: User, at: datetime | None = None) -> None:
    """This will take a closure back from ``at`` on; its row stays for the requests closed before.

    :raises BadInput: when it was taken back already.
    """
    _require_calendar(actor)
    row = ClosureDay.objects.select_for_update().get(pk=closure.pk)
    if row.ended_at is not None:
        raise BadInput(f"{row.day:%A %d %B %Y} was taken back already.")
    row.ended_at = closure.ended_at = at or now()
    row.save(update_fields=["ended_at"])
    audit.record(action="law.closure_removed", actor=actor, subject=row, detail={"day": row.day.isoformat()})


def _require_calendar(actor: User) -> None:
    if not (actor.may(Permission.ADMINISTER) or actor.may(Permission.ADOPT_LAW)):
        raise NotAllowed("Only an administrator or the agency’s counsel may change the calendar.")
