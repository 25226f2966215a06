"""What else this requester asked for: bills left unpaid, and requests the law lets us count as one."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import QuerySet, Sum

from requests_app.docket.models import RecordsRequest
from requests_app.fees import selectors
from requests_app.fees.bookkeeping import Account
from requests_app.fees.models import FeeCase, Invoice, InvoiceKind
from requests_app.law import aggregation
from requests_app.law.selectors import pack_for

OWED = (Account.RECEIVABLE, Account.CHARGEBACKS)


def has_unpaid_bill(request: RecordsRequest, *, on: date) -> bool:
    """This will tell whether a bill for another request of this person is past its last day and unpaid."""
    overdue = Invoice.objects.filter(
        kind=InvoiceKind.INVOICE, due_on__lt=on, case__request__requester=request.requester_id
    ).exclude(case__request=request)
    owed = (
        FeeCase.objects.filter(pk__in=overdue.values("case"), ledger__account__in=OWED)
        .annotate(owed=Sum("ledger__amount_cents"))
        .filter(owed__gt=0)
    )
    return owed.exists()


def parts(request: RecordsRequest) -> list[FeeCase]:
    """This will list the fee cases of the same person's requests that may be counted as one with this.

    Only those with a worksheet, under the same law, received within the days that law names.
    """
    law = pack_for(request).fees
    if law.aggregation is None:
        return []
    day, days = selectors.local_day(request), timedelta(days=law.aggregation.within_days + 1)
    assert request.received_at is not None  # noqa: S101  a filed request has it by constraint
    near = (request.received_at - days, request.received_at + days)
    return [
        case
        for case in _others(request).filter(request__received_at__range=near)
        if aggregation.may_count_together(law, day, selectors.local_day(case.request))
    ]


def chosen(request: RecordsRequest, keys: Iterable[str]) -> list[FeeCase]:
    """This will give the chosen ones of :func:`parts`; what may no longer be counted together is left out."""
    wanted = set(keys)
    return [case for case in parts(request) if case.request.key in wanted] if wanted else []


def _others(request: RecordsRequest) -> QuerySet[FeeCase]:
    return (
        FeeCase.objects.filter(request__requester=request.requester_id, request__law_code=request.law_code)
        .exclude(request=request)
        .exclude(work={})
        .exclude(request__received_at=None)
        .select_related("request__agency")
        .order_by("request__received_at", "pk")
    )
