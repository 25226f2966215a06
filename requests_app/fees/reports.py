"""What the books say: the day's cash, what is open and for how long, the general ledger."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Sum

from requests_app.fees import phrases
from requests_app.fees.bookkeeping import CASH, Account, EntryKind
from requests_app.fees.models import FeeCase, LedgerEntry, PaymentEvent
from requests_app.fees.selectors import policy
from requests_app.law.models import Agency

AGES = ((30, "0 to 30 days"), (60, "31 to 60 days"), (90, "61 to 90 days"), (None, "over 90 days"))
TAKEN = (EntryKind.PAYMENT,)
RETURNED = (EntryKind.REFUND, EntryKind.REFUND_FAILED)
BANKED = (EntryKind.CHARGEBACK, EntryKind.CHARGEBACK_WON, EntryKind.GATEWAY_FEE)


@dataclass
class CashLine:
    """One way of paying on one day, in cents. Opening and what moved add up to the closing balance."""

    gateway: str
    method: str
    opening: int = 0
    taken: int = 0
    returned: int = 0
    banked: int = 0

    @property
    def closing(self) -> int:
        return self.opening + self.taken + self.returned + self.banked

    @property
    def words(self) -> str:
        return phrases.way(self.gateway, self.method)


@dataclass
class CashDay:
    """The cash report of one day: a line a way of paying, the sums, and who took what."""

    day: date
    lines: list[CashLine]
    clerks: list[tuple[str, int, int]]
    expected_cash: int
    totals: CashLine = field(default_factory=lambda: CashLine("", ""))


@dataclass(frozen=True)
class OpenBill:
    case: FeeCase
    cents: int
    since: date
    days: int


def cash_day(agency: Agency, day: date) -> CashDay:
    """This will report a day's money: opening, taken, given back, moved by banks, closing; and by whom."""
    begin, end = span(agency, day, day)
    rows = _cash(agency).filter(at__lt=end)
    lines: dict[tuple[str, str], CashLine] = {}

    def of(gateway: str, method: str) -> CashLine:
        return lines.setdefault((gateway, method), CashLine(gateway, method))

    grouped = ("payment__gateway", "payment__method")
    for gateway, method, total in (
        rows.filter(at__lt=begin).values_list(*grouped).annotate(total=Sum("amount_cents"))
    ):
        of(gateway, method).opening += total
    today = rows.filter(at__gte=begin)
    for gateway, method, kind, total in today.values_list(*grouped, "kind").annotate(
        total=Sum("amount_cents")
    ):
        line = of(gateway, method)
        line.taken += total if kind in TAKEN else 0
        line.returned += total if kind in RETURNED else 0
        line.banked += total if kind in BANKED else 0
    report = CashDay(day, [lines[name] for name in sorted(lines)], _clerks(today), 0)
    for line in report.lines:
        report.totals.opening += line.opening
        report.totals.taken += line.taken
        report.totals.returned += line.returned
        report.totals.banked += line.banked
        if (line.gateway, line.method) == ("counter", "cash"):
            report.expected_cash += line.taken
    return report


def open_bills(agency: Agency, on: date) -> list[OpenBill]:
    """This will list what is owed at the end of a day, the oldest first, with the days it is open."""
    end = span(agency, on, on)[1]
    owing = (Account.RECEIVABLE, Account.CHARGEBACKS, Account.DEPOSITS)
    sums = (
        LedgerEntry.objects.filter(case__request__agency=agency, account__in=owing, at__lt=end)
        .order_by()
        .values_list("case")
        .annotate(total=Sum("amount_cents"))
        .filter(total__gt=0)
    )
    owed = dict(sums)
    cases = FeeCase.objects.filter(pk__in=owed).select_related("request").prefetch_related("invoices")
    found = []
    for case in cases:
        papers = [paper.issued_on for paper in case.invoices.all() if paper.kind == "invoice"]
        since = min((day for day in papers if day <= on), default=on)
        found.append(OpenBill(case, owed[case.pk], since, (on - since).days))
    return sorted(found, key=lambda each: (each.since, each.case.pk))


def by_age(bills: list[OpenBill]) -> list[tuple[str, int, int]]:
    """This will sum what is owed by how long it is open: words, bills, cents."""
    made, floor = [], -1
    for most, words in AGES:
        inside = [each for each in bills if each.days > floor and (most is None or each.days <= most)]
        made.append((words, len(inside), sum(each.cents for each in inside)))
        floor = most or floor
    return made


def totals(agency: Agency, *, before: datetime | None = None) -> dict[str, int]:
    """This will sum every account, debit positive, up to an instant."""
    rows = LedgerEntry.objects.filter(case__request__agency=agency).order_by()
    if before is not None:
        rows = rows.filter(at__lt=before)
    return dict(rows.values_list("account").annotate(total=Sum("amount_cents")))


def movements(agency: Agency, begin: date, end: date) -> dict[str, int]:
    """This will sum every account's movement in a period, debit positive."""
    first, after = span(agency, begin, end)
    rows = LedgerEntry.objects.filter(case__request__agency=agency, at__gte=first, at__lt=after).order_by()
    return dict(rows.values_list("account").annotate(total=Sum("amount_cents")))


def codes(agency: Agency) -> Mapping[str, str]:
    """This will give each account's code in the city's own ledger, or ours where it has set none."""
    decided = policy(agency)
    return {**phrases.CODES, **(decided.account_codes if decided else {})}


LEDGER_HEADER = (
    "Date", "Transaction", "Account code", "Account", "Debit", "Credit", "Balance of the account", "Memo",
    "Rule", "Request", "Payment reference",
)  # fmt: skip


def general_ledger(agency: Agency, begin: date, end: date) -> Iterator[tuple[object, ...]]:
    """This will give a period's entries as rows of the export, with the running balance of each account.

    Opening balances come first and sums last, so that a file proves itself: debits less credits are nothing.
    """
    zone, names = ZoneInfo(agency.time_zone), codes(agency)
    first, after = span(agency, begin, end)
    running = dict.fromkeys(Account, 0) | totals(agency, before=first)
    for account in Account:
        if running[account]:
            yield _row(
                begin, "", names[account], account, running[account], running[account], "Opening balance"
            )
    debits = credits = 0
    entries = LedgerEntry.objects.filter(case__request__agency=agency, at__gte=first, at__lt=after)
    for entry in entries.select_related("case__request", "payment").iterator(chunk_size=1000):
        running[entry.account] += entry.amount_cents
        debits += max(entry.amount_cents, 0)
        credits += max(-entry.amount_cents, 0)
        yield _row(
            entry.at.astimezone(zone).date(),
            str(entry.transaction_id),
            names[entry.account],
            entry.account,
            entry.amount_cents,
            running[entry.account],
            f"{phrases.KINDS[entry.kind]}: {entry.memo}",
            entry.rule,
            entry.case.request.number or "",
            entry.payment.reference if entry.payment else "",
        )
    yield (
        end,
        "",
        "",
        "Sum of the period",
        plain(debits),
        plain(credits),
        plain(debits - credits),
        "",
        "",
        "",
        "",
    )


def reconciliation(agency: Agency, begin: date, end: date) -> list[dict[str, Any]]:
    """This will set what each payment service said came in against what the ledger booked."""
    first, after = span(agency, begin, end)
    heard = PaymentEvent.objects.filter(received_at__gte=first, received_at__lt=after).order_by()
    made = []
    for gateway in sorted(set(CASH) - {"counter"}):
        mine = heard.filter(gateway=gateway)
        said = _sum(mine.filter(outcome="paid"))
        booked = _sum(
            LedgerEntry.objects.filter(
                account=CASH[gateway], kind=EntryKind.PAYMENT,
                payment__in=mine.filter(outcome="paid").values("payment"),
            )
        )  # fmt: skip
        open_events = mine.filter(outcome__in=("unknown_payment", "early", "wrong_amount", "wrong_currency"))
        made.append(
            {
                "gateway": str(phrases.GATEWAYS[gateway]),
                "messages": mine.count(),
                "said_cents": said,
                "booked_cents": booked,
                "difference_cents": said - booked,
                "unfitting": list(open_events.select_related("payment__case__request").order_by("-pk")[:50]),
            }
        )
    return made


def span(agency: Agency, begin: date, end: date) -> tuple[datetime, datetime]:
    """This will give the instants at which the agency's days begin and are over."""
    zone = ZoneInfo(agency.time_zone)
    return (
        datetime.combine(begin, time.min, zone),
        datetime.combine(end + timedelta(days=1), time.min, zone),
    )


def plain(cents: int) -> Decimal:
    """This will give cents as the exact number a ledger reads: ``-12.50``."""
    return Decimal(cents).scaleb(-2)


def _row(
    day: date, number: str, code: str, account: str, cents: int, balance: int, memo: str, *rest: str
) -> tuple[object, ...]:
    debit, credit = (plain(cents), None) if cents >= 0 else (None, plain(-cents))
    more = (*rest, "", "", "")[:3]
    return (day, number, code, str(phrases.ACCOUNTS[account]), debit, credit, plain(balance), memo, *more)


def _cash(agency: Agency) -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(case__request__agency=agency, account__in=CASH.values()).order_by()


def _clerks(rows: QuerySet[LedgerEntry]) -> list[tuple[str, int, int]]:
    found = (
        rows.filter(Q(actor__isnull=False))
        .values_list("actor__name", "actor__email")
        .annotate(
            taken=Sum("amount_cents", filter=Q(amount_cents__gt=0), default=0),
            returned=Sum("amount_cents", filter=Q(amount_cents__lt=0), default=0),
        )
    )
    return sorted((name or email, taken, returned) for name, email, taken, returned in found)


def _sum(rows: QuerySet[Any]) -> int:
    return int(rows.aggregate(total=Sum("amount_cents"))["total"] or 0)
