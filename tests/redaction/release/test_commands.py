import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.core import files
from portal.core.time import now
from redaction.release import checks, signing
from redaction.release import services as release
from redaction.release.models import ReleaseManifest
from requests_app.correspondence import pdf
from tests.redaction.release.packages import a_package, unpack
from tests.redaction.release.release_builders import a_clerk, a_reviewed_request

pytestmark = pytest.mark.django_db


def verify(path: Path) -> str:
    said = StringIO()
    call_command("verify_release", str(path), stdout=said)
    return said.getvalue()


def package_of(manifest: ReleaseManifest, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(files.path_of(manifest.address), tmp_path / "package.zip"))


def test_an_issued_package_is_known_and_stands(manifest: ReleaseManifest, tmp_path: Path) -> None:
    said = verify(package_of(manifest, tmp_path))

    assert "INTACT" in said
    assert "it stands" in said


def test_an_unpacked_package_is_known_too(manifest: ReleaseManifest, tmp_path: Path) -> None:
    assert "it stands" in verify(unpack(package_of(manifest, tmp_path), tmp_path / "folder"))


def test_an_altered_package_is_named(manifest: ReleaseManifest, tmp_path: Path) -> None:
    folder = unpack(package_of(manifest, tmp_path), tmp_path / "folder")
    (folder / "letter.pdf").write_bytes(b"x")

    with pytest.raises(CommandError, match="not intact") as error:
        verify(folder)

    assert error.value.returncode == 1


def test_what_is_no_package_is_exit_code_2(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="CANNOT CHECK") as error:
        verify(tmp_path)

    assert error.value.returncode == 2


def test_a_package_signed_by_somebody_else_was_never_issued(
    manifest: ReleaseManifest, tmp_path: Path
) -> None:
    forged, _ = a_package(tmp_path)

    with pytest.raises(CommandError, match="never issued"):
        verify(forged)


def test_a_recalled_package_says_so(manifest: ReleaseManifest, tmp_path: Path) -> None:
    release.recall(manifest=manifest, actor=a_clerk(), at=now(), reason="A name was overlooked.")

    with pytest.raises(CommandError, match=r"RECALLED on .*: A name was overlooked\."):
        verify(package_of(manifest, tmp_path))


def test_a_superseded_package_names_the_newer_one(manifest: ReleaseManifest, tmp_path: Path) -> None:
    newer = ReleaseManifest.objects.create(
        request=manifest.request, number=7, recipient=manifest.recipient, released_by=manifest.released_by,
        outcome="full", facts={}, input_digest="x", link_days=1, created_at=now(),
    )  # fmt: skip
    issued = {
        name: getattr(manifest, name) for name in ("address", "sha256", "size", "signature", "issued_at")
    }
    ReleaseManifest.objects.filter(pk=newer.pk).update(status="issued", **issued)

    assert "SUPERSEDED: release 7" in verify(package_of(manifest, tmp_path))


@pytest.fixture
def bare(settings: Any, tmp_path: Path) -> Any:
    """As production: the key is not made by itself, and none is installed."""
    settings.RELEASE_KEY_MAY_BE_MADE = False
    settings.RELEASE_SIGNING_KEY_FILE = str(tmp_path / "keys" / "release.pem")
    return settings


def test_without_a_key_nothing_is_released(bare: Any) -> None:
    request = a_reviewed_request()

    with pytest.raises(signing.NoSigningKey):
        release.create(request=request, actor=a_clerk(), at=now())

    assert not ReleaseManifest.objects.filter(request=request).exists()


def test_the_key_is_made_once_by_command(bare: Any) -> None:
    with pytest.raises(CommandError, match="missing"):
        call_command("release_key")

    first, again = StringIO(), StringIO()
    call_command("release_key", create=True, stdout=first)
    call_command("release_key", stdout=again)

    assert first.getvalue() == again.getvalue()
    assert "BEGIN PUBLIC KEY" in first.getvalue()


def test_a_missing_key_is_an_error_of_the_deployment_on_the_staff_side(bare: Any) -> None:
    bare.ROLE = "staff"
    missing = checks.signing_key_is_there(None)
    bare.ROLE = "public"
    public = checks.signing_key_is_there(None)
    bare.ROLE = "staff"
    call_command("release_key", create=True, stdout=StringIO())

    assert [found.id for found in missing] == ["daylight.E030"]
    assert public == []
    assert checks.signing_key_is_there(None) == []


def test_a_missing_library_is_a_warning_with_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.letters_can_be_printed(None) == []
    monkeypatch.setattr(pdf, "find_library", lambda name: None)

    (found,) = checks.letters_can_be_printed(None)

    assert found.id == "daylight.W031"
    assert "apt-get install" in str(found.hint)
