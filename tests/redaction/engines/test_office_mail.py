from email.message import EmailMessage
from pathlib import Path

import pytest

from redaction import pipeline, reading
from redaction.engines.office import mail, pages
from redaction.engines.office.package import Package
from redaction.report import Refused
from tests.redaction.document_builders import some_marks
from tests.redaction.office_builders import a_mail, a_package

SHOW = {"kind": "hidden", "item": "*", "action": "show"}


def text_of(path: Path) -> str:
    return " ".join("".join(leaf.text for leaf in reading.leaves(path)).split())


def test_mail_becomes_pages_with_its_header_lines_and_marks_hold(tmp_path: Path) -> None:
    source = a_mail(
        tmp_path / "m.eml", "Call Jane Roe\nabout it", Received="SERVERSECRET", Date="Mon, 3 Mar 2025"
    )

    report = pipeline.redact(
        source, some_marks({"kind": "text", "literal": "Jane Roe"}), tmp_path / "o.pdf", contained=False
    )

    text = text_of(tmp_path / "o.pdf")
    assert "From a@pd.example" in text
    assert "about it" in text
    assert "Jane" not in text
    assert b"SERVERSECRET" not in (tmp_path / "o.pdf").read_bytes()
    assert "1 technical header lines of the mail were left out" in report.warnings


def test_attachments_blind_copies_and_another_version_need_a_decision(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"], message["Bcc"] = "a@x.example", "s", "c@x.example"
    message.set_content("One thing")
    message.add_alternative("<p>Another <span style='display: none'>UNSEEN</span>thing</p>", subtype="html")
    message.add_attachment("notes of mine", filename="SECRETNAME.txt")
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="x.pdf")
    (tmp_path / "m.eml").write_bytes(message.as_bytes())

    with pytest.raises(Refused) as caught:
        pipeline.redact(tmp_path / "m.eml", some_marks(), tmp_path / "o.pdf", contained=False)

    told = str(caught.value)
    items = ("bcc: ", "formatted-version: ", "hidden-text: ", "attachment:1: ", "attachment:2: ")
    assert [item for item in items if item not in told] == []
    assert "SECRETNAME" not in told


def test_what_is_decided_to_be_shown_stands_on_pages_of_its_own(tmp_path: Path) -> None:
    source = a_mail(tmp_path / "m.eml", "One thing", html="<p>Another thing</p>", Bcc="c@x.example")

    pipeline.redact(source, some_marks(SHOW), tmp_path / "o.pdf", contained=False)

    text = text_of(tmp_path / "o.pdf")
    assert "Another thing" in text
    assert "c@x.example" in text


def test_formatted_mail_is_read_as_a_person_would(tmp_path: Path) -> None:
    html = (
        "<style>p{}</style><p>First<br>line</p><div hidden>UNSEEN</div><img src='http://t.example/x.png'>"
        "<script>SCRIPT</script><p>Last &amp; least</p>"
    )

    letter = mail.read(a_mail(tmp_path / "m.eml", html=html))

    assert letter.text == "First\nline\n\nLast & least"
    assert letter.pictures == 1
    assert [(thing.item, thing.texts) for thing in letter.hidden] == [("hidden-text", ("UNSEEN",))]


def test_two_versions_that_say_the_same_hide_nothing(tmp_path: Path) -> None:
    source = a_mail(tmp_path / "m.eml", "Call John.\nSoon", html="<p>Call <b>John</b>.</p> <p>soon</p>")

    assert mail.read(source).hidden == []


def test_mail_in_an_unknown_character_set_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(
        b"From: a@x.example\nSubject: s\nContent-Type: text/plain; charset=klingon\n\nplain words\n"
    )

    assert mail.read(tmp_path / "m.eml").text == "plain words"


def test_mail_in_a_mail_counts_as_one_attachment(tmp_path: Path) -> None:
    inner = EmailMessage()
    inner["From"] = "INNERSECRET@x.example"
    inner.set_content("inner words")
    outer = EmailMessage()
    outer["From"], outer["Subject"] = "a@x.example", "Fwd"
    outer.set_content("see below")
    outer.add_attachment(inner)
    (tmp_path / "m.eml").write_bytes(outer.as_bytes())

    letter = mail.read(tmp_path / "m.eml")

    assert letter.text == "see below"
    assert [thing.item for thing in letter.hidden] == ["attachment:1"]


@pytest.mark.parametrize(("limit", "fault"), [("LARGEST", "too large"), ("MOST_PARTS", "too many parts")])
def test_mail_beyond_the_limits_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, fault: str
) -> None:
    monkeypatch.setattr(mail, limit, 0)

    with pytest.raises(Refused, match=fault):
        mail.read(a_mail(tmp_path / "m.eml", "x"))


def test_text_too_long_for_pages_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LONGEST", 10)

    with pytest.raises(Refused, match="too long"):
        pages.mail([("From", "a")], "words", tmp_path / "o.pdf")


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"a.xml": "<!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>"}, "declares entities"),
        ({"a.xml": "<x>"}, "not XML"),
    ],
)
def test_part_that_is_no_plain_xml_is_refused(tmp_path: Path, parts: dict[str, str], fault: str) -> None:
    with Package(a_package(tmp_path / "x", parts)) as package, pytest.raises(Refused, match=fault):
        package.tree("a.xml")


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [("MOST_PARTS", 0, "more than can be handled"), ("LARGEST", 1, "more than can be handled"),
     ("STEEPEST", 2, "made to do harm")],
)  # fmt: skip
def test_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: int, fault: str
) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "x", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(2**20 + 1))
    monkeypatch.setattr(f"redaction.engines.office.package.{name}", value)

    with pytest.raises(Refused, match=fault):
        Package(tmp_path / "x")


def test_broken_archive_and_broken_part_are_refused(tmp_path: Path) -> None:
    path = a_package(tmp_path / "x", {"a.xml": "A" * 50})
    damaged = path.read_bytes().replace(b"A" * 50, b"B" * 50)
    (tmp_path / "y").write_bytes(damaged)
    (tmp_path / "z").write_bytes(b"PK\x03\x04")

    with pytest.raises(Refused, match="archive cannot be read"):
        Package(tmp_path / "z")
    with Package(tmp_path / "y") as package, pytest.raises(Refused, match="cannot be unpacked"):
        package.read("a.xml")
