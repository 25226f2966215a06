from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from redaction.release.models import ReleaseManifest
from tests.redaction.release.release_builders import a_release, a_reviewed_request


@pytest.fixture(scope="module")
def issued(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    """One real release for the tests of a module that only look at it; each works inside a savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_release(request=a_reviewed_request(withheld=True)).pk
        transaction.set_rollback(True)


@pytest.fixture
def manifest(issued: int, db: None) -> ReleaseManifest:
    return ReleaseManifest.objects.select_related("request", "recipient", "released_by").get(pk=issued)
