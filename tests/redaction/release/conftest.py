from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from redaction.release import building
from redaction.release.models import ReleaseManifest
from tests.redaction.release.release_builders import a_release, a_reviewed_request
from tests.requests_app.custody.record_builders import a_pdf


@pytest.fixture(scope="module")
def issued(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    """One real release for the tests of a module that only look at it; each works inside a savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield a_release(request=a_reviewed_request(withheld=True)).pk
        transaction.set_rollback(True)


@pytest.fixture
def manifest(issued: int, db: None) -> ReleaseManifest:
    return ReleaseManifest.objects.select_related("request", "recipient", "released_by").get(pk=issued)


@pytest.fixture
def plain_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page naming its words in place of each letter: printing two takes longer than all else of a build."""

    def write(html: str, target: Path) -> None:
        target.write_bytes(a_pdf(sha256(html.encode()).hexdigest()))

    monkeypatch.setattr(building, "letter_pdf", write)
