"""A letter: checked before it goes, stored as sent for ever, in the requester's language."""

import hashlib
from typing import Any

import pikepdf
import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core import files, jobs
from portal.core.errors import BadInput, IllegalMove
from portal.core.models import Job
from requests_app.correspondence import fields, kinds, letters, services, tasks  # noqa: F401  tasks registers handlers
from requests_app.correspondence.models import Letter, OutgoingMail
from requests_app.correspondence.required import LetterIncomplete
from requests_app.correspondence.shipped import Words
from requests_app.docket.models import RecordsRequest
from requests_app.law import pack as packs
from tests.builders import NOON, a_request, a_user, an_agency

pytestmark = pytest.mark.django_db
DENIAL = {
    "grounds": "Recording 1: Gov't Code 552.108; an open case.",
    "volume": "One recording of 12 minutes.",
}


def sent(row: RecordsRequest, kind: str, signer: User | None, key: str = "k", **context: Any) -> Letter:
    return services.send_letter(
        request=row, kind=kind, subject="A letter", context=context, signer=signer, at=NOON, dedupe_key=key
    )


def lacking(kind: str, code: str, context: dict[str, Any]) -> set[str]:
    return {each.id for each in letters.check(kind, packs.shipped(code), "en", context)}


def test_denial_goes_out_whole() -> None:
    officer = a_user(Role.APPROVER, title="Records officer")

    letter = sent(a_request(), "denial", officer, **DENIAL)

    for words in ("552.108", "12 minutes", f"{officer.name}, Records officer", "552.321", "attorney general"):
        assert words in letter.html, words


@pytest.mark.parametrize(
    ("left_out", "item"), [("grounds", "For each withheld part"), ("volume", "How much is withheld")]
)
def test_denial_without_its_contents_is_refused_with_item_and_place(left_out: str, item: str) -> None:
    given = {name: text for name, text in DENIAL.items() if name != left_out}

    with pytest.raises(LetterIncomplete) as refusal:
        sent(a_request(), "denial", a_user(Role.APPROVER), **given)

    assert item in str(refusal.value)
    assert "Fill in “" in str(refusal.value)
    assert refusal.value.status == 422
    assert not Letter.objects.exists()
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("who", ["nobody", "without a name"])
def test_denial_that_nobody_answers_for_is_refused(who: str) -> None:
    signer = None if who == "nobody" else a_user(Role.APPROVER, name="")

    with pytest.raises(LetterIncomplete, match="Name and title of the person who decided"):
        sent(a_request(), "denial", signer, **DENIAL)


def test_denial_without_an_appeal_route_in_its_words_is_refused() -> None:
    row = a_request()
    words = Words("No", "{{ grounds }}\n\n{{ volume }}\n\n{{ decider }}")

    written = letters.draft(
        request=row, kind="denial", context=DENIAL, signer=a_user(Role.APPROVER), at=NOON, words=words
    )

    assert {"appeal", "segregable", "tx-ag-copy"} <= {each.id for each in written.missing}
    assert {row.id for row in written.checklist if row.is_met} == {"exemptions", "volume", "decider"}


@pytest.mark.parametrize("law", ["TX", "CA", "US", "NY", "IL", "WA", "VA", "NJ", "CO", "MA", "OH"])
def test_letter_with_all_its_fields_says_all_that_the_law_asks(law: str) -> None:
    found = {}
    for code, kind in kinds.KINDS.items():
        filled = {name: field.sample for name, field in kind.fields.items()}
        found[code] = lacking(code, law, filled)

    assert found == {code: set() for code in kinds.KINDS}


def test_check_names_what_an_empty_letter_lacks() -> None:
    assert lacking("critical_incident_notice", "CA", {}) >= {"ca-basis", "ca-expected"}
    assert "us-ogis" not in lacking("denial", "US", {})


def test_words_typed_for_an_item_without_a_place_are_printed_and_count() -> None:
    row = a_request()
    words = Words("No", "{{ grounds }} {{ volume }} {{ decider }} {{ appeal_routes }}")
    also = {"segregable": "All <else> is released.", "tx-ag-copy": "No ruling."}

    written = letters.draft(
        request=row, kind="denial", context={**DENIAL, "also": also}, signer=a_user(Role.APPROVER), at=NOON,
        words=words,
    )  # fmt: skip

    assert written.missing == ()
    assert "What the law also asks us to say" in written.body
    assert "All &lt;else&gt; is released." in written.body
    with pytest.raises(BadInput, match="asks nothing called “made-up”"):
        letters.draft(request=row, kind="denial", context={"also": {"made-up": "x"}}, signer=None, at=NOON)


def test_letter_is_kept_as_sent_with_its_fingerprints() -> None:
    letter = sent(a_request(), "notice", None, paragraphs=["Words."])

    assert letter.html_sha256 == hashlib.sha256(letter.html.encode()).hexdigest()
    assert letter.template is not None
    assert len(letter.context_digest) == 64
    assert letter.body in letter.html
    for change in ({"html": "x"}, {"body": "x"}, {"subject": "x"}, {"language": "es"}, {"kind": "x"}):
        with pytest.raises(ProgrammingError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(**change)


def test_spanish_letter_is_spanish_tagged_and_printed_once() -> None:
    row = a_request(requester=a_user(language="es"))

    letter = sent(row, "acknowledgement", None)
    job = Job.objects.get(kind="correspondence.letter")
    assert jobs.execute(job.pk)

    letter.refresh_from_db()
    stored = files.Stored(letter.pdf_address, letter.pdf_sha256, 0)
    with pikepdf.open(files.require_intact(stored)) as pdf:
        assert str(pdf.Root.Lang) == "es"
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert f"Recibimos su solicitud {row.number}" in str(pdf.docinfo.Title)
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
    assert letter.language == "es"
    assert "martes, 17 de noviembre de 2026" in letter.html
    mail = OutgoingMail.objects.get(letter=letter)
    assert mail.subject == f"Recibimos su solicitud {row.number}"
    assert "Lea la carta" in mail.html
    Job.objects.filter(pk=job.pk).update(state="pending")
    with pytest.raises(ProgrammingError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(pdf_sha256="0" * 64)
    assert jobs.execute(job.pk)


def test_letter_to_somebody_named_in_a_record_mails_nobody_and_stays_hidden() -> None:
    row = a_request()

    letter = sent(
        row, "third_party_notice", a_user(Role.CLERK), third_party="Jo Park\n2 Oak Street",
        concerned="A recording.", release_day=NOON.date(), how_to_object="Write to us.",
    )  # fmt: skip

    assert letter.recipient == "third_party"
    assert "Jo Park<br>2 Oak Street" in letter.html
    assert not OutgoingMail.objects.exists()
    assert not row.letters.shown_to_requester().exists()
    assert Entry.objects.get(action="letter.sent_elsewhere").request_key == row.key
    with pytest.raises(IllegalMove, match="not for the requester"):
        letters.send_again(letter=letter, actor=a_user(Role.CLERK), at=NOON)


def test_letter_is_mailed_again_without_being_written_again() -> None:
    letter, clerk = sent(a_request(), "notice", None, paragraphs=["Words."]), a_user(Role.CLERK)

    with pytest.raises(IllegalMove, match="not left yet"):
        letters.send_again(letter=letter, actor=clerk, at=NOON)
    OutgoingMail.objects.update(state="bounced")
    letters.send_again(letter=letter, actor=clerk, at=NOON)

    assert OutgoingMail.objects.filter(letter=letter).count() == 2
    assert Letter.objects.count() == 1
    assert Entry.objects.filter(action="letter.sent_again").count() == 1


def test_unknown_kinds_and_values_of_another_type_are_named() -> None:
    row = a_request()

    with pytest.raises(kinds.UnknownKind, match="no letter of the kind “poem”"):
        sent(row, "poem", None)
    with pytest.raises(BadInput, match="“Day of the next part” cannot hold"):
        sent(row, "installment", None, next_day="soon")


def test_acknowledgement_of_a_law_without_clocks_says_so() -> None:
    an_agency(law_code="ANY")
    letter = sent(a_request(), "acknowledgement", None)

    assert "no day: the law of this request sets none" in letter.html


@pytest.mark.parametrize(
    ("type", "text", "words"),
    [
        ("money", "ten", "not an amount"),
        ("day", "soon", "is no date"),
        ("line", "a\u202eb", "unseen character"),
        ("text", "x" * 10_001, "too long"),
    ],
)
def test_what_staff_type_is_read_or_refused_by_name(type: str, text: str, words: str) -> None:
    field = fields.Field("x", "The thing", fields.Type(type))

    with pytest.raises(BadInput, match=words):
        fields.typed(field, text)


def test_typed_values_go_back_into_the_form_as_they_came() -> None:
    texts = {"money": "46.00", "day": "2026-11-20", "list": "a\nb", "text": "a\n\nb", "line": "a"}
    for type, text in texts.items():
        field = fields.Field("x", "X", fields.Type(type))
        assert fields.as_typed(field, fields.typed(field, text)) == text
    assert fields.as_typed(fields.Field("x", "X"), None) == ""
    assert fields.typed(fields.Field("x", "X"), " ") is None
