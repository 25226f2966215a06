"""The build job: letters, manifest, signature and ZIP in scratch; then one fenced transaction issues them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

from portal.accounts.rules import Permission
from portal.audit import moves
from portal.audit.models import HighWater
from portal.core import files, jobs
from portal.core.time import now
from redaction import marks as marks_format
from redaction.plans import selectors as plans
from redaction.plans import services as reviews
from redaction.plans.models import Review
from redaction.plans.outdated import EngineChanged, require_current
from redaction.plans.plate_proofs import PlateNotProved, require_proved
from redaction.plans.recusal import ApproverRecused, require_free_approvers
from redaction.release import keys, letter, package, signing
from redaction.release.freezing import digest_of
from redaction.release.models import ReleaseItem, ReleaseManifest
from redaction.release.rules import RELEASE, ItemKind, Outcome, ReleaseStatus
from redaction.release.verifier import verify
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.pdf import letter_pdf
from requests_app.custody.destroying import Destroyed, require_exists
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, RequestFacts, Status
from requests_app.fees import selectors as fees

log = structlog.get_logger(__name__)
_PATHS = {ItemKind.LETTER: package.LETTER, ItemKind.INDEX: package.INDEX, ItemKind.LOG: package.LOG}
_TITLES = {
    ItemKind.LETTER: "Letter",
    ItemKind.INDEX: "Index of what was withheld",
    ItemKind.LOG: "Index of what was withheld, as a table for programs",
}


class BuildRefused(Exception):
    """The package must not come to be; ``str()`` says why, for the staff page."""


def make(run: jobs.Run) -> jobs.Publish:
    """This will build a release's package and give the step that issues it, or the step that says why not.

    Nothing is shown to anybody before that step; a worker killed anywhere leaves only unreachable files.
    """
    manifest = ReleaseManifest.objects.select_related("request__agency", "recipient", "released_by").get(
        pk=run.payload["manifest"]
    )
    if manifest.status != ReleaseStatus.BUILDING:
        return lambda: manifest.sha256
    try:
        _require_current(manifest)
        built = _build(run, manifest)
    except BuildRefused as refusal:
        return _refusing(manifest, str(refusal))
    return lambda: _issue(manifest, built)


def _build(run: jobs.Run, manifest: ReleaseManifest) -> dict[str, Any]:
    signer = keys.signer()
    fingerprint = signer.public.fingerprint
    run.progress(0.02, "writing the letter")
    with files.scratch() as folder:
        printed = {
            ItemKind.LETTER: _print(folder, letter.letter_html(manifest.facts, fingerprint=fingerprint)),
            ItemKind.INDEX: _print(folder, letter.index_html(manifest.facts)),
            ItemKind.LOG: _write(folder, letter.log_csv(manifest.facts)),
        }
        run.progress(0.1, "listing the files")
        members, rows = _members(manifest, printed, fingerprint)
        content = package.manifest_bytes(_head(manifest, fingerprint), rows)
        signature = signer.sign(content)
        members += [
            package.Member.of(package.MANIFEST, content),
            package.Member.of(package.SIGNATURE, signature),
            package.Member.of(package.KEY, signer.public.pem),
        ]
        stored = _pack(run, folder, members, signer.public)
    return {
        "printed": printed,
        "changes": {
            "address": stored.address,
            "sha256": stored.sha256,
            "size": stored.size,
            "manifest_json": content.decode(),
            "signature": signature.hex(),
            "key_fingerprint": fingerprint,
        },
    }


def _pack(run: jobs.Run, folder: Path, members: list[package.Member], key: signing.PublicKey) -> files.Stored:
    files.require_space(sum(member.size for member in members))
    target = folder / "package.zip"
    try:
        package.write_zip(members, target, progress=_between(run, 0.1, 0.8))
    except package.Mismatch as fault:
        log.error("release_file_not_as_approved", path=fault.path)
        raise BuildRefused(
            f"{fault.path} is not the file that was approved, so nothing was released. The stored file was"
            " changed or lost; make and approve the redacted copy again, and tell an administrator."
        ) from fault
    run.progress(0.85, "checking the package as its recipient will")
    result = verify.check(str(target), key.fingerprint)
    if result["verdict"] != verify.INTACT:
        log.error("release_not_intact", faults=result["faults"])
        raise BuildRefused("The finished package did not pass its own check, so nothing was released.")
    run.progress(0.95, "storing the package")
    return files.store_file(target, area="derived")


def _print(folder: Path, html: str) -> files.Stored:
    target = folder / "letter.pdf"
    letter_pdf(html, target)
    return files.store_file(target, area="derived")


def _write(folder: Path, text: str) -> files.Stored:
    target = folder / "log.csv"
    target.write_text(text, encoding="utf-8", newline="")
    return files.store_file(target, area="derived")


def _members(
    manifest: ReleaseManifest, printed: dict[ItemKind, files.Stored], fingerprint: str
) -> tuple[list[package.Member], list[dict[str, Any]]]:
    """The files of the package in reading order, and their rows of the manifest."""
    members = [
        package.Member(_PATHS[kind], files.path_of(stored.address), stored.size, stored.sha256)
        for kind, stored in printed.items()
    ]
    rows: list[dict[str, Any]] = [
        _row(member, medium="table" if member.path == package.LOG else "document") for member in members
    ]
    for item in manifest.items.filter(kind__in=[ItemKind.RECORD, ItemKind.COMPANION]):
        member = package.Member(item.path, files.path_of(item.address), item.size, item.sha256)
        members.append(member)
        medium = item.medium if item.kind == ItemKind.RECORD else "companion"
        rows.append(_row(member, medium=medium, record=item.position, exemptions=_codes(item.exemptions)))
    for member in (
        package.Member.of_file(package.VERIFIER, package.VERIFIER_FILE),
        package.Member.of(
            package.INSTRUCTIONS,
            package.instructions(
                fingerprint=fingerprint,
                number=str(manifest.request.number),
                agency=manifest.facts["agency"]["name"],
                check_at=manifest.facts["check_url"],
            ),
        ),
    ):
        members.append(member)
        rows.append(_row(member, medium="tool"))
    return members, rows


def _row(member: package.Member, **more: Any) -> dict[str, Any]:
    return {"path": member.path, "bytes": member.size, "sha256": member.sha256, **more}


def _codes(exemptions: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"code": row["code"], "citation": row["citation"]} for row in exemptions]


def _head(manifest: ReleaseManifest, fingerprint: str) -> dict[str, Any]:
    water = HighWater.objects.first()
    withheld = manifest.items.filter(kind=ItemKind.WITHHELD)
    return {
        "agency": manifest.facts["agency"]["name"],
        "request": manifest.request.number,
        "release": manifest.number,
        "created": manifest.created_at.isoformat(),
        "outcome": manifest.outcome,
        "law": manifest.facts["law"],
        "key": {"algorithm": "Ed25519", "fingerprint": fingerprint},
        "audit": {"entry": water.seq if water else 0, "head": water.hash if water else ""},
        "check_at": manifest.facts["check_url"],
        "withheld": [
            {"record": item.position, "medium": item.medium, "exemptions": _codes(item.exemptions)}
            for item in withheld
        ],
    }


def _between(run: jobs.Run, low: float, high: float) -> Callable[[float, str], None]:
    return lambda share, note: run.progress(low + share * (high - low), note)


def _require_current(manifest: ReleaseManifest) -> None:
    """:raises BuildRefused: when what was approved is no longer what was frozen."""
    request = manifest.request
    found = digest_of(plans.approved_renders(request), plans.withheld_records(request))
    if found != manifest.input_digest:
        raise BuildRefused(
            "A record’s review changed after this release was decided, so nothing was released."
            " Look at the records again and decide anew."
        )
    approved, withheld = plans.approved_renders(request), plans.withheld_records(request)
    try:
        require_free_approvers(request, [row.approval for row in (*approved, *withheld)])
        for row in approved:
            require_exists(row.record)
            require_current(row.render)
            require_proved(row.record, marks_format.parse(row.render.plan.marks))
    except (ApproverRecused, Destroyed, EngineChanged, PlateNotProved) as refusal:
        raise BuildRefused(str(refusal)) from refusal


def _refusing(manifest: ReleaseManifest, why: str) -> jobs.Publish:
    """The refusal itself is published, fenced like a success: the release failed, and the page says why."""

    def publish() -> None:
        ReleaseManifest.objects.select_for_update().get(pk=manifest.pk)
        moves.apply(
            row=manifest,
            machine=RELEASE,
            action="fail",
            actor=None,
            request_key=manifest.request.key,
            changes={"failure": why},
        )

    return publish


def _issue(manifest: ReleaseManifest, built: dict[str, Any]) -> str:
    """Runs in the fenced transaction: all of it happens, once, or none of it."""
    at, actor = now(), manifest.released_by
    request = (
        RecordsRequest.objects.select_for_update(of=("self",))
        .select_related("agency")
        .get(pk=manifest.request_id)
    )
    list(Review.objects.select_for_update(of=("self",)).filter(record__request=request).order_by("pk"))
    try:
        _require_current(manifest)
        if why := fees.blocks_release(request):
            raise BuildRefused(why)
        if not actor.may(Permission.RELEASE):
            raise BuildRefused("Whoever decided this release no longer holds a role that may release.")
    except BuildRefused as refusal:
        _refusing(manifest, str(refusal))()
        return ""
    for position, (kind, stored) in enumerate(built["printed"].items()):
        ReleaseItem.objects.create(
            manifest=manifest,
            kind=kind,
            position=position + 9000,  # after every record
            path=_PATHS[kind],
            title=_TITLES[kind],
            size=stored.size,
            sha256=stored.sha256,
            address=stored.address,
        )
    moves.apply(
        row=manifest,
        machine=RELEASE,
        action="issue",
        actor=actor,
        request_key=request.key,
        changes={**built["changes"], "issued_at": at},
        detail={"number": manifest.number, "sha256": built["changes"]["sha256"]},
    )
    for item in manifest.items.filter(kind=ItemKind.RECORD).select_related("record__review"):
        assert item.record is not None  # noqa: S101  the kind says so
        reviews.release(review=item.record.review, actor=actor, manifest=manifest.key)
    _close(request, manifest)
    correspondence.queue_mail(
        to=manifest.recipient.email,
        template="release_issued",
        context={
            **correspondence.links(request),
            "outcome": Outcome(manifest.outcome).label,
            "downloads_url": letter.downloads_url(request),
            "link_days": settings.RELEASE_LINK_DAYS,
        },
        request=request,
        dedupe_key=f"release:{manifest.pk}:issued",
    )
    return str(built["changes"]["sha256"])


def _close(request: RecordsRequest, manifest: ReleaseManifest) -> None:
    if manifest.outcome != Outcome.FULL:
        try:
            clock.record(request=request, type="denied", actor=manifest.released_by, at=now())
        except clock.ClockMoveRefused as refusal:  # this law gives a denial no place in its ledger
            log.info("denial_without_clock", request=request.key, why=str(refusal))
    if request.status == Status.READY:
        docket.move(
            request=request,
            action="close_released",
            actor=manifest.released_by,
            at=now(),
            facts=RequestFacts(released=True),
            disposition=Disposition(manifest.outcome),
        )
        clock.answer(request=request, actor=manifest.released_by, at=now())
