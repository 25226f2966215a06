"""What every job on a plan does: stop when the marks have moved on, say how far it is, say why it refuses."""

import time
from typing import NoReturn

from portal.audit import services as audit
from portal.core import jobs
from redaction import pipeline
from redaction.plans.mark_words import told
from redaction.plans.models import Plan
from redaction.plans.rows import latest_version
from redaction.report import RedactionError

_TELL_EVERY = 0.5  # seconds between two writes of the progress bar


def require_newest(plan: Plan) -> None:
    """This will stop a job whose marks somebody changed meanwhile.

    :raises GiveUp: always then.
    """
    if latest_version(plan.review) != plan.version:
        raise jobs.GiveUp("The marks changed while this was being made. Make it again from the newest ones.")


def refuse(plan: Plan, error: RedactionError) -> NoReturn:
    """This will note that engine or verifier said no, and end the job with their sentence.

    :raises GiveUp: always.
    """
    # no text of the error: it may quote the record
    audit.record(
        action="review.render_refused",
        actor=None,
        subject=plan.review,
        request_key=plan.review.record.request.key,
        detail={"version": plan.version, "why": type(error).__name__},
        outcome="denied",
    )
    raise jobs.GiveUp(
        "Nothing was made: the engine or the check of its result refused.",
        said=f"Nothing was made. {told(error.sentence, plan.marks['marks'])}",
    ) from error


def telling(run: jobs.Run, before: str = "") -> pipeline.Progress:
    """This will give a listener that publishes progress now and then, its notes behind ``before``."""
    last = 0.0

    def tell(share: float, note: str) -> None:
        nonlocal last
        run.check()
        if time.monotonic() - last >= _TELL_EVERY:
            last = time.monotonic()
            run.progress(share, before + note)

    return tell
