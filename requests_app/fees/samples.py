"""Sample requests that show what a fee schedule does, beside the one it follows; nothing of it is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.core.errors import DomainError
from portal.core.money import dollars
from requests_app.fees import quoting, schedules, wording
from requests_app.fees.models import FeeCase, PublishedSchedule, ScheduleStatus
from requests_app.law import fees as engine
from requests_app.law import work as works
from requests_app.law.models import Agency

MOST_WORKSHEETS = 8


@dataclass(frozen=True)
class Sample:
    """One made-up request: what somebody would say it is, and the work behind it."""

    title: str
    says: str
    work: Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """What a sample costs under one schedule, or why it cannot be said."""

    cents: int | None
    lines: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]
    refusal: str = ""


@dataclass(frozen=True)
class Comparison:
    """One sample under two schedules; ``change`` in words, ``kind`` the colour of its tag."""

    sample: Sample
    here: Side
    there: Side | None
    change: str
    kind: str


def made_up() -> tuple[Sample, ...]:
    """This will list the made-up requests people ask about most."""
    paper = {"record_type": "paper", "volumes": {"pages_letter": "200"}, "work": [_time("search", 180)]}
    return (
        Sample(
            _("One body-camera recording of 20 minutes"),
            _("A quarter of an hour of searching, 40 minutes of blurring."),
            _video([1200], search=15, redaction=40),
        ),
        Sample(
            _("Two hours of body-camera video"),
            _("Four recordings of half an hour; six hours of blurring."),
            _video([1800] * 4, search=45, redaction=360),
        ),
        Sample(
            _("A recording that was given out before"),
            _("The same 20 minutes, blurred for somebody else already."),
            _video([1200], released=True, search=5),
        ),
        Sample(
            _("Plate-reader data as one CSV file"),
            _("Half an hour of searching, an hour of extracting it."),
            {
                "record_type": "electronic",
                "volumes": {"files": "1", "gigabytes": "0.2", "megabytes": "200"},
                "work": [_time("search", 30), _time("programming", 60)],
            },
        ),
        Sample(
            _("60 pages on paper, an hour of searching"),
            _("A report with its attachments, on letter paper."),
            {
                "record_type": "paper",
                "volumes": {"pages_letter": "60"},
                "work": [_time("search", 60)],
            },
        ),
        Sample(_("200 pages for a neighbour"), _("Three hours of searching."), paper),
        Sample(
            _("The same 200 pages for a newspaper"),
            _("Asked for by news media."),
            {**paper, "requester_category": "news_media"},
        ),
        Sample(
            _("The same 200 pages for a business"),
            _("Asked for to make money with them."),
            {**paper, "requester_category": "commercial"},
        ),
        Sample(
            _("The victim's own recording of 20 minutes"),
            _("The first copy, for the person it happened to."),
            {**_video([1200], search=15, redaction=40), "relationship": "victim", "copy_number": 1},
        ),
    )


def from_worksheets(agency: Agency) -> list[Sample]:
    """This will take the newest worksheets as samples: their figures, nothing of who asked or for what."""
    cases = (
        FeeCase.objects.filter(request__agency=agency)
        .exclude(work={})
        .select_related("request")
        .order_by("-pk")[:MOST_WORKSHEETS]
    )
    return [
        Sample(
            _("A real worksheet, number %(number)s") % {"number": number},
            spelt(case.work),
            {
                "requester_category": case.request.requester_category or None,
                "relationship": case.request.relationship or None,
                **{name: value for name, value in case.work.items() if name != "events"},
            },
        )
        for number, case in enumerate(cases, 1)
    ]


def rival(row: PublishedSchedule) -> PublishedSchedule | None:
    """This will choose what a version is weighed against: the one in force on its first day, else before."""
    others = PublishedSchedule.objects.filter(
        agency=row.agency, law_code=row.law_code, status=ScheduleStatus.PUBLISHED
    ).exclude(pk=row.pk)
    return others.filter(effective_from__lte=row.effective_from).order_by("-effective_from").first()


def compare(
    row: PublishedSchedule, other: PublishedSchedule | None, wanted: Iterable[Sample]
) -> list[Comparison]:
    """This will work out every sample under both schedules, each as received on a day it is in force."""
    here = schedules.read(row)
    there = schedules.read(other) if other is not None else None
    found = []
    for sample in wanted:
        mine = _side(here, sample)
        theirs = _side(there, sample) if there is not None else None
        found.append(Comparison(sample, mine, theirs, *_change(mine, theirs)))
    return found


def spelt(work: Mapping[str, Any]) -> str:
    """This will say a worksheet's figures in a line: ``2 recordings, 60 pages letter, 1.5 h of search``."""
    volumes = work.get("volumes") or {}
    said = [f"{each['minutes']} min {each['activity']}" for each in work.get("work") or ()]
    for name, value in volumes.items():
        said.append(_recordings(value) if name == "recordings" else f"{value} {name.replace('_', ' ')}")
    if work.get("actual_cost"):
        said.append(_("actual cost %(cost)s") % {"cost": f"${work['actual_cost']}"})
    return ", ".join([str(work.get("record_type") or _("any record")).replace("_", " "), *said])


def _recordings(rows: list[Mapping[str, Any]]) -> str:
    minutes = sum(int(row["seconds"]) for row in rows) // 60
    return _("%(count)s recordings of %(minutes)s min in all") % {"count": len(rows), "minutes": minutes}


def _side(schedule: engine.FeeSchedule, sample: Sample) -> Side:
    try:
        asked = works.parse({**sample.work, "received": schedule.effective_from.isoformat()})
        quote = engine.quote(schedule, asked)
    except DomainError as error:
        return Side(None, (), (), str(error))
    lines = wording.lines(map(quoting.plain, telling(quote)), for_staff=True)
    return Side(quote.billed_cents, tuple(lines), quote.notes)


def telling(quote: engine.Quote) -> list[engine.QuoteLine]:
    """This will leave out figures that only other laws ask for; staff time without a charge stays."""
    return [line for line in quote.lines if line.rule != "not-chargeable" or line.unit == "minute"]


def _change(here: Side, there: Side | None) -> tuple[str, str]:
    if there is None or here.cents is None or there.cents is None:
        return _("nothing to compare with"), "neutral"
    grown = here.cents - there.cents
    if not grown:
        return _("no change"), "neutral"
    if grown > 0:
        return _("%(amount)s more") % {"amount": dollars(grown)}, "waiting"
    return _("%(amount)s less") % {"amount": dollars(-grown)}, "done"


def _time(activity: str, minutes: int) -> dict[str, str]:
    return {"activity": activity, "minutes": str(minutes)}


def _video(seconds: list[int], *, released: bool = False, **minutes: int) -> dict[str, Any]:
    """Body-camera work with every figure some law asks for. ``seconds`` of each recording."""
    hours = sum(seconds) / 3600
    return {
        "record_type": "body_worn_camera",
        "work": [_time(activity, count) for activity, count in minutes.items()],
        "volumes": {
            "recordings": [{"seconds": each, "previously_released": released} for each in seconds],
            "video_seconds_produced": str(sum(seconds)),
            "video_seconds_reviewed": str(sum(seconds)),
        },
        "actual_cost": f"{40 * hours + 20:.2f}",
    }
