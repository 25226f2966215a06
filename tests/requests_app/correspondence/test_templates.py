"""Words as data: saved as versions, refused with a line, published when the law's items have a place."""

from typing import Any

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, IllegalMove, NotAllowed
from requests_app.correspondence import kinds, required, services, templating
from requests_app.correspondence.models import LetterTemplate
from requests_app.correspondence.required import LetterIncomplete
from requests_app.law import pack as packs
from tests.builders import NOON, a_request, a_user, an_agency

pytestmark = pytest.mark.django_db
BODY = "Hello {{ requester_name }}.\n\n{{ paragraphs }}"


@pytest.fixture
def editor() -> User:
    an_agency()
    return a_user(Role.ADMIN)


def saved(author: User, **given: Any) -> LetterTemplate:
    values = {"kind": kinds.of("notice"), "law_code": "ANY", "language": "en", "subject": "{{ subject }}",
              "body": BODY, "note": "", "at": NOON, **given}  # fmt: skip
    return templating.save_version(author=author, **values)


def test_each_save_is_a_new_version_that_never_changes(editor: User) -> None:
    first, second = saved(editor), saved(editor, body="Other words. {{ paragraphs }}")

    assert (first.version, second.version) == (1, 2)
    assert Entry.objects.filter(action="template.saved").count() == 2
    for change in ({"body": "x"}, {"version": 9}, {"law": "TX"}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            LetterTemplate.objects.filter(pk=first.pk).update(**change)
    with pytest.raises(ProgrammingError), transaction.atomic():
        first.delete()


def test_published_words_are_used_and_cannot_be_taken_back(editor: User) -> None:
    row = saved(editor)
    templating.publish(template=row, actor=editor, at=NOON)

    letter = services.send_letter(
        request=a_request(), kind="notice", subject="Hi", context={"paragraphs": ["Words."]}, signer=None,
        at=NOON, dedupe_key="k",
    )  # fmt: skip

    assert letter.template_id == row.pk
    assert "Hello Person" in letter.html
    with pytest.raises(IllegalMove, match="published already"):
        templating.publish(template=row, actor=editor, at=NOON)
    with pytest.raises(ProgrammingError), transaction.atomic():
        LetterTemplate.objects.filter(pk=row.pk).update(state="draft", published_at=None, published_by=None)


def test_words_with_faults_are_not_saved_and_say_every_line(editor: User) -> None:
    with pytest.raises(templating.TemplateRefused) as refusal:
        saved(editor, subject="{{ asked }}", body="{{ who }}\n{{ open")

    for words in ("Line 1: there is no field “who”", "Line 2: “{{”", "Subject: “asked” may not stand there"):
        assert words in str(refusal.value)
    assert not LetterTemplate.objects.exists()


@pytest.mark.parametrize(
    "given",
    [{"subject": ""}, {"subject": "x" * 151}, {"body": " "}, {"language": "fr"}, {"law_code": "ZZ"},
     {"note": "a\u202eb"}],
)  # fmt: skip
def test_what_is_no_template_is_refused(editor: User, given: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        saved(editor, **given)


def test_only_those_who_edit_letters_save_and_publish(editor: User) -> None:
    row = saved(editor)

    with pytest.raises(NotAllowed):
        saved(a_user(Role.CLERK))
    with pytest.raises(NotAllowed):
        templating.publish(template=row, actor=a_user(Role.CLERK), at=NOON)


def test_a_template_without_a_place_for_what_the_law_asks_is_not_published(editor: User) -> None:
    row = saved(editor, kind=kinds.of("denial"), law_code="TX", body="No. {{ decider }}\n\n{{ grounds }}")

    with pytest.raises(LetterIncomplete) as refusal:
        templating.publish(template=row, actor=editor, at=NOON)

    assert "[[says tx-ag-copy]]" in str(refusal.value)
    assert "Gov't Code 552.301" in str(refusal.value)
    assert {"appeal", "volume", "segregable"} <= {each.id for each in refusal.value.missing}


def chosen(code: str, law: str, language: str) -> templating.Choice:
    return templating.choose(kinds.of(code), law, language, required.items_of(packs.shipped(law), code))


def test_words_are_chosen_by_law_then_any_law_then_english(editor: User) -> None:
    assert [(found.law, found.language) for found in (
        chosen("clarification", "TX", "es"), chosen("notice", "TX", "es"),
        chosen("clarification", "TX", "fr"), chosen("notice", "TX", "fr"),
    )] == [("TX", "es"), ("ANY", "es"), ("TX", "en"), ("ANY", "en")]  # fmt: skip
    assert "There is no letter of this kind in fr." in chosen("notice", "TX", "fr").said
    assert "the words that come with the portal" in chosen("notice", "TX", "es").said


def test_words_of_ours_become_one_row_when_they_are_used(editor: User) -> None:
    first, second = chosen("notice", "TX", "en"), chosen("notice", "TX", "en")

    rows = {templating.keep(first, at=NOON).pk, templating.keep(second, at=NOON).pk}

    assert len(rows) == 1
    assert LetterTemplate.objects.get().origin == "shipped"
    assert templating.keep(chosen("notice", "TX", "en"), at=NOON).pk in rows


def test_packs_of_other_laws_are_those_that_come_with_the_portal(editor: User) -> None:
    assert templating.pack_of("NY").id == "NY"
    assert templating.pack_of("TX").id == "TX"
    assert templating.pack_of("ANY").id == "ANY"
