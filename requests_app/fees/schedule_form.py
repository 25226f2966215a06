"""The editor of a fee schedule: figures for each charge of the law, never above the law's ceiling."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.core.forms import DaylightForm
from requests_app.fees import law_words, schedules
from requests_app.fees.models import PublishedSchedule
from requests_app.fees.rates import has_rate, rows_of, unit_of
from requests_app.law.fee_law import FeeLaw, FeeRow
from requests_app.law.models import Agency
from requests_app.law.work import WorkError, amount

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
SWITCHES = {
    "prepay_in_published_policy": "Our published policy says that work may wait for payment",
    "population_over_20000": "More than 20,000 people live here",
}
MOST_GRADES = 12


@dataclass(frozen=True)
class Part:
    """One charge on the page: the law's row, its main field, the finer ones, and whether it is a draft."""

    row: FeeRow
    main: forms.BoundField
    finer: tuple[forms.BoundField, ...]
    terms: str
    draft: bool

    @property
    def fold(self) -> str:
        """What the fold holds, in words."""
        names = {field.name.partition("_")[0] for field in self.finer}
        parts = [("free", "free amount"), ("cap", "limit"), ("grades", "rates by grade")]
        said = ", ".join(words for name, words in parts if name in names)
        return f"{said[:1].upper()}{said[1:]}"

    @property
    def opened(self) -> bool:
        """The fold stands open when there is something in it to see."""
        return any(field.errors or field.value() not in (None, "", "0") for field in self.finer)


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
        self,
        *args: Any,
        law: FeeLaw,
        agency: Agency,
        base: PublishedSchedule | None = None,
        drafts: frozenset[str] = frozenset(),
        **kwargs: Any,
    ) -> None:
        self.law, self.base, self.agency, self.drafts = law, base, agency, drafts
        kwargs["initial"] = first_values(law, agency, base)
        super().__init__(*args, **kwargs)
        self._general = list(self.fields)[:4]
        for name, (label, choices) in ORDERS.items():
            if _matters(name, law):
                self.fields[name] = forms.ChoiceField(label=label, choices=list(choices.items()))
        asked = law_words.facts(law)
        for name, label in SWITCHES.items():
            if name in asked:
                self.fields[name] = forms.BooleanField(label=label, required=False)
        if "staff_count" in asked:
            self.fields["staff_count"] = forms.IntegerField(
                label="People who work for the agency", min_value=0, max_value=10**6, required=False
            )
        if any(row.basis == "video_staff_time" for row in law.rows):
            self.fields["staff_minutes_per_video_minute"] = _decimal(
                "Staff minutes for each minute of footage", "Empty: redaction is not priced by length.", 2
            )
        self._choices = [name for name in self.fields if name not in self._general]
        for row in law.rows:
            self.fields.update(_fields_of(row))

    @property
    def general(self) -> list[forms.BoundField]:
        return [self[name] for name in self._general]

    @property
    def choices(self) -> list[forms.BoundField]:
        return [self[name] for name in self._choices]

    @property
    def parts(self) -> list[Part]:
        """This will give the law's charges in order, each with its fields."""
        made = []
        for row in self.law.rows:
            main, *finer = (self[name] for name in _names_of(row) if name in self.fields)
            said = "; ".join([*filter(None, [row.why]), *law_words.terms(row)])
            made.append(Part(row, main, tuple(finer), said, row.id in self.drafts and not self.all_drafts))
        return made

    @property
    def all_drafts(self) -> bool:
        """Said once above the charges instead of at each of them."""
        return self.drafts.issuperset(row.id for row in self.law.rows)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for row in self.law.rows:
            rate = cleaned.get(f"rate_{row.id}")
            if rate is not None and row.max_rate is not None and rate > row.max_rate:
                self.add_error(f"rate_{row.id}", f"{row.label}: the law allows at most {row.max_rate}.")
            if cleaned.get(f"grades_{row.id}"):
                self._read_grades(row)
        self._check_deposit(cleaned.get("deposit_percent"))
        begins, ends = cleaned.get("effective_from"), cleaned.get("effective_to")
        if begins and ends and ends < begins:
            self.add_error("effective_to", "The schedule would end before it begins.")
        elif begins and (fault := schedules.misfit(self.agency, begins, ends)):
            self.add_error(fault.field, fault.sentence)
        return cleaned

    def rows(self) -> list[Mapping[str, Any]]:
        """This will give the schedule's rows: what is not listed is not charged."""
        data = self.cleaned_data
        made: list[Mapping[str, Any]] = []
        for row in self.law.rows:
            rate, grades = data.get(f"rate_{row.id}"), data.get(f"grades_{row.id}") or {}
            if rate is None and not grades and not data.get(f"charge_{row.id}"):
                continue
            mine: dict[str, Any] = {"rule": row.id}
            mine |= {"rate": str(rate)} if rate is not None else {}
            mine |= {"rates": grades} if grades else {}
            for name in ("free", "cap"):
                figure = data.get(f"{name}_{row.id}")
                if figure is not None and (figure or name == "cap"):
                    mine[name] = str(figure)
            made.append(mine)
        return made

    def policy(self) -> dict[str, Any]:
        """This will give what the agency chose where the law leaves a choice."""
        data = self.cleaned_data
        chosen: dict[str, Any] = dict(self.base.policy) if self.base is not None else {}
        for name in ("deposit_percent", "staff_count", "staff_minutes_per_video_minute"):
            if name in self.fields:
                chosen.pop(name, None)
                if data.get(name) is not None and (data[name] or name == "staff_count"):
                    chosen[name] = str(data[name])
        for name in ("first_dollar_waived", *SWITCHES):
            if name in self.fields:
                chosen[name] = bool(data.get(name))
        return chosen | {name: data[name] for name in ORDERS if data.get(name)}

    def _read_grades(self, row: FeeRow) -> None:
        try:
            self.cleaned_data[f"grades_{row.id}"] = grades(self.cleaned_data[f"grades_{row.id}"], row)
        except ValidationError as error:
            self.add_error(f"grades_{row.id}", error)

    def _check_deposit(self, percent: Decimal | None) -> None:
        most = self.law.deposit.max_percent if self.law.deposit else Decimal(100)
        if percent is not None and percent > most:
            said = f"{percent} percent is over {most:f} percent, the most the law allows."
            self.add_error("deposit_percent", said)


def grades(typed: str, row: FeeRow) -> dict[str, str]:
    """This will read rates by who does the work, one a line: ``officer 40.00``.

    :raises ValidationError: naming the line that cannot be read or is above the law's ceiling.
    """
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, typed.splitlines())):
        name, _space, figure = line.rpartition(" ")
        name = name.strip(" :").lower()
        if not name or len(name) > 60:
            raise ValidationError(
                f"“{line}” has no grade. Write the grade, a space and the rate: clerk 20.00."
            )
        try:
            rate = amount(figure.removeprefix("$"), f"“{line}”", Decimal(100_000))
        except WorkError as error:
            raise ValidationError(str(error)) from None
        if row.max_rate is not None and rate > row.max_rate:
            raise ValidationError(f"“{line}” is over {row.max_rate}, the most the law allows.")
        if name in found:
            raise ValidationError(f"“{name}” is listed twice.")
        found[name] = str(rate)
    if len(found) > MOST_GRADES:
        raise ValidationError(f"{len(found)} grades are more than {MOST_GRADES}. Join what is paid alike.")
    return found


def first_values(law: FeeLaw, agency: Agency, base: PublishedSchedule | None) -> dict[str, Any]:
    """This will propose the version before, else the law's own rates, in force from tomorrow."""
    values: dict[str, Any] = {
        "name": f"Fees of {agency.short_name}",
        "effective_from": timezone.localdate() + timedelta(days=1),
    }
    values |= {name: next(iter(choices)) for name, (_label, choices) in ORDERS.items()}
    if base is not None:
        values |= {"name": base.name, "resolution": base.resolution, **base.policy}
    own = rows_of(base)
    for row in law.rows:
        mine = own.get(row.id, {})
        if base is not None and base.rows is not None and row.id not in own:
            continue
        values |= {f"{name}_{row.id}": mine[name] for name in ("free", "cap") if mine.get(name)}
        lines = sorted((mine.get("rates") or {}).items())
        values[f"grades_{row.id}"] = "\n".join(f"{grade} {rate}" for grade, rate in lines)
        if not has_rate(row):
            values[f"charge_{row.id}"] = True
        else:
            agreed = base.policy.get(row.rate_policy or "") if base is not None else None
            values[f"rate_{row.id}"] = mine.get("rate", agreed if agreed is not None else row.rate)
    return values


def _names_of(row: FeeRow) -> Iterable[str]:
    return (f"{name}_{row.id}" for name in ("rate", "charge", "free", "cap", "grades"))


def _fields_of(row: FeeRow) -> dict[str, forms.Field]:
    if not has_rate(row):
        main: dict[str, forms.Field] = {
            f"charge_{row.id}": forms.BooleanField(
                label=f"Charge: {row.label}", required=False, help_text=row.citation or ""
            )
        }
    else:
        ceiling = f"at most {row.max_rate}" if row.max_rate is not None else ""
        said = ": ".join(filter(None, [row.citation, ceiling]))
        hint = f"{said}. Empty: not charged." if said else "Empty: not charged."
        main = {f"rate_{row.id}": _decimal(f"{row.label}, dollars {unit_of(row)}", hint, 4)}
    if row.basis != "share_of_labour":
        if not row.tiers and row.basis not in ("media_cost", "actual_cost"):
            unit = "minutes" if row.basis == "staff_time" else unit_of(row).removeprefix("per ") + "s"
            hint = "Beyond what the law gives free; the larger of the two counts."
            main[f"free_{row.id}"] = _decimal(f"Free of charge, {unit}", hint, 2)
        main[f"cap_{row.id}"] = _decimal("Limit for one request, dollars", "Empty: no limit of your own.", 2)
    if row.basis == "staff_time":
        main[f"grades_{row.id}"] = forms.CharField(
            label="Rates by who does it, dollars per hour",
            required=False,
            max_length=600,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="One a line, such as: officer 40.00",
        )
    return main


def _decimal(label: str, help_text: str, places: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_digits=9,
        decimal_places=places,
        help_text=help_text,
        error_messages={"min_value": "Less than zero cannot be charged."},
    )


def _matters(choice: str, law: FeeLaw) -> bool:
    if choice == "free_time_order":
        return sum(1 for row in law.rows if row.basis == "staff_time" and row.free) > 0
    if choice == "partial_units":
        return any(row.partial == "policy" for row in law.rows)
    return any(row.threshold_minutes for row in law.rows)
