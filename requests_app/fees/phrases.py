"""Money in words a person reads: accounts, kinds of bookings, ways of paying. Pure."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.money import dollars
from requests_app.fees.bookkeeping import Account, EntryKind
from requests_app.law.fee_law import Interest

ACCOUNTS: Mapping[str, Any] = {
    Account.RECEIVABLE: gettext_lazy("Owed by requesters"),
    Account.CHARGEBACKS: gettext_lazy("Taken back by a bank, owed again"),
    Account.CASH_COUNTER: gettext_lazy("Money: counter"),
    Account.CASH_STRIPE: gettext_lazy("Money: card, online"),
    Account.CASH_DEMO: gettext_lazy("Money: demonstration"),
    Account.DEPOSITS: gettext_lazy("Deposits held"),
    Account.OVERPAYMENT: gettext_lazy("To be given back"),
    Account.REVENUE: gettext_lazy("Fees billed"),
    Account.INTEREST: gettext_lazy("Interest charged"),
    Account.WAIVED: gettext_lazy("Waived"),
    Account.WRITTEN_OFF: gettext_lazy("Written off"),
    Account.GATEWAY_FEES: gettext_lazy("Kept by payment services"),
}

CODES: Mapping[str, str] = {
    Account.RECEIVABLE: "1200",
    Account.CHARGEBACKS: "1210",
    Account.CASH_COUNTER: "1010",
    Account.CASH_STRIPE: "1020",
    Account.CASH_DEMO: "1090",
    Account.DEPOSITS: "2300",
    Account.OVERPAYMENT: "2310",
    Account.REVENUE: "4100",
    Account.INTEREST: "4200",
    Account.WAIVED: "4900",
    Account.WRITTEN_OFF: "6100",
    Account.GATEWAY_FEES: "6200",
}
"""Account codes until the agency has set its own."""

KINDS: Mapping[str, Any] = {
    EntryKind.BILL: gettext_lazy("Billed"),
    EntryKind.PAYMENT: gettext_lazy("Payment"),
    EntryKind.REFUND: gettext_lazy("Given back"),
    EntryKind.REFUND_FAILED: gettext_lazy("A refund came back"),
    EntryKind.CHARGEBACK: gettext_lazy("Taken back by a bank"),
    EntryKind.CHARGEBACK_WON: gettext_lazy("Returned by a bank"),
    EntryKind.INTEREST: gettext_lazy("Interest"),
    EntryKind.WAIVER: gettext_lazy("Waived"),
    EntryKind.WRITE_OFF: gettext_lazy("Written off"),
    EntryKind.GATEWAY_FEE: gettext_lazy("Kept by the payment service"),
}

PAID_FOR: Mapping[str, Any] = {
    Account.RECEIVABLE: gettext_lazy("Towards the bill"),
    Account.CHARGEBACKS: gettext_lazy("Towards what a bank had taken back"),
    Account.DEPOSITS: gettext_lazy("Kept as a deposit"),
    Account.OVERPAYMENT: gettext_lazy("More than was due; it is given back"),
}

COUNTER_METHODS = {
    "cash": gettext_lazy("Cash"),
    "cheque": gettext_lazy("Check"),
    "money_order": gettext_lazy("Money order"),
}
GATEWAYS = {
    "counter": gettext_lazy("Counter"),
    "stripe": gettext_lazy("Card, online"),
    "demo": gettext_lazy("Demonstration"),
}


def way(gateway: str, method: str = "") -> str:
    """This will name how a payment was made."""
    if gateway == "counter":
        return _("counter, %(method)s") % {"method": str(COUNTER_METHODS.get(method, method)).lower()}
    labels = {"stripe": _("card, online"), "demo": _("demonstration, no money moved")}
    return labels.get(gateway, gateway)


def percent(rate: Decimal) -> str:
    """This will write a rate without idle zeros: ``4``, ``4.125``."""
    return f"{rate:f}".rstrip("0").rstrip(".") if "." in f"{rate:f}" else f"{rate:f}"


def interest_notice(rate: Decimal, rule: Interest) -> str:
    """This will say before any interest runs how it would."""
    return _(
        "From day %(day)s after the date of the bill, simple interest of %(rate)s percent a year runs on"
        " what is unpaid (%(law)s)."
    ) % {"day": rule.from_day, "rate": percent(rate), "law": rule.citation or _("the law names no section")}


def interest_to_come(rate: Decimal, begins: date, citation: str) -> str:
    """This will say from which day interest runs and at which rate."""
    return _("%(rate)s percent a year on what is unpaid after %(day)s (%(law)s)") % {
        "rate": percent(rate),
        "day": date_format(begins, "F j, Y"),
        "law": citation,
    }


def unfitting(gateway: str, outcome: str, notice: Any, payment: Any) -> str:
    """This will say what a payment service reports that fits nothing, and what to do."""
    name = str(GATEWAYS.get(gateway, gateway))
    told = f"{name} reports {dollars(notice.amount_cents)} {notice.currency.upper()}"
    look = f"Look it up there: {notice.item or notice.reference}."
    if payment is None:
        return f"{told} ({notice.kind}) for a payment we do not know. Nothing was booked. {look}"
    asked = f"a payment of {dollars(payment.amount_cents)} {payment.currency.upper()}"
    if outcome == "too_much":
        return f"{told} taken back of {asked}, which is more than is left of it. Nothing was booked. {look}"
    return f"{told} for {asked}. It does not fit, so it did not settle the fee. {look}"
