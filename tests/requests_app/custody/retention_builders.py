"""Records whose day has come, requests that ask for them, and purges made by the services people use."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import count
from typing import Any
from unittest.mock import patch

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core import jobs
from portal.core.models import Job
from requests_app.custody import cases, purging
from requests_app.custody.models import Case, Purge, ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.custody.record_builders import a_record

import_module("redaction.release.tasks")  # a worker has it from Celery: the handlers of both jobs

STOP = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)  # when the footage was made: 90 days end on September 29
_contents = count(1)


def close(request: RecordsRequest, disposition: Disposition = Disposition.FULL, at: datetime = NOON) -> None:
    """A closed request, by the rows alone: how it was answered is not these tests' subject."""
    RecordsRequest.objects.filter(pk=request.pk).update(
        status=Status.CLOSED, disposition=disposition, closed_at=at
    )
    request.refresh_from_db()


def an_old_record(
    *, request: RecordsRequest | None = None, open_request: bool = False, content: bytes = b"", **facts: Any
) -> ResponsiveRecord:
    """A record of a closed request without a hold, recorded on July 1 and so due under Texas law."""
    case = request or a_request(status=Status.SEARCHING)
    made = a_record(request=case, content=content or f"plate,at\nX{next(_contents)},noon\n".encode())
    given = {
        "series": "body_worn_camera", "severity": "non_event", "recorded_at": STOP,
        "recorded_until": STOP + timedelta(minutes=20), "place": "Elm Street at 4th Avenue", **facts,
    }  # fmt: skip
    ResponsiveRecord.objects.filter(pk=made.pk).update(**given)
    if not open_request:
        close(case)
    return ResponsiveRecord.objects.select_related("request__agency", "case").get(pk=made.pk)


def an_asking_request(**fields: Any) -> RecordsRequest:
    """A request for what was recorded at Elm Street around the stop. Nothing is held yet."""
    item = {
        "starts_at": STOP - timedelta(hours=1), "ends_at": STOP + timedelta(hours=1), "place": "Elm St",
        "description": "Video of the stop",
    }  # fmt: skip
    item |= {name: fields.pop(name) for name in list(item) if name in fields}
    request = a_request(**{"record_type": "body_worn_camera", **fields})
    request.items.update(**item)
    return request


def a_keeper(**fields: Any) -> User:
    return a_user(Role.CLERK, **fields)


def a_second_person(**fields: Any) -> User:
    return a_user(Role.APPROVER, **fields)


def a_counsel(**fields: Any) -> User:
    return a_user(Role.COUNSEL, **fields)


def a_proposed_purge(*records: ResponsiveRecord, by: User | None = None, at: datetime = NOON) -> Purge:
    chosen = records or (an_old_record(),)
    return purging.propose(
        agency=an_agency(), records=[row.key for row in chosen], actor=by or a_keeper(), at=at
    )


def a_confirmed_purge(*records: ResponsiveRecord, at: datetime = NOON) -> Purge:
    purge = a_proposed_purge(*records, at=at)
    purging.confirm(purge=purge, actor=a_second_person(), at=at, digest=purge.digest)
    return purge


def run(purge: Purge) -> bool:
    """The purge's job as a worker does it. Gives whether it came to its end."""
    assert purge.job_id is not None
    # the heartbeat's own connection cannot see the rows of the test's open transaction
    with patch.object(jobs, "HEARTBEAT_SECONDS", 3600):
        done = jobs.execute(purge.job_id)
    purge.refresh_from_db()
    return done


def a_done_purge(*records: ResponsiveRecord) -> Purge:
    purge = a_confirmed_purge(*records)
    assert run(purge), Job.objects.filter(pk=purge.job_id or 0).values_list("error", flat=True)
    return purge


def a_case(**fields: Any) -> Case:
    return cases.open_case(
        **{
            "agency": an_agency(), "number": "26-1182", "title": "Stop on Elm Street", "severity": "",
            "opened_on": NOON.date(), "actor": a_keeper(), **fields,
        }
    )  # fmt: skip
