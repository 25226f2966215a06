"""The decision to release: everything frozen, and the build asked for, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core import files, jobs
from portal.core.errors import DomainError
from portal.core.models import Queue
from redaction.plans import selectors as plans
from redaction.plans.models import Review
from redaction.plans.outdated import is_current, remedy, why
from redaction.plans.recusal import ApproverRecused, require_free_approvers
from redaction.plans.selectors import ApprovedRender
from redaction.release import contents, keys, letter, package, particulars, policies, telling
from redaction.release.models import ReleaseItem, ReleaseManifest
from redaction.release.particulars import Answers
from redaction.release.rules import ItemKind, ReleaseFacts, ReleaseStatus, input_digest, why_not
from requests_app.custody.models import CaseDetermination
from requests_app.custody.selectors import waits_for_counsel
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import RequestFacts, Status
from requests_app.fees import selectors as fees

BUILD = "release.build"
HASHED_AT_ONCE = 64 * 1024 * 1024  # a larger file is hashed by the build, not while a person waits


class ReleaseRefused(DomainError):
    """Something still stands between the request and its release."""

    code = "release_refused"


def create(
    *,
    request: RecordsRequest,
    actor: User,
    at: datetime,
    outcome_note: str = "",
    answers: Answers | None = None,
) -> ReleaseManifest:
    """This will freeze what was approved into a manifest and ask for its package to be built.

    ``outcome_note`` goes to the requester, printed in the letter, and so do ``answers``: what the cited
    exemptions have to be told (``particulars``). A finished review becomes ``ready``.

    :raises NotAllowed: when the actor's roles do not include releasing.
    :raises ReleaseRefused: with every reason why not: money due, records undecided, nothing approved, …
    :raises NoSigningKey: when the package could not be signed.
    :raises Corrupt: when an approved file is no longer intact.
    """
    policies.require_release(actor, request, "create")
    keys.signer()
    approved = plans.approved_renders(request)
    for entry in approved:
        _require_file(entry)
    titles = telling.titles([*approved, *plans.withheld_records(request)])
    with transaction.atomic():
        return _create(request, actor, at, outcome_note.strip(), answers or {}, titles)


def _create(
    request: RecordsRequest,
    actor: User,
    at: datetime,
    note: str,
    answers: Answers,
    titles: telling.Titles,
) -> ReleaseManifest:
    locked = RecordsRequest.objects.select_for_update(of=("self",)).select_related("agency", "requester")
    case = locked.get(pk=request.pk)
    list(Review.objects.select_for_update(of=("self",)).filter(record__request=case).order_by("pk"))
    facts = facts_of(case)
    if reasons := why_not(facts):
        raise ReleaseRefused(" ".join(reasons))
    if case.status == Status.IN_REVIEW:
        decided = RequestFacts(records=facts.records, undecided_records=facts.undecided)
        docket.move(request=case, action="finish_review", actor=actor, at=at, facts=decided)
    approved, withheld = plans.approved_renders(case), plans.withheld_records(case)
    if lacking := particulars.faults(letter.asked_of(case, (*approved, *withheld)), answers):
        raise ReleaseRefused(" ".join(lacking))
    try:
        require_free_approvers(case, [entry.approval for entry in (*approved, *withheld)])
    except ApproverRecused as refusal:
        raise ReleaseRefused(str(refusal)) from refusal
    words_said = " ".join([note, *(said for given in answers.values() for said in given.values())])
    for entry in (*approved, *withheld):
        _require_bound(entry)
        if waits_for_counsel(entry.record, at=at):
            raise ReleaseRefused(
                f"Record {entry.record.position} should be gone by law and is kept by a hold alone. Counsel"
                " has to decide about it first."
            )
    _require_silence((*approved, *withheld), words_said, contents.ruling_number(case))
    words = letter.gather(
        request=case, approved=approved, withheld=withheld, decider=actor, explanation=note, at=at,
        answers=answers, titles=titles,
    )  # fmt: skip
    last = ReleaseManifest.objects.filter(request=case).aggregate(last=Max("number"))["last"]
    assert case.requester is not None  # noqa: S101  a filed request has one
    manifest = ReleaseManifest.objects.create(
        request=case,
        number=(last or 0) + 1,
        recipient=case.requester,
        released_by=actor,
        outcome=words["outcome"],
        explanation=note,
        facts=words,
        input_digest=digest_of(approved, withheld),
        link_days=settings.RELEASE_LINK_DAYS,
        created_at=at,
    )
    _freeze_items(manifest, {entry.record.pk: entry for entry in (*approved, *withheld)})
    manifest.job = jobs.enqueue(
        kind=BUILD,
        dedupe_key=f"{BUILD}:{manifest.pk}",
        queue=Queue.BUILD,
        payload={"manifest": manifest.pk},
        input_digest=manifest.input_digest,
    )
    manifest.save(update_fields=["job"])
    audit.record(
        action="release.created",
        actor=actor,
        subject=manifest,
        request_key=case.key,
        detail={"number": manifest.number, "outcome": manifest.outcome, "input": manifest.input_digest},
    )
    request.status = case.status
    return manifest


def facts_of(request: RecordsRequest) -> ReleaseFacts:
    """This will gather what decides whether a release may be made now."""
    reviews = plans.facts(request)
    newest = ReleaseManifest.objects.filter(request=request).exclude(status=ReleaseStatus.FAILED).first()
    return ReleaseFacts(
        status=request.status,
        records=reviews.records,
        undecided=reviews.undecided,
        approved=reviews.approved,
        withheld=reviews.withheld,
        building=newest is not None and newest.status == ReleaseStatus.BUILDING,
        recalled=newest is not None and newest.status == ReleaseStatus.RECALLED,
        fee_blocks=fees.blocks_release(request),
    )


def digest_of(approved: Sequence[ApprovedRender], withheld: Sequence[ApprovedRender]) -> str:
    """This will bind a release to exactly these records, results, marks and approvals."""
    return input_digest(
        (
            entry.record.pk,
            entry.render.pk,
            entry.render.sha256,
            entry.render.marks_digest,
            entry.approval.pk,
            *(companion.sha256 for companion in entry.render.companions.all()),
        )
        for entry in (*approved, *withheld)
    )


def _freeze_items(manifest: ReleaseManifest, approved: dict[int, ApprovedRender]) -> None:
    for entry in manifest.facts["records"]:
        source = approved[entry["record"]]
        ReleaseItem.objects.create(
            manifest=manifest,
            kind=ItemKind.RECORD if entry["path"] else ItemKind.WITHHELD,
            position=entry["number"],
            record=source.record,
            render=source.render,
            approval=source.approval,
            path=entry["path"],
            title=entry["title"],
            size=source.render.size,
            sha256=source.render.sha256,
            address=source.render.address,
            exemptions=entry["grounds"],
        )
        for companion in source.render.companions.all():
            ReleaseItem.objects.create(
                manifest=manifest,
                kind=ItemKind.COMPANION,
                position=entry["number"],
                render=source.render,
                approval=source.approval,
                path=package.companion_path(entry["number"], companion.name),
                title=package.companion_title(entry["number"], companion.name),
                size=companion.size,
                sha256=companion.sha256,
                address=companion.address,
            )


def _require_bound(entry: ApprovedRender) -> None:
    """Postgres holds this by trigger; a release still does not take anybody's word for it."""
    approval, render = entry.approval, entry.render
    bound = (
        approval.approver_id != approval.prepared_by_id
        and approval.render_sha256 == render.sha256
        and approval.marks_digest == render.marks_digest
        and approval.source_sha256 == render.source_sha256 == entry.record.sha256
        and approval.engine == render.engine
    )
    if not bound:
        raise ReleaseRefused(
            f"The approval of record {entry.record.position} is not for the file that would be released."
        )
    if not is_current(render):
        raise ReleaseRefused(f"Record {entry.record.position}: {why(render)} {remedy(render)}")


def _require_silence(entries: Sequence[ApprovedRender], words: str, ruling: str) -> None:
    """What letter and withholding log print of what people wrote: reasons, answers, numbers, harms."""
    hidden = telling.Withheld([entry.render for entry in entries])
    positions = {entry.render.pk: entry.record.position for entry in entries}
    if (render := hidden.said_in(words)) is not None:
        raise ReleaseRefused(
            f"Your explanation says words that are withheld from record {positions[render.pk]}."
            " Say it without them; the requester reads it."
        )
    if (render := hidden.said_in(ruling)) is not None:
        raise ReleaseRefused(
            f"The number of the ruling says words that are withheld from record {positions[render.pk]}. Take"
            " that entry back and enter the number alone; the requester reads it."
        )
    standing = CaseDetermination.objects.filter(
        record__in=[entry.record.pk for entry in entries], ended_at=None
    )
    for position, harm in standing.order_by("record__position").values_list("record__position", "harm"):
        if hidden.said_in(harm) is not None:
            raise ReleaseRefused(
                f"The harm stated for record {position} says words that are withheld. State it without them"
                " on the record's retention page; the withholding log prints it."
            )


def _require_file(entry: ApprovedRender) -> None:
    stored = files.Stored.of(entry.render)
    if stored.size <= HASHED_AT_ONCE:
        files.require_intact(stored)
        return
    path = files.path_of(stored.address)
    if not path.exists() or path.stat().st_size != stored.size:
        raise files.Corrupt("A redacted file is missing or has changed. It was not released.")
