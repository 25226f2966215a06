from requests_app.fees.models.books import CashCount, MoneyPolicy, MoneyTask, TaskKind
from requests_app.fees.models.cases import Estimate, EstimateBasis, FeeCase
from requests_app.fees.models.money import (
    Dispute,
    DisputeState,
    LedgerEntry,
    Payment,
    PaymentEvent,
    PaymentState,
    Refund,
    RefundState,
)
from requests_app.fees.models.papers import Invoice, InvoiceKind, PaperNumbering, Receipt
from requests_app.fees.models.schedules import PublishedSchedule, ScheduleStatus

__all__ = [
    "CashCount",
    "Dispute",
    "DisputeState",
    "Estimate",
    "EstimateBasis",
    "FeeCase",
    "Invoice",
    "InvoiceKind",
    "LedgerEntry",
    "MoneyPolicy",
    "MoneyTask",
    "PaperNumbering",
    "Payment",
    "PaymentEvent",
    "PaymentState",
    "PublishedSchedule",
    "Receipt",
    "Refund",
    "RefundState",
    "ScheduleStatus",
    "TaskKind",
]
