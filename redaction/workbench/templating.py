"""Templates of marks: those of one record kept for the next on the same form, and brought onto it."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import BadInput
from redaction.plans import checks, copying, policies
from redaction.plans.copying import Brought
from redaction.plans.models import Review
from redaction.plans.rows import newest_plan
from redaction.workbench import patterns
from redaction.workbench.models import MarkTemplate

LONGEST_NAME = 100


def offered(review: Review) -> QuerySet[MarkTemplate]:
    """This will list the agency's templates for records of this kind."""
    record = review.record
    return MarkTemplate.objects.filter(
        agency=record.request.agency, medium=record.medium, retired_at=None
    ).select_related("created_by")


def keep_template(
    *, review: Review, mark_ids: Collection[str], name: str, actor: User, at: datetime
) -> MarkTemplate:
    """This will keep the chosen marks of a record as a template, without anything of the record itself.

    :raises BadInput: without a name, with one that is taken, or when no chosen mark holds elsewhere.
    :raises NotAllowed: when the actor's roles do not include redaction.
    """
    policies.require(actor, review, "save_marks")
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME:
        raise BadInput("Give the template a name of at most 100 letters, such as the form's number.")
    plan = newest_plan(review)
    chosen = [entry for entry in plan.marks["marks"] if entry["id"] in mark_ids] if plan else []
    rows = patterns.general(chosen)
    if not rows:
        raise BadInput(
            "None of the chosen marks holds for other records: words, times and plates belong to one alone."
        )
    record = review.record
    try:
        with transaction.atomic():
            made = MarkTemplate.objects.create(
                agency=record.request.agency, medium=record.medium, name=called, marks=rows,
                created_by=actor, created_at=at,
            )  # fmt: skip
            audit.record(
                action="workbench.template_kept", actor=actor, subject=made,
                request_key=record.request.key, detail={"name": called, "marks": len(rows)},
            )  # fmt: skip
    except IntegrityError as error:
        raise BadInput(f"There is a template named “{called}” already.") from error
    return made


def retire_template(*, review: Review, template: MarkTemplate, actor: User, at: datetime) -> None:
    """This will offer a template no more; what was made with it stays.

    :raises NotAllowed: when the actor's roles do not include redaction.
    """
    policies.require(actor, review, "save_marks")
    with transaction.atomic():
        MarkTemplate.objects.filter(pk=template.pk, retired_at=None).update(retired_at=at)
        audit.record(
            action="workbench.template_retired", actor=actor, subject=template,
            request_key=review.record.request.key, detail={"name": template.name},
        )  # fmt: skip


def apply_template(
    *, review: Review, template: MarkTemplate, actor: User, at: datetime, as_suggestions: bool
) -> Brought:
    """This will bring a template's marks onto a record as the next version of its marks.

    A reason or exemption this request's law does not have is left open, for a person to choose.

    :raises BadInput: when none of its marks fits the file.
    """
    record = review.record
    codes, seconds = checks.codes_of(record.request, at=at), checks.facts_of(record).seconds
    entries = []
    for row in template.marks:
        entry = patterns.fitted(row, seconds)
        if entry.get("reason") not in codes.reasons:
            entry.pop("reason", None)
        if entry.get("exemption") not in codes.exemptions:
            entry.pop("exemption", None)
        entries.append(entry)
    return copying.bring(
        target=review, entries=entries, actor=actor, at=at, as_suggestions=as_suggestions,
        detail={"template": template.pk},
    )  # fmt: skip
