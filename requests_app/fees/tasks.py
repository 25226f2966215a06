"""What happens to money by itself: lost messages asked about, late answers and interest booked."""

import structlog
from celery import shared_task

from portal.core.errors import DomainError
from portal.core.time import now
from requests_app.fees import billing, notices, refunds

log = structlog.get_logger(__name__)


@shared_task(name="fees.reconcile", ignore_result=True)
def reconcile() -> int:
    """This will ask about every attempt and refund without an answer. Gives how many turned out paid.

    Running it twice at once changes nothing: each answer is booked once.
    """
    paid = 0
    for payment in notices.unanswered(at=now()):
        try:
            paid += notices.reconcile(payment, at=now()) == "paid"
        except DomainError as error:  # the service may be down; the next round asks again
            log.warning("reconcile_failed", payment=payment.key, code=error.code)
    for refund in refunds.unanswered(at=now()):
        refunds.send(refund, at=now())
    notices.look_again(at=now())
    return paid


@shared_task(name="fees.lower_late", ignore_result=True)
def lower_late() -> int:
    """This will lower the fees a late answer takes away. Gives how many; running it again lowers none."""
    lowered, failed = billing.try_each(billing.barrable(), at=now())
    for request, error in failed:
        log.warning("late_fee_not_lowered", request=request.key, code=error.code)
    return lowered


@shared_task(name="fees.charge_interest", ignore_result=True)
def charge_interest() -> int:
    """This will book the interest grown by today. Gives the cents; running it again books none."""
    return sum(billing.charge_interest(case=case, at=now()) for case in billing.with_interest())
