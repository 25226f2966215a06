import json
import re
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import Client
from django.urls import reverse

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import NotAllowed
from requests_app.appeals import policies, selectors
from requests_app.appeals.models import Appeal
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition
from requests_app.law import services as law
from requests_app.law.pack import PACKS
from tests.builders import a_request, a_user, an_agency
from tests.requests_app.appeals.appeal_builders import (
    a_closed_request,
    a_denied_request_by_the_clock,
    an_appeal,
    an_officer,
    decide,
)  # fmt: skip

TOKEN = re.compile(rb"\b[A-Za-z0-9]{64}\b")  # of CSRF, masked anew in each answer
pytestmark = pytest.mark.django_db


def page_of(case: RecordsRequest) -> str:
    return reverse("appeals:file", args=[case.key])


def send(client: Client, case: RecordsRequest, **more: object) -> object:
    given = {"grounds": "The ground does not fit.", "token": "abc", **more}
    return client.post(page_of(case), given)


def test_second_form_says_that_an_appeal_is_under_way(client: Client) -> None:
    appeal = an_appeal()
    client.force_login(appeal.appellant)

    answer = send(client, appeal.request)

    assert answer.status_code == 409  # type: ignore[attr-defined]  # a response
    assert f"Your appeal {appeal.number} is being worked on" in answer.content.decode()  # type: ignore[attr-defined]  # a response
    assert Appeal.objects.count() == 1


@pytest.mark.parametrize("disposition", [Disposition.FULL, Disposition.WITHDRAWN])
def test_page_says_why_there_is_nothing_to_appeal(client: Client, disposition: Disposition) -> None:
    case = a_closed_request(disposition)
    client.force_login(case.requester)  # type: ignore[arg-type]  # a filed request has one

    answer = client.get(page_of(case))

    assert "Nothing was withheld from you" in answer.content.decode()
    assert answer.context["form"] is None


def test_open_request_offers_no_form(client: Client) -> None:
    case = a_request()
    client.force_login(case.requester)  # type: ignore[arg-type]  # a filed request has one

    assert "not decided yet" in client.get(page_of(case)).content.decode()


def test_page_names_the_last_day_and_then_the_day_of_the_answer(client: Client) -> None:
    an_agency(law_code="US")
    case = a_denied_request_by_the_clock()
    client.force_login(case.requester)  # type: ignore[arg-type]  # a filed request has one

    before = client.get(page_of(case)).content.decode()
    send(client, case)
    after = client.get(page_of(case)).content.decode()

    assert "The last day is" in before
    assert "5 U.S.C. 552(a)(6)(A)(i)" in before
    assert "The law wants our answer by" in after
    assert "does not replace" not in before


def test_law_without_a_route_is_said_to_have_none(client: Client, tmp_path: Path) -> None:
    an_agency(law_code="OH")
    data = json.loads((PACKS / "OH.json").read_text(encoding="utf-8"))
    own = tmp_path / "OH.json"
    own.write_text(json.dumps(data | {"version": "2026.12+1", "appeals": []}), encoding="utf-8")
    case = a_closed_request()
    case.law_version = law.load_pack(path=own)[0].version
    case.save(update_fields=["law_version"])
    client.force_login(case.requester)  # type: ignore[arg-type]  # a filed request has one

    assert "without a sentence on appeals" in client.get(page_of(case)).content.decode()


def test_staff_look_but_do_not_file(client: Client) -> None:
    case = a_closed_request()
    client.force_login(a_user(Role.CLERK))

    looked, sent = client.get(page_of(case)), send(client, case)

    assert "Only the person who filed the request can appeal" in looked.content.decode()
    assert sent.status_code == 403  # type: ignore[attr-defined]  # a response


@pytest.mark.parametrize("view", ["appeals:file", "appeals:withdraw"])
def test_another_persons_appeal_looks_like_none(client: Client, view: str) -> None:
    theirs = an_appeal()
    client.force_login(a_user())

    real = client.post(reverse(view, args=[theirs.request.key]), {"grounds": "x", "token": "x"})
    made_up = client.post(reverse(view, args=["AAAAAAAAAAAAAAAAAAAAAA"]), {"grounds": "x", "token": "x"})

    assert (real.status_code, made_up.status_code) == (404, 404)
    assert [TOKEN.sub(b"", answer.content) for answer in (real, made_up)] == [
        TOKEN.sub(b"", real.content)
    ] * 2
    assert Entry.objects.filter(outcome="denied", request_key=theirs.request.key).count() == 1


def test_withdrawal_ends_the_appeal_and_tells_the_officers(client: Client, mailoutbox: list[object]) -> None:
    an_officer()
    appeal = an_appeal()
    client.force_login(appeal.appellant)
    address = reverse("appeals:withdraw", args=[appeal.request.key])

    first, again = client.post(address), client.post(address)

    assert (first.status_code, again.status_code) == (302, 409)
    assert Appeal.objects.get().status == "withdrawn"
    assert "Withdrawn" in client.get(page_of(appeal.request)).content.decode()


def test_requester_reads_the_decision(client: Client) -> None:
    appeal = an_appeal()
    decide(appeal, reasons="We searched all eight cameras.")
    client.force_login(appeal.appellant)

    told = client.get(page_of(appeal.request)).content.decode()

    assert "We searched all eight cameras." in told
    assert "The first decision stands" in told
    assert str(appeal.decider) not in told


def test_queue_lists_open_and_finished_appeals(client: Client) -> None:
    open_one, finished = an_appeal(), an_appeal()
    decide(finished)
    client.force_login(an_officer())

    shown = client.get(reverse("appeals:queue")).content.decode()
    done = client.get(reverse("appeals:queue") + "?show=finished").content.decode()

    assert open_one.number in shown
    assert finished.number not in shown
    assert finished.number in done
    assert open_one.number not in done


@pytest.mark.parametrize(
    ("query", "said"), [("", "No appeal is open"), ("?show=finished", "No appeal has been finished")]
)
def test_empty_queue_says_so(client: Client, query: str, said: str) -> None:
    an_agency()
    client.force_login(an_officer())

    assert said in client.get(reverse("appeals:queue") + query).content.decode()


def test_queue_costs_the_same_for_many_appeals(client: Client, django_assert_max_num_queries: object) -> None:
    for _ in range(3):
        an_appeal()
    client.force_login(an_officer())
    client.get(reverse("appeals:queue"))

    with django_assert_max_num_queries(14):  # type: ignore[operator]  # pytest-django's fixture
        client.get(reverse("appeals:queue"))


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        ({"decision": "upheld", "reasons": ""}, 422, "required"),
        ({"decision": "perhaps", "reasons": "x"}, 422, "not one of the available choices"),
    ],
)
def test_half_a_decision_is_refused(client: Client, sent: dict[str, str], status: int, said: str) -> None:
    appeal = an_appeal()
    client.force_login(an_officer())

    answer = client.post(reverse("appeals:decide", args=[appeal.key]), sent)

    assert answer.status_code == status
    assert said in answer.content.decode()
    assert Appeal.objects.get().status == "filed"


def test_decision_on_a_withdrawn_appeal_is_refused_with_the_words_kept(client: Client) -> None:
    appeal = an_appeal()
    decide(appeal)
    client.force_login(an_officer())

    answer = client.post(
        reverse("appeals:decide", args=[appeal.key]), {"decision": "overturned", "reasons": "My words."}
    )

    assert answer.status_code == 409
    assert "This appeal is decided" in answer.content.decode()
    assert "My words." in answer.content.decode()


def test_officer_too_close_sees_why_and_no_form(client: Client) -> None:
    officer = an_officer()
    appeal = an_appeal(a_closed_request(assignee=officer))
    client.force_login(officer)

    answer = client.get(reverse("appeals:detail", args=[appeal.key]))
    refused = client.post(
        reverse("appeals:decide", args=[appeal.key]), {"decision": "upheld", "reasons": "x"}
    )

    assert "This request was yours to work on." in answer.content.decode()
    assert answer.context["form"] is None
    assert refused.status_code == 403


def test_clerk_reads_an_appeal_without_a_form(client: Client) -> None:
    appeal = an_appeal()
    client.force_login(a_user(Role.CLERK))

    answer = client.get(reverse("appeals:detail", args=[appeal.key]))

    assert answer.status_code == 200
    assert answer.context["form"] is None


def test_unknown_appeal_is_not_found(client: Client) -> None:
    an_agency()
    client.force_login(an_officer())

    assert client.get(reverse("appeals:detail", args=["AAAAAAAAAAAAAAAAAAAAAA"])).status_code == 404


def test_late_appeal_is_marked_for_its_decider(client: Client) -> None:
    appeal = an_appeal()
    Appeal.objects.filter(pk=appeal.pk).update(window_ended_on="2026-01-31")
    client.force_login(an_officer())

    assert "January 31, 2026" in client.get(reverse("appeals:detail", args=[appeal.key])).content.decode()
    assert "after the last day" in client.get(reverse("appeals:queue")).content.decode()


def test_appeal_of_another_person_is_not_there_for_a_requester() -> None:
    theirs, stranger = an_appeal(), a_user()

    with pytest.raises(Http404):
        selectors.get_visible(stranger, theirs.key)
    with pytest.raises(NotAllowed):
        policies.require_desk(stranger)

    assert selectors.get_visible(theirs.appellant, theirs.key) == theirs
    assert not Appeal.objects.visible_to(AnonymousUser()).exists()  # type: ignore[arg-type]  # as a view may hand it on
    assert Entry.objects.get(outcome="denied").action == "appeal.viewed"
