"""The only code that opens and closes cases and decides, record by record, why one is withheld for now."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core import jobs
from portal.core.errors import BadInput, DomainError, IllegalMove, StaleWrite
from portal.core.models import Queue
from requests_app.correspondence import services as correspondence
from requests_app.custody import policies, tracing
from requests_app.custody.models import Case, CaseDetermination, ResponsiveRecord
from requests_app.custody.preservation import responsible
from requests_app.custody.rules import plain_number
from requests_app.law import selectors as law
from requests_app.law.material import SEVERITIES
from requests_app.law.models import Agency

CLOSED = "custody.case_closed"  # the job of a higher room: what was withheld for a case is looked at again
LONGEST = timedelta(days=180)  # as long as California lets a delay run unreviewed (Penal Code 832.7(b)(8))
CRITICAL = timedelta(days=30)  # the renewed notice of a critical incident (Gov. Code 7923.625)
SHORTEST_HARM = 30


class NoDetermination(DomainError):
    """A record of an open case is to be withheld whole, and nobody has said what its release would harm."""

    code = "no_determination"
    status = 422


class BlanketRefusal(DomainError):
    """The very words of another record of the case: that is a refusal of the case, not of this record."""

    code = "blanket_refusal"
    status = 422


def open_case(
    *, agency: Agency, number: str, title: str, severity: str, opened_on: date, actor: User
) -> Case:
    """This will enter a case. :raises BadInput: without number or title, or for a number that is there."""
    policies.require(actor, Permission.WORK_REQUESTS, "custody.case_opened", agency)
    number, title = " ".join(number.split()), " ".join(title.split())
    if not plain_number(number) or not title:
        raise BadInput("Give the case its number and a title in neutral words.")
    if severity and severity not in SEVERITIES:
        raise BadInput("Choose the severity from the list.")
    with transaction.atomic():
        case, created = Case.objects.get_or_create(
            agency=agency, number=number[:60],
            defaults={"title": title[:200], "severity": severity, "opened_on": opened_on},
        )  # fmt: skip
        if not created:
            raise BadInput(f"Case {number} is here already.")
        audit.record(action="custody.case_opened", actor=actor, subject=case)
    return case


def determine(
    *,
    record: ResponsiveRecord,
    exemption_code: str,
    harm: str,
    look_again_on: date,
    actor: User,
    at: datetime,
) -> CaseDetermination:
    """This will write down why this one record is withheld while its case is open.

    The ground's citation and words are kept as they stand on the day.

    :raises BadInput: without an open case, a ground in force, a harm in words or a near day to look again.
    :raises BlanketRefusal: for the same words as another record of the case has.
    """
    policies.require(actor, Permission.REDACT, "custody.determined", record)
    case, agency = record.case, record.request.agency
    if case is None or case.state != Case.State.OPEN:
        raise IllegalMove("This record belongs to no open case. A case cannot be the reason to withhold it.")
    today = tracing.day_of(at, agency.time_zone) or at.date()
    ground = law.exemptions(record.request.law_code, today).filter(code=exemption_code).first()
    if ground is None:
        raise BadInput("This ground is not in the law of the request today.")
    harm = " ".join(harm.split())
    if len(harm) < SHORTEST_HARM:
        raise BadInput("Say what exactly the release of this record would harm now, in a sentence.")
    most = today + (CRITICAL if record.series == "critical_incident_video" else LONGEST)
    if not today < look_again_on <= most:
        raise BadInput(f"Look again between tomorrow and {most:%B} {most.day}, {most.year}.")
    with transaction.atomic():
        # not its key: who describes a record points it at this case with the chain's lock held
        Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        twins = CaseDetermination.objects.filter(case=case, ended_at=None, harm__iexact=harm)
        if twins.exclude(record=record).exists():
            raise BlanketRefusal(
                "Another record of this case has the same words. Say what this one shows that would do harm."
            )
        standing = CaseDetermination.objects.filter(
            record=record, exemption_code=exemption_code, ended_at=None
        )
        standing.update(ended_at=at, ended_why="replaced by a newer one")
        made = CaseDetermination.objects.create(
            record=record, case=case, exemption_code=exemption_code, citation=ground.citation,
            explanation=ground.explanation, harm=harm[:4000], look_again_on=look_again_on, made_by=actor,
            made_at=at,
        )  # fmt: skip
        audit.record(
            action="custody.determined", actor=actor, subject=made, request_key=record.request.key,
            detail={"code": exemption_code, "look_again": look_again_on.isoformat()},
        )  # fmt: skip
    return made


def require_determinations(record: ResponsiveRecord, codes: Collection[str]) -> None:
    """This will refuse to withhold a record of an open case whole without a determination for each ground.

    :raises NoDetermination: naming the ground.
    """
    case = record.case
    if case is None or case.state != Case.State.OPEN:
        return
    made = set(
        CaseDetermination.objects.filter(record=record, case=case, ended_at=None).values_list(
            "exemption_code", flat=True
        )
    )
    if missing := [code for code in codes if code not in made]:
        raise NoDetermination(
            f"Case {case.number} is open. Before this record is withheld under {missing[0]}, write on its"
            " retention page what its release would harm and when to look again. No record is withheld for a"
            " case as such."
        )


def close_case(*, case: Case, on: date, actor: User, at: datetime) -> None:
    """This will close a case and have everything that was withheld for it looked at again.

    :raises StaleWrite: when it is closed already.
    :raises BadInput: for a day before it was opened or to come.
    """
    policies.require(actor, Permission.KEEP_RETENTION, "custody.case_closed", case)
    today = tracing.day_of(at, case.agency.time_zone) or at.date()
    if not case.opened_on <= on <= today:
        raise BadInput("The day it was closed lies between the day it was opened and today.")
    with transaction.atomic():
        standing = Case.objects.filter(pk=case.pk, state=Case.State.OPEN)
        if not standing.update(state=Case.State.CLOSED, closed_on=on, closed_by=actor):
            raise StaleWrite("This case is closed already.")
        case.refresh_from_db()
        audit.record(action="custody.case_closed", actor=actor, subject=case, detail={"on": on.isoformat()})
        jobs.enqueue(
            kind=CLOSED, dedupe_key=f"{CLOSED}:{case.pk}", queue=Queue.BUILD, payload={"case": case.pk}
        )


def withheld_for(case: Case) -> QuerySet[CaseDetermination]:
    """This will list the determinations that stand for a case."""
    rows = CaseDetermination.objects.filter(case=case, ended_at=None).order_by("pk")
    return rows.select_related("record__request__agency")


def end_determination(*, determination: CaseDetermination, why: str, at: datetime) -> bool:
    """This will end one determination; gives False when it had ended. Called where its record is reopened."""
    standing = CaseDetermination.objects.filter(pk=determination.pk, ended_at=None)
    if not standing.update(ended_at=at, ended_why=why[:200]):
        return False
    audit.record(
        action="custody.determination_ended", actor=None, subject=determination,
        request_key=determination.record.request.key,
    )  # fmt: skip
    return True


def remind(*, at: datetime) -> int:
    """This will mail who is responsible when the day to look again has come, once for each day set."""
    rows = CaseDetermination.objects.filter(
        ended_at=None, reminded_on=None, case__state=Case.State.OPEN, look_again_on__lte=at.date()
    )
    reminded = 0
    for row in rows.select_related("record__request__agency", "record__request__assignee", "case"):
        with transaction.atomic():
            if not rows.filter(pk=row.pk).update(reminded_on=at.date()):
                continue
            for person in responsible(row.record.request):
                correspondence.queue_mail(
                    to=person.email,
                    template="staff_look_again",
                    context={
                        **correspondence.links(row.record.request),
                        "determination": row,
                        "record_url": f"{settings.STAFF_BASE_URL}/desk/records/{row.record.key}/retention/",
                    },
                    request=row.record.request,
                    dedupe_key=f"look-again:{row.pk}:{person.pk}",
                )
        reminded += 1
    return reminded
