"""The letters about money: what an invoice, a receipt and a decision say on paper."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.money import dollars
from requests_app.correspondence import facts
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.fields import LANGUAGES, Table
from requests_app.correspondence.models import Letter
from requests_app.fees import phrases, wording
from requests_app.fees.bookkeeping import Balances
from requests_app.fees.models import Estimate, EstimateBasis, FeeCase, Invoice, InvoiceKind, Receipt, Refund
from requests_app.law.selectors import pack_for

FINAL_BILL = "Final bill: what the work took."
"""Why a final bill differs from what was billed before; known in Spanish too."""


def charges(lines: Iterable[Mapping[str, Any]], cents: int) -> Mapping[str, Table]:
    """This will lay out what a fee is made of, for a letter in each language."""
    worded = wording.for_letter(lines)
    return {code: facts.charges(worded, cents, code) for code in LANGUAGES}


def invoice(paper: Invoice, money: Balances, *, signer: User | None) -> Letter:
    """This will send an invoice or a credit note and give the letter as stored."""
    if paper.kind != InvoiceKind.INVOICE:
        return _credit_note(paper, money, signer=signer)
    request = paper.case.request
    owed = max(money.owed, 0)
    notes = [f"{dollars(paper.amount_cents)}: {paper.reason}"]
    if paper.rule:
        notes.append(f"The rule behind it: {paper.rule}.")
    interest = pack_for(request).fees.interest
    if paper.interest_percent and interest is not None:
        notes.append(phrases.interest_notice(paper.interest_percent, interest))
    if money.overpaid:
        notes.append(f"You have paid {dollars(money.overpaid)} too much. You get it back without asking.")
    return _send(
        paper.case,
        kind="invoice",
        subject=f"Invoice {paper.number} for your request {request.number}",
        context={
            "charges": charges(paper.lines, paper.fee_cents),
            "total": paper.fee_cents,
            "notes": notes,
            "invoice_number": paper.number,
            "paid": max(paper.fee_cents - owed, 0) or None,
            "balance": owed,
            "pay_by": paper.due_on,
        },
        signer=signer,
        at=paper.issued_at,
        key=f"invoice:{paper.number}",
    )  # fmt: skip


def _credit_note(paper: Invoice, money: Balances, *, signer: User | None) -> Letter:
    number, amount, fee, owed = (
        paper.number, dollars(paper.amount_cents), dollars(paper.fee_cents), dollars(max(money.owed, 0)),
    )  # fmt: skip
    english = [f"Credit note {number}: {amount}. {paper.reason}"]
    spanish = [f"Nota de crédito {number}: {amount}. {_why_in_spanish(paper)}"]
    if paper.rule:
        english.append(f"The rule behind it: {paper.rule}.")
        spanish.append(f"La regla que se aplica (en inglés): {paper.rule}.")
    english.append(f"The fee is {fee} in all. Still to be paid: {owed}.")
    spanish.append(f"El costo es {fee} en total. Falta por pagar: {owed}.")
    if money.overpaid:
        back = dollars(money.overpaid)
        english.append(f"You have paid {back} too much. You get it back without asking.")
        spanish.append(f"Usted pagó {back} de más. Se lo devolvemos sin que lo pida.")
    return _send(
        paper.case,
        kind="notice",
        subject={
            "en": f"Credit note {number} for your request {paper.case.request.number}",
            "es": f"Nota de crédito {number} de su solicitud {paper.case.request.number}",
        },
        context={"paragraphs": {"en": english, "es": spanish}},
        signer=signer,
        at=paper.issued_at,
        key=f"invoice:{number}",
    )  # fmt: skip


def _why_in_spanish(paper: Invoice) -> str:
    """Reasons the portal gives itself are known in Spanish; what a person typed is printed as it is."""
    if paper.estimate is not None and paper.estimate.basis == EstimateBasis.LATE:
        return f"La respuesta llega tarde, por eso el costo baja a {dollars(paper.fee_cents)}."
    if paper.reason == FINAL_BILL:
        return "Cuenta final: lo que costó el trabajo."
    return f"Motivo (en inglés): {paper.reason}"


def receipt(paper: Receipt, case: FeeCase) -> Letter:
    """This will send a receipt and give the letter as stored."""
    payment, number = paper.payment, case.request.number
    way = phrases.way(payment.gateway, payment.method)
    if paper.refund is not None:
        return _refund_receipt(paper, paper.refund, case, way)
    notes = [f"Way of paying: {way}."]
    notes += [f"{row['words']}: {dollars(row['cents'])}." for row in paper.used]
    if paper.overpaid_cents:
        notes.append(f"Still to be given back to you: {dollars(paper.overpaid_cents)}.")
    return _send(
        case,
        kind="receipt",
        subject=f"Receipt {paper.number} for your request {number}",
        context={
            "receipt_number": paper.number,
            "reference": payment.reference,
            "paid": paper.amount_cents,
            "paid_at": paper.issued_at.astimezone(ZoneInfo(case.request.agency.time_zone)),
            "balance": paper.balance_cents,
            "notes": notes,
        },
        signer=None,
        at=paper.issued_at,
        key=f"receipt:{paper.number}",
    )  # fmt: skip


def _refund_receipt(paper: Receipt, refund: Refund, case: FeeCase, way: str) -> Letter:
    back, whole, still = (
        dollars(paper.amount_cents), dollars(paper.payment.amount_cents), dollars(paper.balance_cents),
    )  # fmt: skip
    english = [
        f"Receipt {paper.number}: we gave back {back} of your payment of {whole} ({way})."
        f" Reference: {refund.reference}.",
        f"Why: {refund.reason}",
        f"Still to be paid: {still}.",
    ]
    spanish = [
        f"Recibo {paper.number}: le devolvimos {back} de su pago de {whole}. Referencia: {refund.reference}.",
        f"Motivo (como lo anotó la oficina): {refund.reason}",
        f"Falta por pagar: {still}.",
    ]
    if paper.overpaid_cents:
        owed = dollars(paper.overpaid_cents)
        english.append(f"Still to be given back to you: {owed}.")
        spanish.append(f"Falta por devolverle: {owed}.")
    return _send(
        case,
        kind="notice",
        subject={
            "en": f"Receipt {paper.number} for your request {case.request.number}",
            "es": f"Recibo {paper.number} de su solicitud {case.request.number}",
        },
        context={"paragraphs": {"en": english, "es": spanish}},
        signer=None,
        at=paper.issued_at,
        key=f"receipt:{paper.number}",
    )  # fmt: skip


def waiver_decision(
    case: FeeCase, *, percent: int, standard: str, reasons: str, decider: User, at: datetime
) -> Letter:
    """This will tell the requester how her wish not to pay was decided, why, and how to appeal.

    :raises LetterIncomplete: without the test applied, or when the decider has no name or title.
    """
    english = {0: "The fee is not waived.", 100: "The fee is waived in full."}
    spanish = {0: "El costo no se perdona.", 100: "Usted no tiene que pagar nada."}
    context = {
        "outcome": {
            "en": english.get(percent, f"{percent} percent of the fee is waived."),
            "es": spanish.get(percent, f"Se perdona el {percent} por ciento del costo."),
        },
        "standard": standard.strip(),
        "reasons": reasons,
    }
    return correspondence.send_letter(
        request=case.request, kind="fee_waiver_decision", subject="", context=context, signer=decider, at=at,
        dedupe_key=f"waiver-decision:{case.pk}:{at.isoformat()}",
    )  # fmt: skip


def bill_stays(case: FeeCase, *, final: Estimate, worth: int, signer: User | None, at: datetime) -> Letter:
    """This will tell that the final bill is what was agreed to; ``worth`` is what the work came to, cents."""
    bill, number = dollars(final.billed_cents), case.request.number
    english = [f"The work is done. The bill stays {bill}, as you agreed."]
    spanish = [f"El trabajo está hecho. La cuenta sigue siendo {bill}, como usted aceptó."]
    if worth > final.billed_cents:
        english += final.notes
        spanish.append(
            f"El trabajo costó {dollars(worth)}. Nadie aceptó más de {bill}, así que esa es la cuenta."
        )
    return notice(
        case, signer=signer, at=at, key=f"final:{final.pk}", paragraphs={"en": english, "es": spanish},
        subject={
            "en": f"The final bill of your request {number}",
            "es": f"La cuenta final de su solicitud {number}",
        },
    )  # fmt: skip


def fee_is_lower(case: FeeCase, *, before: int, lowered: Estimate, rule: str, at: datetime) -> Letter:
    """This will tell that the fee is lower because the answer is late. ``before``: cents until now."""
    fee, was, number = dollars(lowered.billed_cents), dollars(before), case.request.number
    return notice(
        case, signer=None, at=at, key=f"late:{lowered.pk}",
        subject={
            "en": f"The fee of your request {number} is lower",
            "es": f"El costo de su solicitud {number} es menor",
        },
        paragraphs={
            "en": [
                f"The answer is late, so the fee is {fee} instead of {was}.", f"The rule behind it: {rule}."
            ],
            "es": [
                f"La respuesta llega tarde, por eso el costo es {fee} en lugar de {was}.",
                f"La regla que se aplica (en inglés): {rule}.",
            ],
        },
    )  # fmt: skip


def notice(
    case: FeeCase, *, subject: Mapping[str, str], paragraphs: Mapping[str, list[str]], signer: User | None,
    at: datetime, key: str,
) -> Letter:  # fmt: skip
    """This will tell the requester about money by letter, in each language (code → words)."""
    return _send(
        case,
        kind="notice",
        subject=subject,
        context={"paragraphs": paragraphs},
        signer=signer,
        at=at,
        key=key,
    )  # fmt: skip


def _send(
    case: FeeCase, *, kind: str, subject: str | Mapping[str, str], context: Mapping[str, Any],
    signer: User | None, at: datetime, key: str,
) -> Letter:  # fmt: skip
    letter: dict[str, Any] = {"request": case.request, "signer": signer, "at": at, "dedupe_key": key}
    if isinstance(subject, str):
        letter["subject"] = subject
    else:
        letter["subject"], context = "", {**context, "subject": subject}
    try:
        return correspondence.send_letter(kind=kind, context=context, **letter)
    except correspondence.LetterIncomplete as lacking:
        if kind == "notice":
            raise
        # money that came in is booked whatever a template lacks: a plain letter goes out
        audit.record(
            action="letter.incomplete", actor=signer, subject=case, request_key=case.request.key,
            detail={"kind": kind, "missing": [each.id for each in lacking.missing]},
        )  # fmt: skip
        return correspondence.send_letter(kind="notice", context=_plainly(context), **letter)


def _plainly(context: Mapping[str, Any]) -> dict[str, Any]:
    """The sums of an invoice or a receipt as paragraphs, for a letter that no template can spoil."""
    number = context.get("invoice_number") or context["receipt_number"]
    paid, balance = dollars(context["paid"] or 0), dollars(context["balance"])
    return {
        "paragraphs": {
            "en": [f"{number}: {paid} paid, {balance} still to be paid.", *context["notes"]],
            "es": [f"{number}: {paid} pagado, {balance} por pagar."],
        }
    }
