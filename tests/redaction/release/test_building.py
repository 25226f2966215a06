import json
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse

from portal.audit import services as audit
from portal.core import files
from redaction.plans.models import Review
from redaction.release import package
from redaction.release.models import ReleaseManifest
from requests_app.correspondence.models import OutgoingMail
from requests_app.docket import services as docket
from tests.redaction.release.release_builders import (
    a_building_release,
    a_clerk,
    a_denied_request,
    a_release,
    a_reviewed_request,
    build,
)
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db


def zip_of(manifest: ReleaseManifest) -> zipfile.ZipFile:
    return zipfile.ZipFile(files.path_of(manifest.address))


def test_a_release_is_built_signed_issued_and_announced() -> None:
    request = a_reviewed_request()

    manifest = a_release(request=request)

    request.refresh_from_db()
    assert (manifest.status, manifest.outcome, request.status) == ("issued", "partial", "closed")
    assert request.disposition == "partial"
    assert Review.objects.get(record__request=request).status == "released"
    mail = OutgoingMail.objects.get(dedupe_key=f"release:{manifest.pk}:issued")
    assert mail.to == manifest.recipient.email
    assert f"/my/requests/{request.key}/downloads/" in mail.text
    assert audit.verify().fault is None


def test_before_the_first_release_the_check_page_knows_no_key(settings: Any, tmp_path: Path) -> None:
    settings.RELEASE_KEY_MAY_BE_MADE = False
    settings.RELEASE_SIGNING_KEY_FILE = str(tmp_path / "none.pem")

    shown = Client().get(reverse("release:check")).content.decode()

    assert "has not signed a release yet" in shown


def test_the_package_holds_what_the_format_promises() -> None:
    manifest = a_release(request=a_reviewed_request(withheld=True))

    with zip_of(manifest) as archive:
        names = archive.namelist()
        listed = json.loads(archive.read("MANIFEST.json"))

    assert names == [
        "letter.pdf", "withholding-index.pdf", "withholding-log.csv", "records/01-table.csv",
        "records/01-data-dictionary.csv",
        "records/01-reconciliation.csv", "records/01-table.xlsx", "verify.py", "VERIFY.txt",
        "MANIFEST.json", "MANIFEST.sig", "PUBLIC_KEY",
    ]  # fmt: skip
    assert {row["path"] for row in listed["files"]} == set(names[:9])
    assert listed["request"] == manifest.request.number
    assert listed["withheld"][0]["exemptions"][0]["code"] == "TX-108"
    assert len(listed["audit"]["head"]) == 64


def test_the_recipient_finds_it_intact_and_every_byte_counts(tmp_path: Path) -> None:
    manifest = a_release(request=a_reviewed_request(pdf=True))
    with zip_of(manifest) as archive:
        archive.extractall(tmp_path)

    intact = subprocess.run(
        [sys.executable, "verify.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    record = tmp_path / "records/02-document.pdf"
    content = bytearray(record.read_bytes())
    content[len(content) // 2] ^= 1
    record.write_bytes(content)
    altered = subprocess.run(
        [sys.executable, "verify.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (intact.returncode, altered.returncode) == (0, 1), intact.stdout + intact.stderr
    assert "records/02-document.pdf" in altered.stdout


# none is so short that packed bytes spell it by chance
CANARIES = (b"CANARY", b"Rosalind", b"interview", b"OWN123")


def test_no_byte_holds_a_withheld_string_a_name_or_a_note() -> None:
    request = a_reviewed_request(pdf=True, withheld=True)
    docket.add_note(request=request, author=an_analyst(), body="CANARYINTERNAL note about Rosalind")

    manifest = a_release(request=request)

    raw = files.path_of(manifest.address).read_bytes()
    with zip_of(manifest) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for canary in CANARIES:
        assert canary not in raw
        for name, content in members.items():
            assert canary not in content, (canary, name)
            assert canary not in streams_of(content), (canary, name)
        for name in (name for name in members if name.endswith(".pdf")):
            assert canary not in text_of(members[name]), (canary, name)


def streams_of(content: bytes) -> bytes:
    """Everything in a PDF that inflates."""
    found = []
    for part in content.split(b"stream\n")[1:]:
        try:
            found.append(zlib.decompressobj().decompress(part))
        except zlib.error:
            continue
    return b"".join(found)


def text_of(pdf: bytes) -> bytes:
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout


def test_the_letter_says_what_why_where_to_appeal_who_and_how_to_check() -> None:
    request = a_reviewed_request(withheld=True)
    manifest = a_building_release(
        request=request, actor=a_clerk(name="Ines Ward", title="Records clerk"), note="Kind words."
    )
    build(manifest)

    with zip_of(manifest) as archive:
        letter, index = (
            " ".join(text_of(archive.read(name)).decode().split()) for name in (package.LETTER, package.INDEX)
        )

    for words in (
        "Body-worn video of the stop", "Plate reads at Elm and 3rd", "withheld in full", "552.108",
        "attorney general", "Ines Ward", "Records clerk", "Kind words.", "verify.py", str(request.number),
        manifest.key_fingerprint[:16],
    ):  # fmt: skip
        assert words in letter, words
    for words in (
        "column plate",
        "hidden",
        "column read_at",
        "made less exact",
        "the whole record",
        "TX-108",
    ):
        assert words in index, words


def test_both_letters_are_tagged_for_assistive_technology(tmp_path: Path) -> None:
    manifest = a_release()

    with zip_of(manifest) as archive:
        for name in (package.LETTER, package.INDEX):
            with pikepdf.open(archive.extract(name, tmp_path)) as pdf:
                assert pdf.open_metadata()["pdfuaid:part"] == "1"
                assert str(pdf.Root.Lang) == "en"
                assert bool(pdf.Root.MarkInfo.Marked)
                assert str(manifest.request.number) in str(pdf.docinfo.Title)
                assert pdf.Root.StructTreeRoot.K
                assert "/Names" not in pdf.Root  # nothing attached


def test_everything_withheld_still_makes_a_letter_and_an_index() -> None:
    manifest = a_release(request=a_denied_request())

    assert manifest.outcome == "denied"
    with zip_of(manifest) as archive:
        assert not [name for name in archive.namelist() if name.startswith("records/")]
        assert "all of them are withheld" in text_of(archive.read("letter.pdf")).decode()
    assert manifest.request.clock_events.filter(type="denied").exists()
