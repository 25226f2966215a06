"""Payments whose message was lost are asked about."""

import structlog
from celery import shared_task

from portal.core.errors import DomainError
from portal.core.time import now
from requests_app.fees import notices

log = structlog.get_logger(__name__)


@shared_task(name="fees.reconcile", ignore_result=True)
def reconcile() -> int:
    """This will ask about every attempt without an answer. Gives how many turned out paid.

    Running it twice at once changes nothing: each answer is booked once.
    """
    paid = 0
    for payment in notices.unanswered(at=now()):
        try:
            paid += notices.reconcile(payment, at=now()) == "paid"
        except DomainError as error:  # the service may be down; the next round asks again
            log.warning("reconcile_failed", payment=payment.key, code=error.code)
    return paid
