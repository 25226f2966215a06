"""The law room's pages: who opens them, what they say, what they change."""

from datetime import date, timedelta

import pgtrigger
import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from requests_app.law import adopting, rule
from requests_app.law.models import Exemption, LawPack, PackAdoption
from tests.builders import NOON, a_pack, a_user, an_agency
from tests.requests_app.desk.desk_builders import query_count, signed_in
from tests.requests_app.law.law_builders import a_draft, body, page, today

pytestmark = pytest.mark.django_db
READERS = {Role.ADMIN, Role.COUNSEL, Role.AUDITOR}
POSTS: dict[str, tuple[bool, set[Role]]] = {
    "use": (False, {Role.ADMIN}),
    "agency": (False, {Role.ADMIN}),
    "exemption-end": (True, {Role.ADMIN}),
    "exemptions": (False, {Role.ADMIN}),
    "draft-new": (False, {Role.ADMIN}),
    "draft-holiday": (True, {Role.ADMIN}),
    "draft-facts": (True, {Role.ADMIN}),
    "rule": (True, {Role.ADMIN}),
    "publish": (True, {Role.ADMIN}),
    "discard": (True, {Role.ADMIN}),
    "take-back": (True, {Role.COUNSEL}),
    "adopt": (True, {Role.COUNSEL}),
}


@pytest.fixture
def ida() -> User:
    an_agency()
    return a_user(Role.ADMIN, name="Ida Holm", title="Systems")


@pytest.fixture
def client(ida: User) -> Client:
    return signed_in(ida)


def reading_pages() -> list[str]:
    pack, draft = a_pack(), a_draft()
    return [
        page("index"), page("exemptions"), page("version", pack.pk), page("diff", pack.pk, pack.pk),
        page("export", pack.pk), page("adopt", pack.pk), page("draft", draft.pk),
        page("draft-export", draft.pk),
    ]  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_pages_open_for_those_who_write_adopt_and_audit_the_law(role: Role) -> None:
    an_agency()
    user = a_user(role)
    client = signed_in(user)

    answers = {address: client.get(address).status_code for address in reading_pages()}

    assert set(answers.values()) == ({200} if role in READERS else {403})
    assert Entry.objects.filter(actor=user, outcome=Outcome.DENIED).count() == (
        0 if role in READERS else len(answers)
    )


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR, Role.COUNSEL, Role.ADMIN])
def test_changes_are_refused_to_everybody_else(role: Role) -> None:
    an_agency()
    client = signed_in(a_user(role))
    before = Entry.objects.filter(outcome=Outcome.OK).count()

    for name, (numbered, allowed) in POSTS.items():
        answer = client.post(page(name, *([987654] if numbered else [])), {"day": "2026-12-24", "way": "x"})

        assert (answer.status_code == 403) is (role not in allowed), name
    assert Entry.objects.filter(outcome=Outcome.OK).count() == before


def test_law_page_says_what_is_in_use_why_and_how_sure_it_is(client: Client) -> None:
    html = body(client.get(page("index")))

    assert "Texas Public Information Act" in html
    assert "Draft: not adopted by counsel" in html
    assert "To be confirmed" in html
    assert "Thanksgiving Day" in html
    assert "552.301" in body(client.get(page("version", a_pack().pk)))


def test_another_version_is_used_with_a_reason(client: Client, ida: User) -> None:
    old = a_pack()
    new = LawPack.objects.create(
        code="TX", version="2099.1", name=old.name, effective_from=old.effective_from, sha256="0" * 64,
        data={**old.data, "version": "2099.1"},
    )  # fmt: skip

    response = client.post(
        page("use"), {"pack": new.pk, "reason": "Used as a draft.", "as_drafts": "on"}, follow=True
    )

    assert "TX 2099.1 is in use for requests received from" in body(response)
    adoption = PackAdoption.objects.latest("pk")
    assert (adoption.pack, adoption.decided_by, adoption.reason) == (new, ida, "Used as a draft.")
    assert "version 2099.1" in body(response)


def test_version_without_a_reason_is_not_used(client: Client) -> None:
    before = PackAdoption.objects.count()

    response = client.post(page("use"), {"pack": LawPack.objects.get().pk, "reason": ""})

    assert response.status_code == 422
    assert PackAdoption.objects.count() == before
    assert "Reason: This field is required." in body(response)


def test_law_page_opens_before_a_version_is_chosen(client: Client) -> None:
    with pgtrigger.ignore("law.PackAdoption:decision_fixed"):
        PackAdoption.objects.all().delete()

    assert "No version is in use yet" in body(client.get(page("index")))


def test_agency_is_changed_by_its_form(client: Client) -> None:
    facts = {
        "cutoff": "17:00", "cutoff_citation": "Order 7", "contact_name": "Rosa Quill", "contact_title": "PIO",
        "contact_email": "pio@larkspur.example", "contact_phone": "555-0101", "address": "2 Main Street",
    }  # fmt: skip

    changed = body(client.post(page("agency"), facts, follow=True))
    same = body(client.post(page("agency"), facts, follow=True))
    wrong = client.post(page("agency"), {**facts, "contact_email": "none"})

    assert "Arrivals after 5:00 PM count from the next business day." in changed
    assert "Nothing was different." in same
    assert wrong.status_code == 422


def test_exemption_is_added_followed_and_ended(client: Client) -> None:
    facts = {
        "code": "new-ground", "citation": "552.999", "label": "A new ground", "explanation": "Plain words.",
        "valid_from": today().isoformat(), "verified": "V",
    }  # fmt: skip

    added = body(client.post(page("exemptions"), facts, follow=True))
    again = client.post(page("exemptions"), facts)
    row = Exemption.objects.get(code="new-ground")
    ended = client.post(page("exemption-end", row.pk), {"last_day": today()}, follow=True)

    assert "A new ground" in added
    assert again.status_code == 422
    assert "begin the new text after it" in body(again)
    row.refresh_from_db()
    assert row.valid_to == today()
    assert "runs out after" in body(ended)


def test_exemption_does_not_end_on_a_day_that_is_none(client: Client) -> None:
    row = Exemption.objects.filter(law="TX").first()
    assert row is not None

    response = client.post(page("exemption-end", row.pk), {"last_day": "whenever"})

    assert response.status_code == 422


def test_exemptions_show_what_is_over_and_what_has_not_begun(client: Client) -> None:
    on = today()
    texts = {"citation": "1", "label": "L", "explanation": "E", "law": "TX"}
    Exemption.objects.create(code="old", valid_from=date(2020, 1, 1), valid_to=date(2021, 1, 1), **texts)
    Exemption.objects.create(code="new", valid_from=on + timedelta(days=1), **texts)

    html = body(client.get(page("exemptions")))

    assert "Ended" in html
    assert "Not yet" in html


def test_law_page_costs_the_same_for_few_and_many_versions(ida: User) -> None:
    few = query_count(ida, page("index"))
    for number in range(4):
        base = a_pack()
        LawPack.objects.create(
            code="TX", version=f"2030.{number + 1}", name="n", effective_from=date(2030, 1, 1),
            data=base.data, sha256=str(number) * 64,
        )  # fmt: skip

    assert query_count(ida, page("index")) == few <= 26


def test_version_and_adoption_pages_cost_the_same_whatever_is_adopted(ida: User) -> None:
    pack = a_pack()
    bare = [query_count(ida, page(name, pack.pk)) for name in ("version", "adopt")]
    paths = [each.path for each in rule.rules(pack.data) if each.adoptable]
    adopting.adopt(
        agency=an_agency(), pack=pack, paths=paths, actor=a_user(Role.COUNSEL), at=NOON, source="the code"
    )

    assert [query_count(ida, page(name, pack.pk)) for name in ("version", "adopt")] == bare
    assert max(bare) <= 20


def test_use_is_refused_until_the_drafts_are_decided_on(client: Client) -> None:
    other = a_pack("CA")

    undecided = client.post(page("use"), {"pack": a_pack().pk, "reason": "r"})
    foreign = client.post(page("use"), {"pack": other.pk, "reason": "r", "as_drafts": "on"})
    meant = client.post(
        page("use"), {"pack": other.pk, "reason": "r", "as_drafts": "on", "other_law": "on"}, follow=True
    )

    assert undecided.status_code == 422
    assert "Counsel has not adopted" in body(undecided)
    assert "answers under TX, not CA" in body(foreign)
    assert "California" in body(meant)


def test_decision_for_a_later_day_is_announced(client: Client, ida: User) -> None:
    draft = a_draft(ida)
    client.post(page("publish", draft.pk), {"seen": 1, "effective_from": "2099-01-01", "note": "n"})
    made = LawPack.objects.get(version__contains="+")

    html = body(client.post(page("use"), {"pack": made.pk, "reason": "r", "as_drafts": "on"}, follow=True))

    assert f"{made} is decided and takes over on January 1, 2099." in html
    assert "January 1, 2099 on." in html


def test_new_text_of_a_ground_begins_with_its_present_words(client: Client) -> None:
    row = Exemption.objects.get(code="TX-108")

    html = body(client.get(page("exemptions"), {"from": row.pk}))
    odd = client.get(page("exemptions"), {"from": "x"})

    assert 'value="TX-108"' in html
    assert odd.status_code == 200


def test_ended_ground_is_taken_up_the_day_after(client: Client) -> None:
    row = Exemption.objects.get(code="TX-108")
    client.post(page("exemption-end", row.pk), {"last_day": today().isoformat()})

    html = body(client.get(page("exemptions"), {"from": row.pk}))

    assert f'value="{today() + timedelta(days=1)}"' in html


def test_public_reads_the_law_in_plain_words(client: Client) -> None:
    adopting.adopt(
        agency=an_agency(), pack=a_pack(), paths=["clocks/ag_request"], at=NOON, source="the code",
        actor=a_user(Role.COUNSEL, name="Ivo Brandt"),
    )  # fmt: skip

    html = body(Client().get(page("public")))

    assert "The law we work under" in html
    assert "10 business days" in html
    assert "Draft: not adopted by the agency’s lawyer yet" in html
    assert "Adopted by the agency’s lawyer on November 2, 2026" in html
    assert "Ivo Brandt" not in html
