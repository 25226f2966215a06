"""What records cost, for everybody: examples worked out by the same engine as every estimate."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from portal.core.errors import BadInput
from requests_app.fees import quoting, selectors, wording
from requests_app.fees.schedule_form import rates
from requests_app.law import fees as engine
from requests_app.law import work as works
from requests_app.law.models import Agency
from requests_app.law.selectors import pack_in_use, parsed


@dataclass(frozen=True)
class Example:
    """One made-up request with what it would cost."""

    title: str
    caption: str
    quote: engine.Quote
    lines: list[dict[str, Any]]


def made_up() -> tuple[tuple[str, dict[str, Any]], ...]:
    """This will list the made-up requests people ask about most."""
    twenty = [{"seconds": 1200, "previously_released": False}]
    return (
        (
            _("One body-camera recording of 20 minutes"),
            {
                "record_type": "body_worn_camera",
                "volumes": {
                    "recordings": twenty,
                    "video_seconds_produced": "1200",
                    "video_seconds_reviewed": "1200",
                },
            },
        ),
        (
            _("60 pages on paper, an hour of searching"),
            {
                "record_type": "paper",
                "volumes": {"pages_letter": "60"},
                "work": [{"activity": "search", "minutes": "60"}],
            },
        ),
        (
            _("Plate-reader data as one CSV file, half an hour of searching"),
            {
                "record_type": "electronic",
                "volumes": {"files": "1"},
                "work": [{"activity": "search", "minutes": "30"}],
            },
        ),
    )


def public_page(agency: Agency, *, at: datetime) -> dict[str, Any]:
    """This will gather the public page: the schedule in force today, its rates, and examples."""
    today = at.astimezone(ZoneInfo(agency.time_zone)).date()
    law = parsed(pack_in_use(agency)).fees
    others = agency.fee_schedules.filter(status="published")
    context: dict[str, Any] = {"agency": agency, "current": None, "others": others}
    try:
        current, schedule = selectors.in_force_on(agency, law, today)
    except BadInput:  # none, or one the law of today no longer allows: then nothing can be charged today
        return context
    made = []
    for title, work in made_up():
        quote = engine.quote(schedule, works.parse({**work, "received": today.isoformat()}))
        caption = _("How the sum comes about: %(title)s") % {"title": title}
        made.append(Example(title, caption, quote, wording.lines(map(quoting.plain, quote.lines))))
    return {
        "agency": agency,
        "current": current,
        "rows": rates(current, law),
        "examples": made,
        "others": others.exclude(pk=current.pk),
    }
