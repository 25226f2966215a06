"""The only code that records what a drone's flight was for, and asks before a withholding stands on it."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError
from requests_app.custody import policies, tracing
from requests_app.custody.destroying import require_exists
from requests_app.custody.models import FlightClass, FlightDetermination, Medium, ResponsiveRecord
from requests_app.law import selectors as law
from requests_app.law.pack import Exemption

DRONE = frozenset({"drone_video", "drone_log"})  # series of records, and materials of the law
SHORTEST_REASON = 20  # characters


class NoFlightClass(DomainError):
    """A drone's record is to be withheld on a ground that holds for some flights only."""

    code = "no_flight_class"
    status = 422


def grounds(record: ResponsiveRecord, *, at: datetime) -> list[Exemption]:
    """This will list the grounds of the record's law that hold for some classes of flights only.

    Empty where the law does not ask. For a record that is no drone's, only grounds that cover nothing else.
    """
    today = tracing.day_of(at, record.request.agency.time_zone) or at.date()
    drone = is_drone(record)
    return [
        ground
        for ground in law.pack_for(record.request).exemptions_on(today)
        if ground.flight_classes and (drone or DRONE.issuperset(ground.applies_to))
    ]


def is_drone(record: ResponsiveRecord) -> bool:
    """This will tell whether a record is a flight's log, or was entered as a drone's."""
    return record.medium == Medium.FLIGHT or record.series in DRONE


def is_asked(record: ResponsiveRecord, *, at: datetime) -> bool:
    """This will tell whether the law of the request wants to know what this record's flight was for."""
    return is_drone(record) and bool(grounds(record, at=at))


def history(record: ResponsiveRecord) -> QuerySet[FlightDetermination]:
    """This will list what was recorded of a record's flight, the newest, which stands, first."""
    return FlightDetermination.objects.filter(record=record).select_related("made_by").order_by("-pk")


def standing(record: ResponsiveRecord) -> FlightDetermination | None:
    """This will give what a record's flight was for, if anybody has said."""
    return history(record).first()


def require_class(record: ResponsiveRecord, codes: Collection[str], *, at: datetime) -> None:
    """This will refuse grounds that the flight's recorded class does not bear.

    :raises NoFlightClass: naming the ground, and what to do.
    """
    cited = [ground for ground in grounds(record, at=at) if ground.code in codes]
    if not cited:
        return
    said = standing(record)
    for ground in cited:
        if ground.kind != "withhold":
            raise NoFlightClass(
                f"{ground.code} says that such a flight is released ({ground.citation}). Nothing is withheld"
                " on it: cite a ground that withholds."
            )
        if said is None:
            raise NoFlightClass(
                f"{ground.code} holds for some drone flights only ({ground.citation}). Record first what this"
                " flight was for, on the record’s page of forms or beside its map; no flight is withheld for"
                " being a drone’s."
            )
        if said.flight_class not in ground.flight_classes:
            raise NoFlightClass(
                f"This flight is recorded as “{said.get_flight_class_display().lower()}”, and {ground.code}"
                f" does not cover such a flight ({ground.citation}). Cite another ground, release it, or"
                " record anew what the flight was for."
            )


def determine(
    *, record: ResponsiveRecord, flight_class: str, reason: str, actor: User, at: datetime
) -> FlightDetermination:
    """This will add what a flight was for; what was said before stays in the history.

    :raises BadInput: for a class that is none, or without a reason in words.
    """
    policies.require(actor, Permission.REDACT, "custody.flight_determined", record)
    require_exists(record)
    if flight_class not in FlightClass.values:
        raise BadInput("Choose one of the three: investigatory file, suspected violation, factual inquiry.")
    reason = " ".join(reason.split())
    if len(reason) < SHORTEST_REASON:
        raise BadInput("Say in a sentence what the call was and why the flight belongs there.")
    request = record.request
    with transaction.atomic():
        # the entry first: a purge takes the chain's lock before the record's, and so does this
        audit.record(
            action="custody.flight_determined", actor=actor, subject=record, request_key=request.key,
            detail={"class": flight_class},
        )  # fmt: skip
        return FlightDetermination.objects.create(
            record=record,
            flight_class=flight_class,
            reason=reason[:2000],
            law=f"{request.law_code} {request.law_version}",
            made_by=actor,
            made_at=at,
        )
