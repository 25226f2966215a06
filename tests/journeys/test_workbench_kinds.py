"""Pictures and office files on the stage of pages: marked, and their copies hold nothing of it."""

from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core import files
from redaction.plans.rows import newest_render
from requests_app.custody.models import ResponsiveRecord
from tests.journeys import whole_way
from tests.journeys.axe import assert_accessible
from tests.journeys.conftest import SignIn
from tests.journeys.hands import drags
from tests.journeys.patience import still
from tests.journeys.workbench_frame import is_saved, newest, opened
from tests.redaction.office_builders import a_docx, paragraph
from tests.redaction.picture_builders import CORNER, a_flag
from tests.redaction.plans.plan_builders import a_review
from tests.requests_app.custody.record_builders import a_record, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

SAID = "Maria Delgado was seen at the gate with two others"


def drawn(page: Page) -> None:
    expect(page.locator(".wbp-page[data-page='1'].is-drawn")).to_be_visible(timeout=60_000)


def copy_of(page: Page, record: ResponsiveRecord) -> Path:
    """The redacted copy, asked for on the page and made as a worker would."""
    is_saved(page)
    ask = page.get_by_role("button", name="Make the redacted copy")
    expect(ask).to_have_attribute("aria-disabled", "false", timeout=60_000)
    ask.click()
    link = page.get_by_role("link", name="To the second look")
    whole_way.wait_for(page, link.is_visible, "the copy was not made")
    render = newest_render(a_review(record))
    assert render is not None
    return files.path_of(render.address)


def a_photo() -> ResponsiveRecord:
    out = BytesIO()
    a_flag(400, 300).save(out, "PNG")
    return a_record(content=out.getvalue(), name="photo.png", title="Photo of the gate")


def test_what_a_box_covers_is_gone_from_a_picture(live_server: LiveServer, sign_in: SignIn) -> None:
    record = a_photo()
    page = opened(sign_in(an_analyst()), live_server, record)
    drawn(page)
    sheet = page.locator(".wbp-page[data-page='1']")
    scale = still(sheet)[2] / 400

    drags(page, sheet, (2, 2), (2 + 200 * scale, 2 + 150 * scale))
    page.keyboard.press("1")
    expect(page.locator(".wb-mark")).to_contain_text("Box")
    assert_accessible(page, "#workbench-stage")
    is_saved(page)
    (mark,) = newest().values()
    with Image.open(copy_of(page, record)) as copy:
        left = copy.convert("RGB").getcolors(400 * 300) or []

    assert mark["rect"] == pytest.approx([2 / scale, 2 / scale, 200, 150], abs=2 / scale + 1)
    assert sum(count for count, colour in left if colour == (0, 0, 0)) >= 198 * 148
    assert sum(count for count, colour in left if colour == CORNER) <= 4 * (200 + 150) * 2 / scale


def a_letter(folder: Path) -> tuple[bytes, str]:
    body = paragraph("Report of the watch") + paragraph(SAID)
    return a_docx(folder / "a.docx", body).read_bytes(), "report.docx"


def test_words_are_gone_from_an_office_file(live_server: LiveServer, sign_in: SignIn, tmp_path: Path) -> None:
    content, name = a_letter(tmp_path)
    record = a_record(content=content, name=name, title="Watch report")
    page = opened(sign_in(an_analyst()), live_server, record)
    drawn(page)

    page.get_by_role("tab", name="Find").click()
    page.get_by_label("Words, as a name or a street").fill("maria delgado")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.locator("[data-find-said]")).to_contain_text("1 place", timeout=60_000)
    page.get_by_role("button", name="Mark all “maria delgado”").click()
    page.locator(".wb-mark").click()
    expect(page.locator(".wb-mark")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("1")
    expect(page.get_by_role("tab", name="Not shown")).to_be_hidden()
    with pypdfium2.PdfDocument(copy_of(page, record)) as document:
        text = "".join(part.get_textpage().get_text_range() for part in document)

    assert "was seen at the gate" in text
    assert "Delgado" not in text
