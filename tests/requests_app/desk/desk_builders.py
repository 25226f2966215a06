"""What the desk's tests begin with."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core.models import Job, JobState, Queue
from portal.core.time import now
from requests_app.docket.models import RecordsRequest
from tests.builders import a_user

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def a_clerk(**fields: Any) -> User:
    return a_user(Role.CLERK, **fields)


def address(request: RecordsRequest, action: str = "") -> str:
    page = f"/desk/requests/{request.key}/"
    return f"{page}do/{action}/" if action else page


def a_stuck_job(state: JobState = JobState.QUARANTINED) -> Job:
    return Job.objects.create(
        kind="plans.render",
        dedupe_key=f"desk-test-{Job.objects.count()}",
        queue=Queue.MEDIA,
        state=state,
        attempts=5,
        run_after=now(),
        error="The film ends in the middle of a frame.",
    )


def query_count(user: User, url: str) -> int:
    client = signed_in(user)
    client.get(url)  # what is read once a process is read now
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
