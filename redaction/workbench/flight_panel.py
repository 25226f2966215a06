"""What a page shows of the class of a flight: the question, the three answers, what was said and by whom."""

from typing import Any

from portal.core.time import now
from requests_app.custody import flights
from requests_app.custody.models import FlightClass, FlightDetermination, ResponsiveRecord

_MEANINGS = {
    FlightClass.INVESTIGATORY_FILE: "The recording went into the file of an investigation.",
    FlightClass.SUSPECTED_VIOLATION: (
        "The flight looked into whether a law was being broken, even though no file was opened."
    ),
    FlightClass.FACTUAL_INQUIRY: (
        "The flight only found out what was going on. The exemption for investigations does not cover it."
    ),
}


def panel(record: ResponsiveRecord) -> dict[str, Any] | None:
    """This will give the question as JSON values; None where the law of the request does not ask it."""
    at = now()
    if not flights.is_asked(record, at=at):
        return None
    grounds = flights.grounds(record, at=at)
    said = [_said(row) for row in flights.history(record)]
    return {
        "citation": next((ground.citation for ground in grounds if ground.kind == "must_release"), None)
        or grounds[0].citation,
        "classes": [
            {
                "value": one.value,
                "label": one.label,
                "meaning": _MEANINGS[one],
                "grounds": [
                    f"{ground.code}: {ground.short_label}"
                    for ground in grounds
                    if one.value in ground.flight_classes and ground.kind == "withhold"
                ],
            }
            for one in FlightClass
        ],
        "bound": {ground.code: list(ground.flight_classes) for ground in grounds},
        "standing": said[0] if said else None,
        "history": said,
    }


def _said(row: FlightDetermination) -> dict[str, Any]:
    return {
        "value": row.flight_class,
        "label": row.get_flight_class_display(),
        "reason": row.reason,
        "by": str(row.made_by),
        "at": row.made_at.isoformat(),
        "law": row.law,
    }
