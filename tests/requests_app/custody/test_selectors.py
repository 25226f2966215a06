import pytest
from django.http import Http404

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from requests_app.custody import selectors
from tests.builders import a_user
from tests.requests_app.custody.record_builders import a_record

pytestmark = pytest.mark.django_db


def test_staff_load_a_record_by_its_key() -> None:
    record = a_record()

    assert selectors.get_record(a_user(Role.AUDITOR), record.key) == record


def test_nobody_else_learns_that_a_record_exists_and_trying_is_audited() -> None:
    record = a_record()
    requester, stranger = record.request.requester, a_user()
    assert requester is not None

    for person in (requester, stranger):
        with pytest.raises(Http404):
            selectors.get_record(person, record.key)

    denied = Entry.objects.filter(action="custody.record_viewed", outcome=Outcome.DENIED)
    assert [entry.actor_id for entry in denied] == [requester.pk, stranger.pk]


def test_a_key_that_does_not_exist_is_not_audited() -> None:
    with pytest.raises(Http404):
        selectors.get_record(a_user(Role.CLERK), "no-such-key")

    assert not Entry.objects.filter(outcome=Outcome.DENIED).exists()
