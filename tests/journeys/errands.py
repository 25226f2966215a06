"""One record's way each: what is marked at first, what the second person misses, and what must not go out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from playwright.sync_api import expect
from shapely import LineString, Point, Polygon, STRtree

from portal.core.time import now
from redaction.plans import services as plans
from redaction.plans.models import Review
from redaction.plans.rules import ReviewStatus
from redaction.release.package import record_path
from requests_app.custody.models import ResponsiveRecord
from tests.journeys import marking
from tests.journeys.hands import Keyboard
from tests.journeys.marking import Marks, saved
from tests.journeys.released_bytes import Spot, cells, holds_none_of, lines_of, texts
from tests.journeys.whole_way import Person, is_saved, wait_for
from tests.redaction.flight_builders import metres
from tests.requests_app.custody.record_builders import an_analyst

_NOTE = "Asked the vendor what this column is"
_METRE = 1 / 111_195  # degrees of latitude
_ROWS = 200  # of a long file, whose cells are looked for everywhere
_TOO_FAR, _HOME, _CLINIC, _SLACK = 50_000, 150, 120, 60  # metres
_SAME = 0.1  # metres between a recorded spot and the same as it is written


class Errand(Protocol):
    """A record on its way; ``remark`` is pinned to the mark ``mark`` gives, and ``fix`` heeds it."""

    record: ResponsiveRecord
    remark: str
    answer: str

    def mark(self, analyst: Person) -> str: ...

    def fix(self, analyst: Person) -> None: ...

    def secrets(self) -> list[str]: ...

    def check(self, folder: Path) -> None:
        """Fails where the released file holds what was marked, or lacks what was not."""


@dataclass
class Document:
    """A box drawn over one word, one word marked by itself, one sought on all pages; one is overlooked."""

    record: ResponsiveRecord
    drawn: str
    word: str
    sought: str
    overlooked: str
    kept: Sequence[str]
    below: Sequence[str] = ()  # words nobody sees, which a bad redaction left in the file
    remark: str = "The line with the witness can still be read"
    answer: str = "It is covered now"

    def mark(self, analyst: Person) -> str:
        marking.opens_pages(analyst, self.record)
        box = dict(reversed(marking.words_on(analyst, self.record)))[self.drawn]
        marking.boxes(analyst, [box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1])
        self._lacks_reason(analyst)
        marking.reasoned(analyst)
        marking.marks_word(analyst, self.record, self.word)
        marking.finds(analyst, "Quagga", "Found nowhere.")
        analyst.reads()
        marking.finds(analyst, self.sought, "place")
        marking.marks_all(analyst, self.sought)
        rows = saved(
            analyst, self.record, lambda marks: _kinds(marks) == {"box": 2, "text": 1} and _reasoned(marks)
        )
        return next(str(mark["id"]) for mark in rows if mark["kind"] == "text")

    def _lacks_reason(self, analyst: Person) -> None:
        """A mark without a reason: no copy is made of it, and the page leads to it."""
        page = analyst.page
        saved(analyst, self.record, lambda marks: len(marks) == 1)
        # said some seconds after the first mark is saved: later it would be said over what is listened for
        expect(page.locator("[data-part=status]")).to_have_text(ReviewStatus.MARKED.label, ignore_case=True)
        mark = page.locator(".wb-mark[aria-selected=true]")
        expect(mark).to_contain_text("needs a reason")
        analyst.hands.tries(analyst.button("Make the redacted copy"))
        expect(page.locator("#workbench-warned")).to_contain_text("Not yet: 1 mark needs a reason")
        analyst.reads()
        analyst.pushes("1 mark needs a reason")
        expect(page.locator("[data-only]")).to_have_value("reason")
        analyst.hands.picks(page.locator("[data-only]"), "All")
        marking.chosen(analyst, (mark.get_attribute("id") or "").removeprefix("mark-row-"))

    def fix(self, analyst: Person) -> None:
        marking.opens_pages(analyst, self.record)
        marking.marks_word(analyst, self.record, self.overlooked)
        saved(analyst, self.record, lambda marks: _kinds(marks) == {"box": 3, "text": 1} and _reasoned(marks))

    def secrets(self) -> list[str]:
        return [self.drawn, self.word, self.sought, self.overlooked, *self.below]

    def check(self, folder: Path) -> None:
        read = texts(released(folder, self.record))
        assert [words for words in self.kept if words.replace(" ", "").casefold() not in read] == []


@dataclass
class Reads:
    """A policy for each column; one column goes out that should not, until the second person sees it."""

    record: ResponsiveRecord
    source: list[dict[str, str]]
    policy: dict[str, str]
    overlooked: str
    remark: str = "The camera says at whose house it hangs"
    answer: str = "Nobody reads it there now"

    def mark(self, analyst: Person) -> str:
        marking.opens_table(analyst, self.record)
        first = True
        for name in self.source[0]:
            marking.decides(analyst, name, self.policy.get(name, "drop"))
            if first and self.policy.get(name, "drop") != "release":
                self._say_why(analyst, name)
                first = False
        marking.shows_rows(analyst)
        rows = saved(analyst, self.record, lambda marks: len(marks) == len(self.source[0]))
        return next(str(mark["id"]) for mark in rows if mark["name"] == self.overlooked)

    def _say_why(self, analyst: Person, name: str) -> None:
        """The first reason; the columns after it take it over."""
        choice = analyst.page.get_by_label(f"Reason for {name}", exact=True)
        if isinstance(analyst.hands, Keyboard):
            analyst.hands.presses("1")
        else:
            analyst.hands.picks(choice, "1 ")
        expect(choice).not_to_have_value("")

    def fix(self, analyst: Person) -> None:
        """While the connection is lost and a colleague saves a change of her own."""
        page, state = analyst.page, analyst.page.locator("[data-part=saved]")
        marking.opens_table(analyst, self.record)
        for words in ("ERR_INTERNET_DISCONNECTED", "/work/plan/"):
            analyst.console.expects(words)
        page.context.set_offline(True)
        marking.decides(analyst, self.overlooked, "mask")
        expect(state).to_contain_text("Not saved: no connection")
        analyst.reads()
        self._noted_by_colleague()
        page.context.set_offline(False)
        expect(page.locator("[data-part=news]")).to_contain_text("changed a mark meanwhile")
        analyst.reads()
        rows = saved(analyst, self.record, lambda marks: self._action(marks) == "mask")
        assert rows[0]["note"] == _NOTE  # hers is not lost either
        marking.shows_rows(analyst)

    def _noted_by_colleague(self) -> None:
        review = Review.objects.get(record=self.record)
        plan = review.plans.latest("version")
        first, *others = plan.marks["marks"]
        marks = {"version": 1, "marks": [{**first, "note": _NOTE}, *others]}
        plans.save_plan(
            review=review, marks=marks, author=an_analyst(), at=now(), expected_version=plan.version
        )

    def _action(self, marks: Marks) -> str:
        return next(str(mark["action"]) for mark in marks if mark["name"] == self.overlooked)

    @property
    def _passing(self) -> list[str]:
        released = [name for name, action in self.policy.items() if action == "release"]
        return [name for name in released if name != self.overlooked]

    def secrets(self) -> list[str]:
        """Cells that mean something wherever they stand; figures alone may stand in another record."""
        return [_NOTE, *(cell for cell in self._cells() if any(map(str.isalpha, cell)) or ":" in cell)]

    def _cells(self) -> list[str]:
        """Cells of what is withheld that no released cell holds."""
        rows = self.source[:_ROWS]
        passing = " ".join(row[name] for row in rows for name in self._passing)
        cells = {row[name] for row in rows for name in row if name not in self._passing}
        telling = (cell for cell in cells if len(cell) > 4 and any(map(str.isdigit, cell)))
        return sorted(cell for cell in telling if cell not in passing)

    def check(self, folder: Path) -> None:
        rows = cells(released(folder, self.record))
        assert len(rows) == len(self.source)
        for name in self._passing:
            assert [row[name] for row in rows] == [row[name] for row in self.source]
        for name in self.source[0]:
            given = {row.get(name) for row in rows}
            action = "mask" if name == self.overlooked else self.policy.get(name, "drop")
            assert {"drop": given == {None}, "mask": given == {"REDACTED"}}.get(action, True), name
        for path in released(folder, self.record).parent.glob(f"{self.record.position:02d}-*"):
            holds_none_of(path, self._cells())


@dataclass
class Flight:
    """Take-off and landing and a fence on the map; the second person sees a spot that needs one too."""

    record: ResponsiveRecord
    track: list[Spot]
    named: Sequence[str]
    overlooked: Spot
    remark: str = "It turns over the clinic, and that shows"
    answer: str = "Fenced"
    _fences: list[Polygon] = field(default_factory=list)

    def mark(self, analyst: Person) -> str:
        marking.opens_flight(analyst, self.record)
        analyst.console.expects("flight/outcome/")  # refuses too what the engine refuses
        marking.cuts_home(analyst, _TOO_FAR)
        marking.reasoned(analyst)
        self._is_refused(analyst)
        marking.chosen(analyst, self._saved(analyst, {"home": 1})[0]["id"])
        analyst.hands.writes(analyst.page.locator("[data-inspector]").get_by_label("Radius"), f"{_HOME}")
        marking.draws_fence(analyst)
        rows = self._saved(analyst, {"home": 1, "fence": 1})
        assert rows[0]["radius_m"] == _HOME
        return next(str(mark["id"]) for mark in rows if mark["kind"] == "fence")

    def _is_refused(self, analyst: Person) -> None:
        """A circle so wide that nothing is left: the engine refuses, and the page says why."""
        is_saved(analyst)
        self._saved(analyst, {"home": 1})
        analyst.pushes("Make the redacted copy")
        fault = analyst.page.locator("[data-part=standing] .wb-flag--bad")
        wait_for(analyst.page, fault.is_visible, "nothing was refused")
        expect(fault).to_contain_text("Nothing of the track is left")
        analyst.reads()

    def _saved(self, analyst: Person, kinds: dict[str, int]) -> Marks:
        return saved(analyst, self.record, lambda marks: _kinds(marks) == kinds and _reasoned(marks))

    def fix(self, analyst: Person) -> None:
        marking.opens_flight(analyst, self.record)
        marking.fences_spot(analyst, *self.overlooked, _CLINIC)
        rows = self._saved(analyst, {"home": 1, "fence": 2})
        self._fences = [Polygon(mark["polygon"]) for mark in rows if mark["kind"] == "fence"]

    def secrets(self) -> list[str]:
        gone = [spot for spot in self.track if self._is_withheld(spot)][:_ROWS]
        places = {f"{degrees:.6f}" for spot in gone for degrees in spot}
        free = [degrees for spot in self.track if not self._is_withheld(spot) for degrees in spot]
        kept = " ".join(f"{degrees:.6f} {degrees:.7f}" for degrees in free)
        return [*self.named, *sorted(place for place in places if place not in kept)]

    def _is_withheld(self, spot: Spot) -> bool:
        return _metres(spot, self.track[0]) < _HOME / 2 or any(
            one.intersects(Point(spot)) for one in self._fences
        )

    def check(self, folder: Path) -> None:
        lines = lines_of(released(folder, self.record))
        spots = [spot for line in lines for spot in line]
        clear = _CLINIC * 0.99
        assert min(_metres(spot, self.overlooked) for spot in spots) >= clear
        assert (
            min(_metres(spot, home) for spot in spots for home in (self.track[0], self.track[-1]))
            >= _HOME / 2
        )
        for line in lines:
            drawn = LineString(line) if len(line) > 1 else Point(line)
            assert all(drawn.disjoint(fence) for fence in self._fences)
        far = [spot for spot in self.track if self._is_free(spot)]
        there = STRtree([Point(spot) for spot in spots])
        assert far
        assert [spot for spot in far if _metres(spot, spots[int(there.nearest(Point(spot)))]) > _SAME] == []

    def _is_free(self, spot: Spot) -> bool:
        """So far from all that is withheld that nothing of it may be cut."""
        near = min(one.distance(Point(spot)) for one in self._fences) / _METRE
        home = min(_metres(spot, place) for place in (self.track[0], self.track[-1]))
        return near > _SLACK and home > 2 * _HOME + _SLACK


def released(folder: Path, record: ResponsiveRecord) -> Path:
    """The file of a record in an unpacked package."""
    suffixes = (".pdf", ".csv", ".kml", ".geojson", ".gpx")  # a table goes out as a workbook too
    paths = [folder / record_path(record.position, record.medium, suffix) for suffix in suffixes]
    (found,) = filter(Path.exists, paths)
    return found


def _metres(one: Spot, other: Spot) -> float:
    return metres(one[1], one[0], (other[1], other[0]))


def _kinds(marks: Marks) -> Counter[str]:
    return Counter(mark["kind"] for mark in marks)


def _reasoned(marks: Marks) -> bool:
    return all(mark.get("reason") for mark in marks)
