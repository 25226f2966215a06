"""A plate is the requester's own once a person has seen the paper, and as long as she stands by it."""

import pytest
from django.db import DatabaseError, transaction

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core.errors import BadInput, NotAllowed, StaleWrite
from requests_app.custody import ownership
from requests_app.custody.models import PlateProof
from requests_app.docket.models import RecordsRequest
from tests.builders import NOON, a_request, a_user

pytestmark = pytest.mark.django_db


def a_proof(request: RecordsRequest, plate: str = "ab-12 cd") -> PlateProof:
    return ownership.confirm(
        request=request, plate=plate, document="title", actor=a_user(Role.CLERK), at=NOON, note=" seen "
    )


@pytest.mark.parametrize(
    ("answers", "claim"),
    [
        ({"own_plate": "yes", "plate": "ab-12 cd"}, "AB12CD"),
        ({"own_plate": True, "plate": "x1"}, "X1"),
        ({"own_plate": "no", "plate": "x1"}, ""),
        ({"plate": "x1"}, ""),
        ({"own_plate": "yes"}, ""),
        ([], ""),
    ],
)
def test_what_the_requester_says_is_a_claim(answers: object, claim: str) -> None:
    assert ownership.claimed(a_request(answers=answers)) == claim


def test_a_proof_stands_for_one_plate_of_one_request_however_it_is_spelt() -> None:
    request = a_request()

    proof = a_proof(request)

    assert ownership.standing(request, "AB12CD") == ownership.standing(request, "ab 12-cd") == proof
    assert ownership.standing(request, "AB12CE") is None
    assert ownership.standing(a_request(), "AB12CD") is None
    assert (proof.note, PlateProof.objects.get(withdrawn_at=None)) == ("seen", proof)
    assert "AB12CD" not in str(PlateProof.objects.values().get())
    entry = Entry.objects.get(action="request.plate_proved")
    assert (entry.request_key, entry.detail) == (request.key, {"document": "title"})
    assert str(proof) == f"plate proof of {request}"


def test_a_proof_taken_back_stays_in_the_books_and_may_be_made_again() -> None:
    request = a_request()
    a_proof(request)

    ownership.withdraw(request=request, plate="AB12CD", actor=a_user(Role.ANALYST), at=NOON)

    assert ownership.standing(request, "AB12CD") is None
    assert not PlateProof.objects.filter(withdrawn_at=None).exists()
    assert Entry.objects.filter(action="request.plate_proof_withdrawn").count() == 1
    a_proof(request)
    assert PlateProof.objects.count() == 2


def test_a_proof_needs_a_plate_a_paper_and_no_other_proof() -> None:
    request = a_request()
    clerk = a_user(Role.CLERK)

    with pytest.raises(BadInput, match="plate"):
        ownership.confirm(request=request, plate=" - ", document="title", actor=clerk, at=NOON)
    with pytest.raises(BadInput, match="paper"):
        ownership.confirm(request=request, plate="X1", document="", actor=clerk, at=NOON)
    a_proof(request)
    with pytest.raises(StaleWrite, match="already"):
        a_proof(request, "AB12CD")
    with pytest.raises(StaleWrite, match="any more"):
        ownership.withdraw(request=request, plate="X1", actor=clerk, at=NOON)


@pytest.mark.parametrize("role", [Role.APPEALS_OFFICER, Role.AUDITOR])
def test_only_who_works_requests_confirms(role: Role) -> None:
    request = a_request()
    person = a_user(role)

    with pytest.raises(NotAllowed):
        ownership.confirm(request=request, plate="X1", document="title", actor=person, at=NOON)
    with pytest.raises(NotAllowed):
        ownership.withdraw(request=request, plate="X1", actor=person, at=NOON)

    denied = Entry.objects.filter(action="request.plate_proved", outcome=Outcome.DENIED)
    assert denied.count() == 2


def test_the_database_keeps_a_proof_and_knows_its_papers() -> None:
    proof = a_proof(a_request())

    for change in (
        proof.delete,
        lambda: PlateProof.objects.filter(pk=proof.pk).update(document="hearsay"),
        lambda: PlateProof.objects.filter(pk=proof.pk).update(withdrawn_at=NOON),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
