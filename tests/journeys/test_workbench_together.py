"""Two people mark one record at the same time: no mark is lost, and the second is told."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import Browsers
from tests.journeys.hands import press
from tests.journeys.workbench_frame import choose, is_saved, look, newest, note, opened, three_boxes
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_people_change_one_record_and_no_mark_is_lost(
    browsers: Browsers, live_server: LiveServer
) -> None:
    record = three_boxes()
    rosa, sam = an_analyst(name="Rosa Quill"), an_analyst(name="Sam Reed")
    hers = opened(browsers(rosa).new_page(), live_server, record)
    his = opened(browsers(sam).new_page(), live_server, record)
    expect(his.locator("[data-part=others]")).to_have_text("Rosa Quill has this open too.")

    his.context.set_offline(True)  # so that what both do is surely at the same time
    note(hers, "box-1", "her word")
    choose(hers, "box-2")
    hers.get_by_role("button", name="Duplicate", exact=True).click()
    is_saved(hers)
    saved_by_her = newest()
    note(his, "box-1", "his word")
    choose(his, "box-2")
    his.get_by_role("button", name="Duplicate", exact=True).click()
    choose(his, "box-3")
    his.get_by_role("button", name="Remove", exact=True).click()
    expect(his.locator("[data-part=saved]")).to_contain_text("Not saved: no connection")
    look(his, "offline")
    his.context.set_offline(False)

    dialog = his.get_by_role("dialog", name="You and somebody else changed the same marks")
    expect(dialog).to_contain_text("Both are kept, yours as a copy.", timeout=60_000)
    look(his, "conflict")
    dialog.get_by_role("button", name="Close").click()
    is_saved(his)
    expect(his.locator("[data-part=news]")).to_contain_text("Rosa Quill changed 2 marks meanwhile")
    expect(hers.locator("[data-part=news]")).to_contain_text("Sam Reed changed 3 marks", timeout=60_000)
    found = newest()
    added = {name: mark for name, mark in found.items() if name not in saved_by_her}
    (hers_twice,) = saved_by_her.keys() - {"box-1", "box-2", "box-3"}
    # hers as she saved them but the one he removed, and beside them his word and his duplicate
    assert {name: found.get(name) for name in saved_by_her} == {**saved_by_her, "box-3": None}
    assert [mark["rect"] for mark in (found["box-1"], found["box-2"])] == [
        [72, 80, 190, 100], [72, 160, 190, 180],
    ]  # fmt: skip
    assert sorted((mark["rect"], mark.get("note")) for mark in added.values()) == [
        (found["box-1"]["rect"], "his word A copy: Rosa Quill changed box-1 at the same time."),
        (found[hers_twice]["rect"], None),
    ]
    shown_alike(hers, his, set(found))

    everything = both_at_once(hers, his)
    assert len(everything) == len(found) + 12
    shown_alike(hers, his, everything)
    assert newest().keys() == everything


def both_at_once(hers: Page, his: Page) -> set[str]:
    """Both duplicate a mark six times without waiting for each other; gives the marks there were since."""
    there = set(newest())
    for _turn in range(6):
        for page, mark in ((hers, "box-1"), (his, "box-2")):
            choose(page, mark)
            press(page.locator(f"#mark-row-{mark}"), "d")
            expect(page.locator(f"#mark-row-{mark}")).to_have_attribute("aria-selected", "false")
            there |= {row.removeprefix("mark-row-") for row in rows_of(page)}
    return there


def rows_of(page: Page) -> list[str]:
    found: list[str] = page.locator(".wb-mark").evaluate_all("(rows) => rows.map((row) => row.id)")
    return found


def shown_alike(hers: Page, his: Page, marks: set[str]) -> None:
    """Both pages and the server hold these marks, each once."""
    for page in (hers, his):
        expect(page.locator(".wb-mark")).to_have_count(len(marks), timeout=60_000)
        is_saved(page)
        assert sorted(rows_of(page)) == sorted(f"mark-row-{mark}" for mark in marks)


@pytest.mark.parametrize("script", ["merging.js", "saving.js", "lost.js"])
def test_no_mark_is_lost_and_nobody_is_told_of_herself(
    page: Page, live_server: LiveServer, script: str
) -> None:
    page.goto(live_server.url + "/")

    assert page.evaluate((Path(__file__).parent / script).read_text()) == []
