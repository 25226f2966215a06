"""Marks that came from outside, checked against the format, the file and the law before they are kept."""

from datetime import datetime

from portal.core import files
from portal.core.errors import BadInput
from redaction import probe
from redaction.marks import Marks, check_medium, parse
from redaction.plans.rules import Codes, citation_faults, media_of
from redaction.report import MarksError, RedactionError
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.law import selectors as law


class BadMarks(BadInput):
    """The marks cannot be kept; ``mark_id`` names the one at fault, if it is one."""

    code = "bad_marks"

    def __init__(self, message: str, mark_id: str | None = None) -> None:
        self.mark_id = mark_id
        super().__init__(message)


def checked(record: ResponsiveRecord, data: object, *, at: datetime) -> Marks:
    """This will give the marks typed, if every one of them fits the file and the law.

    :raises BadMarks: with a sentence that names the mark.
    """
    try:
        marks = parse(data)
        _check_medium(marks, record)
        probe.check_bounds(marks, facts_of(record))
    except MarksError as error:
        raise BadMarks(f"Not saved: {error}.", error.mark_id) from error
    for mark_id, fault in citation_faults(marks, codes_of(record.request, at=at)):
        raise BadMarks(f"Not saved: mark {mark_id}: {fault}.", mark_id)
    return marks


def codes_of(request: RecordsRequest, *, at: datetime) -> Codes:
    """This will list the codes a mark may cite under the request's law."""
    exemptions = law.exemptions(request.law_code, at.date()).values_list("code", flat=True)
    return Codes(
        reasons=frozenset(code for code, _label in law.redaction_reasons(request)),
        exemptions=frozenset(exemptions),
    )


def facts_of(record: ResponsiveRecord) -> probe.Facts:
    """This will say what the stored original is: pages, seconds, columns.

    :raises BadInput: when it cannot be opened any more.
    """
    try:
        return probe.examine(files.path_of(record.address))
    except RedactionError as error:
        raise BadInput(f"The stored file cannot be opened: {error}.") from error


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
