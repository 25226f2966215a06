"""The editor of a fee schedule: one rate for each charge of the law, never above the law's ceiling."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from portal.core.forms import DaylightForm
from requests_app.fees.models import PublishedSchedule
from requests_app.law.fee_law import FeeLaw, FeeRow
from requests_app.law.models import Agency

UNITS = {
    "page_letter": "per page",
    "page_legal": "per page",
    "page_two_sided": "per sheet",
    "page_scanned": "per page",
    "page_digital": "per page",
    "file": "per file",
    "gigabyte": "per gigabyte",
    "disc_cd": "per disc",
    "disc_dvd": "per disc",
    "recording": "per recording",
    "new_recording_minute": "per full minute",
    "video_hour_reviewed": "per hour of video",
    "video_hour_produced": "per hour of video",
    "staff_time": "per hour",
    "video_staff_time": "per staff minute",
}
ORDERS = {
    "free_time_order": (
        "Free staff time is taken from",
        {"dearest_first": "the dearest work", "cheapest_first": "the cheapest work"},
    ),
    "partial_units": (
        "A part of a unit is",
        {"whole_only": "not charged", "round_up": "charged as a whole one"},
    ),
    "labour_hours": (
        "Over the hours at which labour may be charged,",
        {"excess": "only the hours above are charged", "whole": "all hours are charged"},
    ),
}


def has_rate(row: FeeRow) -> bool:
    """This will tell whether an agency sets a figure for this charge: not at cost, a share, or in steps."""
    return row.basis in UNITS and not row.tiers


def unit_of(row: FeeRow) -> str:
    unit = UNITS.get(row.basis, "")
    return f"per {row.unit_size} {unit.removeprefix('per ')}s" if row.unit_size > 1 else unit


class ScheduleForm(DaylightForm):
    """A new version; ``base`` is the one it begins as a copy of, whose finer figures it keeps."""

    mark_optional = False

    name = forms.CharField(label="Name", max_length=150)
    resolution = forms.CharField(label="Adopted by (resolution)", max_length=200, required=False)
    effective_from = forms.DateField(label="In force from")
    effective_to = forms.DateField(label="In force until (empty: until the next version)", required=False)
    deposit_percent = forms.DecimalField(
        label="Deposit, percent of the estimate",
        min_value=0,
        max_value=100,
        decimal_places=2,
        required=False,
        help_text="Asked for only where the law allows a deposit. Empty: none.",
    )
    first_dollar_waived = forms.BooleanField(label="The first dollar of every fee is waived", required=False)

    def __init__(
        self, *args: Any, law: FeeLaw, agency: Agency, base: PublishedSchedule | None = None, **kwargs: Any
    ) -> None:
        self.law, self.base = law, base
        kwargs["initial"] = first_values(law, agency, base)
        super().__init__(*args, **kwargs)
        for name, (label, choices) in ORDERS.items():
            if _matters(name, law):
                self.fields[name] = forms.ChoiceField(label=label, choices=list(choices.items()))
        for row in law.rows:
            if not has_rate(row):
                self.fields[f"charge_{row.id}"] = forms.BooleanField(
                    label=f"Charge: {row.label}", required=False, help_text=row.citation or ""
                )
                continue
            ceiling = f"At most {row.max_rate}. " if row.max_rate is not None else ""
            self.fields[f"rate_{row.id}"] = forms.DecimalField(
                label=f"{row.label}, dollars {unit_of(row)}",
                required=False,
                min_value=0,
                max_digits=9,
                decimal_places=4,
                help_text=f"{ceiling}{row.citation or ''} Empty: not charged.".strip(),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for row in self.law.rows:
            rate = cleaned.get(f"rate_{row.id}")
            if rate is not None and row.max_rate is not None and rate > row.max_rate:
                self.add_error(f"rate_{row.id}", f"{row.label}: the law allows at most {row.max_rate}.")
        begins, ends = cleaned.get("effective_from"), cleaned.get("effective_to")
        if begins and ends and ends < begins:
            self.add_error("effective_to", "The schedule would end before it begins.")
        return cleaned

    def rows(self) -> list[Mapping[str, Any]]:
        """This will give the schedule's rows: what is not listed is not charged."""
        finer = _rows_of(self.base)
        made: list[Mapping[str, Any]] = []
        for row in self.law.rows:
            rate = self.cleaned_data.get(f"rate_{row.id}")
            if rate is not None:
                made.append({**finer.get(row.id, {}), "rule": row.id, "rate": str(rate)})
            elif self.cleaned_data.get(f"charge_{row.id}"):
                made.append({**finer.get(row.id, {}), "rule": row.id})
        return made

    def policy(self) -> dict[str, Any]:
        """This will give what the agency chose where the law leaves a choice."""
        data = self.cleaned_data
        chosen: dict[str, Any] = dict(self.base.policy) if self.base is not None else {}
        chosen.pop("deposit_percent", None)
        if data.get("deposit_percent"):
            chosen["deposit_percent"] = str(data["deposit_percent"])
        chosen["first_dollar_waived"] = bool(data.get("first_dollar_waived"))
        return chosen | {name: data[name] for name in ORDERS if data.get(name)}


def first_values(law: FeeLaw, agency: Agency, base: PublishedSchedule | None) -> dict[str, Any]:
    """This will propose the version before, else the law's own rates, in force from tomorrow."""
    values: dict[str, Any] = {
        "name": f"Fees of {agency.short_name}",
        "effective_from": timezone.localdate() + timedelta(days=1),
    }
    values |= {name: next(iter(choices)) for name, (_label, choices) in ORDERS.items()}
    if base is not None:
        values |= {"name": base.name, "resolution": base.resolution, **base.policy}
    own = _rows_of(base)
    for row in law.rows:
        if base is not None and base.rows is not None and row.id not in own:
            continue
        if not has_rate(row):
            values[f"charge_{row.id}"] = True
        else:
            values[f"rate_{row.id}"] = own.get(row.id, {}).get("rate", row.rate)
    return values


def rates(row: PublishedSchedule, law: FeeLaw) -> list[dict[str, Any]]:
    """This will list a schedule's charges in words, for the pages that show it."""
    own, listed = _rows_of(row), row.rows is not None
    return [
        {
            "label": each.label,
            "note": each.why,
            "citation": each.citation or "",
            "rate": _rate_words(each, own),
        }
        for each in law.rows
        if not listed or each.id in own
    ]


def _rate_words(row: FeeRow, own: Mapping[str, Mapping[str, Any]]) -> str:
    figure = own.get(row.id, {}).get("rate", row.rate)
    if row.tiers:
        return f"{_money(row.tiers[0].amount)} to {_money(row.tiers[-1].amount)}"
    if row.basis == "share_of_labour":
        return f"{figure if figure is not None else row.share_percent} percent"
    if row.basis in {"media_cost", "actual_cost"}:
        return "at cost"
    return f"{_money(Decimal(str(figure)))} {unit_of(row)}" if figure is not None else "not charged"


def _money(amount: Decimal) -> str:
    whole, _dot, places = f"{amount:f}".partition(".")
    return f"${whole}.{places.rstrip('0').ljust(2, '0')}"


def _rows_of(base: PublishedSchedule | None) -> dict[str, Mapping[str, Any]]:
    return {each["rule"]: each for each in (base.rows or ())} if base is not None else {}


def _matters(choice: str, law: FeeLaw) -> bool:
    if choice == "free_time_order":
        return sum(1 for row in law.rows if row.basis == "staff_time" and row.free) > 0
    if choice == "partial_units":
        return any(row.partial == "policy" for row in law.rows)
    return any(row.threshold_minutes for row in law.rows)
