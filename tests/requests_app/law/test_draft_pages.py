"""The pages on which a version is begun, written, published and compared."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.law import drafting
from requests_app.law.models import LawPack, PackDraft
from tests.builders import a_pack, a_user, an_agency
from tests.requests_app.desk.desk_builders import signed_in
from tests.requests_app.law.law_builders import a_draft, body, page

pytestmark = pytest.mark.django_db


@pytest.fixture
def ida() -> User:
    an_agency()
    return a_user(Role.ADMIN, name="Ida Holm", title="Systems")


@pytest.fixture
def client(ida: User) -> Client:
    return signed_in(ida)


def test_version_is_read_compared_and_taken_away(client: Client, ida: User) -> None:
    draft = a_draft(ida)
    client.post(
        page("draft-holiday", draft.pk), {"name": "Founders' Day", "day": "2027-03-09", "repeats": "fixed"}
    )
    client.post(
        page("publish", draft.pk), {"seen": 2, "effective_from": "2026-11-01", "note": "Resolution 7"}
    )
    made = LawPack.objects.get(version__contains="+")

    read = body(client.get(page("version", made.pk), {"part": "calendar/holidays"}))
    differs = body(client.get(page("diff", made.pk, a_pack().pk)))
    file = client.get(page("export", made.pk))

    assert "Resolution 7" in read
    assert "March 9" in read
    assert "Founders&#x27; Day" in differs
    assert "calendar/holidays/founders-day" in differs
    assert file.headers["Content-Disposition"] == f'attachment; filename="TX-{made.version}.json"'
    assert file.json() == made.data


def test_version_that_does_not_differ_says_so(client: Client) -> None:
    assert "Nothing is different." in body(client.get(page("diff", a_pack().pk, a_pack().pk)))


def test_next_version_begins_from_a_button(client: Client) -> None:
    first = client.post(page("draft-new"), {"way": "version", "base": a_pack().pk}, follow=True)
    again = client.post(page("draft-new"), {"way": "version", "base": a_pack().pk})
    none = client.post(page("draft-new"), {"way": "version", "base": "x"})

    assert "The draft of TX is begun" in body(first)
    assert again.status_code == 409
    assert "Ida Holm is writing a new version of TX already" in body(again)
    assert none.status_code == 404


NEW_LAW = {
    "way": "law", "id": "LARK", "name": "Larkspur Ordinance", "short_name": "Larkspur",
    "timezone": "America/Chicago", "effective_from": "2026-11-01", "base": "",
}  # fmt: skip


def test_new_law_is_begun_blank(client: Client) -> None:
    html = body(client.post(page("draft-new"), NEW_LAW, follow=True))

    assert "Draft: Larkspur Ordinance (LARK)" in html
    assert "Letters this law says nothing about yet" in html


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "lark"}, "two to eight capital letters"),
        ({"timezone": "Larkspur"}, "Larkspur is no time zone"),
        ({"id": "TX"}, "There is a law TX already"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_new_law_that_cannot_be_is_refused_beside_its_field(
    client: Client, change: dict[str, str], words: str
) -> None:
    answer = client.post(page("draft-new"), {**NEW_LAW, **change})

    assert answer.status_code == 422
    assert words in body(answer)
    assert not PackDraft.objects.exists()


def test_file_is_read_into_a_draft_or_refused_with_its_faults(client: Client) -> None:
    good = SimpleUploadedFile("tx.json", drafting.export(a_pack()), "application/json")
    bad = SimpleUploadedFile("bad.json", b'{"id": "TX"}', "application/json")

    refused = client.post(page("draft-new"), {"way": "import", "file": bad})
    missing = client.post(page("draft-new"), {"way": "import"})
    taken = client.post(page("draft-new"), {"way": "import", "file": good}, follow=True)

    assert refused.status_code == 422
    assert "bad.json: clocks: is missing" in body(refused)
    assert missing.status_code == 422
    assert "The draft of TX is begun" in body(taken)


@pytest.mark.parametrize(
    ("day", "repeats", "on"),
    [
        ("2027-03-09", "fixed", {"kind": "fixed", "month": 3, "day": 9}),
        ("2027-11-25", "nth_weekday", {"kind": "nth_weekday", "month": 11, "weekday": "thursday", "nth": 4}),
        ("2027-05-31", "last_weekday", {"kind": "nth_weekday", "month": 5, "weekday": "monday", "nth": -1}),
        ("2027-03-26", "easter", {"kind": "easter", "offset": -2}),
    ],
)
def test_holiday_is_added_in_three_fields(
    client: Client, ida: User, day: str, repeats: str, on: dict[str, Any]
) -> None:
    draft = a_draft(ida)

    for _ in range(2):
        client.post(page("draft-holiday", draft.pk), {"name": "New Day", "day": day, "repeats": repeats})

    draft.refresh_from_db()
    assert draft.data["calendar"]["holidays"][-2:] == [
        {"id": name, "name": "New Day", "on": on, "verified": "M"} for name in ("new-day", "new-day-2")
    ]


@pytest.mark.parametrize(
    ("day", "repeats", "words"),
    [
        ("2028-02-29", "fixed", "does not come every year"),
        ("2027-11-29", "nth_weekday", "Not every month has a fifth"),
        ("2027-05-24", "last_weekday", "not the last such weekday"),
        ("2027-11-25", "easter", "more than 60 days from Easter"),
        ("2027-03-28", "easter", "Easter Sunday is no weekday"),
        ("soon", "fixed", "Enter a valid date"),
    ],
)
def test_holiday_that_cannot_come_back_is_refused(
    client: Client, ida: User, day: str, repeats: str, words: str
) -> None:
    draft = a_draft(ida)

    answer = client.post(page("draft-holiday", draft.pk), {"name": "New Day", "day": day, "repeats": repeats})

    assert answer.status_code == 422
    assert words in body(answer)


def test_publishing_what_has_changed_meanwhile_is_refused(client: Client, ida: User) -> None:
    draft = a_draft(ida)
    facts = {"seen": 7, "effective_from": "2026-11-01", "note": "n"}

    stale = client.post(page("publish", draft.pk), facts)
    wordless = client.post(page("publish", draft.pk), {**facts, "seen": 1, "note": ""})

    assert stale.status_code == 409
    assert "saved this meanwhile" in body(stale)
    assert wordless.status_code == 422
    assert PackDraft.objects.exists()


def test_draft_is_thrown_away(client: Client, ida: User) -> None:
    draft = a_draft(ida)

    assert client.post(page("discard", draft.pk), {"seen": "2"}).status_code == 409
    assert 'name="seen" value="1"' in body(client.get(page("draft", draft.pk)))
    assert "is thrown away" in body(client.post(page("discard", draft.pk), {"seen": "1"}, follow=True))
    assert client.get(page("draft", draft.pk)).status_code == 404
