"""Whether the requester has shown that a car is her own, before reads of its plate are released to her.

She says so on the form; a member of staff confirms it by the paper seen, and may take that back. Nothing is
ever confirmed by a program.
"""

import hashlib
import hmac
import unicodedata
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed, StaleWrite
from requests_app.custody.models import PlateProof
from requests_app.docket.models import RecordsRequest


def plain(plate: str) -> str:
    """This will give a plate as it is compared: letters and digits in capitals."""
    text = unicodedata.normalize("NFKC", plate).upper()
    return "".join(letter for letter in text if letter.isalnum())


def claimed(request: RecordsRequest) -> str:
    """This will give the plate that the requester says is of her own car, or ""."""
    answers = request.answers if isinstance(request.answers, dict) else {}
    says_own = answers.get("own_plate") in (True, "yes")
    return plain(str(answers.get("plate") or "")) if says_own else ""


def standing(request: RecordsRequest, plate: str) -> PlateProof | None:
    """This will give the proof that stands for one plate."""
    rows = request.plate_proofs.filter(withdrawn_at=None, plate_digest=_digest(request, plate))
    return rows.select_related("confirmed_by").first()


def confirm(
    *, request: RecordsRequest, plate: str, document: str, actor: User, at: datetime, note: str = ""
) -> PlateProof:
    """This will record that the actor saw the paper that makes a plate the requester's own.

    :raises NotAllowed: for a role that does not work requests; audited.
    :raises BadInput: without a plate or a known kind of paper.
    :raises StaleWrite: when it is confirmed already.
    """
    _require(request, actor)
    if not plain(plate):
        raise BadInput("Write the plate first.")
    if document not in PlateProof.Document.values:
        raise BadInput("Say which paper you have seen.")
    try:
        with transaction.atomic():
            proof = PlateProof.objects.create(
                request=request,
                plate_digest=_digest(request, plate),
                document=document,
                note=note.strip()[:200],
                confirmed_by=actor,
                confirmed_at=at,
            )
            audit.record(
                action="request.plate_proved",
                actor=actor,
                subject=proof,
                request_key=request.key,
                detail={"document": document},
            )
    except IntegrityError:
        raise StaleWrite("Somebody has confirmed this plate already.") from None
    return proof


def withdraw(*, request: RecordsRequest, plate: str, actor: User, at: datetime) -> None:
    """This will take a confirmation back; the row stays.

    :raises NotAllowed: for a role that does not work requests; audited.
    :raises StaleWrite: when nothing is confirmed.
    """
    _require(request, actor)
    with transaction.atomic():
        rows = request.plate_proofs.filter(withdrawn_at=None, plate_digest=_digest(request, plate))
        proof = rows.select_for_update().first()
        if proof is None:
            raise StaleWrite("No proof of this plate stands any more.")
        proof.withdrawn_by, proof.withdrawn_at = actor, at
        proof.save(update_fields=["withdrawn_by", "withdrawn_at"])
        audit.record(
            action="request.plate_proof_withdrawn", actor=actor, subject=proof, request_key=request.key
        )


def _digest(request: RecordsRequest, plate: str) -> str:
    said = f"own plate {request.pk} {plain(plate)}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()


def _require(request: RecordsRequest, actor: User) -> None:
    if actor.may(Permission.WORK_REQUESTS):
        return
    audit.record_denied(
        action="request.plate_proved",
        actor=actor,
        subject=request,
        request_key=request.key,
        why=NotAllowed.code,
    )
    raise NotAllowed("Your role does not include working requests.")
