"""The clock of a redaction: which marks apply to which picture and sample, and what cuts do to time."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from redaction.marks import Marks
from redaction.report import MarksError

SLACK = 0.05  # seconds a mark may end after the recording: players round its length up
ROUNDING = 0.001  # marks come with milliseconds, pictures with fractions


@dataclass(frozen=True)
class Span:
    start: float
    end: float


@dataclass(frozen=True)
class Timeline:
    """The spans that are cut out, merged and in order; the rest moves together."""

    duration: float
    cuts: tuple[Span, ...]

    @property
    def seconds_cut(self) -> float:
        return sum(min(span.end, self.duration) - span.start for span in self.cuts)

    def shift(self, time: float) -> float:
        """This will give the seconds that lie cut before a time of the source."""
        return sum(min(span.end, time) - span.start for span in self.cuts if span.start < time)

    def is_cut(self, time: float) -> bool:
        """This will tell whether the picture that begins at a time is removed.

        A start that was rounded up to the next millisecond still takes its picture with it.
        """
        index = bisect_right(self.cuts, time + ROUNDING, key=lambda span: span.start) - 1
        return index >= 0 and time < self.cuts[index].end - 1e-6

    def covers(self, start: float, end: float) -> bool:
        """This will tell whether a span lies wholly inside one cut."""
        return any(span.start <= start and end <= span.end for span in self.cuts)

    def kept(self) -> list[Span]:
        """This will give the spans of the source that remain, in order."""
        spans, at = [], 0.0
        for cut in self.cuts:
            if cut.start > at:
                spans.append(Span(at, cut.start))
            at = cut.end
        if at < self.duration:
            spans.append(Span(at, self.duration))
        return spans

    def guarded(self, start: float, end: float, guard: float) -> list[Span]:
        """This will widen a span by ``guard`` seconds on each side, measured over cuts.

        Where a cut ends just before the span, what will be heard before it lies on the cut's far side.
        """
        spans, left, right = [Span(start - guard, end + guard)], guard, guard
        for cut in reversed(self.cuts):
            if start - left < cut.end and cut.start < start:
                left -= max(0.0, start - cut.end)
                start = cut.start
                spans.append(Span(start - left, start))
        for cut in self.cuts:
            if cut.start < end + right and end < cut.end:
                right -= max(0.0, cut.start - end)
                end = cut.end
                spans.append(Span(end, end + right))
        return spans

    def as_map(self) -> list[dict[str, float]]:
        """This will give the kept spans with their place in the new time, for the report."""
        return [
            {
                "old_start": round(span.start, 6),
                "old_end": round(span.end, 6),
                "new_start": round(span.start - self.shift(span.start), 6),
            }
            for span in self.kept()
        ]


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """This will give the union of spans, in order and without overlap."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda item: item.start):
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


def plan(marks: Marks, *, duration: float, kinds: tuple[str, ...], has_sound: bool) -> Timeline:
    """This will check the marks against a source of ``duration`` seconds and give its timeline.

    :raises MarksError: for a kind that does not fit, a span past the end, or a cut that leaves nothing.
    """
    for mark in marks:
        if mark.kind not in kinds:
            raise MarksError(f"kind {mark.kind} does not fit this recording", mark_id=mark.id)
        if mark.kind == "tracks":
            continue
        if mark.kind == "mute" and not has_sound:
            raise MarksError("the recording has no sound to mute", mark_id=mark.id)
        if mark["end"] > duration + SLACK or mark["start"] >= duration:
            raise MarksError(
                f"ends at {mark['end']:g} s, but the recording is {duration:.2f} s long", mark_id=mark.id
            )
    cuts = marks.of("cut")
    timeline = Timeline(duration, merged(Span(mark["start"], mark["end"]) for mark in cuts))
    if cuts and not any(span.end - span.start > ROUNDING for span in timeline.kept()):
        raise MarksError("this cut leaves nothing of the recording", mark_id=cuts[-1].id)
    return timeline
