"""Marks that came from outside, checked against the format, the file and the law before they are kept."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from portal.core import files
from portal.core.errors import BadInput
from redaction import looks, probe
from redaction.marks import Marks, check_medium, parse
from redaction.plans.rules import Codes, citation_faults, cited, code_faults, media_of
from redaction.report import MarksError, RedactionError
from requests_app.custody import known, transcripts
from requests_app.custody.cases import require_determinations
from requests_app.custody.destroying import require_exists
from requests_app.custody.flights import require_class
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.law import selectors as law


class BadMarks(BadInput):
    """The marks cannot be kept; ``mark_id`` names the one at fault, if it is one."""

    code = "bad_marks"

    def __init__(self, message: str, mark_id: str | None = None) -> None:
        self.mark_id = mark_id
        super().__init__(message)


def checked(record: ResponsiveRecord, data: object, *, at: datetime, reasons_open: bool = False) -> Marks:
    """This will give the marks typed, if every one of them fits the file and the law.

    ``reasons_open`` lets marks pass that do not say yet why they withhold: work that goes on.

    :raises BadMarks: with a sentence that names the mark.
    :raises Destroyed: when only the record's row is left.
    :raises NoDetermination: for a record of an open case that is to be withheld whole for the case alone.
    :raises NoFlightClass: for a drone's record to be withheld whole on a ground its flight does not bear.
    """
    require_exists(record)
    try:
        marks = parse(with_seeds(parse(data), record))
        _check_medium(marks, record)
        _check_words(marks, record)
        if any(mark.kind != "withhold" for mark in marks.effective):
            # a file nobody can open may still be withheld whole
            probe.check_bounds(marks, facts_of(record))
    except MarksError as error:
        raise BadMarks(f"Not saved: {error}.", error.mark_id) from error
    faults = code_faults if reasons_open else citation_faults
    for mark_id, fault in faults(marks, codes_of(record.request, at=at)):
        raise BadMarks(f"Not saved: mark {mark_id}: {fault}.", mark_id)
    if marks.effective.withheld:
        require_determinations(record, cited(marks))
        require_class(record, cited(marks), at=at)
    return marks


def misfit(record: ResponsiveRecord, entry: Mapping[str, Any]) -> str:
    """This will say why one mark cannot stand on a record's file; empty when it can."""
    try:
        marks = parse({"version": 1, "marks": [dict(entry)]})
        _check_medium(marks, record)
        _check_words(marks, record)
        probe.check_bounds(marks, facts_of(record))
    except MarksError as error:
        return str(error).removeprefix(f"mark {error.mark_id}: ")
    return ""


def seed_of(record: ResponsiveRecord) -> str:
    """This will give the secret that moves the home circles of an agency's flights.

    It is the same in every release of a flight, in each format of its log and for all flights: the engine
    draws the move of a circle from the secret and the place, so that neither many releases of one flight
    nor many flights from one home average out to the true place.
    """
    key, agency = settings.SECRET_KEY.encode(), str(record.request.agency.pk).encode()
    return hmac.new(key, b"flight home of agency " + agency, hashlib.sha256).hexdigest()[:32]


def with_seeds(marks: Marks, record: ResponsiveRecord) -> dict[str, Any]:
    """This will give home marks without a seed the agency's, as saving them does."""
    bare = {mark.id for mark in marks.of("home") if mark["seed"] is None}
    entries = [
        {**entry, "seed": seed_of(record)} if entry["id"] in bare else entry for entry in marks.raw["marks"]
    ]
    return {**marks.raw, "marks": entries}


def day_of(request: RecordsRequest, at: datetime) -> date:
    """This will give the calendar day an instant falls on where the agency is."""
    return at.astimezone(ZoneInfo(request.agency.time_zone)).date()


def codes_of(request: RecordsRequest, *, at: datetime) -> Codes:
    """This will list the codes a mark may cite under the request's law."""
    exemptions = law.exemptions(request.law_code, day_of(request, at)).values_list("code", flat=True)
    return Codes(
        reasons=frozenset(code for code, _label in law.redaction_reasons(request)),
        exemptions=frozenset(exemptions),
    )


def facts_of(record: ResponsiveRecord) -> probe.Facts:
    """This will say what the stored original is: pages, seconds, columns.

    :raises BadInput: when it cannot be opened any more, or is not what was taken in.
    """
    path = files.path_of(record.address)
    state = files.state_of(path)
    try:
        if state is not None:
            files.require_once_intact(files.Stored.of(record))
    except files.Corrupt as error:
        raise BadInput(str(error)) from error
    return _looked_at(path, state)


@lru_cache(maxsize=256)  # originals are written once, and each autosave asks
def _looked_at(path: Path, _state: files.State | None) -> probe.Facts:
    if (kept := known.facts(path)) is not None:
        return kept
    try:
        found = looks.examine(path)
        known.keep_facts(path, found)
        return found
    except RedactionError as error:
        named = str(error).replace(path.name, "it")  # stored under its hash, which tells a person nothing
        raise BadInput(f"The stored file cannot be opened: {named}.") from error


def _check_words(marks: Marks, record: ResponsiveRecord) -> None:
    spoken = [mark for mark in marks.effective.of("mute") if mark["literal"] is not None]
    if spoken and transcripts.standing(record) is None:
        raise MarksError("muting words needs a transcript; attach the record's first", mark_id=spoken[0].id)


def _check_medium(marks: Marks, record: ResponsiveRecord) -> None:
    media = media_of(record.medium, record.format)
    for medium in media:
        try:
            check_medium(marks, medium)
        except MarksError:
            if medium == media[-1]:
                check_medium(marks, media[0])
        else:
            return
