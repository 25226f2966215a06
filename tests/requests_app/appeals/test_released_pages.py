import pytest
from django.test import Client
from django.urls import reverse

from portal.audit.models import Entry
from requests_app.appeals import selectors
from requests_app.appeals.models import Appeal
from requests_app.docket.models import RecordsRequest
from tests.requests_app.appeals.appeal_builders import (
    an_appeal,
    an_officer,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def page_of(case: RecordsRequest) -> str:
    return reverse("appeals:file", args=[case.key])


def send(client: Client, case: RecordsRequest, **more: object) -> object:
    given = {"grounds": "The ground does not fit.", "token": "abc", **more}
    return client.post(page_of(case), given)


def test_form_comes_filled_with_everything_that_was_withheld(
    client: Client, part_released: RecordsRequest
) -> None:
    client.force_login(part_released.requester)  # type: ignore[arg-type]  # a filed request has one

    answer = client.get(page_of(part_released))

    form = answer.context["form"]
    assert [label for _, label in form.fields["items"].choices] == [
        "Plate reads at Elm and 3rd (parts withheld)",
        "Reads of another camera (withheld)",
    ]
    assert form["items"].value() == [row.item.pk for row in selectors.contestable(part_released)]
    assert "district court in Texas" in answer.content.decode()
    assert "does not replace what the law gives you" in answer.content.decode()


def test_appeal_is_filed_once_however_often_the_form_is_sent(
    client: Client, part_released: RecordsRequest
) -> None:
    client.force_login(part_released.requester)  # type: ignore[arg-type]  # a filed request has one
    whole = next(row.item.pk for row in selectors.contestable(part_released) if row.whole)

    answers = [send(client, part_released, items=[whole]) for _ in range(2)]

    appeal = Appeal.objects.get()
    assert [answer.status_code for answer in answers] == [302, 302]  # type: ignore[attr-defined]  # a response
    assert [item.pk for item in appeal.items.all()] == [whole]
    told = client.get(page_of(part_released)).content.decode()
    assert f"Appeal {appeal.number} of" in told
    assert "Reads of another camera" in told


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"grounds": ""}, 422, "One sentence is enough"),
        ({"items": ["987654321"]}, 422, "not one of the available choices"),
        ({"token": ""}, 422, "This field is required"),
    ],
)
def test_refused_form_keeps_what_was_typed(
    client: Client, part_released: RecordsRequest, sent: dict[str, object], status: int, said: str
) -> None:
    client.force_login(part_released.requester)  # type: ignore[arg-type]  # a filed request has one

    answer = send(client, part_released, **sent)

    assert answer.status_code == status  # type: ignore[attr-defined]  # a response
    assert said in answer.content.decode()  # type: ignore[attr-defined]  # a response
    assert not Appeal.objects.exists()


def test_officer_takes_up_and_decides(client: Client, part_released: RecordsRequest) -> None:
    appeal, officer = an_appeal(part_released), an_officer()
    client.force_login(officer)
    address = reverse("appeals:detail", args=[appeal.key])
    whole = next(row.item.pk for row in selectors.contested(appeal) if row.whole)

    looked = client.get(address).content.decode()
    client.post(reverse("appeals:start", args=[appeal.key]))
    answer = client.post(
        reverse("appeals:decide", args=[appeal.key]),
        {"decision": "partly", "reopened": [whole], "reasons": "Too wide."},
    )

    assert "What the requester says" in looked
    assert "Reads of another camera" in looked
    assert answer.headers["Location"] == address
    appeal.refresh_from_db()
    assert (appeal.status, appeal.decision, appeal.decider) == ("decided", "partly", officer)
    assert "Too wide." in client.get(address).content.decode()
    assert Entry.objects.filter(action="appeal.viewed", actor=officer).count() == 2
