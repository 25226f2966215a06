"""How a person marks pages, a table and a flight, with the mouse or by keyboard alone."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from playwright.sync_api import Locator, expect

from redaction.plans.models import Plan
from requests_app.custody.models import ResponsiveRecord
from tests.journeys.hands import Keyboard, Spot, drags
from tests.journeys.whole_way import Person, wait_for

Marks = list[dict[str, Any]]
Box = list[float]


def saved(person: Person, record: ResponsiveRecord, done: Callable[[Marks], bool]) -> Marks:
    """Waits until the newest version on the server is as it should be, and gives its marks."""
    found: Marks = []

    def newest() -> bool:
        plan = Plan.objects.filter(review__record=record).order_by("-version").first()
        found[:] = plan.marks["marks"] if plan else []
        return done(found)

    wait_for(person.page, newest, "not saved")
    return found


def chosen(person: Person, mark: str) -> None:
    """Chooses a mark in the list beside the record."""
    row = person.page.locator(f"#mark-row-{mark}")
    for _turn in range(50):
        if row.get_attribute("aria-selected") == "true":
            return
        person.hands.does("n", row)
        expect(person.page.locator("[data-list] [aria-selected=true]")).to_have_count(1)
    expect(row).to_have_attribute("aria-selected", "true")


def reasoned(person: Person, number: int = 1) -> None:
    """Gives what is chosen a reason, by its number or from the list beside the record."""
    choice = person.page.locator("#inspect-reason")
    if isinstance(person.hands, Keyboard):
        person.hands.strikes(str(number))
    else:
        person.hands.picks(choice, f"{number}  ")
    expect(choice).not_to_have_value("")


def opens_pages(person: Person, record: ResponsiveRecord) -> None:
    person.works_on(record)
    expect(person.page.locator(".wbp-page.is-drawn.is-read").first).to_be_visible()


def words_on(person: Person, record: ResponsiveRecord, number: int = 1) -> list[tuple[str, Box]]:
    """The words of a page in their order with their places, as the stage itself is told."""
    address = reverse("workbench:pages-words", kwargs={"key": record.key})
    answer = person.page.evaluate(
        "url => fetch(url).then((one) => one.json())", f"{address}?numbers={number}"
    )
    return [(text, box) for text, *box, _line in answer["pages"][0]["words"]]


def boxes(person: Person, box: Box) -> None:
    """Draws a box on the first page, or places one and gives it its figures."""
    left, top, right, bottom = box
    hands, page = person.hands, person.page
    if isinstance(hands, Keyboard):
        hands.strikes("b")
        figures = {"left": left, "top": top}
        for name, value in figures.items():
            hands.writes(page.get_by_label(f"From the {name}"), f"{value:.1f}")
        for name, value in {"Width": right - left, "Height": bottom - top}.items():
            hands.writes(page.get_by_label(name), f"{value:.1f}")
        return
    expect(page.locator(".wbp-page[data-page='1']")).to_be_visible()
    person.pushes("Box")
    drags(page, _sheet(person), _spot(person, left, top), _spot(person, right, bottom))
    person.pushes("Words")


def marks_word(person: Person, record: ResponsiveRecord, word: str) -> None:
    """Marks the first place of a word on the first page."""
    rows = words_on(person, record)
    place = next(n for n, (text, _box) in enumerate(rows) if text == word)
    said = person.page.locator("#workbench-said")
    hands = person.hands
    if isinstance(hands, Keyboard):
        hands.strikes("w", "Control+Home", "Control+Home")
        expect(said).to_contain_text(rows[0][0])
        for text, _box in rows[1 : place + 1]:
            hands.presses("ArrowRight")
            expect(said).to_contain_text(text)
        hands.presses("m")
    else:
        left, top, right, bottom = rows[place][1]
        x, y = _spot(person, (left + right) / 2, (top + bottom) / 2)
        _sheet(person).click(position={"x": x, "y": y})
        hands.pushes(person.button("Mark M"))
    expect(said).to_contain_text(f"Marked: {word}")


def finds(person: Person, words: str, answer: str) -> None:
    """Looks for words on all pages."""
    page, hands = person.page, person.hands
    field = page.get_by_label("Words, as a name or a street")
    if isinstance(hands, Keyboard):
        hands.strikes("/")
        expect(field).to_be_focused()
        hands.presses("ControlOrMeta+a")
        hands.types(words)
        hands.presses("Enter")
    else:
        hands.opens(page.get_by_role("tab", name="Find"))
        hands.writes(field, words)
        person.pushes("Find")
    expect(page.locator("[data-find-said]")).to_contain_text(answer)


def marks_all(person: Person, words: str) -> None:
    person.pushes(f"Mark all “{words}”")
    expect(person.page.locator(".wbp-hit:not(.is-marked)")).to_have_count(0)


def opens_table(person: Person, record: ResponsiveRecord) -> None:
    person.works_on(record)
    shows_rows(person)


def shows_rows(person: Person) -> None:
    """The rows before and after are those of the marks above them."""
    page = person.page
    expect(page.locator("[data-table-sample][data-stale]")).to_have_count(0, timeout=120_000)
    expect(page.locator(".wt-rows")).to_be_visible(timeout=120_000)


def decides(person: Person, column: str, action: str) -> None:
    """What happens to a column: release, drop, mask, or take what is suggested."""
    page, hands = person.page, person.hands
    if isinstance(hands, Keyboard):
        hands.reaches(page.locator(f"[data-column-name='{column}']"))
        hands.presses({"release": "r", "drop": "d", "mask": "m", "take": "t"}[action])
    elif action == "take":
        hands.pushes(page.get_by_role("button", name=f"Take the suggestion for {column}:"))
    else:
        words = {"release": "Release as it is", "drop": "Leave out", "mask": "Mask every value"}[action]
        hands.picks(page.get_by_label(f"What happens to {column}", exact=True), words)
    expect(page.locator("tr", has=page.locator(f"[data-column-name='{column}']"))).not_to_have_attribute(
        "data-action", "none"
    )


def opens_flight(person: Person, record: ResponsiveRecord) -> None:
    person.works_on(record, "?as=flight")
    expect(person.page.locator("[data-flight][data-state=ready]")).to_be_visible(timeout=60_000)


def cuts_home(person: Person, metres: int) -> None:
    person.hands.does("h", person.button("Take-off and landing…"))
    _fills(person, "Radius, metres", f"{metres}", "Cut round them")


def fences_spot(person: Person, longitude: float, latitude: float, metres: int) -> None:
    person.hands.does("o", person.button("Circle…"))
    field = person.page.get_by_label("Latitude, longitude", exact=True)
    expect(field).to_be_focused()
    person.hands.writes(field, f"{latitude:.6f}, {longitude:.6f}")
    _fills(person, "Radius, metres", f"{metres}", "Add the fence")


def _fills(person: Person, label: str, words: str, button: str) -> None:
    form = person.page.locator("form:visible[data-make]")
    person.hands.writes(form.get_by_label(label), words)
    person.hands.pushes(form.get_by_role("button", name=button))
    expect(person.page.locator("[data-forms]")).to_be_hidden()


def draws_fence(person: Person) -> None:
    """Four corners round the middle of the map."""
    page, hands = person.page, person.hands
    spot = page.locator("[data-map]")
    if isinstance(hands, Keyboard):
        hands.reaches(spot)
        hands.presses("f", "ArrowRight", "ArrowUp", "Enter")
        for step in ("ArrowDown", "ArrowLeft", "ArrowUp"):
            hands.presses(step, step, "Enter")
        hands.presses("c")
    else:
        person.pushes("Draw a fence")
        box = spot.bounding_box()
        assert box is not None
        x, y = box["width"] / 2, box["height"] / 2
        for dx, dy in ((-60, -60), (60, -60), (60, 60), (-60, 60), (-60, -60)):
            spot.click(position={"x": x + dx, "y": y + dy})
    expect(page.locator(".wf-fence")).to_have_count(1)


def _sheet(person: Person) -> Locator:
    return person.page.locator(".wbp-page[data-page='1']")


def _spot(person: Person, x: float, y: float) -> Spot:
    """A place on the first page, in points, as pixels from the page's corner."""
    box = _sheet(person).bounding_box()
    assert box is not None
    sizes = person.page.evaluate(
        "JSON.parse(document.getElementById('workbench-config').textContent).facts.pages"
    )
    return x * box["width"] / sizes[0][0], y * box["height"] / sizes[0][1]
