"""What records cost, for everybody: rates, rules of the law and examples, worked out by the same engine."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from portal.core.errors import BadInput
from portal.core.exports import csv_lines
from requests_app.fees import law_words, quoting, samples, schedules, selectors, wording
from requests_app.fees.models import PublishedSchedule, ScheduleStatus
from requests_app.fees.rates import rates, uncharged
from requests_app.law import fees as engine
from requests_app.law import work as works
from requests_app.law.models import Agency
from requests_app.law.selectors import pack_in_use, parsed, standings
from requests_app.law.standing import RuleStanding

FILES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
COLUMNS = ("charge", "rate", "unit", "terms", "law")


@dataclass(frozen=True)
class Example:
    """One made-up request with what it would cost."""

    title: str
    says: str
    caption: str
    quote: engine.Quote
    lines: list[dict[str, Any]]


def public_page(agency: Agency, *, at: datetime, version: str = "") -> dict[str, Any]:
    """This will gather the public page: the schedule in force today (or an older version), with examples."""
    today = at.astimezone(ZoneInfo(agency.time_zone)).date()
    pack = pack_in_use(agency)
    law = parsed(pack).fees
    published = agency.fee_schedules.filter(status=ScheduleStatus.PUBLISHED)
    context: dict[str, Any] = {"agency": agency, "current": None, "others": published, "today": today}
    chosen = _version(agency, version)
    try:
        current, schedule = selectors.in_force_on(agency, law, today)
        if chosen is not None and chosen.pk != current.pk:
            current, schedule, law = chosen, schedules.read(chosen), schedules.law_of(chosen)
    except BadInput:  # none, or one the law of today no longer allows: then nothing can be charged today
        if chosen is None:
            return context
        current, schedule, law = chosen, schedules.read(chosen), schedules.law_of(chosen)
    day = today if schedule.in_force(today) else schedule.effective_from
    drafts = draft_rows(agency) if current.law_code == agency.law else frozenset()
    return {
        **context,
        "current": current,
        "drafts": len(drafts),
        "standing": _standing(current, today),
        "rows": rates(current, law, drafts),
        "uncharged": uncharged(current, law),
        "never": law_words.never_charged(law),
        "reliefs": law_words.reliefs(law),
        "before": law_words.before_work(law, current.policy.get("deposit_percent")),
        "first_dollar": schedule.policy.first_dollar_waived,
        "examples": _examples(schedule, day),
        "others": published.exclude(pk=current.pk),
        "law": parsed(pack),
    }


def draft_rows(agency: Agency) -> frozenset[str]:
    """This will name the fee rules of the law in use that the agency's counsel has not adopted."""
    known: dict[str, RuleStanding] = dict(standings(agency, pack_in_use(agency)))
    return frozenset(
        path.rpartition("/")[2]
        for path, standing in known.items()
        if path.startswith("fees/rows/") and not standing.is_adopted
    )


def file(page: dict[str, Any], form: str) -> str:
    """This will write the page's rates as a file of one of :data:`FILES`."""
    current = page["current"]
    rows = _table(page)
    if form == "csv":
        return "".join(csv_lines(COLUMNS, ([row[name] for name in COLUMNS] for row in rows)))
    ends = current.effective_to.isoformat() if current.effective_to else None
    begins = current.effective_from.isoformat()
    about = {"name": current.name, "version": current.version, "law": current.law_code,
             "effective_from": begins, "effective_to": ends}  # fmt: skip
    return json.dumps({**about, "rates": rows}, ensure_ascii=False, indent=1)


def _table(page: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "charge": row["label"],
            "rate": f"{row['figure']:f}" if row["figure"] is not None else row["rate"],
            "unit": row["unit"],
            "terms": row["note"],
            "law": row["citation"],
        }
        for row in page["rows"]
    ]


def _examples(schedule: engine.FeeSchedule, day: date) -> list[Example]:
    made = []
    for sample in samples.made_up():
        quote = engine.quote(schedule, works.parse({**sample.work, "received": day.isoformat()}))
        caption = _("How the sum comes about: %(title)s") % {"title": sample.title}
        lines = wording.lines(map(quoting.plain, samples.telling(quote)))
        made.append(Example(sample.title, sample.says, caption, quote, lines))
    return made


def _version(agency: Agency, asked: str) -> PublishedSchedule | None:
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 9):
        return None
    return agency.fee_schedules.filter(status=ScheduleStatus.PUBLISHED, version=int(asked)).first()


def _standing(row: PublishedSchedule, today: date) -> str:
    if row.effective_from > today:
        return _("It is not in force yet.")
    if row.effective_to is not None and row.effective_to < today:
        return _("It is no longer in force: it holds for requests received while it was.")
    return ""
