"""What a law says about fees, in sentences for the public page and the editor. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.fees.wording import sentence
from requests_app.law.condition import Condition
from requests_app.law.fee_law import FeeLaw, FeeRow, Threshold
from requests_app.law.work import ACTIVITIES

WORK = {
    "search": gettext_lazy("searching for records"),
    "review": gettext_lazy("reading and deciding what may be given out"),
    "redaction": gettext_lazy("removing what may not be given out"),
    "duplication": gettext_lazy("copying"),
    "media": gettext_lazy("preparing a disc or drive"),
    "programming": gettext_lazy("programming and extracting data"),
}
NAMES = {
    "paper": gettext_lazy("paper"),
    "electronic": gettext_lazy("files"),
    "body_worn_camera": gettext_lazy("body-camera recordings"),
    "law_enforcement_video": gettext_lazy("other police video"),
    "commercial": gettext_lazy("commercial requests"),
    "educational": gettext_lazy("schools and universities"),
    "noncommercial_scientific": gettext_lazy("scientific institutions"),
    "news_media": gettext_lazy("news media"),
    "other": gettext_lazy("everybody else"),
    "recurrent": gettext_lazy("people who ask very often"),
    "victim": gettext_lazy("victims"),
    "directly_involved": gettext_lazy("people directly involved"),
    "attorney_of_involved": gettext_lazy("lawyers of people involved"),
    "not_involved": gettext_lazy("people not involved"),
    "municipality": gettext_lazy("cities and towns"),
    "agency": gettext_lazy("agencies"),
}
PER = {
    "request": gettext_lazy("a request"),
    "video_hour_produced": gettext_lazy("for each hour of video given out"),
}


@dataclass(frozen=True)
class Rule:
    """One rule of the law in a sentence, with where it stands."""

    text: str
    citation: str


def never_charged(law: FeeLaw) -> list[str]:
    """This will list the work this law lets nobody be charged for, under any circumstances."""
    chargeable = {activity for row in law.rows for activity in row.activities}
    return [str(WORK[activity]) for activity in ACTIVITIES if activity not in chargeable]


def reliefs(law: FeeLaw) -> list[Rule]:
    """This will list who pays nothing or less, and when: bars, late answers, amounts too small to bill."""
    found = [Rule(sentence(bar.why), bar.citation or "") for bar in law.bars]
    if late := law.late_reduction:
        text = _("An answer that comes late costs %(a)s percent less for each day, at most %(most)s percent.")
        words = text % {"a": _plain(late.percent_a_day), "most": _plain(late.max_percent)}
        found.append(Rule(words, late.citation or ""))
    if law.bill is not None and law.bill.over is not None:
        text = _("A fee of %(least)s or less is not billed.") % {"least": dollars(law.bill.over)}
        found.append(Rule(text, law.bill.citation or ""))
    if law.overage_percent is not None:
        text = _("You pay at most %(percent)s percent more than the estimate, and only when told beforehand.")
        found.append(Rule(text % {"percent": _plain(law.overage_percent)}, law.overage_citation or ""))
    return found


def before_work(law: FeeLaw, deposit_percent: str | None) -> list[Rule]:
    """This will list what may be asked for before the work: itemised estimate, deposit, payment."""
    found = []
    if (each := law.itemised_estimate) is not None:
        found.append(_step(each, _("You get an itemised estimate first")))
    if (each := law.deposit) is not None:
        if deposit_percent:
            words = _("A deposit of %(percent)s percent of the estimate may be asked for")
            found.append(_step(each, words % {"percent": deposit_percent}))
        else:
            found.append(
                Rule(_("No deposit is asked for here; the law would allow one."), each.citation or "")
            )
    if (each := law.advance_payment) is not None:
        found.append(_step(each, _("Payment may be asked for before the work begins")))
    if law.interest is not None:
        text = _("A bill may bear interest from the %(day)sst day after its date.")
        found.append(Rule(text % {"day": law.interest.from_day}, law.interest.citation or ""))
    return found


def _step(step: Threshold, does: str) -> Rule:
    over = _(" when the estimate is over %(limit)s") % {"limit": dollars(step.over)} if step.over else ""
    only = who(step.when)
    return Rule(f"{does}{over}{f' ({only})' if only else ''}.", step.citation or "")


def who(when: Condition) -> str:
    """This will name for whom or what a rule holds; empty when it holds for all or for other reasons."""
    named = [NAMES[value] for values in when.named.values() for value in sorted(values) if value in NAMES]
    without = [
        NAMES[value]
        for part in when.none_of
        for values in part.named.values()
        for value in sorted(values)
        if value in NAMES
    ]
    said = [_("only %(names)s") % {"names": _listed(named)}] if named else []
    said += [_("not %(names)s") % {"names": _listed(without)}] if without else []
    return "; ".join(said)


def terms(row: FeeRow) -> list[str]:
    """This will say what the law attaches to a charge: for whom, what is free, how it is counted, limits."""
    said = [who(row.when)]
    for free in row.free:
        unit = _("minutes") if row.basis == "staff_time" else _("of them")
        whom = who(free.when)
        words = _("the first %(many)s %(unit)s free") % {"many": _plain(free.quantity), "unit": unit}
        said.append(f"{words} ({whom})" if whom else words)
    if row.threshold_minutes:
        said.append(
            _("nothing for work under %(hours)s hours")
            % {"hours": _plain(Decimal(row.threshold_minutes) / 60)}
        )
    if row.increment_minutes:
        rounding = {
            "down": _("counted in full steps of %(n)s minutes"),
            "more_than_half": _("counted in steps of %(n)s minutes; one counts when over half of it is used"),
        }
        said.append(rounding[row.rounding] % {"n": row.increment_minutes})
    for cap in row.caps:
        if cap.per == "actual_cost":
            said.append(_("never more than the actual cost"))
        else:
            said.append(_("at most %(most)s %(per)s") % {"most": dollars(cap.amount), "per": PER[cap.per]})
    return [each for each in said if each]


def facts(law: FeeLaw) -> frozenset[str]:
    """This will name every fact the law's fee rules ask about, for forms that must offer it."""
    steps = [
        each
        for each in (law.itemised_estimate, law.deposit, law.advance_payment, law.bill)
        if each is not None
    ]
    conditions = [row.when for row in law.rows]
    conditions += [free.when for row in law.rows for free in row.free]
    conditions += [bar.when for bar in law.bars]
    conditions += [step.when for step in steps]
    conditions += [step.or_if for step in steps if step.or_if is not None]
    conditions += [when for step in steps for _over, when in step.instead]
    return frozenset(name for each in conditions for name in _names(each))


def _names(when: Condition) -> Iterator[str]:
    yield from (*when.over, *when.at_most, *when.is_true, *when.is_false)
    for part in (*when.any_of, *when.none_of):
        yield from _names(part)


def dollars(amount: Decimal | str) -> str:
    """This will write a rate or amount: $0.10, $20.00, $0.003."""
    text = f"{Decimal(amount):,f}"
    whole, _dot, places = text.partition(".")
    return f"${whole}.{places.rstrip('0').ljust(2, '0')}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _listed(names: list[Any]) -> str:
    return ", ".join(map(str, names))
