"""Fee lines and states in words a person reads. Pure."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.fees.rules import FeeState

STATES: dict[str, tuple[Any, str]] = {
    FeeState.WORKSHEET: (gettext_lazy("No estimate yet"), "neutral"),
    FeeState.ESTIMATE_SENT: (gettext_lazy("Waiting for the requester's answer"), "waiting"),
    FeeState.WAIVER_ASKED: (gettext_lazy("Waiver asked for"), "waiting"),
    FeeState.NARROWED: (gettext_lazy("Narrowed: a new estimate is due"), "progress"),
    FeeState.ACCEPTED: (gettext_lazy("Accepted, to be paid"), "waiting"),
    FeeState.SETTLED: (gettext_lazy("Paid"), "done"),
    FeeState.WAIVED: (gettext_lazy("Waived"), "done"),
    FeeState.NO_FEE: (gettext_lazy("Nothing is charged"), "done"),
    FeeState.REFUNDED: (gettext_lazy("Given back"), "done"),
    FeeState.WRITTEN_OFF: (gettext_lazy("Written off"), "done"),
}
"""Each state's words and the colour of its tag (templates/components/tag.html)."""

REFUNDS = {
    "asked": "The refund waits for a second person.",
    "sending": "The refund is on its way. It is booked when the payment service confirms it.",
    "done": "The refund is booked.",
    "failed": "The refund failed. It is on the list of things to do.",
    "refused": "The refund is not approved.",
}
"""What staff are told of a refund they asked for or decided."""

_IRREGULAR = {
    "hour of video": "hours of video",
    "second of video": "seconds of video",
    "dollar of cost": "dollars of cost",
    "dollar of staff time": "dollars of staff time",
}


def arithmetic(quantity: str, unit: str, rate: str | None) -> str:
    """This will spell ``quantity × rate``: ``16 full minutes × $1.00``; no rate where there is none."""
    number = Decimal(quantity)
    if unit == "dollar of staff time":
        base = _("%(base)s of staff time") % {"base": _dollars(number)}
        return base if rate is None else f"{base} × {_rate(unit, rate)}"
    if unit in {"dollar", "dollar of cost"}:
        return "" if unit == "dollar" else _("%(cost)s of cost") % {"cost": _dollars(number)}
    counted = f"{_plain(number)} {unit if number == 1 else _IRREGULAR.get(unit, unit + 's')}"
    return counted if rate is None else f"{counted} × {_rate(unit, rate)}"


def for_letter(stored: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """This will make stored quote lines ready for a letter: what was counted, and its rate, in words."""
    return [
        {
            **line,
            "quantity": arithmetic(str(line["quantity"]), line["unit"], None),
            "unit": "",
            "rate": _rate(line["unit"], line["rate"]),
        }
        for line in stored
    ]


def _rate(unit: str, rate: str | None) -> str:
    if rate is None:
        return ""
    if unit == "dollar of staff time":
        return _("%(percent)s percent") % {"percent": _plain(Decimal(rate) * 100)}
    return _dollars(Decimal(rate))


def lines(stored: Iterable[Mapping[str, Any]], *, for_staff: bool = False) -> list[dict[str, Any]]:
    """This will make stored quote lines ready for ``components/money_table.html``.

    Staff also see which rows counsel has not confirmed yet.
    """
    return [
        {
            "label": line["label"],
            "quantity": arithmetic(str(line["quantity"]), line["unit"], line["rate"]),
            "why": sentence("; ".join(part for part in (line["why"], line["cap"]) if part)),
            "citation": _citation(line, for_staff=for_staff),
            "amount_cents": line["amount_cents"],
        }
        for line in stored
    ]


def sentence(words: str) -> str:
    """This will make the law's short reasons into a sentence."""
    if not words:
        return ""
    return words[0].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".")


def _citation(line: Mapping[str, Any], *, for_staff: bool) -> str:
    source = line["citation"] or ""
    if for_staff and line["verified"] != "V":
        note = _("not yet confirmed by counsel")
        return f"{source} ({note})" if source else note
    return source


def _plain(number: Decimal) -> str:
    text = f"{number:,.4f}".rstrip("0").rstrip(".")
    return text or "0"


def _dollars(amount: Decimal) -> str:
    """Rates have up to six places: $0.10, but also $0.003333."""
    text = f"{amount:,f}"
    whole, _dot, places = text.partition(".")
    return f"${whole}.{places.rstrip('0').ljust(2, '0')}"
