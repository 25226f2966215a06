"""The public page that checks a package, in a real browser with real files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from tests.redaction.release.packages import a_package, repack, unpack

pytestmark = pytest.mark.django_db(transaction=True)
Ask = Callable[[Path], Page]
VERDICT = "[data-check-verdict]"


@pytest.fixture
def archive(settings: Any, tmp_path: Path) -> Path:
    """A package signed with the key this site publishes."""
    settings.RELEASE_SIGNING_KEY_FILE = str(tmp_path / "key.pem")
    film = bytes(range(256)) * 40_000  # more than one piece
    return a_package(
        tmp_path, records={"records/01-table.csv": b"a,b\r\n" * 500, "records/02-video.mp4": film}
    )[0]


@pytest.fixture
def ask(page: Page, live_server: LiveServer) -> Ask:
    def choose(package: Path) -> Page:
        page.goto(f"{live_server.url}/check-a-package/")
        field = page.get_by_label("The package (a ZIP file)")
        expect(field).to_be_visible()
        sent: list[str] = []

        def note(request: Request) -> None:
            icon = request.method == "GET" and "/static/" in request.url and "?" not in request.url
            if request.url.startswith("http") and (not icon or request.post_data_buffer):
                sent.append(request.url)

        page.on("request", note)
        field.set_input_files(package)
        expect(page.locator(VERDICT)).to_contain_text("ntact")
        assert sent == [], "something was sent"
        return page

    return choose


def test_an_intact_package_is_intact(archive: Path, ask: Ask) -> None:
    page = ask(archive)

    expect(page.locator(VERDICT)).to_contain_text("All 6 files are as this agency signed them")


def test_a_browser_without_ed25519_comes_to_the_same_answer(archive: Path, ask: Ask, page: Page) -> None:
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")

    expect(ask(archive).locator(VERDICT)).to_contain_text("All 6 files")


def test_each_changed_file_is_named(archive: Path, ask: Ask, tmp_path: Path) -> None:
    folder = unpack(archive, tmp_path / "unpacked")
    film = folder / "records/02-video.mp4"
    film.write_bytes(film.read_bytes()[:-1] + b"!")
    (folder / "letter.pdf").unlink()
    (folder / "records/03-image.png").write_bytes(b"x")

    page = ask(repack(folder, tmp_path / "again.zip", under="Release/"))

    expect(page.locator(VERDICT)).to_contain_text("Not intact")
    faults = page.locator("[data-check-faults] li")
    expect(faults).to_have_text(
        [
            "records/02-video.mp4 was altered.",
            "letter.pdf is missing.",
            "records/03-image.png is not part of the release.",
        ],
        use_inner_text=True,
    )


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("MANIFEST.json", "its signature does not hold"),
        ("MANIFEST.sig", "its signature does not hold"),
        ("PUBLIC_KEY", "cannot be checked"),
    ],
)
def test_a_changed_manifest_signature_or_key_is_found(
    archive: Path, ask: Ask, tmp_path: Path, name: str, says: str
) -> None:
    folder = unpack(archive, tmp_path / "unpacked")
    content = bytearray((folder / name).read_bytes())
    at = content.index(b"2026") if name == "MANIFEST.json" else 40
    content[at] ^= 1
    (folder / name).write_bytes(content)

    page = ask(repack(folder, tmp_path / "again.zip"))

    expect(page.locator("[data-check-faults]")).to_contain_text(says)


def test_a_package_signed_by_somebody_else_is_not_this_agencys(
    ask: Ask, archive: Path, tmp_path: Path
) -> None:
    (tmp_path / "forger").mkdir()
    forged, _ = a_package(tmp_path / "forger")

    page = ask(forged)

    expect(page.locator("[data-check-faults]")).to_contain_text("a key that is not this agency’s")


def test_what_is_no_package_cannot_be_checked(page: Page, live_server: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("hello")
    page.goto(f"{live_server.url}/check-a-package/")

    field = page.get_by_label("The package (a ZIP file)")
    expect(field).to_be_visible()  # its script has started
    field.set_input_files(tmp_path / "text.zip")

    expect(page.locator(VERDICT)).to_contain_text("This is not a ZIP file.")
