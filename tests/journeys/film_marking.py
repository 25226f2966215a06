"""What has to be withheld of the street is marked, by mouse and by keys alone."""

from typing import Any

from playwright.sync_api import expect

from redaction.engines.media import painting
from tests.journeys.film_people import SIZES, Marks, Stage
from tests.journeys.film_scene import CAR, CUT, FPS, HEIGHT, SCREEN, SECONDS, TOPS, WIDTH, left_of
from tests.journeys.hands import Keyboard, press

MARGIN = 10
HURRIED = 6.0  # the red car is not where a straight line from the fourth second to the eighth has it
KINDS = ("region", "region", "mute", "cut", "frame")
CUT_SHORT = (CUT[0], CUT[1] - 0.2)


class Drawing(Stage):
    """Marks by mouse, and by figures where a person would type them."""

    def starts(self) -> None:
        expect(self.page.locator("[data-notice]")).to_contain_text("The preview is being made")
        self.looks("waiting")
        self.made()

    def _box(self, car: str) -> None:
        left, top = left_of(car, 0), TOPS[car]
        self.goes_to(0)
        self.drags((left - MARGIN, top - MARGIN), (left + CAR[0] + MARGIN, top + CAR[1] + MARGIN))

    def _carries(self, car: str, from_left: float, second: float) -> None:
        self.goes_to(second)
        middle = TOPS[car] + CAR[1] / 2
        self.drags((from_left + CAR[0] / 2, middle), (left_of(car, second) + CAR[0] / 2, middle))

    def _figure(self, label: str, value: float) -> None:
        field = self.page.get_by_label(label)
        field.fill(f"{value}")
        press(field, "Tab")

    def boxes_red(self) -> None:
        self._box("red")
        self.says_why()
        for before, second in ((0, 4), (4, 8)):
            self._carries("red", left_of("red", before), second)
        self.goes_to(8.9)
        self.page.get_by_role("button", name="End here").click()

    def mends_red(self) -> None:
        self._carries("red", (left_of("red", 4) + left_of("red", 8)) / 2, HURRIED)

    def follows_blue(self) -> None:
        self._box("blue")
        self.page.get_by_role("button", name="Follow", exact=True).click()

    def mutes_name(self) -> None:
        self.page.get_by_label("Find a name or word that is said").fill("maria canary")
        self.page.get_by_role("button", name="Find").click()
        expect(self.page.get_by_text("“maria canary” is said 2 times.").first).to_be_visible()
        self.page.get_by_role("button", name="Mute by the words").click()

    def cuts(self, start: float, end: float) -> None:
        self.goes_to(start)
        self.page.get_by_role("button", name="Cut", exact=True).click()
        self.ends(end)

    def ends(self, second: float) -> None:
        self._figure("To second", second)

    def says_why(self) -> None:
        self.page.get_by_label("Reason", exact=True).select_option(index=1)

    def covers_screen(self) -> None:
        """A span dragged on the timeline, made exact by figures."""
        box = self.page.locator("[data-ruler]").bounding_box()
        assert box is not None
        for act, second in ((self.page.mouse.down, SCREEN[0] - 0.1), (self.page.mouse.up, SCREEN[1])):
            self.page.mouse.move(box["x"] + box["width"] * second / SECONDS, box["y"] + box["height"] - 10)
            act()
        self.page.get_by_role("button", name="Cover the picture").click()
        self._figure("From second", SCREEN[0])
        self.ends(SCREEN[1])

    def looks_at_marks(self) -> None:
        self.page.get_by_role("tab", name="On the timeline").click()
        self.looks("marked", SIZES)
        self.page.get_by_role("radio", name="As released").check()
        self.goes_to(3)
        self.looks("released")
        self.page.get_by_role("radio", name="Marks", exact=True).check()
        self.page.get_by_role("button", name="True render of 10 s").click()
        self.works_until(self.page.locator("video[data-render]").is_visible, "the true render")
        self.looks("sample")


class Typing(Stage):
    """Marks by keys alone."""

    def __init__(self, keys: Keyboard, *args: Any) -> None:
        super().__init__(*args)
        self.keys = keys

    def starts(self) -> None:
        self.made()

    def _goes(self, second: float) -> None:
        self.presses("g", *f"{second:g}", "Enter")
        self.is_at(second)

    def _holds(self, key: str, times: int) -> None:
        for _ in range(times):
            self.page.keyboard.down(key)
        self.page.keyboard.up(key)

    def _box(self, down: int) -> None:
        """In the middle of the picture, made a little longer, and carried to where a car begins its way."""
        self._goes(0)
        self.presses("a")
        self.page.keyboard.down("Shift")
        self._holds("ArrowRight", 2)
        self.page.keyboard.up("Shift")
        self._holds("ArrowLeft", 38)
        self._holds("ArrowDown" if down > 0 else "ArrowUp", abs(down))

    def boxes_red(self) -> None:
        self._box(-7)
        self.says_why()
        for before, second in ((0, 4), (4, 8)):
            self._goes(second)
            self._holds("ArrowRight", round((left_of("red", second) - left_of("red", before)) / WIDTH * 100))
        self._goes(8.9)
        self.presses("o", "Escape")

    def mends_red(self) -> None:
        self._goes(HURRIED)
        self._holds("ArrowRight", 10)

    def follows_blue(self) -> None:
        self._box(23)
        self.presses("r")

    def mutes_name(self) -> None:
        self.presses("Escape")
        self.keys.reaches(self.page.get_by_label("Find a name or word that is said"))
        self.keys.types("canary")
        self.presses("Enter")
        expect(self.page.get_by_text("“canary” is said 2 times.").first).to_be_visible()
        self.keys.pushes(self.page.get_by_role("button", name="Mute all 2 places"))

    def _spans(self, start: float, end: float, key: str) -> None:
        self.presses("Escape")
        self._goes(start)
        self.presses("i")
        self.ends(end)
        self.presses(key)

    def ends(self, second: float) -> None:
        """Of a film the picture on screen is the last; a recording ends where it stands."""
        self._goes(second - (1 / FPS if self.record.medium == "video" else 0))
        self.presses("o")

    def cuts(self, start: float, end: float) -> None:
        self._spans(start, end, "x")

    def covers_screen(self) -> None:
        self._spans(*SCREEN, "w")

    def says_why(self) -> None:
        self.presses("1")

    def looks_at_marks(self) -> None:
        """The list of marks by time, and from it to a mark."""
        self.keys.opens(self.page.get_by_role("tab", name="On the timeline"))
        self.keys.reaches(self.page.locator("[data-stop][tabindex='0']"))
        self.presses("Home", "Enter")
        expect(self.page.locator("[data-chosen-words]")).to_contain_text("Box:")


def of(marks: Marks, kind: str) -> Marks:
    return [mark for mark in marks if mark["kind"] == kind]


def covers(mark: dict[str, Any], car: str, second: float) -> bool:
    x, y, w, h = painting.rect_at(mark["keyframes"], second)
    left, top = left_of(car, second), TOPS[car]
    return (
        x * WIDTH <= left
        and (x + w) * WIDTH >= left + CAR[0]
        and y * HEIGHT <= top
        and (y + h) * HEIGHT >= top + CAR[1]
    )


def film_marked(stage: Drawing | Typing) -> Marks:
    """All that has to be withheld is marked, but for a place where the red car was missed."""
    stage.starts()
    stage.boxes_red()
    red = stage.saved(lambda found: len(found) == 1 and found[0]["end"] == 9)[0]
    assert [frame["t"] for frame in red["keyframes"]] == [0, 4, 8]
    assert {covers(red, "red", number / FPS) for number in range(41)} == {True}
    assert not covers(red, "red", HURRIED)

    stage.follows_blue()
    words = stage.page.locator("[data-chosen-words]")
    expect(words).to_contain_text("Another scene begins at 8.90 s. Check the box")
    blue = stage.saved(lambda found: len(found) == 2 and found[1]["end"] == 9)[1]
    assert {covers(blue, "blue", number / FPS) for number in range(90)} == {True}

    stage.mutes_name()
    stage.cuts(*CUT)
    stage.covers_screen()
    marks = stage.saved(lambda found: spans(found, "cut") == [CUT] and spans(found, "frame") == [SCREEN])
    assert {mark["kind"] for mark in marks} == set(KINDS)
    assert all(mark["reason"] for mark in marks)
    stage.looks_at_marks()
    return marks


def spans(marks: Marks, kind: str) -> list[tuple[float, float]]:
    return [(mark["start"], mark["end"]) for mark in of(marks, kind)]


def call_marked(stage: Drawing | Typing) -> Marks:
    """The name and most of what has to be cut out; its end is missed."""
    stage.made()
    expect(stage.page.get_by_text("This recording has sound only.")).to_be_visible()
    stage.looks("sound")
    stage.mutes_name()
    stage.says_why()
    stage.cuts(*CUT_SHORT)
    marks = stage.saved(lambda found: spans(found, "cut") == [CUT_SHORT])
    assert all(mark["reason"] for mark in marks)
    return of(marks, "cut")
