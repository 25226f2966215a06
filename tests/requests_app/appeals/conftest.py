from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from requests_app.docket.models import RecordsRequest
from tests.requests_app.appeals.appeal_builders import a_partly_released_request


@pytest.fixture(scope="module")
def _released(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    """One real release for the tests of a module; each works inside a savepoint. Its law is Texas."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_partly_released_request().pk
        transaction.set_rollback(True)


@pytest.fixture
def part_released(_released: int, db: None) -> RecordsRequest:
    return RecordsRequest.objects.select_related("agency", "requester", "assignee").get(pk=_released)
