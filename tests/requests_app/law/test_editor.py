"""The editor of one rule: what it says when something is wrong, and when two write at once."""

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.law import drafting, rule
from requests_app.law.models import PackDraft
from requests_app.law.rule_form import RuleForm
from tests.builders import NOON, a_pack, a_user, an_agency
from tests.requests_app.desk.desk_builders import signed_in
from tests.requests_app.law.test_rule_form import shown

pytestmark = pytest.mark.django_db
CLOCK = "clocks/ag_request"


@pytest.fixture
def ida() -> User:
    an_agency()
    return a_user(Role.ADMIN, name="Ida Holm", title="Systems")


@pytest.fixture
def draft(ida: User) -> PackDraft:
    return drafting.start_version(base=a_pack(), actor=ida, at=NOON)


@pytest.fixture
def client(ida: User) -> Client:
    return signed_in(ida)


def address(draft: PackDraft, **asked: str) -> str:
    query = QueryDict(mutable=True)
    query.update(asked)
    return f"{reverse('law:rule', args=[draft.pk])}?{query.urlencode()}"


def sent(draft: PackDraft, path: str, **changes: Any) -> QueryDict:
    """The untouched form of a rule as a browser sends it, with some fields changed."""
    found = rule.find(draft.data, path)
    data = shown(RuleForm(shape=found.section.shape, value=found.data, key=found.section.key))
    data["seen"] = found.fingerprint
    for name, value in changes.items():
        data[name.replace("__", ".")] = str(value)
    return data


def post(client: Client, url: str, data: QueryDict) -> Any:
    return client.post(url, data.urlencode(), content_type="application/x-www-form-urlencoded", follow=True)


def test_rule_is_shown_with_what_it_says(client: Client, draft: PackDraft) -> None:
    html = client.get(address(draft, path=CLOCK)).content.decode()

    assert 'name="n" value="10"' in html
    assert "Take it out of the draft" in html
    assert "disabled" in html


def test_rule_is_changed(client: Client, draft: PackDraft) -> None:
    answer = post(client, address(draft, path=CLOCK), sent(draft, CLOCK, n=11))

    assert "The rule is saved in the draft." in answer.content.decode()
    draft.refresh_from_db()
    assert rule.find(draft.data, CLOCK).data == {**rule.find(a_pack().data, CLOCK).data, "n": 11}


def test_fault_is_named_beside_its_field_and_what_was_typed_stays(client: Client, draft: PackDraft) -> None:
    answer = post(client, address(draft, path=CLOCK), sent(draft, CLOCK, n=0, title="My own title"))

    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#rule-n"' in html
    assert "My own title" in html
    draft.refresh_from_db()
    assert draft.revision == 1


def test_what_only_the_whole_pack_shows_is_named_too(client: Client, draft: PackDraft) -> None:
    path = "fees/rows/tx-page"

    answer = post(client, address(draft, path=path), sent(draft, path, rate="0.50"))

    assert answer.status_code == 422
    assert "0.50 is above its own max_rate 0.10" in answer.content.decode()


def test_name_that_is_taken_is_refused(client: Client, draft: PackDraft) -> None:
    data = QueryDict(mutable=True)
    data.update({"id": "tx-page", "label": "Another", "basis": "file", "rate": "1", "citation": "x"})

    answer = post(client, address(draft, section="fees/rows"), data)

    assert answer.status_code == 422
    assert "Fees has tx-page already" in answer.content.decode()


def test_another_row_is_offered_without_a_save(client: Client, draft: PackDraft) -> None:
    answer = post(client, address(draft, path=CLOCK), sent(draft, CLOCK, more="extensions"))

    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'name="extensions.0.max"' in html
    assert "There is a problem" not in html
    draft.refresh_from_db()
    assert draft.revision == 1


def test_two_who_write_the_same_rule_both_keep_their_words(client: Client, draft: PackDraft) -> None:
    mine = sent(draft, CLOCK, n=12)
    found = rule.find(draft.data, CLOCK)
    drafting.save_rule(
        draft=draft, section_id="clocks", value={**found.data, "n": 11}, path=CLOCK, seen=found.fingerprint,
        actor=a_user(Role.ADMIN, name="Tom Ray"), at=NOON,
    )  # fmt: skip

    clash = post(client, address(draft, path=CLOCK), mine)
    html = clash.content.decode()
    draft.refresh_from_db()
    kept = rule.find(draft.data, CLOCK)
    mine["seen"] = kept.fingerprint
    again = post(client, address(draft, path=CLOCK), mine)

    assert clash.status_code == 409
    assert "Tom Ray saved this meanwhile" in html
    assert "11 business days" in html
    assert 'name="n" value="12"' in html
    assert kept.data["n"] == 11
    assert kept.fingerprint in html
    assert again.status_code == 200
    draft.refresh_from_db()
    assert rule.find(draft.data, CLOCK).data["n"] == 12


def test_rule_removed_meanwhile_can_be_saved_anew(client: Client, draft: PackDraft) -> None:
    path = "fees/rows/tx-cd"
    mine = sent(draft, path, label="Disc")
    found = rule.find(draft.data, path)
    drafting.remove_rule(draft=draft, path=path, seen=found.fingerprint, actor=a_user(Role.ADMIN), at=NOON)

    clash = post(client, address(draft, path=path), mine)
    mine["id"] = "tx-cd"
    anew = post(client, address(draft, section="fees/rows"), mine)

    assert clash.status_code == 409
    assert "section=fees%2Frows" in clash.content.decode()
    assert anew.status_code == 200
    draft.refresh_from_db()
    assert rule.find(draft.data, path).data["label"] == "Disc"


def test_rule_is_taken_out(client: Client, draft: PackDraft) -> None:
    path = "fees/rows/tx-cd"

    answer = post(client, address(draft, path=path), sent(draft, path, remove="1"))

    assert "is taken out of the draft" in answer.content.decode()
    draft.refresh_from_db()
    assert not any(each.path == path for each in rule.rules(draft.data))


def test_rule_others_need_is_not_taken_out(client: Client, draft: PackDraft) -> None:
    path = "exemptions/TX-108"

    answer = post(client, address(draft, path=path), sent(draft, path, remove="1"))

    assert answer.status_code == 422
    assert "there is no exemption TX-108" in answer.content.decode()


@pytest.mark.parametrize(
    ("section", "offered"),
    [
        ("fees/bars", "tx-page"),
        ("redaction_reasons", "TX-108"),
        ("appeals", "ag_request"),
        ("retention", "Trigger"),
    ],
)
def test_new_rule_offers_what_it_can_refer_to(
    client: Client, draft: PackDraft, section: str, offered: str
) -> None:
    answer = client.get(address(draft, section=section))

    assert answer.status_code == 200
    assert offered in answer.content.decode()


@pytest.mark.parametrize("section", ["fees/interest", "fees/bill", "letters/extension", "letters/brand_new"])
def test_every_part_has_an_editor(client: Client, draft: PackDraft, section: str) -> None:
    assert client.get(address(draft, section=section)).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"path": "clocks"},
        {"path": "nothing/here"},
        {"section": "nothing"},
        {"section": "letters/Bad Name"},
    ],
)
def test_address_of_no_rule_is_not_found(client: Client, draft: PackDraft, asked: dict[str, str]) -> None:
    assert client.get(address(draft, **asked)).status_code == 404


def test_every_rule_of_the_law_opens(client: Client, draft: PackDraft) -> None:
    for each in rule.rules(draft.data)[::11]:
        assert client.get(address(draft, path=each.path)).status_code == 200, each.path


def test_facts_of_the_law_are_changed_and_clashes_told(client: Client, draft: PackDraft) -> None:
    url = reverse("law:draft-facts", args=[draft.pk])
    facts = {
        "name": "PIA", "short_name": "Texas", "timezone": "America/Chicago", "disclaimer": "None.",
        "seen": "1",
    }  # fmt: skip

    empty = client.post(url, {**facts, "name": ""})
    wrong = client.post(url, {**facts, "effective_to": "2000-01-01"})
    done = client.post(url, facts, follow=True)
    stale = client.post(url, facts)
    odd = client.post(url, {**facts, "seen": "x"})

    assert client.get(url).status_code == 200
    assert (empty.status_code, wrong.status_code) == (422, 422)
    assert "effective_to: is before effective_from" in wrong.content.decode()
    assert "The draft is changed." in done.content.decode()
    assert "Draft: PIA (TX)" in done.content.decode()
    assert (stale.status_code, odd.status_code) == (409, 409)
