"""Forms about money: the counter, refunds, waivers, giving up, the agency's rules for its money."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.core.errors import BadInput
from portal.core.forms import DaylightForm
from portal.core.money import cents
from requests_app.fees import phrases
from requests_app.fees.bookkeeping import Account
from requests_app.fees.payments import COUNTER_METHODS


def amount_of(typed: str) -> int:
    """This will read dollars as cents for a form. :raises ValidationError: when they are none."""
    try:
        return cents(typed)
    except BadInput as error:
        raise ValidationError(str(error)) from None


class _AmountForm(DaylightForm):
    amount = forms.CharField(label="Amount, in dollars", max_length=15)

    def clean_amount(self) -> int:
        return amount_of(self.cleaned_data["amount"])


class CounterForm(_AmountForm):
    method = forms.ChoiceField(label="Paid by", choices=COUNTER_METHODS)
    receipt_number = forms.CharField(label="Receipt number", max_length=60)
    field_order = ("method", "amount", "receipt_number")


class RefundForm(_AmountForm):
    """Money given back; ``choices`` are the payments that still hold some."""

    payment = forms.ChoiceField(label="Which payment")
    reference = forms.CharField(
        label="Reference of the refund",
        max_length=60,
        required=False,
        help_text="The check's number. Not for a card: that money goes back through the payment service.",
    )
    reason = forms.CharField(label="Reason", max_length=500)
    field_order = ("payment", "amount", "reference", "reason")

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payment"].choices = list(choices)  # type: ignore[attr-defined]  # a ChoiceField


class DecisionForm(DaylightForm):
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The requester reads it.",
    )


class WaiverForm(DaylightForm):
    """How much is waived, by which test, and why."""

    percent = forms.IntegerField(
        label="Share of the fee that is waived, in percent",
        min_value=0,
        max_value=100,
        help_text="100 waives it whole, 0 refuses. A part makes a new, lower estimate.",
    )
    standard = forms.CharField(
        label="Test that was applied",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What the law or your policy asks, for example whether the release benefits the public.",
    )
    reason = forms.CharField(
        label="Reasons",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The requester reads them.",
    )


class TaskForm(DaylightForm):
    how = forms.CharField(label="What you did about it", max_length=300)


class PeriodForm(DaylightForm):
    """The first and the last day of an export."""

    begin = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("begin") and data.get("end") and data["begin"] > data["end"]:
            raise ValidationError("The first day comes after the last day.")
        return data


class CountForm(DaylightForm):
    """The drawer at the end of a day."""

    day = forms.DateField(widget=forms.HiddenInput)
    counted = forms.CharField(label="Cash counted, in dollars", max_length=15)
    note = forms.CharField(
        label="Why it differs",
        max_length=300,
        required=False,
        help_text="Only when it does.",
    )

    def clean_counted(self) -> int:
        return amount_of(self.cleaned_data["counted"])


class PolicyForm(DaylightForm):
    """What the agency decides about its money, and the codes its own ledger uses."""

    second_person_above = forms.CharField(
        label="Refunds above this many dollars need a second person", max_length=15
    )
    days_to_pay = forms.IntegerField(label="Days to pay a bill", min_value=1, max_value=365)
    interest_percent = forms.DecimalField(
        label="Interest on unpaid bills, in percent a year",
        min_value=0,
        max_value=100,
        max_digits=6,
        decimal_places=3,
        required=False,
        help_text="Charged only where the law of a request provides for it. Empty: none.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for account in Account:
            self.fields[f"code_{account}"] = forms.RegexField(
                r"^[0-9A-Za-z][0-9A-Za-z .\-]*$",
                label=f"Account code: {phrases.ACCOUNTS[account]}",
                max_length=30,
                error_messages={"invalid": "Letters, digits, dots, spaces and dashes only."},
            )

    def clean_second_person_above(self) -> int:
        return amount_of(self.cleaned_data["second_person_above"])

    def codes(self) -> dict[str, str]:
        """This will give the account codes that were typed."""
        return {str(account): self.cleaned_data[f"code_{account}"] for account in Account}
