"""Counsel's page: what is adopted there, what is refused, what it says has changed."""

from datetime import date
from typing import Any

import pytest

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.law import adopting, drafting, rule
from requests_app.law.models import LawPack
from tests.builders import NOON, a_pack, a_user, an_agency
from tests.requests_app.desk.desk_builders import signed_in
from tests.requests_app.law.law_builders import a_draft, body, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def ida() -> User:
    an_agency()
    return a_user(Role.ADMIN, name="Ida Holm", title="Systems")


@pytest.fixture
def counsel() -> User:
    an_agency()
    return a_user(Role.COUNSEL, name="Ivo Brandt", title="City attorney")


def adopt_page(**more: Any) -> dict[str, Any]:
    return {"section": "clocks", "source": "the code", **more}


def test_counsel_adopts_chosen_rules_a_section_and_takes_back(counsel: User) -> None:
    client, pack = signed_in(counsel), a_pack()
    clocks = sum(each.section.id == "clocks" for each in rule.rules(pack.data))

    one = body(client.post(page("adopt", pack.pk), adopt_page(path="clocks/ag_request"), follow=True))
    rest = body(client.post(page("adopt", pack.pk), adopt_page(all="1"), follow=True))
    back = client.post(
        page("take-back", pack.pk), {"path": "clocks/ag_request", "note": "amended"}, follow=True
    )

    assert "1 rule adopted: Clocks." in one
    assert "Compared with the code." in one
    assert f"{clocks - 1} rules adopted: Clocks." in rest
    assert "clocks/ag_request is a draft again." in body(back)
    assert client.get(page("adoption")).headers["Location"] == page("adopt", pack.pk)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"path": "clocks/ag_request", "source": ""}, "This field is required"),
        ({}, "Choose at least one rule"),
    ],
)
def test_adoption_without_a_source_or_a_rule_is_refused(
    counsel: User, sent: dict[str, str], words: str
) -> None:
    answer = signed_in(counsel).post(page("adopt", a_pack().pk), adopt_page(**sent))

    assert answer.status_code == 422
    assert words in body(answer)


def test_counsel_sees_what_changed_since_the_last_adoption(counsel: User, ida: User) -> None:
    adopting.adopt(
        agency=an_agency(), pack=a_pack(), paths=["clocks/ag_request"], actor=counsel, at=NOON, source="code"
    )
    draft = a_draft(ida)
    found = rule.find(draft.data, "clocks/ag_request")
    drafting.save_rule(
        draft=draft, section_id="clocks", value={**found.data, "n": 11}, path=found.path,
        seen=found.fingerprint, actor=ida, at=NOON,
    )  # fmt: skip
    made = drafting.publish(
        draft=draft, seen=2, effective_from=date(2026, 11, 1), note="n", actor=ida, at=NOON
    )

    html = body(signed_in(counsel).get(page("adopt", made.pk)))

    assert "since then it says something else" in html
    assert "<td>10</td><td>11</td>" in html


def test_writer_with_both_roles_is_told_that_somebody_else_adopts() -> None:
    an_agency()
    both = a_user(Role.ADMIN, Role.COUNSEL)
    client, draft = signed_in(both), a_draft(both)
    client.post(page("draft-holiday", draft.pk), {"name": "New Day", "day": "2027-03-09", "repeats": "fixed"})
    client.post(page("publish", draft.pk), {"seen": 2, "effective_from": "2026-11-01", "note": "n"})
    made = LawPack.objects.get(version__contains="+")

    html = body(client.get(page("adopt", made.pk)))
    forced = client.post(
        page("adopt", made.pk),
        {"section": "calendar/holidays", "source": "s", "path": "calendar/holidays/new-day"},
    )

    assert "You had a hand in these words" in html
    assert forced.status_code == 403
